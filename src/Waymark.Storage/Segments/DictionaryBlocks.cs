// Blocks of a dictionary: cut, encoded in whichever way is smallest, and read back.
using System.Buffers;
using System.Diagnostics;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Segments;

/// <summary>How a block was stored.</summary>
internal readonly record struct DictionaryBlockPlan(PageEncoding Encoding, PageCodec Codec, int Bytes);

/// <summary>
/// Encodes the blocks of one dictionary after the other. A block is a page of texts without repeats (encoding 10: ids, paths, statements cost what their variables cost), or front-coded (11), or raw (4) where
/// neither gains. The blocks of a dictionary are alike: the first tries everything, the next ones what won, until it is tried again. Not thread-safe.
/// </summary>
internal sealed class DictionaryBlocks : IDisposable
{
    /// <summary>After so many blocks both encodings are tried again.</summary>
    private const int TrustBlocks = 16;

    /// <summary>Below this a block stays raw: what it could gain is less than its alignment and its entry in the directory cost.</summary>
    private const int MinBytes = 256;

    private const int SampledEntries = 1_024;

    private readonly StringsPageEncoder encoder = new();
    private readonly PooledBuffer page = new(64 * 1024);
    private readonly PooledBuffer block = new(64 * 1024);
    private readonly PooledBuffer other = new(64 * 1024);
    private StringsPageChoices choices = new();
    private CodecChoice frontChoice = new();
    private PageEncoding trusted;
    private int trustLeft;
    private long[] numbers = [];

    /// <summary>Forgets what the blocks of the dictionary before have shown.</summary>
    public void Begin()
    {
        choices = new StringsPageChoices();
        frontChoice = new CodecChoice();
        trustLeft = 0;
    }

    /// <summary>How many entries from <paramref name="first"/> on make one block: raw at most <see cref="SegmentFormat.DictionaryBlockBytes"/>, or one entry that alone is larger.</summary>
    public static int Count(ReadOnlySpan<int> ends, int first)
    {
        var from = first == 0 ? 0 : ends[first - 1];
        var count = 1;
        while (first + count < ends.Length && BytesPage.StoredBytes(count + 1, ends[first + count] - from) <= SegmentFormat.DictionaryBlockBytes) count++;
        return count;
    }

    /// <summary>Appends one block of at least one entry: sorted, distinct, entry i being <c>heap[ends[i-1]..ends[i]]</c>, the first beginning at <paramref name="from"/>.</summary>
    public DictionaryBlockPlan Encode(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends, int from, PooledBuffer into)
    {
        var start = into.Length;
        var plan = Smallest(heap, ends, from);
        if (plan.Encoding == PageEncoding.Bytes)
        {
            BytesPage.Encode(heap, ends, from, into.GetSpan(plan.Bytes)[..plan.Bytes]);
            into.Advance(plan.Bytes);
        }
        else
        {
            into.Write(plan.Encoding == PageEncoding.Strings ? page.WrittenSpan : block.WrittenSpan);
        }
        Debug.Assert(into.Length - start == plan.Bytes);
        return plan;
    }

    /// <summary>
    /// Bytes that the blocks of so many distinct texts, in any order, would take: a sample of up to 1,024 is sorted and encoded, and counted for all. Codes of the rows are not in it. Somewhat high for ids: the
    /// entries of a sample lie further apart than all do, by up to a byte each.
    /// </summary>
    public long EstimateBytes<T>(int count, T texts)
        where T : IPageTexts, allows ref struct
    {
        if (count == 0) return 0;
        var sampled = Math.Min(count, SampledEntries);
        other.Clear();
        var places = new (int Start, int Length)[sampled];
        for (var i = 0; i < sampled; i++)
        {
            var text = texts[(int)((long)i * count / sampled)];
            places[i] = (other.Length, text.Length);
            other.Write(text);
        }
        var heap = other.WrittenMemory;
        Array.Sort(places, (a, b) => heap.Span.Slice(a.Start, a.Length).SequenceCompareTo(heap.Span.Slice(b.Start, b.Length)));
        using var sorted = new PooledBuffer(Math.Max(1, other.Length));
        var ends = new int[sampled];
        for (var i = 0; i < sampled; i++)
        {
            sorted.Write(heap.Span.Slice(places[i].Start, places[i].Length));
            ends[i] = sorted.Length;
        }
        Begin();
        long bytes = 0;
        for (var first = 0; first < sampled;)
        {
            var inBlock = Count(ends, first);
            bytes += Smallest(sorted.WrittenSpan, ends.AsSpan(first, inBlock), first == 0 ? 0 : ends[first - 1]).Bytes;
            first += inBlock;
        }
        Begin();
        return bytes * count / sampled;
    }

    /// <summary>Reads a block; the entries are in memory of exactly their size (<see cref="MemoryBytes"/>). False: the block contradicts itself.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> stored, DictionaryBlockPlan plan, int count, out ByteStrings entries)
    {
        entries = ByteStrings.None;
        if (plan.Codec == PageCodec.None) return TryDecode(stored, plan.Encoding, count, out entries);
        if (!PageCodecs.TryReadPlainLength(ref stored, out var length)) return false;
        var plain = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return PageCodecs.TryDecompress(plan.Codec, stored, plain.AsSpan(0, length)) && TryDecode(plain.AsSpan(0, length), plan.Encoding, count, out entries);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    /// <summary>What a reader of this version can decode.</summary>
    public static bool IsKnown(PageEncoding encoding, PageCodec codec) =>
        encoding is PageEncoding.Bytes or PageEncoding.Strings or PageEncoding.FrontCoded && codec is PageCodec.None or PageCodec.Lz4 or PageCodec.Zlib;

    /// <summary>What decoded entries take.</summary>
    public static long MemoryBytes(in ByteStrings entries) => entries.Heap.Length + (4L * entries.Count) + 48;

    public void Dispose()
    {
        encoder.Dispose();
        page.Dispose();
        block.Dispose();
        other.Dispose();
    }

    /// <summary>Chooses; what is not raw stands encoded in <see cref="page"/> or <see cref="block"/>.</summary>
    private DictionaryBlockPlan Smallest(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends, int from)
    {
        var best = new DictionaryBlockPlan(PageEncoding.Bytes, PageCodec.None, checked((int)BytesPage.StoredBytes(ends.Length, ends[^1] - from)));
        if (best.Bytes < MinBytes) return best;
        var isTrusted = trustLeft > 0;
        if (isTrusted) trustLeft--;
        if (!isTrusted || trusted == PageEncoding.Strings)
        {
            page.Clear();
            if (encoder.TryEncode(heap, ends, from, areDistinct: true, choices, page, out var strings) && strings.Bytes < best.Bytes)
            {
                best = new DictionaryBlockPlan(PageEncoding.Strings, PageCodec.None, strings.Bytes);
            }
        }
        if (!isTrusted || trusted == PageEncoding.FrontCoded)
        {
            var codec = FrontCode(heap, ends, from);
            if (block.Length < best.Bytes) best = new DictionaryBlockPlan(PageEncoding.FrontCoded, codec, block.Length);
        }
        if (!isTrusted)
        {
            trusted = best.Encoding;
            trustLeft = TrustBlocks;
        }
        return best;
    }

    /// <summary>Leaves the front-coded block, compressed if that gains, in <see cref="block"/>.</summary>
    private PageCodec FrontCode(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends, int from)
    {
        if (numbers.Length < ends.Length) numbers = new long[Math.Max(ends.Length, numbers.Length * 2)];
        other.Clear();
        block.Clear();
        FrontCoded.Write(heap, ends, from, numbers, other);
        var codec = PageCodecs.Compress(other.WrittenSpan, block, frontChoice);
        if (codec == PageCodec.None) block.Write(other.WrittenSpan);
        return codec;
    }

    private static bool TryDecode(ReadOnlySpan<byte> stored, PageEncoding encoding, int count, out ByteStrings entries)
    {
        entries = ByteStrings.None;
        switch (encoding)
        {
            case PageEncoding.Strings:
                return StringsPage.TryDecode(stored, count, pooled: false, out entries);
            case PageEncoding.FrontCoded:
                return FrontCoded.TryDecode(stored, count, out entries);
            case PageEncoding.Bytes:
                if (!BytesPage.TryReadEnds(stored, count, out var ends)) return false;
                entries = new ByteStrings(stored[(count * 4)..].ToArray(), ends);
                return true;
            default:
                return false;
        }
    }
}
