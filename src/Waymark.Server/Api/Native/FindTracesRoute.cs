// GET /api/v1/traces: traces newest first, filtered, a page at a time.
using System.Globalization;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class FindTracesRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces",
        "findTraces",
        "Traces newest first. Service, operation, kind, status and durations hold together on one span; each attribute on any span of the trace.",
        [.. FilterReading.All, Parameters.Limit, Parameters.After],
        ("TraceList", AnswerSchema()),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        if (!FilterReading.TryRead(call, out var filter, out var problem))
        {
            await call.FailAsync(problem);
            return;
        }
        filter = filter with { Limit = call.Get(Parameters.Limit, filter.Limit), After = call.Find(Parameters.After) };
        var page = await TraceSearch.FindAsync(call.Store, filter, call.Cancellation);
        var next = page.Next is { } cursor ? TraceCursorText.Encode(cursor) : null;
        await call.AnswerAsync(new TraceListAnswer([.. page.Traces.Select(t => Item(t, call.Store))], next), ApiJson.Default.TraceListAnswer);
    }

    private static TraceItem Item(TraceSummary trace, ITraceStore store) => new(
        trace.Id.ToString(),
        Text(trace.Start),
        Text(trace.End),
        trace.Duration.Value,
        Text(trace.FirstReceived),
        trace.RootService,
        trace.RootOperation,
        trace.Spans,
        trace.Errors,
        trace.Matched,
        trace.Duplicates,
        Words.Of(trace.Oddities),
        [.. trace.Services.Select(s => new ServiceShareItem(s.Name, store.OrdinalOf(s.Name), s.Spans, s.Errors))],
        trace.TopContributor is { } top ? new TopContributorItem(top.Service, top.Operation, top.Time.Value, top.Share) : null);

    private static string Text(UnixNanos time) => time.Value.ToString(CultureInfo.InvariantCulture);

    private static JsonObject AnswerSchema()
    {
        var share = Schema.Object(
            ("name", Schema.Text("\"\" for spans without a service name.")),
            ("ordinal", Schema.Ordinal()),
            ("spanCount", Schema.Int("Spans of the service.")),
            ("errorCount", Schema.Int("Spans with status error.")));
        var top = Schema.Nullable(Schema.Object(
            ("service", Schema.Text("\"\" for spans without a service name.")),
            ("operation", Schema.Text("Span name.")),
            ("nanos", Schema.Int("Its time on the critical path.")),
            ("share", Schema.Double("Of the critical path: above 0, at most 1."))));
        top["description"] = "The operation with the most time on the critical path; null when the trace has no length.";
        var trace = Schema.Object(
            ("traceId", Schema.TraceId()),
            ("startUnixNanos", Schema.UnixNanos("Start of its earliest span.")),
            ("endUnixNanos", Schema.UnixNanos("End of its latest span.")),
            ("durationNanos", Schema.Int("Last end minus first start with the processes' clocks brought into line: not endUnixNanos − startUnixNanos when clocks disagree.")),
            ("firstReceivedUnixNanos", Schema.UnixNanos("When its first span arrived.")),
            ("rootService", Schema.Text("Service of the root; of the first span when rootless.")),
            ("rootOperation", Schema.Text("Name of the root; of the first span when rootless.")),
            ("spanCount", Schema.Int("Spans, each counted once.")),
            ("errorCount", Schema.Int("Spans with status error.")),
            ("matchedSpanCount", Schema.Int("Spans that match one condition or more; all without conditions.")),
            ("duplicateCount", Schema.Int("Spans that arrived more than once and are counted once.")),
            ("oddities", Schema.Array(Schema.Enum(Words.Oddities), "What is odd about it; mostly empty.")),
            ("services", Schema.Array(share, "In order of appearance.")),
            ("topContributor", top));
        return Schema.Object(("traces", Schema.Array(trace, "Newest first.")), ("next", Schema.Nullable(Schema.Text("Give as after to continue; null at the end."))));
    }
}
