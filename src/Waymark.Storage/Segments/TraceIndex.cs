// Trace id to trace ordinal without the ids themselves: buckets by the top bits of a hash, the next 32 bits kept, 8.25 to 8.5 bytes per trace.
using System.Buffers.Binary;
using System.Numerics;
using Waymark.Model.Spans;

namespace Waymark.Storage.Segments;

/// <summary>Builds the trace index section (docs/formats/segment.md).</summary>
internal static class TraceIndex
{
    internal const int HeaderBytes = 8;
    internal const int MaxBucketBits = 28;

    /// <summary>The section's bytes for the traces of a segment; a trace's ordinal is its position.</summary>
    public static byte[] Build(ReadOnlySpan<TraceId> traces)
    {
        var hashes = new ulong[traces.Length];
        var ordinals = new int[traces.Length];
        for (var i = 0; i < traces.Length; i++)
        {
            hashes[i] = Hash(traces[i]);
            ordinals[i] = i;
        }
        Array.Sort(hashes, ordinals);

        var bits = BucketBits(traces.Length);
        var buckets = 1 << bits;
        var section = new byte[SectionBytes(traces.Length, bits)];
        BinaryPrimitives.WriteUInt32LittleEndian(section, (uint)traces.Length);
        section[4] = (byte)bits;
        var starts = section.AsSpan(HeaderBytes);
        var remainders = starts[((buckets + 1) * 4)..];
        var places = remainders[(traces.Length * 4)..];
        var bucket = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            var (own, remainder) = Split(hashes[i], bits);
            for (; bucket <= own; bucket++) BinaryPrimitives.WriteUInt32LittleEndian(starts[(bucket * 4)..], (uint)i);
            BinaryPrimitives.WriteUInt32LittleEndian(remainders[(i * 4)..], remainder);
        }
        for (; bucket <= buckets; bucket++) BinaryPrimitives.WriteUInt32LittleEndian(starts[(bucket * 4)..], (uint)hashes.Length);
        SortEqualRuns(hashes, ordinals, bits);
        for (var i = 0; i < ordinals.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(places[(i * 4)..], (uint)ordinals[i]);
        return section;
    }

    /// <summary>Array.Sort isn't stable; the same traces must give the same bytes.</summary>
    private static void SortEqualRuns(ulong[] hashes, int[] ordinals, int bits)
    {
        for (var start = 0; start < hashes.Length;)
        {
            var end = start + 1;
            while (end < hashes.Length && Split(hashes[end], bits) == Split(hashes[start], bits)) end++;
            if (end - start > 1) Array.Sort(ordinals, start, end - start);
            start = end;
        }
    }

    internal static int BucketBits(int count) => Math.Min(MaxBucketBits, BitOperations.Log2((uint)Math.Max(1, count / 8)));

    internal static long SectionBytes(int count, int bits) => HeaderBytes + (((1L << bits) + 1) * 4) + (count * 8L);

    /// <summary>The bucket, and the 32 bits below it.</summary>
    internal static (int Bucket, uint Remainder) Split(ulong hash, int bits) =>
        bits == 0 ? (0, (uint)(hash >> 32)) : ((int)(hash >> (64 - bits)), (uint)((hash << bits) >> 32));

    internal static ulong Hash(TraceId id) => Mix(Mix(id.High + 0x9E3779B97F4A7C15) ^ id.Low);

    /// <summary>The finaliser of SplitMix64: every input bit reaches every output bit, so ids that only count spread like random ones.</summary>
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

/// <summary>Look-ups in the bytes of a trace index section, whose checksum has been verified. Any number of threads.</summary>
internal sealed class TraceIndexReader
{
    private readonly byte[] section;
    private readonly string path;
    private readonly int bits;
    private readonly int remaindersAt;
    private readonly int ordinalsAt;

    /// <summary>Throws <see cref="CorruptFileException"/>, naming <paramref name="path"/>, if the lengths don't fit together.</summary>
    public TraceIndexReader(byte[] section, string path)
    {
        this.section = section;
        this.path = path;
        if (section.Length < TraceIndex.HeaderBytes) throw Corrupt("too short");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(section);
        bits = section[4];
        if (count > int.MaxValue || bits > TraceIndex.MaxBucketBits || TraceIndex.SectionBytes((int)count, bits) != section.Length) throw Corrupt("lengths disagree");
        Count = (int)count;
        remaindersAt = TraceIndex.HeaderBytes + (((1 << bits) + 1) * 4);
        ordinalsAt = remaindersAt + (Count * 4);
    }

    public int Count { get; }

    /// <summary>
    /// Ordinals of the traces whose id may be <paramref name="id"/>, ascending: all that have it, and seldom another. Returns how many there are; if that is more
    /// than <paramref name="ordinals"/> holds, only the first were written.
    /// </summary>
    public int Find(TraceId id, Span<int> ordinals)
    {
        var (bucket, remainder) = TraceIndex.Split(TraceIndex.Hash(id), bits);
        var start = Word(TraceIndex.HeaderBytes, bucket);
        var end = Word(TraceIndex.HeaderBytes, bucket + 1);
        if (start > end || end > (uint)Count) throw Corrupt("bucket bounds");
        var low = (int)start;
        for (var high = (int)end; low < high;)
        {
            var middle = (low + high) >>> 1;
            if (Word(remaindersAt, middle) < remainder) low = middle + 1;
            else high = middle;
        }
        var found = 0;
        for (; low < (int)end && Word(remaindersAt, low) == remainder; low++)
        {
            var ordinal = Word(ordinalsAt, low);
            if (ordinal >= (uint)Count) throw Corrupt("ordinal out of range");
            if (found < ordinals.Length) ordinals[found] = (int)ordinal;
            found++;
        }
        return found;
    }

    private uint Word(int at, int index) => BinaryPrimitives.ReadUInt32LittleEndian(section.AsSpan(at + (index * 4)));

    private CorruptFileException Corrupt(string what) => new(path, 0, $"trace index: {what}");
}
