// Pages of segments in memory: read and checked once, kept as they are stored while there is room, so that a second query reads no file.
// Also keeps objects made from pages that say their size. Where a page is between its file and a kernel.
using System.Diagnostics;

namespace Waymark.Storage.Scanning;

/// <summary>
/// What is kept, up to a number of bytes; beyond it what was not used since the clock's hand last passed goes first. Any number of threads. What is in someone's hands (pinned) stays, so
/// the bytes may exceed the capacity by what queries hold at that moment.
/// </summary>
internal sealed class PageCache(long capacity)
{
    /// <summary>Keeps nothing: pages live while they are pinned. For readers that pass once.</summary>
    public static readonly PageCache None = new(0);

    private readonly Lock gate = new();
    private readonly List<CacheEntry> ring = [];
    private int hand;
    private long bytes;
    private long filterBytes;

    /// <summary>
    /// Whether one more filter is worth making. Filters may take three quarters: they are asked one after the other, over and over, and more of them than there is room for would drive each other out
    /// before the second question.
    /// </summary>
    public bool HasRoomForFilter => Interlocked.Read(ref filterBytes) < capacity / 4 * 3;

    /// <summary>Bytes kept at present.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Entries kept at present.</summary>
    public int Count
    {
        get
        {
            lock (gate) return ring.Count;
        }
    }

    /// <summary>Takes an entry in, making room for it. False: it is larger than the whole cache and not kept.</summary>
    internal bool Admit(CacheEntry entry)
    {
        if (entry.Bytes > capacity) return false;
        lock (gate)
        {
            MakeRoom(entry.Bytes);
            entry.Place = ring.Count;
            ring.Add(entry);
            Interlocked.Add(ref bytes, entry.Bytes);
            if (entry.IsFilter) Interlocked.Add(ref filterBytes, entry.Bytes);
        }
        return true;
    }

    /// <summary>Lets an entry go that its owner no longer wants; one that has gone already is no matter.</summary>
    internal void Remove(CacheEntry entry)
    {
        lock (gate)
        {
            if (entry.Place < 0) return;
            TakeOut(entry);
        }
    }

    private void MakeRoom(long wanted)
    {
        // Twice round: the first round may only take marks away. What is pinned stays even then.
        for (var steps = ring.Count * 2; steps > 0 && bytes + wanted > capacity && ring.Count > 0; steps--)
        {
            if (hand >= ring.Count) hand = 0;
            var entry = ring[hand];
            if (entry.IsUsed)
            {
                entry.IsUsed = false;
                hand++;
            }
            else if (entry.TryLetGo())
            {
                TakeOut(entry);
            }
            else
            {
                hand++;
            }
        }
    }

    /// <summary>The last entry takes the place that becomes free.</summary>
    private void TakeOut(CacheEntry entry)
    {
        var last = ring[^1];
        ring[entry.Place] = last;
        last.Place = entry.Place;
        ring.RemoveAt(ring.Count - 1);
        entry.Place = -1;
        Interlocked.Add(ref bytes, -entry.Bytes);
        if (entry.IsFilter) Interlocked.Add(ref filterBytes, -entry.Bytes);
        Debug.Assert(bytes >= 0, "What goes out came in.");
    }
}

/// <summary>Something a <see cref="PageCache"/> keeps.</summary>
internal abstract class CacheEntry
{
    private volatile bool isUsed = true;

    /// <summary>What it takes.</summary>
    public abstract long Bytes { get; }

    /// <summary>It tells where not to look.</summary>
    public virtual bool IsFilter => false;

    /// <summary>It was used since the hand last passed.</summary>
    public bool IsUsed
    {
        get => isUsed;
        set => isUsed = value;
    }

    /// <summary>Position in the cache's ring, −1 outside. The cache's alone, under its lock.</summary>
    internal int Place { get; set; } = -1;

    /// <summary>Asked by the cache: frees what is kept unless it is in use. After true the entry is never asked again.</summary>
    internal abstract bool TryLetGo();
}

/// <summary>
/// A thing made from a file that can be made again: a dictionary's block, a piece of an index, counts over a page. Whoever asks gets the object, makes it when it is not there, and may go on
/// using it whatever the cache does.
/// </summary>
/// <param name="isFilter">Counts as a filter.</param>
internal sealed class CachedObject<T>(PageCache cache, bool isFilter = false) : IDisposable
    where T : class
{
    private Kept? kept;

    /// <summary>The object at present; null when it must be made.</summary>
    public T? Value
    {
        get
        {
            if (Volatile.Read(ref kept) is not { } entry || entry.Value is not { } value) return null;
            // A write to a shared line costs every reader on every core.
            if (!entry.IsUsed) entry.IsUsed = true;
            return value;
        }
    }

    /// <summary>Offers what was made to the cache. Two threads may have made it: either will do.</summary>
    public T Keep(T value, long bytes)
    {
        var entry = new Kept(value, bytes, isFilter);
        var before = Interlocked.Exchange(ref kept, entry);
        if (before is not null) cache.Remove(before);
        if (!cache.Admit(entry)) Interlocked.CompareExchange(ref kept, null, entry);
        return value;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref kept, null) is { } entry) cache.Remove(entry);
    }

    private sealed class Kept(T value, long bytes, bool isFilter) : CacheEntry
    {
        private T? value = value;

        public override long Bytes { get; } = bytes;

        public override bool IsFilter { get; } = isFilter;

        public T? Value => Volatile.Read(ref value);

        internal override bool TryLetGo()
        {
            Volatile.Write(ref value, null);
            return true;
        }
    }
}
