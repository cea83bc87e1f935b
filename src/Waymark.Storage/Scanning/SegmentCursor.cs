// Pages of a segment as one query sees them: stored bytes for kernels, single values and short ranges for rows, whole pages for those who need all of them.
using System.Buffers;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Head;
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

    /// <summary>Values read at once where a single one costs as much: of pages of several streams, and of times, which are decoded in blocks.</summary>
    private const int WindowValues = 64;
    private const int TimeWindowValues = BitPacking.BlockValues;

    private readonly SegmentReader reader;

    /// <summary>By column, made when the first is asked for: of many segments a query learns from the directory, or from filters, that they have nothing for it.</summary>
    private ColumnState[]? states;
    private DictionaryPlace[]? blocks;
    private readonly QueryMemory? memory;

    /// <summary>Bytes that are counted.</summary>
    private long held;

    /// <param name="memory">Counts what the cursor holds; null where nobody limits it.</param>
    public SegmentCursor(OpenSegment segment, QueryMemory? memory = null)
    {
        this.memory = memory;
        Segment = segment;
        reader = segment.Reader;
    }

    public OpenSegment Segment { get; }

    /// <summary>What the directory says of a page; where another column told of it, it may not be there.</summary>
    public ref readonly PageInfo Info(int column, int page)
    {
        var pages = reader.Pages(column);
        if ((uint)page >= (uint)pages.Length) throw Missing(column, page, pages.Length);
        return ref pages[page];
    }

    /// <summary>The bytes of a page of numbers, for kernels.</summary>
    public ReadOnlySpan<byte> NumberBytes(int column, int page)
    {
        ref readonly var info = ref Info(column, page);
        if (info.Encoding is PageEncoding.Bytes or PageEncoding.Strings) throw new CorruptFileException(reader.Path, info.Offset, "byte strings where numbers are expected");
        return Stored(column, page);
    }

    /// <summary>One number.</summary>
    public long Number(int column, int page, int index)
    {
        ref readonly var info = ref Info(column, page);
        if (PointKernels.IsPlaced(info.Encoding)) return PointKernels.At(Stored(column, page), info, Within(info, index));
        if (NumberPageIndex.CanIndex(info.Encoding)) return IndexedNumber(column, page, Within(info, index));
        ref var window = ref State(column).Window;
        // One unsigned comparison for both ends.
        if (window.Page != page + 1 || (uint)(index - window.First) >= (uint)window.Count) FillWindow(ref window, column, page, Within(info, index));
        return window.Values![index - window.First];
    }

    /// <summary>The numbers of a page from <paramref name="first"/> on, as many as there is room for.</summary>
    public void Numbers(int column, int page, int first, Span<long> into)
    {
        if (into.IsEmpty) return;
        ref readonly var info = ref Info(column, page);
        Within(info, first + into.Length - 1);
        if (PointKernels.IsPlaced(info.Encoding) || into.Length > WindowValues) ReadRange(column, page, first, into);
        else for (var i = 0; i < into.Length; i++) into[i] = Number(column, page, first + i);
    }

    /// <summary>A whole page of numbers.</summary>
    public ReadOnlySpan<long> Numbers(int column, int page)
    {
        var kept = State(column).Numbers ??= new Kept<Page>();
        if (kept.TryGet(page, out var known)) return known.Values.AsSpan(0, known.Count);
        var count = Info(column, page).Count;
        var values = ArrayPool<long>.Shared.Rent(count);
        Hold(values.Length * sizeof(long));
        if (count > 0) ReadRange(column, page, 0, values.AsSpan(0, count));
        // What is pushed out may still be in someone's hands: it is left to the collector, not given back.
        if (kept.Add(page, new Page(values, count)) is { Values: { } before }) Hold(-before.Length * sizeof(long));
        return values.AsSpan(0, count);
    }

    /// <summary>The same of a fixed column of spans.</summary>
    public ReadOnlySpan<long> SpanPage(ushort field, int page) => Numbers(Segment.Columns.Span(field), page);

    /// <summary>One byte string of a page, until the next question about a text of the column.</summary>
    public ReadOnlySpan<byte> Text(int column, int page, int index)
    {
        ref readonly var info = ref Info(column, page);
        Within(info, index);
        if (!IsPlain(info)) return JoinedText(column, page, index);
        return BytesKernels.TryRead(Stored(column, page), info, index, out var value) ? value : throw Contradiction(info);
    }

    /// <summary>The overflow attributes of a row, each behind its length: <see cref="Text"/> of a column that holds them.</summary>
    public ReadOnlySpan<byte> Overflow(int column, int page, int index)
    {
        var values = Text(column, page, index);
        return OverflowValue.AreWhole(values) ? values : throw Contradiction(Info(column, page));
    }

    /// <summary>A number that texts of a page have in common if they are equal and only then; −1 where that can't be told.</summary>
    public int TextNumber(int column, int page, int index)
    {
        ref readonly var info = ref Info(column, page);
        Within(info, index);
        if (IsPlain(info)) return -1;
        var place = State(column).Text ??= new TextPlace();
        return place.TryOpen(this, column, page) ? place.ValueOf(index) : throw Contradiction(info);
    }

    /// <summary>The values of a page of byte strings that are <paramref name="text"/>, a bit each.</summary>
    public void FindText(int column, int page, ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        ref readonly var info = ref Info(column, page);
        bits.Clear();
        // The page's shortest and longest value.
        if (info.Count == 0 || text.Length < info.Min || text.Length > info.Max) return;
        if (IsPlain(info))
        {
            if (!BytesKernels.TryFindEqual(Stored(column, page), info, text, bits)) throw Contradiction(info);
            return;
        }
        if (!StringsPageSearch.TryFindEqual(TextBytes(column, page), info.Count, text, bits)) throw Contradiction(info);
    }

    /// <summary>The values of a page of byte strings that contain <paramref name="text"/>, a bit each.</summary>
    public void FindContaining(int column, int page, ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        ref readonly var info = ref Info(column, page);
        bits.Clear();
        if (info.Count == 0 || text.Length > info.Max) return;
        if (!IsPlain(info))
        {
            if (KeptTexts(column, page) is { } kept)
            {
                kept.FindContaining(text, bits);
                return;
            }
            if (!StringsPageSearch.TryFindContaining(TextBytes(column, page), info.Count, text, bits)) throw Contradiction(info);
            return;
        }
        for (var k = 0; k < info.Count; k++)
        {
            if (Text(column, page, k).IndexOf(text) >= 0) bits[k / 64] |= 1UL << (k % 64);
        }
    }

    /// <summary>The texts of a page that are put together already, or are worth it now that the page is searched again; null: not so.</summary>
    private PageTexts? KeptTexts(int column, int page)
    {
        var all = Segment.Texts;
        if (all.TryGet(column, page, out var known)) return known;
        var count = Info(column, page).Count;
        var bytes = TextBytes(column, page);
        if (!PageTexts.AreWorthKeeping(bytes, count) || !all.IsWorthMaking(column, page) || PageTexts.Of(bytes, count) is not { } made) return null;
        return all.Keep(column, page, made, made.Bytes);
    }

    /// <summary>The text of a dictionary's code. The block it stands in is held: the next is often there, too.</summary>
    public ReadOnlySpan<byte> DictionaryText(int dictionary, int code)
    {
        if (dictionary < 0 || (uint)code >= (uint)reader.Dictionary(dictionary).Count) throw new CorruptFileException(reader.Path, 0, $"code {code} of dictionary {dictionary}, which has no such entry");
        ref var block = ref (blocks ??= new DictionaryPlace[reader.DictionaryCount])[dictionary];
        if ((uint)(code - block.First) >= (uint)(block.Strings.Ends?.Length ?? 0))
        {
            var before = block.Strings.Heap?.Length ?? 0;
            var (first, strings) = reader.Dictionary(dictionary).BlockWith(code);
            block = new DictionaryPlace(first, strings);
            Hold(strings.Heap.Length - before);
        }
        return block.Strings[code - block.First];
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
        var first = TraceValue(SegmentColumns.Trace.FirstRow, ordinal);
        var end = FirstRowAfter(ordinal);
        // Whoever makes room for the rows believes it.
        if (first < 0 || first >= end || end > Segment.Entry.Spans) throw new CorruptFileException(reader.Path, 0, $"trace {ordinal} has rows {first} to {end} of {Segment.Entry.Spans}");
        return ((int)first, end);
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
        foreach (ref var state in states.AsSpan())
        {
            state.Pin.Dispose();
            if (state.Window.Values is { } window) ArrayPool<long>.Shared.Return(window);
            foreach (var (values, _) in state.Numbers is { } pages ? pages.All : []) ArrayPool<long>.Shared.Return(values);
            state = default;
        }
        blocks = null;
        Hold(-held);
    }

    public void Dispose() => Release();

    private void Hold(long bytes)
    {
        held += bytes;
        memory?.Take(bytes);
    }

    private ref ColumnState State(int column) => ref (states ??= new ColumnState[Segment.ColumnInfos.Length])[column];

    private ReadOnlySpan<byte> Stored(int column, int page)
    {
        ref var state = ref State(column);
        if (state.Pinned == page + 1) return state.Pin.Bytes;
        var pin = Segment.Pages.Pin(column, page);
        var change = pin.Bytes.Length - state.Pin.Bytes.Length;
        state.Pin.Dispose();
        state.Pin = pin;
        state.Pinned = page + 1;
        Hold(change);
        return pin.Bytes;
    }

    /// <summary>A place that another column told of: beyond the page's values the file contradicts itself.</summary>
    private int Within(in PageInfo info, int index) =>
        (uint)index < (uint)info.Count ? index : throw new CorruptFileException(reader.Path, info.Offset, $"value {index} of a page of {info.Count}");

    private CorruptFileException Missing(int column, int page, int pages) => new(reader.Path, 0, $"page {page} of column {Segment.ColumnInfos[column].Key}, which has {pages}");

    /// <summary>What to throw when a page whose checksum is right makes no sense.</summary>
    public CorruptFileException Contradiction(in PageInfo info) => new(reader.Path, info.Offset, $"a page of {info.Count} values in encoding {info.Encoding} contradicts itself in its {info.Bytes} bytes");

    /// <summary>Stored so that a value can be read where it lies.</summary>
    private static bool IsPlain(in PageInfo info) => info.Encoding == PageEncoding.Bytes && info.Codec == PageCodec.None;

    /// <summary>The bytes of a page of texts that has to be put together.</summary>
    private ReadOnlySpan<byte> TextBytes(int column, int page)
    {
        ref readonly var info = ref Info(column, page);
        return info.Encoding == PageEncoding.Strings && info.Codec == PageCodec.None ? Stored(column, page) : throw Contradiction(info);
    }

    private long IndexedNumber(int column, int page, int index)
    {
        var stored = Stored(column, page);
        ref var state = ref State(column);
        if (state.IndexedPage != page + 1)
        {
            state.IndexedPage = 0;
            state.Index = Segment.Pages.NumberIndexOf(column, page, stored) ?? throw Contradiction(Info(column, page));
            state.IndexedPage = page + 1;
        }
        return state.Index!.TryRead(stored, index, out var number) ? number : throw Contradiction(Info(column, page));
    }

    private ReadOnlySpan<byte> JoinedText(int column, int page, int index)
    {
        var place = State(column).Text ??= new TextPlace();
        var before = place.Bytes;
        if (!place.TryOpen(this, column, page) || !place.TryRead(TextBytes(column, page), index, out var text)) throw Contradiction(Info(column, page));
        Hold(place.Bytes - before);
        return text;
    }

    private void FillWindow(ref Window window, int column, int page, int index)
    {
        ref readonly var info = ref Info(column, page);
        var size = info.Encoding is PageEncoding.Starts or PageEncoding.Durations ? TimeWindowValues : WindowValues;
        if (window.Values is null || window.Values.Length < size)
        {
            var before = window.Values;
            window.Values = ArrayPool<long>.Shared.Rent(size);
            if (before is not null) ArrayPool<long>.Shared.Return(before);
            Hold((window.Values.Length - (before?.Length ?? 0)) * sizeof(long));
        }
        // Until it is filled it holds nothing: reading may throw.
        window.Page = 0;
        window.First = index - (index % size);
        window.Count = Math.Min(size, info.Count - window.First);
        ReadRange(column, page, window.First, window.Values.AsSpan(0, window.Count));
        window.Page = page + 1;
    }

    private void ReadRange(int column, int page, int first, Span<long> into)
    {
        ref readonly var info = ref Info(column, page);
        var stored = NumberBytes(column, page);
        var isRead = info.Encoding switch
        {
            PageEncoding.Starts => TimePage.TryDecodeStarts(stored, Units(column, page), first, into),
            PageEncoding.Durations => TimePage.TryDecodeDurations(stored, Units(column, page), first, into),
            _ => PointKernels.TryRange(stored, info, first, into, BitPacking.Best),
        };
        if (!isRead) throw Contradiction(info);
    }

    /// <summary>The clock units of a page's rows: spans have those of their contexts, all else counts nanoseconds.</summary>
    public ReadOnlySpan<byte> Units(int column, int page) =>
        Segment.ColumnInfos[column].Key.Space == RowSpace.Spans ? Segment.UnitsOf(this, page) : Nanoseconds.AsSpan(0, Info(column, page).Count);

    private static readonly byte[] Nanoseconds = new byte[Rows];

    /// <summary>What is held of a column.</summary>
    private struct ColumnState
    {
        public PagePin Pin;

        /// <summary>The page that is pinned + 1, 0 while there is none.</summary>
        public int Pinned;
        public Window Window;

        /// <summary>Of the page <see cref="IndexedPage"/> − 1, where that is not 0.</summary>
        public NumberPageIndex? Index;
        public int IndexedPage;
        public Kept<Page>? Numbers;
        public TextPlace? Text;
    }

    private readonly record struct Page(long[] Values, int Count);

    /// <summary>A block of a dictionary, and the code of its first text; default: none.</summary>
    private readonly record struct DictionaryPlace(int First, ByteStrings Strings);

    /// <summary>The text of a page that was put together last: neighbours often have the same.</summary>
    private sealed class TextPlace
    {
        private int page = NoPage;
        private StringsPageIndex? index;
        private byte[] room = [];
        private int value;
        private int length;

        /// <summary>What it takes in memory.</summary>
        public int Bytes => room.Length;

        public bool TryOpen(SegmentCursor cursor, int column, int wantedPage)
        {
            if (page == wantedPage) return true;
            (page, value) = (NoPage, -1);
            index = cursor.Segment.Pages.IndexOf(column, wantedPage, cursor.TextBytes(column, wantedPage));
            if (index is null) return false;
            page = wantedPage;
            return true;
        }

        public int ValueOf(int row) => index!.ValueOf(row);

        public bool TryRead(ReadOnlySpan<byte> stored, int row, out ReadOnlySpan<byte> text)
        {
            var wanted = ValueOf(row);
            if (wanted == value)
            {
                text = room.AsSpan(0, length);
                return true;
            }
            value = -1;
            if (!index!.TryRead(stored, wanted, ref room, out text)) return false;
            // What the index holds itself is not in the room.
            if (text.Overlaps(room) || text.IsEmpty) (value, length) = (wanted, text.Length);
            return true;
        }
    }

    /// <summary>Some neighbouring values of a column. Page is the page + 1, 0 while there are none.</summary>
    private struct Window
    {
        public long[]? Values;
        public int Page;
        public int First;
        public int Count;
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

        /// <summary>Keeps a page and gives back the one that had to go for it, or default.</summary>
        public T? Add(int page, T content)
        {
            var at = count < KeptPages ? count++ : oldest++ % KeptPages;
            var before = contents[at];
            pages[at] = page;
            contents[at] = content;
            return before;
        }
    }
}
