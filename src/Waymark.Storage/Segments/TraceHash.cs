// From a trace id to the 64 bits that filters and indexes look for, and the ids of a segment in the order of those.
using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Waymark.Model.Spans;

namespace Waymark.Storage.Segments;

/// <summary>
/// The hash of docs/formats/segment.md. Its key is the store's id: whoever chooses trace ids doesn't know it, so nobody can choose many that meet in one place of an index.
/// All segments of a store share the key: one hash serves all of them.
/// </summary>
internal readonly record struct TraceHash(ulong HighKey, ulong LowKey)
{
    /// <summary>Of files of version 1.0, and where ids never leave memory.</summary>
    public static TraceHash Unkeyed => new(0x9E3779B97F4A7C15, 0);

    public static TraceHash KeyedBy(Guid storeId)
    {
        Span<byte> bytes = stackalloc byte[16];
        storeId.TryWriteBytes(bytes, bigEndian: true, out _);
        return new TraceHash(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    public ulong Of(TraceId id) => Mix(Mix(id.High + HighKey) ^ id.Low ^ LowKey);

    /// <summary>The finaliser of SplitMix64: every input bit reaches every output bit, so ids that only count spread like random ones.</summary>
    public static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

/// <summary>Hashes of a set of ids in ascending order, equal ones by ordinal, with the position each id had. Pooled.</summary>
internal sealed class SortedHashes : IDisposable
{
    /// <summary>Buckets larger than this come from hashes that are no hashes: a sort that doesn't mind takes over.</summary>
    private const int MaxInsertion = 32;

    private const int MaxBucketBits = 20;
    private readonly ulong[] hashes;
    private readonly int[] ordinals;

    private SortedHashes(int count)
    {
        Count = count;
        hashes = ArrayPool<ulong>.Shared.Rent(count);
        ordinals = ArrayPool<int>.Shared.Rent(count);
    }

    public int Count { get; }
    public ReadOnlySpan<ulong> Hashes => hashes.AsSpan(0, Count);

    /// <summary>Where the id of each hash stood.</summary>
    public ReadOnlySpan<int> Ordinals => ordinals.AsSpan(0, Count);

    public static SortedHashes Of(ReadOnlySpan<TraceId> ids, TraceHash hash)
    {
        var unsorted = ArrayPool<ulong>.Shared.Rent(ids.Length);
        for (var i = 0; i < ids.Length; i++) unsorted[i] = hash.Of(ids[i]);
        var sorted = Of(unsorted.AsSpan(0, ids.Length));
        ArrayPool<ulong>.Shared.Return(unsorted);
        return sorted;
    }

    /// <summary>
    /// By counting on the leading bits, about one hash in each bucket, then by insertion within the buckets: hashes are spread evenly, which a general sort can't know.
    /// </summary>
    public static SortedHashes Of(ReadOnlySpan<ulong> unsorted)
    {
        var sorted = new SortedHashes(unsorted.Length);
        var bits = Math.Clamp(BitOperations.Log2((uint)unsorted.Length | 1), 1, MaxBucketBits);
        var starts = ArrayPool<int>.Shared.Rent((1 << bits) + 1);
        starts.AsSpan(0, (1 << bits) + 1).Clear();
        foreach (var hash in unsorted) starts[(int)(hash >> (64 - bits)) + 1]++;
        for (var bucket = 0; bucket < 1 << bits; bucket++) starts[bucket + 1] += starts[bucket];
        for (var i = 0; i < unsorted.Length; i++)
        {
            var at = starts[(int)(unsorted[i] >> (64 - bits))]++;
            sorted.hashes[at] = unsorted[i];
            sorted.ordinals[at] = i;
        }
        // Each start has moved on to the end of its bucket.
        for (int bucket = 0, from = 0; bucket < 1 << bits; from = starts[bucket++]) sorted.SortBucket(from, starts[bucket]);
        ArrayPool<int>.Shared.Return(starts);
        return sorted;
    }

    public void Dispose()
    {
        ArrayPool<ulong>.Shared.Return(hashes);
        ArrayPool<int>.Shared.Return(ordinals);
    }

    /// <summary>Ordinals ascend as they come; both ways keep that order among equal hashes.</summary>
    private void SortBucket(int from, int to)
    {
        if (to - from > MaxInsertion)
        {
            SortLarge(from, to);
            return;
        }
        for (var i = from + 1; i < to; i++)
        {
            var (hash, ordinal) = (hashes[i], ordinals[i]);
            var at = i;
            for (; at > from && hashes[at - 1] > hash; at--)
            {
                hashes[at] = hashes[at - 1];
                ordinals[at] = ordinals[at - 1];
            }
            hashes[at] = hash;
            ordinals[at] = ordinal;
        }
    }

    private void SortLarge(int from, int to)
    {
        Array.Sort(hashes, ordinals, from, to - from);
        for (var start = from; start < to;)
        {
            var end = start + 1;
            while (end < to && hashes[end] == hashes[start]) end++;
            Array.Sort(ordinals, start, end - start);
            start = end;
        }
    }
}
