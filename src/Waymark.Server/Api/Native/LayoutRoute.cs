// GET /api/v1/traces/{id}/layout: a trace as columns, for drawing a hundred thousand bars without an object per span.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Server.Api.Native;

internal static class LayoutRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}/layout",
        "getTraceLayout",
        "A trace as columns in pre-order: what a waterfall draws. Attributes, events and links come from …/spans.",
        [Parameters.TraceId],
        ("TraceLayout", AnswerSchema()),
        HandleAsync);

    /// <summary>Writes one row's entry of a column; rows count from the trace's first.</summary>
    private delegate void WriteEntry(Utf8JsonWriter json, int row);

    private static async Task HandleAsync(RouteCall call)
    {
        if (await call.FindTraceAsync() is not { } block) return;
        var trace = block.Traces[0];
        await using var answer = call.OpenJson();
        WriteHead(answer.Json, trace);
        foreach (var (name, write) in Columns(block, trace, answer.Json))
        {
            answer.Json.WriteStartArray(name);
            for (var row = 0; row < trace.Count; row++)
            {
                write(answer.Json, row);
                if (!await answer.FlushIfFullAsync()) return;
            }
            answer.Json.WriteEndArray();
        }
        answer.Json.WriteEndObject();
        await answer.FinishAsync();
    }

    private static void WriteHead(Utf8JsonWriter json, TraceSlice trace)
    {
        json.WriteStartObject();
        SpanJson.WriteId(json, "traceId"u8, trace.Id);
        SpanJson.WriteTime(json, "baseUnixNanos"u8, trace.Start);
        SpanJson.WriteTime(json, "firstReceivedUnixNanos"u8, trace.FirstReceived);
        json.WriteNumber("spanCount"u8, trace.Count);
        json.WriteNumber("duplicateCount"u8, trace.Duplicates);
        json.WriteBoolean("isPartial"u8, trace.IsPartial);
    }

    /// <summary>Writes the string tables and yields the columns that refer to them.</summary>
    private static (string Name, WriteEntry Write)[] Columns(SpanBlock block, TraceSlice trace, Utf8JsonWriter json)
    {
        var first = trace.FirstRow;
        var services = new TextColumn(block.Texts, trace.Count, row => block.Service(first + row));
        var names = new TextColumn(block.Texts, trace.Count, row => block.Name[first + row]);
        services.WriteTable(json, "services");
        names.WriteTable(json, "names");
        var depth = Depths(block, trace);
        var self = SelfTime.Of(block, trace, TraceTimeline.Of(block, trace));
        return
        [
            ("spanId", (j, row) => WriteId(j, block.SpanIds[first + row])),
            ("parent", (j, row) => j.WriteNumberValue(block.ParentRow[first + row] < 0 ? -1 : block.ParentRow[first + row] - first)),
            ("depth", (j, row) => j.WriteNumberValue(depth[row])),
            ("subtreeEnd", (j, row) => j.WriteNumberValue(block.SubtreeEnd[first + row] - first)),
            ("startNanos", (j, row) => j.WriteNumberValue((block.Start[first + row] - trace.Start).Value)),
            ("durationNanos", (j, row) => j.WriteNumberValue(block.Duration(first + row).Value)),
            ("selfNanos", (j, row) => j.WriteNumberValue(self[row].Value)),
            ("service", (j, row) => j.WriteNumberValue(services.Codes[row])),
            ("name", (j, row) => j.WriteNumberValue(names.Codes[row])),
            ("kind", (j, row) => j.WriteNumberValue((int)block.Kind[first + row])),
            ("status", (j, row) => j.WriteNumberValue((int)block.Status[first + row])),
            ("marks", (j, row) => j.WriteNumberValue((int)block.Marks[first + row])),
            ("flags", (j, row) => j.WriteNumberValue(block.Flags[first + row])),
        ];
    }

    private static int[] Depths(SpanBlock block, TraceSlice trace)
    {
        var depth = new int[trace.Count];
        for (var row = 0; row < depth.Length; row++)
        {
            var parent = block.ParentRow[trace.FirstRow + row];
            depth[row] = parent < 0 ? 0 : depth[parent - trace.FirstRow] + 1;
        }
        return depth;
    }

    private static void WriteId(Utf8JsonWriter json, SpanId id)
    {
        Span<byte> hex = stackalloc byte[16];
        id.Value.TryFormat(hex, out _, "x16", CultureInfo.InvariantCulture);
        json.WriteStringValue(hex);
    }

    /// <summary>A text column with its own table: each distinct text of the trace once, in order of appearance.</summary>
    private sealed class TextColumn
    {
        private readonly List<string> table = [];

        public TextColumn(TextTable texts, int count, Func<int, int> codeOf)
        {
            Codes = new int[count];
            var byCode = new Dictionary<int, int>();
            var byText = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var row = 0; row < count; row++)
            {
                var code = codeOf(row);
                if (!byCode.TryGetValue(code, out var at))
                {
                    var text = texts.String(code);
                    if (!byText.TryGetValue(text, out at))
                    {
                        byText[text] = at = table.Count;
                        table.Add(text);
                    }
                    byCode[code] = at;
                }
                Codes[row] = at;
            }
        }

        public int[] Codes { get; }

        public void WriteTable(Utf8JsonWriter json, string name)
        {
            json.WriteStartArray(name);
            foreach (var text in table) json.WriteStringValue(text);
            json.WriteEndArray();
        }
    }

    private static JsonObject AnswerSchema() => Schema.Object(
        ("traceId", Schema.TraceId()),
        ("baseUnixNanos", Schema.UnixNanos("Start of the earliest span; startNanos counts from here.")),
        ("firstReceivedUnixNanos", Schema.UnixNanos("When its first span arrived.")),
        ("spanCount", Schema.Int("Length of every column.")),
        ("duplicateCount", Schema.Int("Spans that arrived more than once and are shown once.")),
        ("isPartial", Schema.Bool("Part of the trace could not be read from disk.")),
        ("services", Schema.Array(Schema.Text(), "By index; \"\" for spans without a service name.")),
        ("names", Schema.Array(Schema.Text(), "By index.")),
        ("spanId", Schema.Array(Schema.SpanId())),
        ("parent", Schema.Array(Schema.Int(), "Row of the parent; −1 for a root, an orphan, or where a cycle was cut.")),
        ("depth", Schema.Array(Schema.Int(), "0 for a row without a parent row.")),
        ("subtreeEnd", Schema.Array(Schema.Int(), "Row after the last descendant.")),
        ("startNanos", Schema.Array(Schema.Int(), "Nanoseconds after baseUnixNanos.")),
        ("durationNanos", Schema.Array(Schema.Int(), "0 where a span ends before it starts.")),
        ("selfNanos", Schema.Array(Schema.Int(), "The part of the duration that no direct child covers.")),
        ("service", Schema.Array(Schema.Int(), "Index into services.")),
        ("name", Schema.Array(Schema.Int(), "Index into names.")),
        ("kind", Schema.Array(Schema.Int(), $"Index into {Words.List(Words.Kinds)}.")),
        ("status", Schema.Array(Schema.Int(), $"Index into {Words.List(Words.Statuses)}.")),
        ("marks", Schema.Array(Schema.Int(), $"Bits from the lowest: {Words.List(Words.Marks)}.")),
        ("flags", Schema.Array(Schema.Int(), "All 32 bits as sent; the low eight are W3C trace flags.")));
}
