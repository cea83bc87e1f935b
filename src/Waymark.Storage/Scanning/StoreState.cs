// What the store consists of, replaced as a whole at each change, so that every reader sees one moment.
using System.Runtime.CompilerServices;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Heads being sealed (oldest first) and active, and segments (oldest first). Any number of threads.</summary>
internal sealed class StoreState : IDisposable
{
    private readonly Lock gate = new();
    private readonly ConditionalWeakTable<SpanHead, HeadTraces> headTraces = [];
    private SpanHead[] heads = [];
    private OpenSegment[] segments = [];
    private bool disposed;

    /// <summary>The heads at present, without a reference to them.</summary>
    public SpanHead[] Heads
    {
        get
        {
            lock (gate) return heads;
        }
    }

    /// <summary>The segments at present, without a reference to them.</summary>
    public OpenSegment[] Segments
    {
        get
        {
            lock (gate) return segments;
        }
    }

    /// <summary>Puts new heads behind those there are.</summary>
    public void AddHeads(IEnumerable<SpanHead> added)
    {
        lock (gate) heads = [.. heads, .. added];
    }

    /// <summary>In one step: heads go, their segment comes, and a head with what it left out. The heads are given back by the caller afterwards.</summary>
    public void ReplaceHeads(IReadOnlyCollection<SpanHead> sealedHeads, OpenSegment? segment, SpanHead? carried = null)
    {
        lock (gate)
        {
            // In front: what it holds is older than what the others got meanwhile.
            heads = [.. carried is null ? [] : new[] { carried }, .. heads.Where(h => !sealedHeads.Contains(h))];
            if (segment is not null) segments = [.. segments, segment];
        }
    }

    /// <summary>Takes segments out; the caller gives them back afterwards.</summary>
    public void RemoveSegments(IReadOnlyCollection<OpenSegment> removed)
    {
        lock (gate) segments = [.. segments.Where(s => !removed.Contains(s))];
    }

    /// <summary>A view of this moment, holding references to all of it. Throws <see cref="ObjectDisposedException"/> once the store is closed: no answer, rather than an empty one.</summary>
    public StoreView View(Action<CorruptFileException> onCorrupt, QueryMemory memory) => TryView(onCorrupt, memory) ?? throw new ObjectDisposedException(nameof(SpanStore));

    /// <summary>The same; null once the store is closed.</summary>
    public StoreView? TryView(Action<CorruptFileException> onCorrupt, QueryMemory memory)
    {
        lock (gate)
        {
            if (disposed) return null;
            foreach (var head in heads) Require(head.TryAcquire());
            foreach (var segment in segments) Require(segment.TryAcquire());
            var snapshots = heads.Select(h => new HeadSnapshot(h)).ToArray();
            return new StoreView(snapshots, segments, [.. heads.Select(h => headTraces.GetOrCreateValue(h))], onCorrupt, memory);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var head in heads) head.Dispose();
            foreach (var segment in segments) segment.Dispose();
            heads = [];
            segments = [];
            disposed = true;
        }
    }

    private static void Require(bool acquired)
    {
        if (!acquired) throw new System.Diagnostics.UnreachableException("The state names something that is freed.");
    }
}
