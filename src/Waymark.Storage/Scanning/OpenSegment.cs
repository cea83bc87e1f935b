// A segment file that queries may use: its tables in memory, its pages on disk, its lifetime counted.
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// An open segment. Readers hold a reference; when the last goes after <see cref="DeleteWhenUnused"/>, the file is deleted. Everything read through it may throw
/// <see cref="CorruptFileException"/>: whoever reads decides what a broken page means.
/// </summary>
internal sealed class OpenSegment : IDisposable
{
    private readonly IFileSystem files;
    private readonly byte[] pageBases;

    /// <summary>Per column the shapes that have it, a bit each, made when first asked for.</summary>
    private readonly ulong[]?[] shapesWith;

    /// <summary>Which rows have a value in an attribute column: a bit each.</summary>
    private readonly PageObjects<ulong[]> rowsWith;

    /// <summary>By row space and page, made when first asked for.</summary>
    private readonly CachedObject<ShapeCounts>?[][] counts;
    private readonly PageCache cache;

    /// <summary>By page of spans, made when first asked for.</summary>
    private readonly CachedObject<byte[]>?[] units;

    /// <summary>A bit per trace that has pieces elsewhere; null while there is none.</summary>
    private ulong[]? split;
    private readonly TraceHash hash;
    private List<SegmentOperation>? operations;
    private ResourceTable? resourceTable;

    /// <summary>By key, made at first use.</summary>
    private Dictionary<string, ColumnInfo[]>? spanColumns;
    private ColumnInfo[] spanOverflow = [];
    private References references;
    private volatile bool deleteWhenUnused;

    private OpenSegment(IFileSystem files, SegmentReader reader, SegmentEntry entry, PageCache cache)
    {
        this.files = files;
        Reader = reader;
        Entry = entry;
        Pages = new SegmentPages(reader, cache);
        this.cache = cache;
        shapesWith = new ulong[]?[reader.Columns.Count];
        rowsWith = new PageObjects<ulong[]>(reader, cache);
        Texts = new PageObjects<PageTexts>(reader, cache);
        Subtrees = new PageObjects<PageSubtrees>(reader, cache);
        Codes = new PageCodes(reader, cache);
        Services = new PageServices(this);
        ColumnInfos = [.. reader.Columns];
        hash = TraceHash.KeyedBy(reader.Header.StoreId);
        Index = reader.SectionBytes(SectionKind.CompactTraceIndex) >= 0 ? new TraceIndexReader(reader) : new WholeTraceIndex(Required(SectionKind.TraceIndex), reader.Path);
        (Filter, FilterProblem) = ReadFilter(reader);
        Shapes = ReadShapes(Required(SectionKind.Shapes), reader.Columns.Count);
        Resources = ReadBlobs(Required(SectionKind.Resources), ElementBlob.ResourceTexts);
        Scopes = ReadBlobs(Required(SectionKind.Scopes), ElementBlob.ScopeTexts);
        Contexts = ReadContexts(Required(SectionKind.Contexts), Resources.Length, Scopes.Length);
        Continuations = ReadIds(Required(SectionKind.Continuations));
        pageBases = Required(SectionKind.PageBases);
        Columns = new SegmentColumnIndexes(reader);
        AttributeColumns = [.. reader.Columns.Where(c => c.Key.Field >= SegmentColumns.Attribute)];
        units = new CachedObject<byte[]>?[ColumnInfos[Columns.Span(SegmentColumns.Span.Context)].PageCount];
        CheckFirstRows();
        counts = [NewCounts(Columns.Span(SegmentColumns.Span.Shape)), NewCounts(Columns.Event(SegmentColumns.Event.Shape)), NewCounts(Columns.Link(SegmentColumns.Link.Shape))];
    }

    public SegmentReader Reader { get; }

    /// <summary>The segment's pages, in memory or read.</summary>
    public SegmentPages Pages { get; }

    /// <summary>Texts of pages that are put together from parts, by those who search them.</summary>
    public PageObjects<PageTexts> Texts { get; }

    /// <summary>Of pages of parent links.</summary>
    public PageObjects<PageSubtrees> Subtrees { get; }

    /// <summary>Services by context, and names, of each row.</summary>
    public PageCodes Codes { get; }

    /// <summary>Which service each row is of.</summary>
    public PageServices Services { get; }

    public SegmentEntry Entry { get; }
    public ITraceIndex Index { get; }

    /// <summary>Null in files that have none, or none that can be read: the index answers alone then, more slowly.</summary>
    public TraceFilter? Filter { get; }

    /// <summary>Why there is no filter although the file has one.</summary>
    public CorruptFileException? FilterProblem { get; }

    /// <summary>Per shape the segment's column indexes.</summary>
    public int[][] Shapes { get; }

    /// <summary>The columns of a shape that a row names; there may be no such shape.</summary>
    public int[] ShapeAt(long shape) => (ulong)shape < (ulong)Shapes.Length ? Shapes[shape] : throw NoShape(shape);

    /// <summary>What to throw where a row has a shape that the segment has not.</summary>
    public CorruptFileException NoShape(long shape) => new(Reader.Path, 0, $"shape {shape} of {Shapes.Length}");

    /// <summary>Blobs (<see cref="ElementBlob"/>).</summary>
    public byte[][] Resources { get; }

    /// <summary>What searches ask of the resources, worked out at first use.</summary>
    public ResourceTable ResourceTable => Volatile.Read(ref resourceTable) ?? Interlocked.CompareExchange(ref resourceTable, new ResourceTable(this), null) ?? resourceTable;

    public byte[][] Scopes { get; }
    public (int Resource, int Scope)[] Contexts { get; }

    /// <summary>Traces that had a piece in an older segment when this one was sealed.</summary>
    public TraceId[] Continuations { get; }

    public SegmentColumnIndexes Columns { get; }
    public ColumnInfo[] AttributeColumns { get; }

    /// <summary>All columns by index.</summary>
    public ColumnInfo[] ColumnInfos { get; }
    public int Traces => Index.Count;

    /// <summary>Opens the file the manifest means by an entry. Throws <see cref="CorruptFileException"/> when it is not that file or contradicts itself.</summary>
    public static OpenSegment Open(IFileSystem files, string path, Guid storeId, SegmentEntry entry, PageCache? cache = null)
    {
        cache ??= PageCache.None;
        // Without a cache: whoever opens the segment for one pass.
        var reader = SegmentReader.Open(files, path, cache == PageCache.None ? null : cache);
        try
        {
            if (reader.Header.StoreId != storeId) throw new CorruptFileException(path, 24, $"a segment of another store ({reader.Header.StoreId})");
            if (reader.Header.SegmentId != entry.Id) throw new CorruptFileException(path, 16, $"segment id {reader.Header.SegmentId:x}, the manifest says {entry.Id:x}");
            if (reader.FileBytes != entry.Bytes) throw new CorruptFileException(path, 0, $"{reader.FileBytes} bytes, the manifest says {entry.Bytes}");
            var segment = new OpenSegment(files, reader, entry, cache);
            if (segment.Traces != entry.Traces) throw new CorruptFileException(path, 0, $"{segment.Traces} traces, the manifest says {entry.Traces}");
            return segment;
        }
        catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException)
        {
            // Sections that passed their checksum and still don't add up.
            reader.Dispose();
            throw new CorruptFileException(path, 0, $"a section contradicts itself: {error.Message}");
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public bool TryAcquire() => references.TryAcquire();

    public void Dispose()
    {
        if (!references.Release()) return;
        Pages.Dispose();
        rowsWith.Dispose();
        Texts.Dispose();
        Subtrees.Dispose();
        Codes.Dispose();
        foreach (var kept in units) kept?.Dispose();
        foreach (var ofSpace in counts)
        {
            foreach (var kept in ofSpace) kept?.Dispose();
        }
        Reader.Dispose();
        if (!deleteWhenUnused) return;
        try
        {
            files.Delete(Reader.Path);
        }
        catch (IOException)
        {
            // The manifest has dropped the file already: it is left for the next start to remove. Whoever read last has nothing to do with it.
        }
    }

    /// <summary>The file goes when the last reader does. A failure then only leaves it for the next start.</summary>
    public void DeleteWhenUnused() => deleteWhenUnused = true;

    /// <summary>The columns that may hold attributes of spans with a key: its own of each type, and those of attributes that have none.</summary>
    public ColumnInfo[] SpanColumnsOf(string key)
    {
        if (Volatile.Read(ref spanColumns) is not { } byKey)
        {
            var ofSpans = Array.FindAll(AttributeColumns, c => c.Key.Space == RowSpace.Spans);
            spanOverflow = Array.FindAll(ofSpans, c => c.Key.Field == SegmentColumns.OverflowAttribute);
            byKey = ofSpans.Except(spanOverflow).GroupBy(c => c.Key.Name).ToDictionary(g => g.Key, g => g.Concat(spanOverflow).ToArray());
            Volatile.Write(ref spanColumns, byKey);
        }
        return byKey.GetValueOrDefault(key, spanOverflow);
    }

    /// <summary>False when the trace is certainly not here: no more than three bytes of memory are looked at.</summary>
    public bool MayHave(TraceId id) => Filter is null || Filter.MayHave(hash.Of(id));

    /// <summary>Ordinal of a trace in this segment, −1 when it is not here.</summary>
    /// <param name="onBrokenIndex">Told of an index that can't be read; the answer is right all the same.</param>
    public int Find(TraceId id, SegmentCursor cursor, Action<CorruptFileException>? onBrokenIndex = null)
    {
        if (!MayHave(id)) return -1;
        using var block = new IndexBlock();
        Span<int> candidates = stackalloc int[8];
        try
        {
            var found = Index.Find(id, candidates, block);
            if (found > candidates.Length)
            {
                candidates = new int[found];
                found = Index.Find(id, candidates, block);
            }
            foreach (var ordinal in candidates[..found])
            {
                if (cursor.TraceIdOf(ordinal) == id) return ordinal;
            }
            return -1;
        }
        catch (CorruptFileException broken)
        {
            onBrokenIndex?.Invoke(broken);
            return cursor.SearchFor(id);
        }
    }

    /// <summary>Some trace has pieces in other segments.</summary>
    public bool HasSplitTraces => Volatile.Read(ref split) is not null;

    /// <summary>Marks a trace as having pieces in other segments too.</summary>
    public void MarkSplit(int ordinal)
    {
        var bits = Volatile.Read(ref split);
        if (bits is null)
        {
            var made = new ulong[(Traces + 63) / 64];
            bits = Interlocked.CompareExchange(ref split, made, null) ?? made;
        }
        Interlocked.Or(ref bits[ordinal / 64], 1UL << (ordinal % 64));
    }

    public bool IsSplit(int ordinal) => Volatile.Read(ref split) is { } bits && (Volatile.Read(ref bits[ordinal / 64]) >> (ordinal % 64) & 1) != 0;

    /// <summary>All split traces at this moment, ascending.</summary>
    public int[] SplitTraces()
    {
        if (Volatile.Read(ref split) is not { } bits) return [];
        var traces = new List<int>();
        foreach (var ordinal in RowBits.Enumerate(bits)) traces.Add(ordinal);
        return [.. traces];
    }

    /// <summary>The rows of a page of spans that have a value in an attribute column, a bit each.</summary>
    public void FindRowsWith(SegmentCursor cursor, int column, int page, Span<ulong> rows)
    {
        if (rowsWith.TryGet(column, page, out var known))
        {
            known.CopyTo(rows);
            return;
        }
        var shapes = Columns.Span(SegmentColumns.Span.Shape);
        ref readonly var info = ref cursor.Info(shapes, page);
        if (!NumberKernels.InSet(cursor.NumberBytes(shapes, page), info, ShapesWith(column), rows, BitPacking.Best)) throw cursor.Contradiction(info);
        rowsWith.Keep(column, page, rows.ToArray(), (rows.Length * sizeof(ulong)) + 64);
    }

    /// <summary>First event row and first link row of a page of span rows.</summary>
    public (int Event, int Link) PageBase(int page) =>
        ((int)BinaryPrimitives.ReadUInt32LittleEndian(pageBases.AsSpan(page * 8)), (int)BinaryPrimitives.ReadUInt32LittleEndian(pageBases.AsSpan((page * 8) + 4)));

    /// <summary>The operations section, decoded at first use.</summary>
    public IReadOnlyList<SegmentOperation> Operations => operations ??= ReadOperations(Required(SectionKind.Operations));

    private static List<SegmentOperation> ReadOperations(byte[] section)
    {
        var list = new List<SegmentOperation>();
        var reader = new ElementBlob.Reader(section);
        for (var count = reader.Number(); count > 0; count--)
        {
            var service = System.Text.Encoding.UTF8.GetString(reader.Text());
            var operation = System.Text.Encoding.UTF8.GetString(reader.Text());
            list.Add(new SegmentOperation(service, operation, (SpanKind)reader.Byte(), reader.Long(), reader.Long()));
        }
        return list;
    }

    /// <summary>The clock units of the rows of a page of spans.</summary>
    public byte[] UnitsOf(SegmentCursor cursor, int page)
    {
        ref var place = ref units[page];
        var kept = Volatile.Read(ref place);
        if (kept is null)
        {
            var made = new CachedObject<byte[]>(cache);
            kept = Interlocked.CompareExchange(ref place, made, null) ?? made;
        }
        if (kept.Value is { } known) return known;
        var byContext = Reader.ContextUnits;
        ref readonly var info = ref cursor.Info(Columns.Span(SegmentColumns.Span.Context), page);
        // Contexts counted as times would need themselves to be read.
        if (info.Encoding is PageEncoding.Starts or PageEncoding.Durations) throw cursor.Contradiction(info);
        var contexts = cursor.SpanPage(SegmentColumns.Span.Context, page);
        var read = new byte[contexts.Length];
        for (var r = 0; r < read.Length; r++)
        {
            if ((ulong)contexts[r] >= (ulong)byContext.Length) throw new CorruptFileException(Reader.Path, 0, $"context {contexts[r]} of {byContext.Length}");
            read[r] = byContext[(int)contexts[r]];
        }
        return kept.Keep(read, read.Length);
    }

    /// <summary>How many values the attribute columns have within a page of the row space that a column of shapes belongs to.</summary>
    public ShapeCounts CountsOf(SegmentCursor cursor, int shapeColumn, int page)
    {
        ref var place = ref counts[(int)ColumnInfos[shapeColumn].Key.Space][page];
        var kept = Volatile.Read(ref place);
        if (kept is null)
        {
            var made = new CachedObject<ShapeCounts>(cache);
            kept = Interlocked.CompareExchange(ref place, made, null) ?? made;
        }
        if (kept.Value is { } known) return known;
        var counted = ShapeCounts.Of(cursor, shapeColumn, page);
        return kept.Keep(counted, counted.Bytes);
    }

    private CachedObject<ShapeCounts>?[] NewCounts(int shapeColumn) => new CachedObject<ShapeCounts>?[ColumnInfos[shapeColumn].PageCount];

    private ulong[] ShapesWith(int column)
    {
        if (Volatile.Read(ref shapesWith[column]) is { } known) return known;
        var set = new ulong[(Shapes.Length + 63) / 64];
        for (var s = 0; s < Shapes.Length; s++)
        {
            if (Shapes[s].AsSpan().Contains(column)) set[s / 64] |= 1UL << (s % 64);
        }
        Volatile.Write(ref shapesWith[column], set);
        return set;
    }

    private static (TraceFilter?, CorruptFileException?) ReadFilter(SegmentReader reader)
    {
        try
        {
            return (reader.ReadSection(SectionKind.TraceFilter) is { } section ? new TraceFilter(section, reader.Path) : null, null);
        }
        catch (CorruptFileException broken)
        {
            return (null, broken);
        }
    }

    private byte[] Required(SectionKind kind) => Reader.ReadSection(kind) ?? throw new CorruptFileException(Reader.Path, 0, $"section {kind} is missing");

    private static int[][] ReadShapes(byte[] section, int columns)
    {
        var reader = new ElementBlob.Reader(section);
        var shapes = new int[reader.Count()][];
        for (var s = 0; s < shapes.Length; s++)
        {
            shapes[s] = new int[reader.Count()];
            for (var k = 0; k < shapes[s].Length; k++) shapes[s][k] = Below(reader.Number(), columns, "column");
        }
        return shapes;
    }

    private static byte[][] ReadBlobs(byte[] section, int texts)
    {
        var reader = new ElementBlob.Reader(section);
        var blobs = new byte[reader.Count()][];
        for (var i = 0; i < blobs.Length; i++)
        {
            blobs[i] = reader.Text().ToArray();
            // Searches read them over and over, and believe them.
            ElementBlob.Check(blobs[i], texts);
        }
        return blobs;
    }

    /// <summary>Whoever looks for the trace of a row goes by what the directory says of the pages with first rows: that they are whole, and begin one after the other.</summary>
    private void CheckFirstRows()
    {
        var column = Columns.Trace(SegmentColumns.Trace.FirstRow);
        var pages = Reader.Pages(column);
        var previous = -1L;
        for (var page = 0; page < pages.Length; page++)
        {
            var isWhole = pages[page].Count == Math.Min(SegmentFormat.PageRows, Traces - (page * SegmentFormat.PageRows));
            var isNext = page == 0 ? pages[page].Min == 0 : pages[page].Min > previous;
            if (!isWhole || !isNext || pages[page].Min >= Entry.Spans) throw new CorruptFileException(Reader.Path, 0, $"page {page} of traces' first rows has {pages[page].Count} from {pages[page].Min} on");
            previous = pages[page].Min;
        }
        if (pages.Length != (Traces + SegmentFormat.PageRows - 1) / SegmentFormat.PageRows) throw new CorruptFileException(Reader.Path, 0, $"{pages.Length} pages of first rows for {Traces} traces");
    }

    private static (int, int)[] ReadContexts(byte[] section, int resources, int scopes)
    {
        var reader = new ElementBlob.Reader(section);
        var contexts = new (int, int)[reader.Count()];
        for (var i = 0; i < contexts.Length; i++) contexts[i] = (Below(reader.Number(), resources, "resource"), Below(reader.Number(), scopes, "scope"));
        return contexts;
    }

    /// <summary>An index into a table; beyond it the section contradicts the file.</summary>
    private static int Below(uint index, int count, string what) => index < (uint)count ? (int)index : throw new ArgumentException($"{what} {index} of {count}", nameof(index));

    private static TraceId[] ReadIds(byte[] section)
    {
        var ids = new TraceId[BinaryPrimitives.ReadUInt32LittleEndian(section)];
        for (var i = 0; i < ids.Length; i++) ids[i] = TraceId.Read(section.AsSpan(4 + (i * TraceId.Bytes)));
        return ids;
    }
}

/// <summary>One operation's spans in a segment.</summary>
internal readonly record struct SegmentOperation(string Service, string Operation, SpanKind Kind, long Spans, long Newest);

/// <summary>Indexes of the fixed columns in one segment.</summary>
internal sealed class SegmentColumnIndexes
{
    private const int Fields = 32;
    private const int Missing = -1;
    private readonly int[][] byField = new int[4][];
    private readonly string path;

    public SegmentColumnIndexes(SegmentReader reader)
    {
        path = reader.Path;
        for (var space = 0; space < byField.Length; space++)
        {
            byField[space] = new int[Fields];
            Array.Fill(byField[space], Missing);
        }
        foreach (var column in reader.Columns)
        {
            if (column.Key.Field < Fields && (int)column.Key.Space < byField.Length) byField[(int)column.Key.Space][column.Key.Field] = column.Index;
        }
    }

    public int Span(ushort field) => Of(RowSpace.Spans, field);
    public int Event(ushort field) => Of(RowSpace.Events, field);
    public int Link(ushort field) => Of(RowSpace.Links, field);
    public int Trace(ushort field) => Of(RowSpace.Traces, field);

    private int Of(RowSpace space, ushort field)
    {
        var index = byField[(int)space][field];
        return index != Missing ? index : throw new CorruptFileException(path, 0, $"there is no column of field {field} of {space}");
    }
}
