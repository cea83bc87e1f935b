// The attributes of the corpus: HTTP, RPC, SQL, Redis, messaging and internal spans by OpenTelemetry's semantic conventions.
using System.Globalization;
using Waymark.Model.Spans;

namespace Waymark.Bench.Corpus;

/// <summary>Values with the spreads of real ones: few routes, many ports, Zipf-distributed users, ids that never repeat.</summary>
internal sealed class AttributeMaker(Random random)
{
    private const int Users = 200_000;
    private const int Tenants = 400;

    private static readonly string[] Agents =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "ShopApp/7.3.1 (Android 15; Pixel 9)", "partner-sync/2.4", "okhttp/4.12.0",
    ];

    private static readonly string[] Regions = ["eu-central-1", "eu-west-1", "us-east-1"];

    private string session = "";
    private string order = "";
    private string payment = "";
    private string user = "";
    private string tenant = "";
    private string clientAddress = "";
    private string agent = "";

    public CorpusInstance NewInstance(int index, ServiceShape service)
    {
        var address = $"10.{index / 64}.{index % 64}.{random.Next(2, 250)}";
        var pod = $"{service.Name}-{random.Next(0x10000000):x7}-{random.Next(0x1000000):x5}";
        // Clocks as the languages' libraries give them: nanoseconds, .NET's 100 ns, JavaScript's microseconds.
        var unit = service.Language switch { "dotnet" => 100, "nodejs" => 1_000, _ => 1 };
        List<CorpusAttribute> resource =
        [
            CorpusAttribute.Of("service.name", service.Name),
            CorpusAttribute.Of("service.namespace", "shop"),
            CorpusAttribute.Of("service.version", $"{random.Next(1, 4)}.{random.Next(20)}.{random.Next(9)}"),
            CorpusAttribute.Of("service.instance.id", NewUuid()),
            CorpusAttribute.Of("deployment.environment.name", "production"),
            CorpusAttribute.Of("telemetry.sdk.name", "opentelemetry"),
            CorpusAttribute.Of("telemetry.sdk.language", service.Language),
            CorpusAttribute.Of("telemetry.sdk.version", "1.38.0"),
            CorpusAttribute.Of("host.name", $"node-{index % 16}"),
            CorpusAttribute.Of("k8s.pod.name", pod),
            CorpusAttribute.Of("cloud.region", Regions[index % Regions.Length]),
        ];
        return new CorpusInstance(index, service, address, unit, resource, $"0.{index % 24}.1");
    }

    /// <summary>What all spans of one trace share.</summary>
    public void NewTrace()
    {
        session = NewUuid();
        payment = NewUuid();
        order = string.Create(CultureInfo.InvariantCulture, $"ORD-{random.NextInt64(0x1_0000_0000):X8}");
        user = string.Create(CultureInfo.InvariantCulture, $"u-{Zipf(Users)}");
        tenant = string.Create(CultureInfo.InvariantCulture, $"tenant-{Zipf(Tenants)}");
        clientAddress = $"{random.Next(1, 224)}.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 255)}";
        agent = Agents[Math.Min(Zipf(Agents.Length + 1), Agents.Length) - 1];
    }

    public string ServerSpanName(OperationShape operation, StepKind how) => how switch
    {
        StepKind.Rpc => $"shop.{operation.Service.Name}.v1.Service/{Method(operation)}",
        StepKind.Publish => $"process {operation.Service.Name}-events",
        _ => $"{operation.Verb} {operation.Name}",
    };

    public string StepName(StepShape step) => step.Kind switch
    {
        StepKind.Sql => $"SELECT {step.Name}",
        StepKind.Redis => step.Name,
        StepKind.Http => step.Target!.Verb,
        StepKind.Rpc => $"shop.{step.Target!.Service.Name}.v1.Service/{Method(step.Target)}",
        StepKind.Publish => $"send {step.Target!.Service.Name}-events",
        _ => step.Name,
    };

    public string ServerScope(CorpusInstance instance, StepKind how) => how switch
    {
        StepKind.Rpc => $"io.opentelemetry.{instance.Service.Language}.grpc",
        StepKind.Publish => $"io.opentelemetry.{instance.Service.Language}.kafka",
        _ => $"io.opentelemetry.{instance.Service.Language}.http.server",
    };

    public string StepScope(CorpusInstance instance, StepShape step) => step.Kind switch
    {
        StepKind.Work => instance.Service.Name,
        StepKind.Sql => $"io.opentelemetry.{instance.Service.Language}.sql",
        StepKind.Redis => $"io.opentelemetry.{instance.Service.Language}.redis",
        StepKind.Http => $"io.opentelemetry.{instance.Service.Language}.http.client",
        StepKind.Rpc => $"io.opentelemetry.{instance.Service.Language}.grpc",
        _ => $"io.opentelemetry.{instance.Service.Language}.kafka",
    };

    public void AddServer(CorpusSpan span, OperationShape operation, StepKind how, bool fails)
    {
        var list = span.Attributes;
        switch (how)
        {
            case StepKind.Rpc:
                AddRpc(list, operation, fails);
                break;
            case StepKind.Publish:
                AddMessaging(list, operation, "process");
                list.Add(CorpusAttribute.Of("messaging.consumer.group.name", operation.Service.Name));
                list.Add(CorpusAttribute.Of("messaging.kafka.offset", random.NextInt64(50_000_000)));
                break;
            default:
                list.Add(CorpusAttribute.Of("http.request.method", operation.Verb));
                list.Add(CorpusAttribute.Of("http.route", operation.Name));
                list.Add(CorpusAttribute.Of("url.scheme", "https"));
                list.Add(CorpusAttribute.Of("url.path", Path(operation)));
                list.Add(CorpusAttribute.Of("http.response.status_code", Status(fails)));
                list.Add(CorpusAttribute.Of("server.address", $"{operation.Service.Name}.shop.example"));
                list.Add(CorpusAttribute.Of("server.port", 443));
                list.Add(CorpusAttribute.Of("network.protocol.version", "1.1"));
                list.Add(CorpusAttribute.Of("user_agent.original", agent));
                list.Add(CorpusAttribute.Of("client.address", clientAddress));
                break;
        }

        list.Add(CorpusAttribute.Of("network.peer.address", clientAddress));
        list.Add(CorpusAttribute.Of("network.peer.port", random.Next(32_768, 61_000)));
        list.Add(CorpusAttribute.Of("session.id", session));
        AddCommon(span);
    }

    public void AddStep(CorpusSpan span, StepShape step, CorpusInstance[] instances, bool fails)
    {
        var list = span.Attributes;
        switch (step.Kind)
        {
            case StepKind.Sql:
                AddSql(list, step);
                break;
            case StepKind.Redis:
                list.Add(CorpusAttribute.Of("db.system.name", "redis"));
                list.Add(CorpusAttribute.Of("db.namespace", "0"));
                list.Add(CorpusAttribute.Of("db.operation.name", step.Name));
                list.Add(CorpusAttribute.Of("db.query.text", string.Create(CultureInfo.InvariantCulture, $"{step.Name} {step.Detail}:{Zipf(100_000)}")));
                AddPeer(list, "redis-0.shop.internal", 6379, "10.9.0.17");
                break;
            case StepKind.Http:
                var path = Path(step.Target!);
                list.Add(CorpusAttribute.Of("http.request.method", step.Target!.Verb));
                list.Add(CorpusAttribute.Of("url.full", $"https://{step.Target.Service.Name}.shop.internal:8443{path}"));
                list.Add(CorpusAttribute.Of("http.response.status_code", Status(fails)));
                list.Add(CorpusAttribute.Of("network.protocol.version", "2"));
                AddPeer(list, $"{step.Target.Service.Name}.shop.internal", 8443, instances[random.Next(instances.Length)].Address);
                break;
            case StepKind.Rpc:
                AddRpc(list, step.Target!, fails);
                AddPeer(list, $"{step.Target!.Service.Name}.shop.internal", 9000, instances[random.Next(instances.Length)].Address);
                break;
            case StepKind.Publish:
                AddMessaging(list, step.Target!, "send");
                AddPeer(list, "kafka-1.shop.internal", 9092, "10.9.1.4");
                break;
            default:
                AddWork(list, step);
                break;
        }

        AddCommon(span);
    }

    public void AddFailure(CorpusSpan span)
    {
        span.Status = StatusCode.Error;
        span.StatusMessage = "upstream did not answer in time";
        if (random.Next(2) == 0) return;
        var frames = string.Join("\n", Enumerable.Range(0, random.Next(6, 16)).Select(i => $"\tat com.shop.{span.Instance.Service.Name}.Handler{i % 7}.handle(Handler{i % 7}.java:{40 + (i * 13)})"));
        span.Exception = new CorpusEvent("exception", span.End, [
            CorpusAttribute.Of("exception.type", "java.net.SocketTimeoutException"),
            CorpusAttribute.Of("exception.message", string.Create(CultureInfo.InvariantCulture, $"Read timed out after {random.Next(1, 30)}000 ms")),
            CorpusAttribute.Of("exception.stacktrace", "java.net.SocketTimeoutException: Read timed out\n" + frames),
        ]);
    }

    private void AddSql(List<CorpusAttribute> list, StepShape step)
    {
        // Most libraries send the statement with placeholders; some put the values in.
        var key = random.Next(100) < 8 ? Zipf(1_000_000).ToString(CultureInfo.InvariantCulture) : "$1";
        list.Add(CorpusAttribute.Of("db.system.name", "postgresql"));
        list.Add(CorpusAttribute.Of("db.namespace", step.Detail));
        list.Add(CorpusAttribute.Of("db.operation.name", "SELECT"));
        list.Add(CorpusAttribute.Of("db.collection.name", step.Name));
        list.Add(CorpusAttribute.Of("db.query.summary", $"SELECT {step.Name}"));
        list.Add(CorpusAttribute.Of("db.query.text", $"SELECT id, created_at, updated_at, state, amount FROM {step.Name} WHERE customer_id = {key} AND state <> 'deleted' ORDER BY created_at DESC LIMIT 50"));
        list.Add(CorpusAttribute.Of("db.response.returned_rows", Zipf(50) - 1));
        AddPeer(list, $"pg-{step.Detail}.shop.internal", 5432, "10.9.2.11");
    }

    private static void AddRpc(List<CorpusAttribute> list, OperationShape operation, bool fails)
    {
        list.Add(CorpusAttribute.Of("rpc.system", "grpc"));
        list.Add(CorpusAttribute.Of("rpc.service", $"shop.{operation.Service.Name}.v1.Service"));
        list.Add(CorpusAttribute.Of("rpc.method", Method(operation)));
        list.Add(CorpusAttribute.Of("rpc.grpc.status_code", fails ? 14 : 0));
    }

    private void AddMessaging(List<CorpusAttribute> list, OperationShape target, string operation)
    {
        list.Add(CorpusAttribute.Of("messaging.system", "kafka"));
        list.Add(CorpusAttribute.Of("messaging.destination.name", $"{target.Service.Name}-events"));
        list.Add(CorpusAttribute.Of("messaging.operation.type", operation));
        list.Add(CorpusAttribute.Of("messaging.message.id", NewUuid()));
        list.Add(CorpusAttribute.Of("messaging.destination.partition.id", random.Next(12).ToString(CultureInfo.InvariantCulture)));
        list.Add(CorpusAttribute.Of("messaging.message.body.size", random.Next(120, 4_000)));
    }

    private void AddWork(List<CorpusAttribute> list, StepShape step)
    {
        list.Add(CorpusAttribute.Of("code.function.name", $"com.shop.domain.{step.Name}.Step.run"));
        list.Add(CorpusAttribute.Of("code.file.path", $"src/domain/{step.Name}/step"));
        list.Add(CorpusAttribute.Of("code.line.number", 40 + (step.Name.Length * 7)));
        list.Add(CorpusAttribute.Of("order.id", order));
        list.Add(CorpusAttribute.Of("order.items_count", Zipf(20)));
        list.Add(CorpusAttribute.Of("order.total", Math.Round(random.NextDouble() * 400, 2)));
        list.Add(CorpusAttribute.Of("order.express", random.Next(5) == 0));
        list.Add(CorpusAttribute.Of("payment.id", payment));
    }

    private void AddPeer(List<CorpusAttribute> list, string host, int port, string address)
    {
        list.Add(CorpusAttribute.Of("server.address", host));
        list.Add(CorpusAttribute.Of("server.port", port));
        list.Add(CorpusAttribute.Of("network.peer.address", address));
        list.Add(CorpusAttribute.Of("network.peer.port", random.Next(8) == 0 ? random.Next(32_768, 61_000) : port));
    }

    private void AddCommon(CorpusSpan span)
    {
        span.Attributes.Add(CorpusAttribute.Of("user.id", user));
        span.Attributes.Add(CorpusAttribute.Of("tenant.id", tenant));
        if (span.Instance.Service.Language is not ("java" or "dotnet")) return;
        var thread = random.Next(1, 33);
        span.Attributes.Add(CorpusAttribute.Of("thread.id", thread));
        span.Attributes.Add(CorpusAttribute.Of("thread.name", string.Create(CultureInfo.InvariantCulture, $"worker-{thread}")));
    }

    private string Path(OperationShape operation) =>
        operation.Name.Replace("{id}", Zipf(50_000).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Method(OperationShape operation) => $"{operation.Verb[..1]}{operation.Verb[1..].ToLowerInvariant()}{operation.Steps.Count}{operation.Name.Length}";

    private int Status(bool fails) => fails ? 503 : random.Next(40) == 0 ? 404 : 200;

    /// <summary>1 to <paramref name="count"/>, roughly Zipf with exponent 1.</summary>
    private int Zipf(int count) => (int)Math.Min(count, Math.Exp(random.NextDouble() * Math.Log(count + 1)));

    private string NewUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[7] = (byte)((bytes[7] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes).ToString();
    }
}
