// Pages of one segment as one worker of a measurement reads them: whole, as 32-bit codes where these are enough.
using System.Buffers;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Over a cursor, which it owns. Of each column of codes the page last asked for stays decoded. Not thread-safe.</summary>
internal sealed class MeasurePages(OpenSegment segment, QueryMemory memory) : IDisposable
{
    private readonly Kept?[] codes = new Kept?[segment.ColumnInfos.Length];

    public OpenSegment Segment { get; } = segment;

    public SegmentCursor Cursor { get; } = new(segment, memory);

    public ref readonly PageInfo Info(int column, int page) => ref Cursor.Info(column, page);

    public int SpanColumn(ushort field) => Segment.Columns.Span(field);

    /// <summary>Rows of a page of spans.</summary>
    public int Rows(int page) => Info(SpanColumn(SegmentColumns.Span.Context), page).Count;

    /// <summary>A page of codes, all of which are in [0, <paramref name="capacity"/>): a page with others contradicts itself.</summary>
    public ReadOnlySpan<int> Codes(int column, int page, int capacity)
    {
        ref readonly var info = ref Info(column, page);
        if (info.Count > 0 && (info.Min < 0 || info.Max >= capacity))
            throw new CorruptFileException(Segment.Reader.Path, info.Offset, $"codes from {info.Min} to {info.Max} where there are {capacity}");
        var kept = codes[column] ??= new Kept();
        var values = kept.Values.AsSpan(0, info.Count);
        if (kept.Page == page) return values;
        kept.Page = -1;
        if (info.Count > 0 && !NumberPage.TryDecode(Cursor.NumberBytes(column, page), info.Encoding, info.Min, info.Max, values)) throw Cursor.Contradiction(info);
        // What an encoding of several streams holds need not be what the directory says.
        if (values.ContainsAnyExceptInRange(0, capacity - 1)) throw Cursor.Contradiction(info);
        kept.Page = page;
        return values;
    }

    /// <summary>The buckets of a page's durations, as they are stored where they are. All are in [<paramref name="low"/>, <paramref name="high"/>]: a page with others contradicts itself.</summary>
    public void Buckets(int page, int low, int high, Span<int> into)
    {
        var buckets = into[..Rows(page)];
        ReadBuckets(page, buckets);
        if (buckets.ContainsAnyExceptInRange(low, high)) throw Cursor.Contradiction(Info(SpanColumn(SegmentColumns.Span.EndOffset), page));
    }

    /// <summary>The rows of a page that have a value in an attribute column, as many as it has values there.</summary>
    public void Presence(int column, int page, Span<ulong> rows)
    {
        ref readonly var info = ref Info(column, page);
        if (info.Count == Rows(page)) RowBits.Fill(rows, info.Count);
        else Segment.FindRowsWith(Cursor, column, page, rows);
        if (RowBits.Count(rows) != info.Count) throw Cursor.Contradiction(info);
    }

    public void Dispose()
    {
        foreach (var kept in codes)
        {
            if (kept is not null) ArrayPool<int>.Shared.Return(kept.Values);
        }
        Array.Clear(codes);
        Cursor.Dispose();
    }

    private void ReadBuckets(int page, Span<int> buckets)
    {
        var column = SpanColumn(SegmentColumns.Span.EndOffset);
        ref readonly var info = ref Info(column, page);
        if (info.Encoding != PageEncoding.Durations)
        {
            BucketKernels.Of(Cursor.Numbers(column, page), info.Max, buckets);
            return;
        }
        if (!TimePage.TryReadBuckets(Cursor.NumberBytes(column, page), buckets)) throw Cursor.Contradiction(info);
        // Negative ones count as 0.
        if (info.Min >= 0) return;
        for (var r = 0; r < buckets.Length; r++) buckets[r] = Math.Max(0, buckets[r]);
    }

    private sealed class Kept
    {
        public int Page { get; set; } = -1;
        public int[] Values { get; } = ArrayPool<int>.Shared.Rent(SegmentFormat.PageRows);
    }
}
