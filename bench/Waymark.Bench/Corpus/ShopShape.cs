// The shape of the corpus's system: 24 services of a shop, what they do, and whom they call. The same for every seed.
namespace Waymark.Bench.Corpus;

internal enum StepKind
{
    Work,
    Sql,
    Redis,
    Http,
    Rpc,
    Publish,
}

/// <summary>Something an operation does. <paramref name="Target"/> is an operation for calls and messages.</summary>
/// <param name="Chance">Of happening at all.</param>
/// <param name="Loops">True for steps that are repeated once per item of an order: the heavy tail.</param>
internal sealed record StepShape(StepKind Kind, string Name, string Detail, OperationShape? Target, double Chance, bool Loops);

/// <summary>One route, RPC method or message handler.</summary>
internal sealed record OperationShape(ServiceShape Service, string Name, string Verb, List<StepShape> Steps);

/// <param name="Tier">Calls go to a higher tier only, so depth is bounded.</param>
internal sealed record ServiceShape(string Name, int Tier, string Language, List<OperationShape> Operations);

internal sealed class ShopShape
{
    public const int InstancesPerService = 4;

    private static readonly (string Name, int Tier, string Language)[] Names =
    [
        ("frontend", 0, "nodejs"), ("mobile-bff", 0, "nodejs"), ("partner-api", 0, "go"),
        ("auth", 3, "go"), ("users", 3, "java"), ("catalog", 2, "java"), ("search", 2, "java"), ("recommendations", 2, "python"),
        ("pricing", 3, "dotnet"), ("inventory", 3, "dotnet"), ("cart", 2, "dotnet"), ("checkout", 1, "dotnet"), ("orders", 2, "java"),
        ("payments", 3, "dotnet"), ("fraud", 4, "python"), ("shipping", 3, "go"), ("tracking", 3, "go"), ("notifications", 4, "nodejs"),
        ("email", 5, "python"), ("reviews", 2, "java"), ("media", 3, "go"), ("ledger", 4, "java"), ("audit", 5, "go"), ("accounts", 4, "java"),
    ];

    private static readonly string[] Nouns = ["items", "orders", "users", "quotes", "offers", "sessions", "baskets", "returns", "labels", "images"];
    private static readonly string[] Tables = ["orders", "order_lines", "products", "prices", "stock", "customers", "addresses", "payments", "shipments", "reviews", "ledger_entries", "sessions"];
    private static readonly string[] Verbs = ["GET", "GET", "GET", "POST", "PUT", "DELETE"];
    private static readonly string[] RedisCommands = ["GET", "GET", "GET", "SET", "HGETALL", "INCR", "EXPIRE"];
    private static readonly string[] Works = ["validate", "render", "map", "authorize", "calculate", "serialize", "enrich"];
    private static readonly string[] Topics = ["order-placed", "payment-settled", "stock-changed", "mail-requested", "audit-trail"];

    /// <summary>The shape is part of the corpus's definition: its own fixed seed.</summary>
    private readonly Random random = new(20);

    public ShopShape()
    {
        Services = [.. Names.Select(name => new ServiceShape(name.Name, name.Tier, name.Language, []))];
        // From the leaves up, so that whatever is called is there already.
        foreach (var service in Services.OrderByDescending(service => service.Tier)) AddOperations(service);
        Entries = [.. Services.Where(service => service.Tier == 0).SelectMany(service => service.Operations)];
    }

    public IReadOnlyList<ServiceShape> Services { get; }

    /// <summary>Where traces begin.</summary>
    public IReadOnlyList<OperationShape> Entries { get; }

    private void AddOperations(ServiceShape service)
    {
        var count = service.Tier == 0 ? 8 : random.Next(3, 6);
        for (var i = 0; i < count; i++)
        {
            var verb = Verbs[random.Next(Verbs.Length)];
            var route = $"/{service.Name}/{Nouns[random.Next(Nouns.Length)]}{(verb is "POST" ? "" : "/{id}")}";
            var operation = new OperationShape(service, route, verb, []);
            var steps = service.Tier == 0 ? random.Next(2, 5) : random.Next(1, 4);
            for (var step = 0; step < steps; step++) operation.Steps.Add(NewStep(service));
            service.Operations.Add(operation);
        }
    }

    private StepShape NewStep(ServiceShape service)
    {
        var chance = 0.35 + (0.6 * random.NextDouble());
        var loops = random.Next(9) == 0;
        return random.Next(10) switch
        {
            0 or 1 => new StepShape(StepKind.Work, Works[random.Next(Works.Length)], "", null, chance, loops),
            2 or 3 => new StepShape(StepKind.Sql, Tables[random.Next(Tables.Length)], service.Name, null, chance, loops),
            4 => new StepShape(StepKind.Redis, RedisCommands[random.Next(RedisCommands.Length)], Nouns[random.Next(Nouns.Length)], null, chance, loops),
            5 => Call(service, StepKind.Publish, chance * 0.5, loops),
            6 or 7 => Call(service, StepKind.Rpc, chance, loops),
            _ => Call(service, StepKind.Http, chance, loops),
        };
    }

    private StepShape Call(ServiceShape from, StepKind kind, double chance, bool loops)
    {
        var targets = Services.Where(service => service.Tier > from.Tier).SelectMany(service => service.Operations).ToList();
        if (targets.Count == 0) return new StepShape(StepKind.Sql, Tables[random.Next(Tables.Length)], from.Name, null, chance, loops);
        return new StepShape(kind, Topics[random.Next(Topics.Length)], "", targets[random.Next(targets.Count)], chance, loops);
    }
}
