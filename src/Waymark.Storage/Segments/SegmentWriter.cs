// Writes one segment file front to back. Pages wait until their chunk is full, so that a column's pages lie together whatever order they come in.
// Failures: every I/O error leaves the writer unusable and passes through as thrown; the caller disposes it and deletes the file. Nothing is retried.
using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Segments;

/// <summary>
/// A segment being written: columns, pages, dictionaries and sections in any order, then <see cref="Finish"/>. One thread. Misuse (unknown column, more than 8,192 values in a
/// page, a key twice) is an <see cref="UnreachableException"/>: a file that can't be read back must not be finished.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    /// <summary>Encoded pages that may wait for their chunks, in bytes over all columns. Beyond it all are written as they are: chunks then lie in pieces.</summary>
    private const long MaxPendingBytes = 32L * 1024 * 1024;

    /// <summary>Below it another form of a page of doubles is not worth the look.</summary>
    private const int MinDecimalBytes = 64;

    // A segment has some hundred columns whose chunks wait at the same time: more buffers of one size than the shared pool keeps. At most MaxPendingBytes are in use at once.
    private static readonly ArrayPool<byte> ChunkPool = ArrayPool<byte>.Create(1024 * 1024, 256);

    private readonly IFile file;
    private readonly List<Column> columns = [];
    private readonly Dictionary<ColumnKey, int> keys = [];
    private readonly List<(int Entries, int Blocks, DirectoryWriter List)> dictionaries = [];
    private readonly List<Section> sections = [];
    private readonly Stack<PooledBuffer> spare = [];
    private readonly SegmentScratch scratch = SegmentScratch.Rent();
    private int staged;
    private long position;
    private long pendingBytes;
    private bool finished;
    private bool disposed;

    private SegmentWriter(IFile file, SegmentHeader header)
    {
        this.file = file;
        Header = header;
    }

    public SegmentHeader Header { get; }

    /// <summary>Encoders for whoever lays pages out before they are added.</summary>
    public SegmentScratch Scratch => scratch;

    /// <summary>Creates the file, which must not exist.</summary>
    public static SegmentWriter Create(IFileSystem fs, string path, SegmentHeader header)
    {
        var writer = new SegmentWriter(fs.Create(path), header);
        Span<byte> bytes = stackalloc byte[SegmentFormat.HeaderBytes];
        bytes.Clear();
        SegmentFormat.HeaderMagic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], SegmentFormat.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], SegmentFormat.Minor);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], SegmentFormat.WriterVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], header.SegmentId);
        if (!header.StoreId.TryWriteBytes(bytes[24..], bigEndian: true, out _)) throw new UnreachableException();
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], header.CreatedAt.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[48..], header.Tenant);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], Crc32C.Compute(bytes[..60]));
        writer.Append(bytes);
        return writer;
    }

    /// <summary>Adds a column and returns its index. <paramref name="dictionary"/>: the dictionary its numbers are codes of, which may be added later; −1: none.</summary>
    public int AddColumn(ColumnKey key, int dictionary = -1)
    {
        if (finished || columns.Count == SegmentFormat.MaxColumns || dictionary < -1 || !keys.TryAdd(key, columns.Count)) throw new UnreachableException($"column {key}");
        columns.Add(new Column(key, dictionary));
        return columns.Count - 1;
    }

    /// <summary>Says later what <see cref="AddColumn"/> left open: that the numbers of a column are codes of a dictionary.</summary>
    public void SetDictionary(int column, int dictionary) => columns[column].Dictionary = dictionary;

    /// <summary>Adds the next page of a column: 0 to 8,192 numbers in row order.</summary>
    public void AddPage(int column, ReadOnlySpan<long> numbers)
    {
        var target = Open(column, numbers.Length);
        if (numbers.IsEmpty)
        {
            Add(target, default);
            return;
        }
        var plan = NumberPage.PlanNext(numbers, target.Tries);
        if (target.Key.Type == AttributeType.Double && plan.Bytes > MinDecimalBytes && TryAddDecimals(column, numbers, plan)) return;
        var into = Pending(target, plan.Bytes);
        NumberPage.Encode(numbers, plan, into);
        Add(target, new PageInfo(numbers.Length, plan.Min, plan.Max, plan.Encoding, plan.Bytes, 0, Crc(into)));
    }

    private bool TryAddDecimals(int column, ReadOnlySpan<long> numbers, in NumberPlan plan)
    {
        scratch.Page.Clear();
        if (!DecimalPage.TryEncode(numbers, scratch.Page) || scratch.Page.Length > plan.Bytes * 9L / 10) return false;
        AddPage(column, numbers.Length, plan.Min, plan.Max, PageEncoding.Decimals, PageCodec.None, scratch.Page.WrittenSpan);
        return true;
    }

    /// <summary>Adds the next page of a column: the same number in each of 1 to 8,192 rows.</summary>
    public void AddConstantPage(int column, int count, long number) => Add(Open(column, count), new PageInfo(count, number, number, PageEncoding.Constant, 0, 0, 0));

    /// <summary>
    /// Adds the next page of a column of times, each counted in the unit of its row's clock (<see cref="ClockUnits"/>). A reader takes the units from the rows' contexts, or, in other row spaces
    /// than that of spans, for nanoseconds.
    /// </summary>
    /// <param name="encoding">How to try: starts or durations; whatever is smaller otherwise is taken.</param>
    public void AddTimesPage(int column, ReadOnlySpan<long> times, ReadOnlySpan<byte> units, PageEncoding encoding)
    {
        scratch.Page.Clear();
        var isSmaller = !times.IsEmpty && (encoding == PageEncoding.Starts ? TimePage.TryEncodeStarts(times, units, scratch.Page) : TimePage.TryEncodeDurations(times, units, scratch.Page));
        if (!isSmaller)
        {
            AddPage(column, times);
            return;
        }
        var (min, max) = NumberPage.Range(times);
        AddPage(column, times.Length, min, max, encoding, PageCodec.None, scratch.Page.WrittenSpan);
    }

    /// <summary>Adds the next page of a column as it is laid out already: 1 to 8,192 values.</summary>
    public void AddPage(int column, int count, long min, long max, PageEncoding encoding, PageCodec codec, ReadOnlySpan<byte> bytes)
    {
        var target = Open(column, count);
        bytes.CopyTo(Pending(target, bytes.Length));
        Add(target, new PageInfo(count, min, max, encoding, bytes.Length, 0, Crc(bytes), codec));
    }

    /// <summary>Adds the next page of a column: 0 to 8,192 byte strings, value i being <c>heap[ends[i-1]..ends[i]]</c>.</summary>
    public void AddPage(int column, ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends)
    {
        var target = Open(column, ends.Length);
        if (ends.IsEmpty)
        {
            Add(target, default);
            return;
        }
        var (shortest, longest) = BytesPage.Lengths(ends);
        if (shortest < 0 || ends[^1] > heap.Length) throw new UnreachableException("ends of byte strings must ascend within the heap");
        var size = checked((int)BytesPage.StoredBytes(ends.Length, ends[^1]));
        var into = Pending(target, size);
        BytesPage.Encode(heap, ends, 0, into);
        Add(target, new PageInfo(ends.Length, shortest, longest, PageEncoding.Bytes, size, 0, Crc(into)));
    }

    /// <summary>Adds a dictionary and returns its index: distinct byte strings in ascending ordinal order; a value's code is its position.</summary>
    public int AddDictionary(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends)
    {
        if (finished || (ends.Length > 0 && ends[^1] > heap.Length)) throw new UnreachableException("dictionary heap");
        CheckSorted(heap, ends);
        var list = new DirectoryWriter();
        var previousEnd = 0L;
        var blocks = 0;
        scratch.Blocks.Begin();
        for (var first = 0; first < ends.Length; blocks++)
        {
            var from = first == 0 ? 0 : ends[first - 1];
            var count = DictionaryBlocks.Count(ends, first);
            var blockEnds = ends.Slice(first, count);
            scratch.Page.Clear();
            var plan = scratch.Blocks.Encode(heap, blockEnds, from, scratch.Page);
            var block = scratch.Page.WrittenSpan;
            var offset = Align();
            Append(block);
            list.Varint((ulong)count);
            list.Varint((ulong)plan.Encoding);
            list.Varint((ulong)plan.Codec);
            list.Varint((ulong)plan.Bytes);
            list.Varint((ulong)(offset - previousEnd));
            previousEnd = offset + plan.Bytes;
            list.Word32(Crc(block));
            list.Prefixed(first == 0 ? default : Separator(heap[(first == 1 ? 0 : ends[first - 2])..from], heap[from..blockEnds[0]]));
            first += count;
        }
        dictionaries.Add((ends.Length, blocks, list));
        return dictionaries.Count - 1;
    }

    /// <summary>Adds a section, each kind at most once. <paramref name="optional"/>: readers that don't know the kind may skip it.</summary>
    public void AddSection(SectionKind kind, ReadOnlySpan<byte> content, bool optional = false)
    {
        if (finished || sections.Exists(s => s.Kind == kind)) throw new UnreachableException($"section {kind}");
        var offset = Align();
        Append(content);
        sections.Add(new Section(kind, optional, offset, content.Length, Crc(content)));
    }

    /// <summary>Writes what still waits, the directory and the footer, and syncs. Returns the file's length in bytes.</summary>
    public long Finish()
    {
        if (finished) throw new UnreachableException("finished twice");
        WritePending();
        finished = true;
        var directory = Directory();
        var offset = Align();
        Append(directory);
        Span<byte> footer = stackalloc byte[SegmentFormat.FooterBytes];
        footer.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(footer, offset);
        BinaryPrimitives.WriteInt64LittleEndian(footer[8..], directory.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[16..], Crc(directory));
        BinaryPrimitives.WriteInt64LittleEndian(footer[24..], position + SegmentFormat.FooterBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[32..], Header.SegmentId);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[52..], Crc(footer[..52]));
        SegmentFormat.FooterMagic.CopyTo(footer[56..]);
        Append(footer);
        Flush();
        file.Sync();
        return position;
    }

    /// <summary>Closes the file. Without <see cref="Finish"/> it is unreadable, and the caller's to delete.</summary>
    public void Dispose()
    {
        file.Dispose();
        foreach (var column in columns) column.Pending?.Dispose();
        foreach (var buffer in spare) buffer.Dispose();
        spare.Clear();
        if (!disposed) scratch.Dispose();
        disposed = true;
    }

    private ReadOnlySpan<byte> Directory()
    {
        var directory = new DirectoryWriter();
        directory.Varint((ulong)columns.Count);
        foreach (var column in columns)
        {
            if (column.Dictionary >= dictionaries.Count) throw new UnreachableException($"column {column.Key} names dictionary {column.Dictionary}, which was never added");
            directory.Byte((byte)column.Key.Space);
            directory.Varint(column.Key.Field);
            directory.Byte((byte)column.Key.Scope);
            directory.Byte((byte)column.Key.Type);
            directory.Text(column.Key.Name);
            directory.Varint((ulong)(column.Dictionary + 1));
            directory.Varint(0);
            directory.Varint((ulong)column.Pages.Count);
            directory.Varint((ulong)column.Values);
            var list = new DirectoryWriter();
            long previousMin = 0, previousEnd = 0;
            foreach (var page in column.Pages) list.Page(page, ref previousMin, ref previousEnd);
            directory.Prefixed(list.Written);
        }
        directory.Varint((ulong)dictionaries.Count);
        foreach (var (entries, blocks, list) in dictionaries)
        {
            directory.Varint((ulong)entries);
            directory.Varint((ulong)blocks);
            directory.Prefixed(list.Written);
        }
        directory.Varint((ulong)sections.Count);
        foreach (var section in sections)
        {
            directory.Word16((ushort)section.Kind);
            directory.Word16(section.Optional ? (ushort)1 : (ushort)0);
            directory.Word32(0);
            directory.Word64((ulong)section.Offset);
            directory.Word64((ulong)section.Length);
            directory.Byte((byte)PageCodec.None);
            directory.Word32(section.Crc);
        }
        return directory.Written;
    }

    private Column Open(int column, int count)
    {
        if (finished || (uint)column >= (uint)columns.Count || count > SegmentFormat.PageRows) throw new UnreachableException($"{count} values for column {column} of {columns.Count}");
        return columns[column];
    }

    private void Add(Column column, PageInfo page)
    {
        column.Pages.Add(page);
        column.Values += page.Count;
        pendingBytes += page.Bytes;
        if (column.Pages.Count % SegmentFormat.ChunkPages == 0) Write(column);
        else if (pendingBytes > MaxPendingBytes) WritePending();
    }

    private void WritePending()
    {
        foreach (var column in columns) Write(column);
    }

    /// <summary>Writes a column's waiting pages as one chunk (or piece of one) and gives them their offsets.</summary>
    private void Write(Column column)
    {
        if (column.Pending is { } pending)
        {
            var offset = Align();
            Append(pending.WrittenSpan);
            pendingBytes -= pending.Length;
            pending.Clear();
            spare.Push(pending);
            column.Pending = null;
            for (var i = column.Written; i < column.Pages.Count; i++)
            {
                var page = column.Pages[i];
                if (page.Bytes == 0) continue;
                column.Pages[i] = page with { Offset = offset };
                offset += page.Bytes;
            }
        }
        column.Written = column.Pages.Count;
    }

    /// <summary>Room for a page's bytes behind those that wait in the same column.</summary>
    private Span<byte> Pending(Column column, int bytes)
    {
        if (bytes == 0) return default;
        var pending = column.Pending ??= spare.Count > 0 ? spare.Pop() : new PooledBuffer(4096, ChunkPool);
        var into = pending.GetSpan(bytes)[..bytes];
        pending.Advance(bytes);
        return into;
    }

    private long Align()
    {
        var padding = (int)(-position & (SegmentFormat.Alignment - 1));
        Span<byte> zeros = stackalloc byte[SegmentFormat.Alignment];
        zeros.Clear();
        Append(zeros[..padding]);
        return position;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > scratch.Staging.Length - staged) Flush();
        if (bytes.Length > scratch.Staging.Length)
        {
            file.Write(bytes, position);
        }
        else
        {
            bytes.CopyTo(scratch.Staging.AsSpan(staged));
            staged += bytes.Length;
        }
        position += bytes.Length;
    }

    private void Flush()
    {
        if (staged == 0) return;
        file.Write(scratch.Staging.AsSpan(0, staged), position - staged);
        staged = 0;
    }

    /// <summary>The shortest prefix of <paramref name="first"/> that is above <paramref name="before"/>.</summary>
    private static ReadOnlySpan<byte> Separator(ReadOnlySpan<byte> before, ReadOnlySpan<byte> first) => first[..(before.CommonPrefixLength(first) + 1)];

    private static uint Crc(ReadOnlySpan<byte> bytes) => Crc32C.Compute(bytes);

    [Conditional("DEBUG")]
    private static void CheckSorted(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends)
    {
        for (var i = 1; i < ends.Length; i++)
        {
            var before = heap[(i == 1 ? 0 : ends[i - 2])..ends[i - 1]];
            Debug.Assert(before.SequenceCompareTo(heap[ends[i - 1]..ends[i]]) < 0, "dictionary entries must be distinct and ascending");
        }
    }

    private sealed class Column(ColumnKey key, int dictionary)
    {
        public ColumnKey Key { get; } = key;
        public int Dictionary { get; set; } = dictionary;
        public List<PageInfo> Pages { get; } = [];
        public PooledBuffer? Pending { get; set; }
        public int Written { get; set; }
        public long Values { get; set; }
        public PlanTries Tries { get; } = new();
    }

    private readonly record struct Section(SectionKind Kind, bool Optional, long Offset, long Length, uint Crc);
}
