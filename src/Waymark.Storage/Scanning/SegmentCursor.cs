// Pages of a segment as one query sees them: read, checked and decoded once, the latest few kept.
using System.Buffers;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// Decoded pages of one segment for one query. Not thread-safe. At most <see cref="KeptPages"/> pages per column stay. Pages are pooled: they may be read until the cursor is disposed.
/// </summary>
internal sealed class SegmentCursor(OpenSegment segment) : IDisposable
{
    private const int KeptPages = 4;
    private const int Rows = SegmentFormat.PageRows;
    private readonly Kept<Page>?[] numbers = new Kept<Page>?[segment.Reader.Columns.Count];
    private readonly Kept<ByteStrings>?[] strings = new Kept<ByteStrings>?[segment.Reader.Columns.Count];

    public OpenSegment Segment { get; } = segment;

    /// <summary>A page of numbers.</summary>
    public ReadOnlySpan<long> Numbers(int column, int page)
    {
        var kept = numbers[column] ??= new Kept<Page>();
        if (kept.TryGet(page, out var known)) return known.Values.AsSpan(0, known.Count);
        var count = Segment.Reader.Page(column, page).Count;
        var values = ArrayPool<long>.Shared.Rent(count);
        Segment.Reader.ReadNumbers(column, page, values);
        // What is pushed out may still be in someone's hands: it is left to the collector, not given back.
        kept.Add(page, new Page(values, count));
        return values.AsSpan(0, count);
    }

    /// <summary>A page of byte strings.</summary>
    public ByteStrings Strings(int column, int page)
    {
        var kept = strings[column] ??= new Kept<ByteStrings>();
        if (!kept.TryGet(page, out var values)) kept.Add(page, values = Segment.Reader.ReadBytes(column, page));
        return values;
    }

    public ReadOnlySpan<long> SpanPage(ushort field, int page) => Numbers(Segment.Columns.Span(field), page);

    public TraceId TraceIdOf(int ordinal) =>
        new((ulong)TraceValue(SegmentColumns.Trace.IdHigh, ordinal), (ulong)TraceValue(SegmentColumns.Trace.IdLow, ordinal));

    /// <summary>Ordinal of a trace by walking over all ids, −1 when it is not here: what is left where the index can't be read.</summary>
    public int SearchFor(TraceId id)
    {
        for (var page = 0; page * Rows < Segment.Traces; page++)
        {
            var high = Numbers(Segment.Columns.Trace(SegmentColumns.Trace.IdHigh), page);
            var low = Numbers(Segment.Columns.Trace(SegmentColumns.Trace.IdLow), page);
            for (var at = 0; at < low.Length; at++)
            {
                if (low[at] == (long)id.Low && high[at] == (long)id.High) return (page * Rows) + at;
            }
        }
        return -1;
    }

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

    public void Dispose()
    {
        for (var column = 0; column < numbers.Length; column++)
        {
            if (numbers[column] is { } pages)
            {
                foreach (var (values, _) in pages.All) ArrayPool<long>.Shared.Return(values);
                numbers[column] = null;
            }
            if (strings[column] is { } texts)
            {
                foreach (var values in texts.All) ArrayPool<byte>.Shared.Return(values.Heap);
                strings[column] = null;
            }
        }
    }

    private readonly record struct Page(long[] Values, int Count);

    /// <summary>The latest pages of one column.</summary>
    private sealed class Kept<T>
    {
        private readonly int[] pages = new int[KeptPages];
        private readonly T[] contents = new T[KeptPages];
        private int count;
        private int oldest;

        public ReadOnlySpan<T> All => contents.AsSpan(0, count);

        public bool TryGet(int page, out T content)
        {
            var at = pages.AsSpan(0, count).IndexOf(page);
            content = at < 0 ? default! : contents[at];
            return at >= 0;
        }

        public void Add(int page, T content)
        {
            var at = count < KeptPages ? count++ : oldest++ % KeptPages;
            pages[at] = page;
            contents[at] = content;
        }
    }
}
