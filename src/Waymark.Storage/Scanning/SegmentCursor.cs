// Pages of a segment as one query sees them: read, checked and decoded once, the latest few kept.
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Decoded pages of one segment for one query. Not thread-safe. At most <see cref="KeptPages"/> pages per column stay.</summary>
internal sealed class SegmentCursor(OpenSegment segment)
{
    private const int KeptPages = 4;
    private const int Rows = SegmentFormat.PageRows;
    private readonly Dictionary<int, List<(int Page, long[] Values)>> numbers = [];
    private readonly Dictionary<int, List<(int Page, ByteStrings Values)>> strings = [];

    public OpenSegment Segment { get; } = segment;

    /// <summary>A page of numbers. The array is shared: don't write to it.</summary>
    public long[] Numbers(int column, int page)
    {
        if (!numbers.TryGetValue(column, out var kept)) numbers[column] = kept = [];
        foreach (var entry in kept)
        {
            if (entry.Page == page) return entry.Values;
        }
        var values = new long[Segment.Reader.Page(column, page).Count];
        Segment.Reader.ReadNumbers(column, page, values);
        if (kept.Count == KeptPages) kept.RemoveAt(0);
        kept.Add((page, values));
        return values;
    }

    /// <summary>A page of byte strings.</summary>
    public ByteStrings Strings(int column, int page)
    {
        if (!strings.TryGetValue(column, out var kept)) strings[column] = kept = [];
        foreach (var entry in kept)
        {
            if (entry.Page == page) return entry.Values;
        }
        var values = Segment.Reader.ReadBytes(column, page);
        if (kept.Count == KeptPages) kept.RemoveAt(0);
        kept.Add((page, values));
        return values;
    }

    public long[] SpanPage(ushort field, int page) => Numbers(Segment.Columns.Span(field), page);

    public TraceId TraceIdOf(int ordinal) =>
        new((ulong)TraceValue(SegmentColumns.Trace.IdHigh, ordinal), (ulong)TraceValue(SegmentColumns.Trace.IdLow, ordinal));

    public UnixNanos StartOf(int ordinal) => new(TraceValue(SegmentColumns.Trace.Start, ordinal));

    public long TraceValue(ushort field, int ordinal) => Numbers(Segment.Columns.Trace(field), ordinal / Rows)[ordinal % Rows];

    /// <summary>Rows [first, end) of a trace.</summary>
    public (int First, int End) RowsOf(int ordinal)
    {
        var first = (int)TraceValue(SegmentColumns.Trace.FirstRow, ordinal);
        var next = ordinal + 1;
        if (next == Segment.Traces) return (first, (int)Segment.Entry.Spans);
        // The first row of a page's first trace is that page's minimum: no need to read the page.
        var end = next % Rows == 0 ? Segment.Reader.Page(Segment.Columns.Trace(SegmentColumns.Trace.FirstRow), next / Rows).Min : TraceValue(SegmentColumns.Trace.FirstRow, next);
        return (first, (int)end);
    }
}
