// GET /api/v1/traces/{id}/spans?ids=a,b and /spans/{spanId}: the details of some spans of a trace.
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.Api.Native;

internal static class SpansRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}/spans",
        "getSpans",
        "Some spans of a trace, in pre-order. Spans that share an id all come; ids without a span are listed.",
        [Parameters.TraceId, Parameters.SpanIds],
        ("SpanDetails", AnswerSchema()),
        call => HandleAsync(call, call.Get(Parameters.SpanIds)));

    public static async Task HandleAsync(RouteCall call, ImmutableArray<SpanId> ids)
    {
        var wanted = ids.ToFrozenSet();
        if (await call.FindTraceAsync(SpanSelection.All with { Spans = wanted }) is not { } block) return;
        var trace = block.Traces[0];
        var rows = Enumerable.Range(trace.FirstRow, trace.Count).Where(row => wanted.Contains(block.SpanIds[row])).ToList();
        var missing = ids.Except(rows.Select(row => block.SpanIds[row])).ToList();
        if (rows.Count == 0 && call.Find(Parameters.SpanId) is { } only)
        {
            await call.FailAsync(Problem.NotFound($"Trace {trace.Id} has no span {only}.", Parameters.SpanId.Name, only.ToString()));
            return;
        }
        await AnswerAsync(call, block, trace, rows, missing);
    }

    private static async Task AnswerAsync(RouteCall call, SpanBlock block, TraceSlice trace, List<int> rows, List<SpanId> missing)
    {
        await using var answer = call.OpenJson();
        answer.Json.WriteStartObject();
        SpanJson.WriteId(answer.Json, "traceId"u8, trace.Id);
        answer.Json.WriteStartArray("missing"u8);
        foreach (var id in missing) answer.Json.WriteStringValue(id.ToString());
        answer.Json.WriteEndArray();
        SpanJson.WriteTables(answer.Json, block);
        answer.Json.WriteStartArray("spans"u8);
        foreach (var row in rows)
        {
            SpanJson.WriteSpan(answer.Json, block, trace, row);
            if (!await answer.FlushIfFullAsync()) return;
        }
        answer.Json.WriteEndArray();
        answer.Json.WriteEndObject();
        await answer.FinishAsync();
    }

    public static JsonObject AnswerSchema() => Schema.Object(
        [
            ("traceId", Schema.TraceId()),
            ("missing", Schema.Array(Schema.SpanId(), "Ids asked for that no span has.")),
            .. SpanJson.TableSchemas(),
            ("spans", Schema.Array(SpanJson.SpanSchema(), "In pre-order.")),
        ]);
}
