// The columns of a trace's layout, and the head before them, written straight from the block and its analysis.
using System.Globalization;
using System.Text.Json;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Server.Api.Native;

/// <summary>Writes one trace. Rows of what is written count from the trace's first, those of the block from the block's.</summary>
internal sealed class LayoutWriter
{
    /// <summary>Events that are given as ticks: more can't be told apart on a screen.</summary>
    public const int MaxEvents = 20_000;

    private readonly SpanBlock block;
    private readonly TraceSlice trace;
    private readonly TraceAnalysis analysis;
    private readonly TextColumn services;
    private readonly TextColumn names;
    private readonly int[] depth;

    public LayoutWriter(SpanBlock block, TraceSlice trace, TraceAnalysis analysis)
    {
        this.block = block;
        this.trace = trace;
        this.analysis = analysis;
        services = TextColumn.OfServices(block, trace);
        names = TextColumn.Of(block.Texts, block.Name.AsSpan(trace.FirstRow, trace.Count));
        depth = Depths();
    }

    private int First => trace.FirstRow;

    /// <summary>Opens the object and writes everything that is not a column.</summary>
    public void WriteHead(Utf8JsonWriter json, ITraceStore store)
    {
        json.WriteStartObject();
        SpanJson.WriteId(json, "traceId"u8, trace.Id);
        SpanJson.WriteTime(json, "baseUnixNanos"u8, trace.Start);
        SpanJson.WriteTime(json, "firstReceivedUnixNanos"u8, trace.FirstReceived);
        json.WriteNumber("spanCount"u8, trace.Count);
        json.WriteNumber("errorCount"u8, block.Status.AsSpan(First, trace.Count).Count(StatusCode.Error));
        json.WriteNumber("duplicateCount"u8, trace.Duplicates);
        json.WriteBoolean("isPartial"u8, trace.IsPartial);
        json.WriteNumber("fromNanos"u8, Offset(analysis.Timeline.From));
        json.WriteNumber("toNanos"u8, Offset(analysis.Timeline.To));
        json.WriteNumber("skewedSpanCount"u8, analysis.Timeline.SkewedSpans);
        services.WriteTable(json, "services");
        json.WriteStartArray("serviceOrdinals"u8);
        foreach (var service in services.Table) json.WriteNumberValue(store.OrdinalOf(service));
        json.WriteEndArray();
        names.WriteTable(json, "names");
        WriteContributors(json);
        WriteVerdict(json);
        json.WriteBoolean("isEventsCut"u8, Events > MaxEvents);
    }

    /// <summary>False when the client is gone.</summary>
    public async ValueTask<bool> WriteMissingParentsAsync(JsonAnswer answer)
    {
        answer.Json.WriteStartArray("missingParents"u8);
        for (var row = 0; row < trace.Count; row++)
        {
            if ((block.Marks[First + row] & SpanMarks.Orphan) == 0) continue;
            answer.Json.WriteStartObject();
            answer.Json.WriteNumber("row"u8, row);
            SpanJson.WriteId(answer.Json, "parentSpanId"u8, block.ParentSpanIds[First + row]);
            answer.Json.WriteEndObject();
            if (!await answer.FlushIfFullAsync()) return false;
        }
        answer.Json.WriteEndArray();
        return true;
    }

    public void WritePathHead(Utf8JsonWriter json)
    {
        json.WriteNumber("rootRow"u8, analysis.CriticalPath.RootRow);
        json.WriteNumber("fromNanos"u8, Offset(analysis.CriticalPath.From));
        json.WriteNumber("toNanos"u8, Offset(analysis.CriticalPath.To));
    }

    /// <summary>Writes columns one after the other. False when the client is gone.</summary>
    public async ValueTask<bool> WriteColumnsAsync(JsonAnswer answer, (string Name, int Rows, ColumnWriter Write)[] columns)
    {
        foreach (var (name, rows, write) in columns)
        {
            if (!await answer.WriteColumnAsync(name, rows, write)) return false;
        }
        return true;
    }

    public (string Name, int Rows, ColumnWriter Write)[] PathColumns()
    {
        var segments = analysis.CriticalPath.Segments;
        return
        [
            ("row", segments.Length, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(segments[i].Row); }),
            ("startNanos", segments.Length, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(Offset(segments[i].From)); }),
            ("endNanos", segments.Length, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(Offset(segments[i].To)); }),
        ];
    }

    // A loop of its own for each column: one call per thousand rows instead of one per entry.
    public (string Name, int Rows, ColumnWriter Write)[] RowColumns()
    {
        var (rows, skew, self, critical) = (trace.Count, analysis.Timeline.Skew, analysis.Self, analysis.CriticalPath.Critical);
        var events = Math.Min(Events, MaxEvents);
        return
        [
            ("spanId", rows, WriteIds),
            ("parent", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(block.ParentRow[First + i] is >= 0 and var parent ? parent - First : -1); }),
            ("depth", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(depth[i]); }),
            ("subtreeEnd", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(block.SubtreeEnd[First + i] - First); }),
            ("startNanos", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(Offset(block.Start[First + i])); }),
            ("durationNanos", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(block.Duration(First + i).Value); }),
            ("skewNanos", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(skew[i].Value); }),
            ("selfNanos", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(self[i].Value); }),
            ("criticalNanos", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(critical[i].Value); }),
            ("service", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(services.Codes[i]); }),
            ("name", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(names.Codes[i]); }),
            ("kind", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue((int)block.Kind[First + i]); }),
            ("status", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue((int)block.Status[First + i]); }),
            ("marks", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue((int)block.Marks[First + i]); }),
            ("flags", rows, (json, from, to) => { for (var i = from; i < to; i++) json.WriteNumberValue(block.Flags[First + i]); }),
            ("eventRow", events, WriteEventRows),
            ("eventNanos", events, (json, from, to) => { for (var e = from; e < to; e++) json.WriteNumberValue(Offset(block.Events.Time[FirstEvent + e])); }),
        ];
    }

    private int FirstEvent => block.Events.Of(First).First;

    private int Events => block.Events.Of(First + trace.Count - 1).End - FirstEvent;

    private void WriteEventRows(Utf8JsonWriter json, int from, int to)
    {
        // The row of the first event: the last row whose events begin at or before it.
        var starts = block.Events.First.AsSpan(First, trace.Count + 1);
        var row = starts.BinarySearch(FirstEvent + from);
        if (row < 0) row = ~row - 1;
        for (var e = from; e < to; e++)
        {
            while (starts[row + 1] <= FirstEvent + e) row++;
            json.WriteNumberValue(row);
        }
    }

    private void WriteIds(Utf8JsonWriter json, int from, int to)
    {
        Span<byte> hex = stackalloc byte[16];
        for (var i = from; i < to; i++)
        {
            block.SpanIds[First + i].Value.TryFormat(hex, out _, "x16", CultureInfo.InvariantCulture);
            json.WriteStringValue(hex);
        }
    }

    private void WriteContributors(Utf8JsonWriter json)
    {
        json.WriteStartArray("contributors"u8);
        foreach (var contributor in analysis.Contributors)
        {
            json.WriteStartObject();
            json.WriteNumber("service"u8, contributor.Row < 0 ? -1 : services.Codes[contributor.Row]);
            json.WriteNumber("name"u8, contributor.Row < 0 ? -1 : names.Codes[contributor.Row]);
            json.WriteNumber("nanos"u8, contributor.Time.Value);
            json.WriteNumber("share"u8, contributor.Share);
            json.WriteNumber("spanCount"u8, contributor.Spans);
            json.WriteBoolean("isGap"u8, contributor.Kind == ContributorKind.Gap);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteVerdict(Utf8JsonWriter json)
    {
        var verdict = analysis.Verdict;
        json.WriteStartObject("verdict"u8);
        json.WriteString("kind"u8, Words.Verdicts[(int)verdict.Kind]);
        json.WriteNumber("nanos"u8, verdict.Time.Value);
        json.WriteNumber("share"u8, verdict.Share);
        json.WriteStartArray("parts"u8);
        foreach (var part in verdict.Parts)
        {
            json.WriteStartObject();
            json.WriteString("text"u8, part.Text);
            json.WriteString("style"u8, Words.VerdictStyles[(int)part.Style]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        foreach (var row in verdict.Rows) json.WriteNumberValue(row);
        json.WriteEndArray();
        json.WriteNumber("spanCount"u8, verdict.Spans);
        json.WriteEndObject();
    }

    /// <summary>Signed, unlike a duration: what a clock says may lie before the trace.</summary>
    private long Offset(UnixNanos time) => time.Value - trace.Start.Value;

    private int[] Depths()
    {
        var depths = new int[trace.Count];
        for (var row = 0; row < depths.Length; row++)
        {
            var parent = block.ParentRow[First + row];
            depths[row] = parent < 0 ? 0 : depths[parent - First] + 1;
        }
        return depths;
    }
}
