// The shop's processes: started in the order in which they need each other, told where the others are through one file.
using System.Globalization;
using System.Text.Json;

namespace Checkout.Demo;

internal sealed class ShopProcesses(DemoOptions options, string folder, WaymarkAddresses waymark)
{
    private const string SlowRelease = "1.5.0";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>For services to have read the new address, and for requests under way at the old one to end: the slowest take a few seconds.</summary>
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(8);

    private static readonly Dictionary<string, string> Programs = new(StringComparer.Ordinal)
    {
        ["auth"] = "Checkout.Auth",
        ["cart"] = "Checkout.Cart",
        ["card-provider"] = "Checkout.CardProvider",
        ["orders"] = "Checkout.Orders",
        ["queue"] = "Checkout.Queue",
        ["payments"] = "Checkout.Payments",
        ["worker"] = "Checkout.Worker",
        ["shop"] = "Checkout.Shop",
    };

    private readonly Dictionary<string, Child> children = new(StringComparer.Ordinal);
    private readonly List<Child> replaced = [];
    private readonly Dictionary<string, string> addresses = new(StringComparer.Ordinal);

    public Uri Address => new(addresses["shop"]);

    /// <summary>Those that should be running.</summary>
    public IEnumerable<Child> Running => children.Values.Where(static child => !child.IsStopping);

    private string ServicesFile => Path.Combine(folder, "services", "services.json");

    public async Task StartAsync(TimeSpan limit, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ServicesFile)!);
        WriteServicesFile();
        string[] own = options.RabbitMq is null ? ["queue"] : [];
        await StartAsync(["auth", "cart", "card-provider", "orders", .. own], limit, stop);
        await StartAsync(["payments", "worker"], limit, stop);
        await StartAsync(["shop"], limit, stop);
    }

    /// <summary>Lets the customers in, if any are wanted.</summary>
    public void StartLoad()
    {
        if (options.Rate <= 0) return;
        string[] arguments = ["--services:shop", addresses["shop"], "--rate", options.Rate.ToString(CultureInfo.InvariantCulture)];
        children["load"] = Child.Start("load", Path.Combine(AppContext.BaseDirectory, "Checkout.Load"), arguments, Environment());
    }

    /// <summary>A new version of payments beside the old one, then instead of it: no request fails.</summary>
    public async Task ReleasePaymentsAsync(TimeSpan limit, CancellationToken stop)
    {
        var old = children["payments"];
        replaced.Add(old);
        children["payments"] = StartService("payments", ["--release", SlowRelease]);
        addresses["payments"] = await children["payments"].WaitForLineAsync("listening ", limit, stop);
        WriteServicesFile();
        await Task.Delay(HandOver, stop);
        await old.StopAsync(Patience);
    }

    /// <summary>Callers before those they call.</summary>
    public async Task StopAsync()
    {
        foreach (var group in (string[][])[["load"], ["shop"], ["worker", "payments"], ["auth", "cart", "card-provider", "orders", "queue"]])
        {
            await Task.WhenAll(group.Where(children.ContainsKey).Select(name => children[name].StopAsync(Patience)));
        }

        await Task.WhenAll(replaced.Select(static child => child.StopAsync(Patience)));
        foreach (var child in children.Values.Concat(replaced)) child.Dispose();
    }

    private async Task StartAsync(string[] names, TimeSpan limit, CancellationToken stop)
    {
        foreach (var name in names) children[name] = StartService(name, []);
        foreach (var name in names) addresses[name] = await children[name].WaitForLineAsync("listening ", limit, stop);
        WriteServicesFile();
    }

    private Child StartService(string name, string[] arguments)
    {
        string[] more = name switch
        {
            "shop" => ["--port", options.ShopPort.ToString(CultureInfo.InvariantCulture), "--waymark:ui", waymark.Http.AbsoluteUri, "--waymark:otlp", waymark.OtlpHttp.AbsoluteUri],
            "cart" or "orders" => ["--data", Path.Combine(folder, "databases")],
            _ => [],
        };
        string[] broker = options.RabbitMq is { } address ? ["--rabbitmq", address.OriginalString] : [];
        return Child.Start(name, Path.Combine(AppContext.BaseDirectory, Programs[name]), ["--services_file", ServicesFile, .. more, .. broker, .. arguments], Environment());
    }

    /// <summary>Spans are on screen half a second after they end, and wait while Waymark is busy.</summary>
    private Dictionary<string, string> Environment() => new(StringComparer.Ordinal)
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = waymark.OtlpHttp.AbsoluteUri,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
    };

    /// <summary>Replaced, not overwritten: a reader sees the old or the new one.</summary>
    private void WriteServicesFile()
    {
        var next = ServicesFile + ".new";
        File.WriteAllText(next, JsonSerializer.Serialize(new { services = addresses }));
        File.Move(next, ServicesFile, overwrite: true);
    }
}
