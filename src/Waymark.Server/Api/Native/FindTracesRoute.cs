// GET /api/v1/traces: traces newest first, filtered, a page at a time.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class FindTracesRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces",
        "findTraces",
        "Traces newest first. Service, operation, kind, status and durations hold together on one span; each attribute on any span of the trace.",
        [
            Parameters.Service, Parameters.Operation, Parameters.Kind, Parameters.Status, Parameters.MinDuration, Parameters.MaxDuration,
            Parameters.Attribute, Parameters.From, Parameters.To, Parameters.Limit, Parameters.After,
        ],
        ("TraceList", AnswerSchema()),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var range = new TimeRange(call.Get(Parameters.From, UnixNanos.Min), call.Get(Parameters.To, UnixNanos.Max));
        if (range.From >= range.To)
        {
            await call.FailAsync(Backwards(Parameters.To, range.To.Value, Parameters.From, range.From.Value, "after"));
            return;
        }
        var (min, max) = (call.Find(Parameters.MinDuration), call.Find(Parameters.MaxDuration));
        if (min > max)
        {
            await call.FailAsync(Backwards(Parameters.MaxDuration, max.Value.Value, Parameters.MinDuration, min.Value.Value, "at least"));
            return;
        }

        var page = await TraceSearch.FindAsync(
            call.Store,
            new TraceFilter
            {
                Service = call.Find(Parameters.Service),
                Operation = call.Find(Parameters.Operation),
                Kind = call.Find(Parameters.Kind),
                Status = call.Find(Parameters.Status),
                MinDuration = min,
                MaxDuration = max,
                Attributes = [.. call.All(Parameters.Attribute)],
                Range = range,
                Limit = call.Get(Parameters.Limit, new TraceFilter().Limit),
                After = call.Find(Parameters.After),
            },
            call.Cancellation);
        var next = page.Next is { } cursor ? TraceCursorText.Encode(cursor) : null;
        await call.AnswerAsync(new TraceListAnswer([.. page.Traces.Select(Item)], next), ApiJson.Default.TraceListAnswer);
    }

    private static Problem Backwards(Parameter parameter, long found, Parameter other, long otherValue, string relation)
    {
        var expected = $"{relation} '{other.Name}'";
        return new Problem(
            400,
            "Bad parameter",
            string.Create(CultureInfo.InvariantCulture, $"Parameter '{parameter.Name}' is {found} ns, '{other.Name}' is {otherValue} ns; expected '{parameter.Name}' {expected}."),
            parameter.Name,
            found.ToString(CultureInfo.InvariantCulture),
            expected);
    }

    private static TraceItem Item(TraceSummary trace) => new(
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
        [.. trace.Services.Select(s => new ServiceShareItem(s.Name, s.Spans, s.Errors))]);

    private static string Text(UnixNanos time) => time.Value.ToString(CultureInfo.InvariantCulture);

    private static System.Text.Json.Nodes.JsonObject AnswerSchema()
    {
        var share = Schema.Object(
            ("name", Schema.Text("\"\" for spans without a service name.")),
            ("spanCount", Schema.Int()),
            ("errorCount", Schema.Int("Spans with status error.")));
        var trace = Schema.Object(
            ("traceId", Schema.TraceId()),
            ("startUnixNanos", Schema.UnixNanos("Start of its earliest span.")),
            ("endUnixNanos", Schema.UnixNanos("End of its latest span.")),
            ("durationNanos", Schema.Int("End minus start.")),
            ("firstReceivedUnixNanos", Schema.UnixNanos("When its first span arrived.")),
            ("rootService", Schema.Text("Service of the root; of the first span when rootless.")),
            ("rootOperation", Schema.Text("Name of the root; of the first span when rootless.")),
            ("spanCount", Schema.Int()),
            ("errorCount", Schema.Int("Spans with status error.")),
            ("matchedSpanCount", Schema.Int("Spans that match one condition or more; all without conditions.")),
            ("duplicateCount", Schema.Int("Spans that arrived more than once and are counted once.")),
            ("oddities", Schema.Array(Schema.Enum(Words.Oddities), "What is odd about it; mostly empty.")),
            ("services", Schema.Array(share, "In order of appearance.")));
        return Schema.Object(("traces", Schema.Array(trace)), ("next", Schema.Nullable(Schema.Text("Give as after to continue; null at the end."))));
    }
}
