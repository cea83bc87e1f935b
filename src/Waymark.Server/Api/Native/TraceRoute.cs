// GET /api/v1/traces/{id}: everything about a trace, streamed span by span.
using System.Text.Json;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.Api.Native;

internal static class TraceRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}",
        "getTrace",
        "A whole trace: spans in pre-order with attributes, events and links. Attribute values are natural JSON; exact ones are at /api/v1/traces/{id}/otlp.",
        [Parameters.TraceId],
        ("Trace", AnswerSchema()),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        if (await call.FindTraceAsync() is not { } block) return;
        var trace = block.Traces[0];
        await using var answer = call.OpenJson();
        WriteHead(answer.Json, block, trace);
        answer.Json.WriteStartArray("spans"u8);
        for (var row = trace.FirstRow; row < trace.FirstRow + trace.Count; row++)
        {
            SpanJson.WriteSpan(answer.Json, block, trace, row);
            if (!await answer.FlushIfFullAsync()) return;
        }
        answer.Json.WriteEndArray();
        answer.Json.WriteEndObject();
        await answer.FinishAsync();
    }

    private static void WriteHead(Utf8JsonWriter json, SpanBlock block, TraceSlice trace)
    {
        var (end, errors) = (trace.Start, 0);
        for (var row = trace.FirstRow; row < trace.FirstRow + trace.Count; row++)
        {
            if (block.End[row] > end) end = block.End[row];
            if (block.Start[row] > end) end = block.Start[row];
            if (block.Status[row] == StatusCode.Error) errors++;
        }
        json.WriteStartObject();
        SpanJson.WriteId(json, "traceId"u8, trace.Id);
        SpanJson.WriteTime(json, "startUnixNanos"u8, trace.Start);
        SpanJson.WriteTime(json, "endUnixNanos"u8, end);
        json.WriteNumber("durationNanos"u8, (end - trace.Start).Value);
        SpanJson.WriteTime(json, "firstReceivedUnixNanos"u8, trace.FirstReceived);
        json.WriteNumber("spanCount"u8, trace.Count);
        json.WriteNumber("errorCount"u8, errors);
        json.WriteNumber("duplicateCount"u8, trace.Duplicates);
        json.WriteBoolean("isPartial"u8, trace.IsPartial);
        SpanJson.WriteTables(json, block);
    }

    private static JsonObject AnswerSchema() => Schema.Object(
        [
            ("traceId", Schema.TraceId()),
            ("startUnixNanos", Schema.UnixNanos("Start of its earliest span.")),
            ("endUnixNanos", Schema.UnixNanos("End of its latest span.")),
            ("durationNanos", Schema.Int("End minus start.")),
            ("firstReceivedUnixNanos", Schema.UnixNanos("When its first span arrived.")),
            ("spanCount", Schema.Int("Spans, each counted once.")),
            ("errorCount", Schema.Int("Spans with status error.")),
            ("duplicateCount", Schema.Int("Spans that arrived more than once and are shown once.")),
            ("isPartial", Schema.Bool("Part of the trace could not be read from disk.")),
            .. SpanJson.TableSchemas(),
            ("spans", Schema.Array(SpanJson.SpanSchema(), "In pre-order: a parent before its children, siblings by start, then span id.")),
        ]);
}
