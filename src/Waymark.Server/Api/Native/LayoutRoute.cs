// GET /api/v1/traces/{id}/layout: a trace as columns, for drawing a hundred thousand bars without an object per span; and what the analysis says of it.
using System.Text.Json.Nodes;
using Waymark.Query.Analysis;

namespace Waymark.Server.Api.Native;

internal static class LayoutRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}/layout",
        "getTraceLayout",
        "A trace as columns in pre-order, with its critical path and the verdict on it: what a waterfall draws. Attributes, events and links come from …/spans. Offsets count from baseUnixNanos.",
        [Parameters.TraceId],
        ("TraceLayout", AnswerSchema()),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        if (await call.FindTraceAsync(TraceAnalysis.Needs) is not { } block) return;
        var trace = block.Traces[0];
        var layout = new LayoutWriter(block, trace, TraceAnalysis.Of(block, trace));
        await using var answer = call.OpenJson();
        layout.WriteHead(answer.Json, call.Store);
        if (!await layout.WriteMissingParentsAsync(answer)) return;
        answer.Json.WriteStartObject("criticalPath"u8);
        layout.WritePathHead(answer.Json);
        if (!await layout.WriteColumnsAsync(answer, layout.PathColumns())) return;
        answer.Json.WriteEndObject();
        if (!await layout.WriteColumnsAsync(answer, layout.RowColumns())) return;
        answer.Json.WriteEndObject();
        await answer.FinishAsync();
    }

    private static JsonObject AnswerSchema() => Schema.Object([.. HeadSchema(), .. AnalysisSchema(), .. ColumnSchema()]);

    private static (string Name, JsonObject Schema)[] HeadSchema() =>
    [
        ("traceId", Schema.TraceId()),
        ("baseUnixNanos", Schema.UnixNanos("Start of the earliest span as sent; every offset counts from here.")),
        ("firstReceivedUnixNanos", Schema.UnixNanos("When its first span arrived.")),
        ("spanCount", Schema.Int("Length of every column of rows.")),
        ("errorCount", Schema.Int("Spans with status error.")),
        ("duplicateCount", Schema.Int("Spans that arrived more than once and are shown once.")),
        ("isPartial", Schema.Bool("Part of the trace could not be read from disk.")),
        ("fromNanos", Schema.Int("Offset of the earliest start with clocks brought into line; may be negative.")),
        ("toNanos", Schema.Int("Offset of the latest end with clocks brought into line.")),
        ("skewedSpanCount", Schema.Int("Rows whose clock was corrected.")),
        ("services", Schema.Array(Schema.Text(), "By index; \"\" for spans without a service name.")),
        ("serviceOrdinals", Schema.Array(Schema.Ordinal(), "Beside services.")),
        ("names", Schema.Array(Schema.Text(), "By index.")),
        ("missingParents", Schema.Array(Schema.Object(
            ("row", Schema.Int("A row that names a parent which is not there.")),
            ("parentSpanId", Schema.SpanId("The parent it names."))), "In order of rows.")),
    ];

    private static (string Name, JsonObject Schema)[] AnalysisSchema()
    {
        var contributor = Schema.Object(
            ("service", Schema.Int("Index into services; −1 for what is left, and for a gap.")),
            ("name", Schema.Int("Index into names; −1 for what is left, and for a gap.")),
            ("nanos", Schema.Int("Time on the critical path.")),
            ("share", Schema.Double("Of the critical path: above 0, at most 1.")),
            ("spanCount", Schema.Int("Rows with time on the path; 0 for a gap.")),
            ("isGap", Schema.Bool("Time that no span covers.")));
        var part = Schema.Object(
            ("text", Schema.Text("A piece of the sentence; data, never markup.")),
            ("style", Schema.Enum(Words.VerdictStyles)));
        return
        [
            ("criticalPath", Schema.Object(
                ("rootRow", Schema.Int("The row whose duration the path explains; −1: the whole trace's, because it has no single root.")),
                ("fromNanos", Schema.Int("Offset of its start.")),
                ("toNanos", Schema.Int("Offset of its end.")),
                ("row", Schema.Array(Schema.Int(), "Per segment, in order of time: the row whose own work was waited for; −1 for time that no span covers, only where rootRow is −1.")),
                ("startNanos", Schema.Array(Schema.Int(), "Per segment: offset of its start, with clocks brought into line. Together the segments are exactly the path, without gap or overlap.")),
                ("endNanos", Schema.Array(Schema.Int(), "Per segment: offset of its end.")))),
            ("contributors", Schema.Array(contributor, $"The critical path by operation: the largest {Contributors.Most}, then what is left, then gaps, each only when it has time. Together they are the path.")),
            ("verdict", Schema.Object(
                ("kind", Schema.Enum(Words.Verdicts)),
                ("nanos", Schema.Int("Time on the critical path that it explains; 0 when nothing stands out.")),
                ("share", Schema.Double("The same as a part of the critical path.")),
                ("parts", Schema.Array(part, "One sentence, to be joined as it is.")),
                ("rows", Schema.Array(Schema.Int(), $"The rows it speaks of, in order, at most {Verdict.MaxRows}.")),
                ("spanCount", Schema.Int("How many rows it speaks of in all.")))),
        ];
    }

    private static (string Name, JsonObject Schema)[] ColumnSchema() =>
    [
        ("spanId", Schema.Array(Schema.SpanId(), "As sent; several rows may share one.")),
        ("parent", Schema.Array(Schema.Int(), "Row of the parent; −1 for a root, an orphan, or where a cycle was cut.")),
        ("depth", Schema.Array(Schema.Int(), "0 for a row without a parent row.")),
        ("subtreeEnd", Schema.Array(Schema.Int(), "Row after the last descendant.")),
        ("startNanos", Schema.Array(Schema.Int(), "Offset of the start as sent.")),
        ("durationNanos", Schema.Array(Schema.Int(), "0 where a span ends before it starts.")),
        ("skewNanos", Schema.Array(Schema.Int(), "To be added to startNanos for the start with clocks brought into line; 0 where nothing was corrected.")),
        ("selfNanos", Schema.Array(Schema.Int(), "The part of the duration that no direct child covers, with clocks brought into line.")),
        ("criticalNanos", Schema.Array(Schema.Int(), "Time of the row on the critical path.")),
        ("service", Schema.Array(Schema.Int(), "Index into services.")),
        ("name", Schema.Array(Schema.Int(), "Index into names.")),
        ("kind", Schema.Array(Schema.Int(), $"Index into {Words.List(Words.Kinds)}.")),
        ("status", Schema.Array(Schema.Int(), $"Index into {Words.List(Words.Statuses)}.")),
        ("marks", Schema.Array(Schema.Int(), $"Bits from the lowest: {Words.List(Words.Marks)}.")),
        ("flags", Schema.Array(Schema.Int(), "All 32 bits as sent; the low eight are W3C trace flags.")),
        ("eventRow", Schema.Array(Schema.Int(), $"Per event, in order of rows: its row. At most {LayoutWriter.MaxEvents} events.")),
        ("eventNanos", Schema.Array(Schema.Int(), "Per event: its offset by the clock of its row, as sent.")),
        ("isEventsCut", Schema.Bool("There are more events than are given.")),
    ];
}
