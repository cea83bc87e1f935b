// A dictionary of a segment: code to bytes and bytes to code, over blocks that are read and checked when touched, and kept while there is room.
using System.Buffers;
using Waymark.Storage.Columns;
using Waymark.Storage.Scanning;

namespace Waymark.Storage.Segments;

/// <summary>
/// Distinct byte strings in ascending ordinal order; a code is a position, so ranges and prefixes of values are intervals of codes. Any number of threads.
/// A block that can't be read throws <see cref="CorruptFileException"/> each time it is asked for; the others stay readable.
/// </summary>
internal sealed class SegmentDictionary
{
    private readonly SegmentReader segment;
    private readonly int index;
    private readonly BlockEntry[] blocks;

    /// <summary>First code of each block, and the count of all.</summary>
    private readonly int[] firsts;

    private SegmentDictionary(SegmentReader segment, int index, BlockEntry[] blocks, int[] firsts)
    {
        this.segment = segment;
        this.index = index;
        this.blocks = blocks;
        this.firsts = firsts;
    }

    /// <summary>Entries; codes are 0 to Count − 1.</summary>
    public int Count => firsts[^1];

    /// <summary>The bytes of a code; a code out of range is an <see cref="ArgumentOutOfRangeException"/>.</summary>
    public ReadOnlySpan<byte> this[int code]
    {
        get
        {
            var (first, strings) = BlockWith(code);
            return strings[code - first];
        }
    }

    /// <summary>Blocks, for whoever looks at every entry.</summary>
    public int BlockCount => blocks.Length;

    /// <summary>The entries of a block, and the code of the first.</summary>
    public (int First, ByteStrings Strings) Block(int block) => (firsts[block], Load(block));

    /// <summary>The block that has a code: its entries, and the code of the first.</summary>
    public (int First, ByteStrings Strings) BlockWith(int code)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)code, (uint)Count, nameof(code));
        return Block(BlockOf(code));
    }

    /// <summary>The code of a text, −1 if the dictionary lacks it.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        var code = LowerBound(text);
        return code < Count && this[code].SequenceEqual(text) ? code : -1;
    }

    /// <summary>The first code whose value is ≥ <paramref name="text"/>; Count if there is none.</summary>
    public int LowerBound(ReadOnlySpan<byte> text)
    {
        if (Count == 0) return 0;
        int low = 1, high = blocks.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (text.SequenceCompareTo(blocks[middle].Separator) >= 0) low = middle + 1;
            else high = middle;
        }
        var block = low - 1;
        var strings = Load(block);
        low = 0;
        high = strings.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (strings[middle].SequenceCompareTo(text) < 0) low = middle + 1;
            else high = middle;
        }
        return firsts[block] + low;
    }

    /// <summary>Reads, checks and decodes a block, whether or not it is kept already, and says what its entries take in memory.</summary>
    public ByteStrings ReadBlock(int block, out long memoryBytes)
    {
        var wanted = blocks[block];
        var what = $"block {block} of dictionary {index}";
        var stored = ArrayPool<byte>.Shared.Rent(wanted.Plan.Bytes);
        try
        {
            var bytes = stored.AsSpan(0, wanted.Plan.Bytes);
            segment.ReadChecked(wanted.Offset, bytes, wanted.Crc, what);
            if (!DictionaryBlocks.TryDecode(bytes, wanted.Plan, wanted.Count, out var entries))
            {
                throw new CorruptFileException(segment.Path, wanted.Offset, $"{what}: {wanted.Count} byte strings in encoding {wanted.Plan.Encoding} don't fit {wanted.Plan.Bytes} bytes");
            }
            memoryBytes = DictionaryBlocks.MemoryBytes(entries);
            return entries;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>Lets go of all blocks: the segment closes.</summary>
    internal void Forget()
    {
        foreach (var block in blocks) block.Kept.Dispose();
    }

    internal static SegmentDictionary Open(SegmentReader segment, DictionaryEntry entry)
    {
        var cursor = segment.Cursor(entry.ListStart, entry.ListLength);
        // A block's entry has at least ten bytes, so the list bounds the arrays.
        if (entry.Blocks > entry.ListLength) throw cursor.Corrupt($"{entry.Blocks} dictionary blocks in {entry.ListLength} bytes");
        var read = new BlockEntry[entry.Blocks];
        var codes = new int[entry.Blocks + 1];
        var previousEnd = 0L;
        for (var i = 0; i < read.Length; i++)
        {
            var count = (int)cursor.Varint(entry.Entries - codes[i], "entries of a dictionary block");
            if (count == 0) throw cursor.Corrupt("an empty dictionary block");
            var encoding = (PageEncoding)cursor.Varint(byte.MaxValue, "encoding");
            var codec = (PageCodec)cursor.Varint(byte.MaxValue, "codec");
            if (!Enum.IsDefined(encoding)) throw new NewerFormatException(segment.Path, $"encoding {(int)encoding}");
            if (!Enum.IsDefined(codec)) throw new NewerFormatException(segment.Path, $"codec {(int)codec}");
            if (!DictionaryBlocks.IsKnown(encoding, codec)) throw cursor.Corrupt($"a dictionary block has encoding {encoding}");
            var bytes = (int)cursor.Varint(int.MaxValue, "bytes of a dictionary block");
            var offset = cursor.Offset(ref previousEnd, bytes, segment.DataEnd);
            var crc = cursor.Word32();
            read[i] = new BlockEntry(offset, new DictionaryBlockPlan(encoding, codec, bytes), count, crc, cursor.Prefixed().ToArray(), segment.Cache);
            codes[i + 1] = codes[i] + count;
        }
        if (!cursor.AtEnd || codes[^1] != entry.Entries) throw cursor.Corrupt($"the blocks of dictionary {entry.Index} disagree with its head");
        return new SegmentDictionary(segment, entry.Index, read, codes);
    }

    private int BlockOf(int code)
    {
        int low = 1, high = blocks.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (firsts[middle] <= code) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }

    private ByteStrings Load(int block)
    {
        var wanted = blocks[block];
        if (wanted.Kept.Value is { } loaded) return loaded.Strings;
        var read = ReadBlock(block, out var memoryBytes);
        return wanted.Kept.Keep(new Content(read), memoryBytes).Strings;
    }

    private sealed class BlockEntry(long offset, DictionaryBlockPlan plan, int count, uint crc, byte[] separator, PageCache cache)
    {
        /// <summary>The block while it is in memory.</summary>
        public CachedObject<Content> Kept { get; } = new(cache);

        public long Offset { get; } = offset;
        public DictionaryBlockPlan Plan { get; } = plan;
        public int Count { get; } = count;
        public uint Crc { get; } = crc;
        public byte[] Separator { get; } = separator;
    }

    private sealed record Content(ByteStrings Strings);
}
