// From a trace id to its ordinal, one block of the file per look-up: buckets by the leading bits of a hash, 16 bits of the rest, packed ordinals; some 4.2 bytes per trace, on disk alone.
using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Segments;

/// <summary>Finds where in a segment a trace may be. Any number of threads, each with its own <see cref="IndexBlock"/>.</summary>
internal interface ITraceIndex
{
    int Count { get; }

    /// <summary>Pieces it is read in.</summary>
    int Blocks { get; }

    /// <summary>
    /// Ordinals of the traces whose id may be <paramref name="id"/>, ascending: all that have it, and seldom another. Returns how many there are; if that is more
    /// than <paramref name="ordinals"/> holds, only the first were written. May read from the file, and throw what that throws.
    /// </summary>
    int Find(TraceId id, Span<int> ordinals, IndexBlock block);
}

/// <summary>The block an index looked into last, and those read along with it: looking for ids in the order of their hashes reads each block once. One thread.</summary>
internal sealed class IndexBlock : IDisposable
{
    /// <summary>Bytes of one read when most blocks will be wanted: a read costs as much as checking 8 KiB.</summary>
    public const int AheadBytes = 64 * 1024;

    private byte[] bytes = [];
    private object? owner;
    private int firstBlock;
    private int endBlock;
    private int verified = -1;

    /// <summary>Whether the blocks behind the one wanted are likely to be wanted too, and are read with it.</summary>
    public bool ReadsAhead { get; set; }

    public bool Has(object index, int block) => owner == index && block >= firstBlock && block < endBlock;

    /// <summary>Room for blocks [first, end) of an index; they count as there only after <see cref="Keep"/>.</summary>
    public Span<byte> Renew(int size)
    {
        owner = null;
        if (bytes.Length < size)
        {
            if (bytes.Length > 0) ArrayPool<byte>.Shared.Return(bytes);
            bytes = ArrayPool<byte>.Shared.Rent(size);
        }
        return bytes.AsSpan(0, size);
    }

    public void Keep(object index, int first, int end) => (owner, firstBlock, endBlock, verified) = (index, first, end, -1);

    /// <summary>A block that is there, given where it lies behind the first and its checksum; false when it is damaged.</summary>
    public bool TryGet(int block, Range place, uint crc, out ReadOnlySpan<byte> content)
    {
        content = bytes.AsSpan(place);
        if (verified == block) return true;
        if (Crc32C.Compute(content) != crc) return false;
        verified = block;
        return true;
    }

    public int FirstBlock => firstBlock;

    public void Dispose()
    {
        if (bytes.Length > 0) ArrayPool<byte>.Shared.Return(bytes);
        (bytes, owner) = ([], null);
    }
}

/// <summary>How the hashes of a segment are cut into blocks, buckets and remainders (docs/formats/segment.md).</summary>
internal readonly record struct IndexShape(int Count, int BucketBits, int BlockBits, int RemainderBits, int OrdinalBits)
{
    internal const int HeaderBytes = 16;
    internal const int TableEntryBytes = 8;
    internal const int MaxBucketBits = 28;

    /// <summary>Buckets of a block: 128, so 1,024 to 2,048 traces and 4 to 8 KiB, the size at which reading and checking a block cost about the same.</summary>
    private const int WrittenBlockBits = 7;

    private const int WrittenRemainderBits = 16;

    public int Blocks => 1 << (BucketBits - BlockBits);

    public int BlocksAt => HeaderBytes + (Blocks * TableEntryBytes);

    public static IndexShape Of(int count)
    {
        var buckets = Math.Min(MaxBucketBits, BitOperations.Log2((uint)Math.Max(1, count / 8)));
        return new IndexShape(count, buckets, Math.Min(buckets, WrittenBlockBits), WrittenRemainderBits, Bits(Math.Max(0, count - 1)));
    }

    /// <summary>Bits that hold every number up to <paramref name="most"/>.</summary>
    public static int Bits(int most) => 32 - BitOperations.LeadingZeroCount((uint)most);

    public long BlockBytes(int entries) =>
        SequentialBits.Bytes(1 << BlockBits, Bits(entries)) + PackedBytes(entries, RemainderBits) + PackedBytes(entries, OrdinalBits);

    public static long PackedBytes(int entries, int width) => (((long)entries * width) + 7) / 8;

    /// <summary>The bucket, and the bits below it that are kept.</summary>
    public (int Bucket, uint Remainder) Split(ulong hash) =>
        ((int)(BucketBits == 0 ? 0 : hash >> (64 - BucketBits)), (uint)((hash << BucketBits) >> (64 - RemainderBits)));
}

/// <summary>Builds the trace index section.</summary>
internal static class TraceIndex
{
    /// <summary>The section's bytes for the hashes of a segment's traces.</summary>
    public static byte[] Build(SortedHashes traces)
    {
        var shape = IndexShape.Of(traces.Count);
        var ends = BucketEnds(traces.Hashes, shape);
        var length = (long)shape.BlocksAt;
        for (var block = 0; block < shape.Blocks; block++) length += shape.BlockBytes(EntriesOf(ends, shape, block).Count);
        var section = new byte[checked((int)length)];
        WriteHeader(section, shape);
        var numbers = ArrayPool<long>.Shared.Rent(Math.Max(1 << shape.BlockBits, MostEntries(ends, shape)));
        var at = shape.BlocksAt;
        for (var block = 0; block < shape.Blocks; block++)
        {
            var (first, count) = EntriesOf(ends, shape, block);
            var bytes = section.AsSpan(at, (int)shape.BlockBytes(count));
            WriteBlock(bytes, traces, shape, ends.AsSpan(block << shape.BlockBits, 1 << shape.BlockBits), first, count, numbers);
            var entry = section.AsSpan(IndexShape.HeaderBytes + (block * IndexShape.TableEntryBytes));
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)(first + count));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Crc32C.Compute(bytes));
            at += bytes.Length;
        }
        ArrayPool<long>.Shared.Return(numbers);
        BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(12), HeaderCrc(section.AsSpan(0, shape.BlocksAt)));
        return section;
    }

    /// <summary>Of the first 12 bytes and the table of blocks.</summary>
    internal static uint HeaderCrc(ReadOnlySpan<byte> front) => Crc32C.Compute(front[IndexShape.HeaderBytes..], Crc32C.Compute(front[..12]));

    internal static ulong Hash(TraceId id) => TraceHash.Unkeyed.Of(id);

    private static void WriteHeader(Span<byte> section, IndexShape shape)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(section, (uint)shape.Count);
        section[4] = (byte)shape.BucketBits;
        section[5] = (byte)shape.BlockBits;
        section[6] = (byte)shape.RemainderBits;
        section[7] = (byte)shape.OrdinalBits;
    }

    private static int[] BucketEnds(ReadOnlySpan<ulong> hashes, IndexShape shape)
    {
        var ends = new int[1 << shape.BucketBits];
        foreach (var hash in hashes) ends[shape.Split(hash).Bucket]++;
        for (var bucket = 1; bucket < ends.Length; bucket++) ends[bucket] += ends[bucket - 1];
        return ends;
    }

    private static (int First, int Count) EntriesOf(int[] ends, IndexShape shape, int block)
    {
        var first = block == 0 ? 0 : ends[(block << shape.BlockBits) - 1];
        return (first, ends[((block + 1) << shape.BlockBits) - 1] - first);
    }

    private static int MostEntries(int[] ends, IndexShape shape)
    {
        var most = 0;
        for (var block = 0; block < shape.Blocks; block++) most = Math.Max(most, EntriesOf(ends, shape, block).Count);
        return most;
    }

    private static void WriteBlock(Span<byte> into, SortedHashes traces, IndexShape shape, ReadOnlySpan<int> ends, int first, int count, long[] numbers)
    {
        for (var bucket = 0; bucket < ends.Length; bucket++) numbers[bucket] = ends[bucket] - first;
        into = into[Pack(numbers.AsSpan(0, ends.Length), IndexShape.Bits(count), into)..];
        for (var i = 0; i < count; i++) numbers[i] = shape.Split(traces.Hashes[first + i]).Remainder;
        into = into[Pack(numbers.AsSpan(0, count), shape.RemainderBits, into)..];
        for (var i = 0; i < count; i++) numbers[i] = traces.Ordinals[first + i];
        Pack(numbers.AsSpan(0, count), shape.OrdinalBits, into);
    }

    private static int Pack(ReadOnlySpan<long> numbers, int width, Span<byte> into)
    {
        var bytes = SequentialBits.Bytes(numbers.Length, width);
        if (bytes > 0) SequentialBits.Pack(numbers, 0, width, into[..bytes]);
        return bytes;
    }
}

/// <summary>Look-ups in the trace index of an open segment. In memory is only the table of its blocks.</summary>
internal sealed class TraceIndexReader : ITraceIndex
{
    private readonly SegmentReader reader;
    private readonly TraceHash hash;
    private readonly IndexShape shape;

    /// <summary>Per block where its bytes begin in the section, and behind the last where they end.</summary>
    private readonly int[] starts;

    private readonly int[] ends;
    private readonly uint[] crcs;

    /// <summary>Reads and checks the section's front. Throws <see cref="CorruptFileException"/> if it contradicts itself.</summary>
    public TraceIndexReader(SegmentReader reader)
    {
        this.reader = reader;
        hash = TraceHash.KeyedBy(reader.Header.StoreId);
        var length = reader.SectionBytes(SectionKind.CompactTraceIndex);
        Span<byte> header = stackalloc byte[IndexShape.HeaderBytes];
        if (length < header.Length) throw Corrupt(0, "too short");
        reader.ReadSectionPart(SectionKind.CompactTraceIndex, 0, header);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(header);
        shape = new IndexShape((int)count, header[4], header[5], header[6], header[7]);
        if (count > int.MaxValue || shape.BucketBits > IndexShape.MaxBucketBits || shape.BlockBits > shape.BucketBits || shape.RemainderBits is < 1 or > 32
            || shape.OrdinalBits is not (>= 0 and <= 31) || shape.Blocks > (length - IndexShape.HeaderBytes) / IndexShape.TableEntryBytes) throw Corrupt(0, "its measures don't fit");
        var front = new byte[shape.BlocksAt];
        reader.ReadSectionPart(SectionKind.CompactTraceIndex, 0, front);
        if (TraceIndex.HeaderCrc(front) != BinaryPrimitives.ReadUInt32LittleEndian(front.AsSpan(12))) throw Corrupt(0, "wrong checksum of its table");
        (starts, ends, crcs) = (new int[shape.Blocks + 1], new int[shape.Blocks], new uint[shape.Blocks]);
        ReadTable(front.AsSpan(IndexShape.HeaderBytes), length);
    }

    public int Count => shape.Count;
    public int Blocks => shape.Blocks;

    public int Find(TraceId id, Span<int> ordinals, IndexBlock block)
    {
        var (bucket, remainder) = shape.Split(hash.Of(id));
        var number = bucket >> shape.BlockBits;
        var entries = ends[number] - (number == 0 ? 0 : ends[number - 1]);
        if (entries == 0) return 0;
        var bytes = Load(number, block);
        var width = IndexShape.Bits(entries);
        var own = bucket & ((1 << shape.BlockBits) - 1);
        var start = own == 0 ? 0 : Packed(bytes, 0, own - 1, width);
        var end = Packed(bytes, 0, own, width);
        if (start > end || end > (uint)entries) throw Corrupt(starts[number], "bucket bounds");
        var remaindersAt = SequentialBits.Bytes(1 << shape.BlockBits, width);
        var ordinalsAt = remaindersAt + (int)IndexShape.PackedBytes(entries, shape.RemainderBits);
        var low = (int)start;
        for (var high = (int)end; low < high;)
        {
            var middle = (low + high) >>> 1;
            if (Packed(bytes, remaindersAt, middle, shape.RemainderBits) < remainder) low = middle + 1;
            else high = middle;
        }
        var found = 0;
        for (; low < (int)end && Packed(bytes, remaindersAt, low, shape.RemainderBits) == remainder; low++)
        {
            var ordinal = Packed(bytes, ordinalsAt, low, shape.OrdinalBits);
            if (ordinal >= (uint)Count) throw Corrupt(starts[number], "ordinal out of range");
            if (found < ordinals.Length) ordinals[found] = (int)ordinal;
            found++;
        }
        return found;
    }

    /// <summary>The one place where blocks come from the file: their place, length and checksum are known without reading.</summary>
    private ReadOnlySpan<byte> Load(int number, IndexBlock block)
    {
        if (!block.Has(this, number))
        {
            var end = number + 1;
            while (block.ReadsAhead && end < shape.Blocks && starts[end + 1] - starts[number] <= IndexBlock.AheadBytes) end++;
            reader.ReadSectionPart(SectionKind.CompactTraceIndex, starts[number], block.Renew(starts[end] - starts[number]));
            block.Keep(this, number, end);
        }
        var from = starts[block.FirstBlock];
        if (!block.TryGet(number, (starts[number] - from)..(starts[number + 1] - from), crcs[number], out var bytes)) throw Corrupt(starts[number], "wrong checksum of a block");
        return bytes;
    }

    private void ReadTable(ReadOnlySpan<byte> table, int length)
    {
        var at = (long)shape.BlocksAt;
        var before = 0;
        for (var block = 0; block < ends.Length; block++)
        {
            var end = BinaryPrimitives.ReadUInt32LittleEndian(table[(block * IndexShape.TableEntryBytes)..]);
            if (end < (uint)before || end > (uint)Count) throw Corrupt(0, "its blocks don't add up");
            starts[block] = (int)at;
            ends[block] = (int)end;
            crcs[block] = BinaryPrimitives.ReadUInt32LittleEndian(table[((block * IndexShape.TableEntryBytes) + 4)..]);
            at += shape.BlockBytes((int)end - before);
            if (at > length) throw Corrupt(0, "its blocks don't fit");
            before = (int)end;
        }
        starts[^1] = (int)at;
        if (before != Count || at != length) throw Corrupt(0, "lengths disagree");
    }

    /// <summary>Number <paramref name="index"/> of those packed from <paramref name="at"/> on, each of at most 32 bits.</summary>
    private static uint Packed(ReadOnlySpan<byte> bytes, int at, int index, int width)
    {
        var bit = (long)index * width;
        at += (int)(bit >> 3);
        var mask = (1UL << width) - 1;
        if (at + 8 <= bytes.Length) return (uint)((BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]) >> (int)(bit & 7)) & mask);
        ulong word = 0;
        for (var i = bytes.Length - 1; i >= at; i--) word = (word << 8) | bytes[i];
        return (uint)((word >> (int)(bit & 7)) & mask);
    }

    private CorruptFileException Corrupt(int offset, string what) => reader.CorruptSection(SectionKind.CompactTraceIndex, offset, what);
}
