// Pages of a segment as one query sees them: stored bytes for kernels, single values and short ranges for rows, whole pages for those who need all of them.
using System.Buffers;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// One query's place in each column of a segment. Not thread-safe. Of each column the page last asked for stays in memory (pinned), and so do up to <see cref="KeptPages"/> pages that had to be
/// decoded whole. Whatever is returned may be read until the next question about another page of the same column, decoded pages until the cursor is disposed.
/// </summary>
internal sealed class SegmentCursor : IDisposable
{
    private const int KeptPages = 4;
    private const int Rows = SegmentFormat.PageRows;
    private const int NoPage = -1;
    private readonly SegmentReader reader;
    private readonly PagePin[] pins;
    private readonly int[] pinned;
    private readonly Kept<Page>?[] numbers;
    private readonly TextWindow?[] windows;

    public SegmentCursor(OpenSegment segment)
    {
        Segment = segment;
        reader = segment.Reader;
        var columns = reader.Columns.Count;
        pins = new PagePin[columns];
        pinned = new int[columns];
        Array.Fill(pinned, NoPage);
        numbers = new Kept<Page>?[columns];
        windows = new TextWindow?[columns];
    }

    public OpenSegment Segment { get; }

    /// <summary>What the directory says of a page.</summary>
    public ref readonly PageInfo Info(int column, int page) => ref reader.Pages(column)[page];

    /// <summary>The bytes of a page of numbers, for kernels.</summary>
    public ReadOnlySpan<byte> NumberBytes(int column, int page)
    {
        ref readonly var info = ref Info(column, page);
        if (info.Encoding is PageEncoding.Bytes or PageEncoding.Strings) throw new CorruptFileException(reader.Path, info.Offset, "byte strings where numbers are expected");
        return Stored(column, page);
    }

    /// <summary>The values of a page of numbers that pass a test, a bit each.</summary>
    public void Find(int column, int page, in NumberTest test, Span<ulong> bits)
    {
        ref readonly var info = ref Info(column, page);
        // Times need more than their own page, decimals are compared as what they stand for: both are judged decoded.
        if (info.Encoding is PageEncoding.Starts or PageEncoding.Durations or PageEncoding.Decimals) test.Find(Numbers(column, page), bits);
        else test.Find(NumberBytes(column, page), info, bits);
    }

    /// <summary>One number.</summary>
    public long Number(int column, int page, int index)
    {
        ref readonly var info = ref Info(column, page);
        if (PointKernels.CanRead(info.Encoding)) return PointKernels.At(Stored(column, page), info, Within(info, index));
        return Numbers(column, page)[Within(info, index)];
    }

    /// <summary>The numbers of a page from <paramref name="first"/> on, as many as there is room for.</summary>
    public void Numbers(int column, int page, int first, Span<long> into)
    {
        if (into.IsEmpty) return;
        ref readonly var info = ref Info(column, page);
        Within(info, first + into.Length - 1);
        if (PointKernels.CanRead(info.Encoding)) PointKernels.Range(Stored(column, page), info, first, into, BitPacking.Best);
        else Numbers(column, page).Slice(first, into.Length).CopyTo(into);
    }

    /// <summary>A whole page of numbers.</summary>
    public ReadOnlySpan<long> Numbers(int column, int page)
    {
        var kept = numbers[column] ??= new Kept<Page>();
        if (kept.TryGet(page, out var known)) return known.Values.AsSpan(0, known.Count);
        ref readonly var info = ref Info(column, page);
        var stored = NumberBytes(column, page);
        var values = ArrayPool<long>.Shared.Rent(info.Count);
        if (info.Count > 0) reader.DecodeNumbers(column, page, stored, values.AsSpan(0, info.Count));
        // What is pushed out may still be in someone's hands: it is left to the collector, not given back.
        kept.Add(page, new Page(values, info.Count));
        return values.AsSpan(0, info.Count);
    }

    /// <summary>The same of a fixed column of spans.</summary>
    public ReadOnlySpan<long> SpanPage(ushort field, int page) => Numbers(Segment.Columns.Span(field), page);

    /// <summary>One byte string of a page.</summary>
    public ReadOnlySpan<byte> Text(int column, int page, int index)
    {
        ref readonly var info = ref Info(column, page);
        CheckTexts(info);
        Within(info, index);
        if (info.Encoding == PageEncoding.Strings) return (windows[column] ??= new TextWindow()).Read(this, column, page, index);
        return BytesKernels.TryRead(Stored(column, page), info, index, out var value) ? value : throw Contradiction(info);
    }

    /// <summary>The values of a page of byte strings that are <paramref name="text"/>, a bit each.</summary>
    public void FindText(int column, int page, ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        ref readonly var info = ref Info(column, page);
        if (info.Count == 0 || text.Length < info.Min || text.Length > info.Max)
        {
            bits.Clear();
            return;
        }
        CheckTexts(info);
        var stored = Stored(column, page);
        var isFound = info.Encoding == PageEncoding.Strings ? StringsPageSearch.TryFindEqual(stored, info.Count, text, bits) : BytesKernels.TryFindEqual(stored, info, text, bits);
        if (!isFound) throw Contradiction(info);
    }

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

    public long TraceValue(ushort field, int ordinal) => Number(Segment.Columns.Trace(field), ordinal / Rows, ordinal % Rows);

    /// <summary>Rows [first, end) of a trace.</summary>
    public (int First, int End) RowsOf(int ordinal)
    {
        var first = (int)TraceValue(SegmentColumns.Trace.FirstRow, ordinal);
        return (first, FirstRowAfter(ordinal));
    }

    /// <summary>The row behind a trace's last.</summary>
    public int FirstRowAfter(int ordinal)
    {
        var next = ordinal + 1;
        if (next == Segment.Traces) return (int)Segment.Entry.Spans;
        // The first row of a page's first trace is that page's minimum: no need to read the page.
        return (int)(next % Rows == 0 ? Info(Segment.Columns.Trace(SegmentColumns.Trace.FirstRow), next / Rows).Min : TraceValue(SegmentColumns.Trace.FirstRow, next));
    }

    /// <summary>Lets go of everything: the cursor may go on, and reads anew.</summary>
    public void Release()
    {
        for (var column = 0; column < pins.Length; column++)
        {
            pins[column].Dispose();
            pins[column] = default;
            pinned[column] = NoPage;
            if (numbers[column] is not { } pages) continue;
            foreach (var (values, _) in pages.All) ArrayPool<long>.Shared.Return(values);
            numbers[column] = null;
        }
    }

    public void Dispose() => Release();

    private ReadOnlySpan<byte> Stored(int column, int page)
    {
        if (pinned[column] == page) return pins[column].Bytes;
        var pin = Segment.Pages.Pin(column, page);
        pins[column].Dispose();
        pins[column] = pin;
        pinned[column] = page;
        return pin.Bytes;
    }

    /// <summary>A place that another column told of: beyond the page's values the file contradicts itself.</summary>
    private int Within(in PageInfo info, int index) =>
        (uint)index < (uint)info.Count ? index : throw new CorruptFileException(reader.Path, info.Offset, $"value {index} of a page of {info.Count}");

    private void CheckTexts(in PageInfo info)
    {
        if (info.Encoding is not (PageEncoding.Bytes or PageEncoding.Strings)) throw new CorruptFileException(reader.Path, info.Offset, $"a page of byte strings has encoding {info.Encoding}");
    }

    private CorruptFileException Contradiction(in PageInfo info) => new(reader.Path, info.Offset, $"page: {info.Count} byte strings don't fit {info.Bytes} bytes");

    private readonly record struct Page(long[] Values, int Count);

    /// <summary>A few neighbouring texts of a page that has to be put together: a trace asks for one after the other.</summary>
    private sealed class TextWindow
    {
        private const int Values = 64;
        private int page = NoPage;
        private int first;
        private ByteStrings texts = ByteStrings.None;

        public ReadOnlySpan<byte> Read(SegmentCursor cursor, int column, int wantedPage, int index)
        {
            if (wantedPage != page || index < first || index >= first + texts.Count)
            {
                ref readonly var info = ref cursor.Info(column, wantedPage);
                Span<int> rows = stackalloc int[Math.Min(Values, info.Count - index)];
                for (var i = 0; i < rows.Length; i++) rows[i] = index + i;
                page = NoPage;
                if (!StringsPage.TryDecodeRows(cursor.Stored(column, wantedPage), info.Count, rows, out texts)) throw cursor.Contradiction(info);
                (page, first) = (wantedPage, index);
            }
            return texts[index - first];
        }
    }

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
