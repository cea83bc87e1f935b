// The trace index of files of version 1.0, read as a whole: buckets by the top bits of a hash, the next 32 bits kept, 8.25 to 8.5 bytes per trace in memory.
using System.Buffers.Binary;
using Waymark.Model.Spans;

namespace Waymark.Storage.Segments;

/// <summary>Look-ups in the bytes of a section of kind 1, whose checksum has been verified. Any number of threads.</summary>
internal sealed class WholeTraceIndex : ITraceIndex
{
    internal const int HeaderBytes = 8;
    internal const int MaxBucketBits = 28;

    private readonly byte[] section;
    private readonly string path;
    private readonly int bits;
    private readonly int remaindersAt;
    private readonly int ordinalsAt;

    /// <summary>Throws <see cref="CorruptFileException"/>, naming <paramref name="path"/>, if the lengths don't fit together.</summary>
    public WholeTraceIndex(byte[] section, string path)
    {
        this.section = section;
        this.path = path;
        if (section.Length < HeaderBytes) throw Corrupt("too short");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(section);
        bits = section[4];
        if (count > int.MaxValue || bits > MaxBucketBits || SectionBytes((int)count, bits) != section.Length) throw Corrupt("lengths disagree");
        Count = (int)count;
        remaindersAt = HeaderBytes + (((1 << bits) + 1) * 4);
        ordinalsAt = remaindersAt + (Count * 4);
    }

    public int Count { get; }
    public int Blocks => 1;

    public int Find(TraceId id, Span<int> ordinals, IndexBlock block)
    {
        var (bucket, remainder) = Split(TraceHash.Unkeyed.Of(id), bits);
        var start = Word(HeaderBytes, bucket);
        var end = Word(HeaderBytes, bucket + 1);
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

    internal static long SectionBytes(int count, int bits) => HeaderBytes + (((1L << bits) + 1) * 4) + (count * 8L);

    /// <summary>The bucket, and the 32 bits below it.</summary>
    internal static (int Bucket, uint Remainder) Split(ulong hash, int bits) =>
        bits == 0 ? (0, (uint)(hash >> 32)) : ((int)(hash >> (64 - bits)), (uint)((hash << bits) >> 32));

    private uint Word(int at, int index) => BinaryPrimitives.ReadUInt32LittleEndian(section.AsSpan(at + (index * 4)));

    private CorruptFileException Corrupt(string what) => new(path, 0, $"trace index: {what}");
}
