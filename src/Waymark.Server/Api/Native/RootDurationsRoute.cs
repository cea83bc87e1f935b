// GET /api/v1/root-durations?service=&operation=: how long this kind of trace usually takes.
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class RootDurationsRoute
{
    private static readonly Parameter<string> Service = Parameters.Service with { IsRequired = true };
    private static readonly Parameter<string> Operation = Parameters.Operation with { IsRequired = true };

    public static readonly Route Route = new(
        "/api/v1/root-durations",
        "getRootDurations",
        $"Durations of the newest traces, at most {RootDurations.MaxTraces}, whose root is this operation, as durationNanos of a list has them. Percentiles are by nearest rank. It looks back for two seconds at most.",
        [Service, Operation],
        ("RootDurations", Schema.Object(
            ("traceCount", Schema.Int("Traces looked at; 0: there are none, and the rest is null.")),
            ("p50Nanos", Schema.Nullable(Schema.Int("Half of them took as long or less."))),
            ("p95Nanos", Schema.Nullable(Schema.Int("95% of them took as long or less."))),
            ("p99Nanos", Schema.Nullable(Schema.Int("99% of them took as long or less."))),
            ("maxNanos", Schema.Nullable(Schema.Int("The longest."))))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        using var budget = call.OpenBudget();
        var found = await RootDurations.FindAsync(call.Store, call.Get(Service), call.Get(Operation), budget);
        await call.AnswerAsync(
            new RootDurationsAnswer(found.Traces, found.P50?.Value, found.P95?.Value, found.P99?.Value, found.Max?.Value),
            ApiJson.Default.RootDurationsAnswer);
    }
}
