// Durations as counts per bucket: what a quantile over any number of spans is read from, and what merges across pages, segments and stores.
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>Counts in the buckets of <see cref="LogBuckets"/>. Keeps the range between the smallest and largest bucket that has any. Not thread-safe.</summary>
public sealed class DurationHistogram
{
    private long[] counts = [];

    /// <summary>The bucket of <c>counts[0]</c>.</summary>
    private int first;

    /// <summary>Bytes of memory that the counts take.</summary>
    public long Bytes => counts.Length * (long)sizeof(long);

    /// <summary>Durations counted.</summary>
    public long Count { get; private set; }

    /// <summary>Buckets that have any, ascending.</summary>
    public IEnumerable<(int Bucket, long Count)> Buckets
    {
        get
        {
            for (var i = 0; i < counts.Length; i++)
            {
                if (counts[i] > 0) yield return (first + i, counts[i]);
            }
        }
    }

    /// <summary>Counts a duration; a negative one as 0.</summary>
    public void Add(DurationNanos duration) => Add(LogBuckets.Of(Math.Max(0, duration.Value)), 1);

    /// <summary>Counts <paramref name="count"/> durations of a bucket.</summary>
    public void Add(int bucket, long count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)bucket, (uint)LogBuckets.Count, nameof(bucket));
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0) return;
        Widen(bucket, bucket + 1);
        counts[bucket - first] += count;
        Count += count;
    }

    /// <summary>Counts durations of neighbouring buckets from <paramref name="lowest"/> on, as many of each as it says.</summary>
    public void Add(int lowest, ReadOnlySpan<uint> durations)
    {
        var end = durations.LastIndexOfAnyExcept(0u) + 1;
        if (end == 0) return;
        var skipped = durations.IndexOfAnyExcept(0u);
        ArgumentOutOfRangeException.ThrowIfNegative(lowest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lowest, LogBuckets.Count - end, nameof(lowest));
        Widen(lowest + skipped, lowest + end);
        var into = counts.AsSpan(lowest + skipped - first, end - skipped);
        durations = durations[skipped..end];
        long added = 0;
        for (var i = 0; i < into.Length; i++)
        {
            into[i] += durations[i];
            added += durations[i];
        }
        Count += added;
    }

    /// <summary>Adds what another has counted.</summary>
    public void Merge(DurationHistogram other)
    {
        if (other.Count == 0) return;
        Widen(other.first, other.first + other.counts.Length);
        for (var i = 0; i < other.counts.Length; i++) counts[other.first + i - first] += other.counts[i];
        Count += other.Count;
    }

    /// <summary>
    /// The duration at a quantile from 0 to 1, by nearest rank: the ⌈q · count⌉-th smallest (the first for 0). The bucket it lies in is exact; within the bucket the durations are taken to be evenly spread, so the
    /// answer is off by 3.1 % at most. Null when nothing was counted.
    /// </summary>
    public DurationNanos? Quantile(double q)
    {
        if (!TryFind(q, out var bucket, out var rank, out var inBucket)) return null;
        var width = (Int128)1 << LogBuckets.WidthBits(bucket);
        return new DurationNanos(LogBuckets.Lower(bucket) + (long)(width * ((2 * rank) - 1) / (2 * inBucket)));
    }

    /// <summary>The smallest and largest duration of the bucket that the quantile lies in. Null when nothing was counted.</summary>
    public (DurationNanos Lower, DurationNanos Upper)? Bounds(double q) =>
        TryFind(q, out var bucket, out _, out _) ? (new DurationNanos(LogBuckets.Lower(bucket)), new DurationNanos(LogBuckets.Upper(bucket))) : null;

    /// <param name="rank">1 for the first of the bucket's <paramref name="inBucket"/> durations.</param>
    private bool TryFind(double q, out int bucket, out long rank, out long inBucket)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(q);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(q, 1);
        (bucket, rank, inBucket) = (0, 0, 0);
        if (Count == 0) return false;
        // In decimal: 0.07 of 100 is the 7th, not the 8th.
        rank = Math.Max(1, (long)Math.Ceiling((decimal)q * Count));
        var at = 0;
        while (rank > counts[at]) rank -= counts[at++];
        bucket = first + at;
        inBucket = counts[at];
        return true;
    }

    /// <summary>Makes room for buckets [from, to).</summary>
    private void Widen(int from, int to)
    {
        var end = first + counts.Length;
        if (counts.Length > 0 && from >= first && to <= end) return;
        if (counts.Length > 0) (from, to) = (Math.Min(from, first), Math.Max(to, end));
        var wider = new long[to - from];
        counts.CopyTo(wider, counts.Length == 0 ? 0 : first - from);
        (counts, first) = (wider, from);
    }
}
