// Pages of one segment as one worker of a measurement reads them: the current page of each column it looks at, decoded once.
using System.Buffers;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Decoded pages, one per column, replaced when another page of the column is asked for. What is handed out holds until then. Not thread-safe.</summary>
internal sealed class MeasurePages(OpenSegment segment) : IDisposable
{
    private readonly Dictionary<int, Kept<int>> codes = [];
    private readonly Dictionary<int, Kept<long>> numbers = [];
    private readonly Dictionary<int, Texts> texts = [];

    public OpenSegment Segment { get; } = segment;

    public PageInfo Info(int column, int page) => Segment.Reader.Page(column, page);

    public int SpanColumn(ushort field) => Segment.Columns.Span(field);

    /// <summary>Rows of a page of spans.</summary>
    public int Rows(int page) => Info(SpanColumn(SegmentColumns.Span.Context), page).Count;

    /// <summary>A page of codes, all of which are in [0, <paramref name="capacity"/>): a page with others contradicts itself.</summary>
    public ReadOnlySpan<int> Codes(int column, int page, int capacity)
    {
        var info = Info(column, page);
        if (info.Count > 0 && (info.Min < 0 || info.Max >= capacity))
            throw new CorruptFileException(Segment.Reader.Path, info.Offset, $"codes from {info.Min} to {info.Max} where there are {capacity}");
        return Narrow(column, page);
    }

    /// <summary>A bit per value that is in a set of codes.</summary>
    public void Select(int column, int page, CodeSet codes, Span<ulong> bits)
    {
        var info = Info(column, page);
        if (info.Count == 0 || codes.Count == 0 || info.Max < codes.First || codes.Last < info.Min) bits.Clear();
        else codes.Select(Codes(column, page, codes.Capacity), bits);
    }

    /// <summary>A bit per value from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public void Between(int column, int page, long low, long high, Span<ulong> bits)
    {
        var info = Info(column, page);
        if (info.Count == 0 || info.Max < low || high < info.Min) bits.Clear();
        else if (low <= info.Min && info.Max <= high) Selection.Fill(bits, info.Count);
        else if (info.Min >= int.MinValue && info.Max <= int.MaxValue) CodeKernels.Between(Narrow(column, page), (int)Math.Max(low, int.MinValue), (int)Math.Min(high, int.MaxValue), bits);
        else CodeKernels.Between(Numbers(column, page), low, high, bits);
    }

    /// <summary>The rows that have a value in an attribute column: those of the shapes that have it.</summary>
    public void Presence(CodeSet shapes, int column, int page, Span<ulong> bits)
    {
        var info = Info(column, page);
        if (info.Count == Rows(page)) Selection.Fill(bits, info.Count);
        else Select(SpanColumn(SegmentColumns.Span.Shape), page, shapes, bits);
        if (Selection.Count(bits) != info.Count) throw new CorruptFileException(Segment.Reader.Path, info.Offset, $"{info.Count} values for {Selection.Count(bits)} rows");
    }

    /// <summary>A page of numbers.</summary>
    public ReadOnlySpan<long> Numbers(int column, int page)
    {
        if (!numbers.TryGetValue(column, out var kept)) numbers[column] = kept = new Kept<long>();
        if (kept.Page != page)
        {
            kept.Page = -1;
            Segment.Reader.ReadNumbers(column, page, kept.Values);
            kept.Page = page;
        }
        return kept.Values.AsSpan(0, Info(column, page).Count);
    }

    /// <summary>A page of byte strings.</summary>
    public ByteStrings Strings(int column, int page)
    {
        if (texts.TryGetValue(column, out var kept) && kept.Page == page) return kept.Values;
        var values = Segment.Reader.ReadBytes(column, page);
        if (kept.Values.Heap is not null) ArrayPool<byte>.Shared.Return(kept.Values.Heap);
        texts[column] = new Texts(page, values);
        return values;
    }

    /// <summary>A page of numbers that fit 32 bits.</summary>
    private ReadOnlySpan<int> Narrow(int column, int page)
    {
        if (!codes.TryGetValue(column, out var kept)) codes[column] = kept = new Kept<int>();
        if (kept.Page != page)
        {
            kept.Page = -1;
            Segment.Reader.ReadNumbers(column, page, kept.Values);
            kept.Page = page;
        }
        return kept.Values.AsSpan(0, Info(column, page).Count);
    }

    public void Dispose()
    {
        foreach (var kept in codes.Values) kept.Dispose();
        foreach (var kept in numbers.Values) kept.Dispose();
        foreach (var kept in texts.Values) ArrayPool<byte>.Shared.Return(kept.Values.Heap);
        codes.Clear();
        numbers.Clear();
        texts.Clear();
    }

    private readonly record struct Texts(int Page, ByteStrings Values);

    private sealed class Kept<T> : IDisposable
    {
        public int Page { get; set; } = -1;
        public T[] Values { get; } = ArrayPool<T>.Shared.Rent(SegmentFormat.PageRows);

        public void Dispose() => ArrayPool<T>.Shared.Return(Values);
    }
}
