// What the store consists of, replaced as a whole at each change, so that every reader sees one moment.
using System.Runtime.CompilerServices;
using Waymark.Model.Spans;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Heads being sealed (oldest first) and active, and segments (oldest first). Any number of threads.</summary>
internal sealed class StoreState : IDisposable
{
    private readonly Lock gate = new();
    private readonly ConditionalWeakTable<SpanHead, ContinuedTraces> continued = [];
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
    public StoreView View(Action<CorruptFileException> onCorrupt) => TryView(onCorrupt) ?? throw new ObjectDisposedException(nameof(SpanStore));

    /// <summary>The same; null once the store is closed.</summary>
    public StoreView? TryView(Action<CorruptFileException> onCorrupt)
    {
        lock (gate)
        {
            if (disposed) return null;
            foreach (var head in heads) Require(head.TryAcquire());
            foreach (var segment in segments) Require(segment.TryAcquire());
            var snapshots = heads.Select(h => new HeadSnapshot(h)).ToArray();
            var seen = segments;
            return new StoreView(snapshots, seen, () => Continued(snapshots, seen), onCorrupt);
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

    /// <summary>Traces of the heads whose ids occur in the index of a segment: a few may be chance, none is missing.</summary>
    private HashSet<TraceId> Continued(HeadSnapshot[] snapshots, OpenSegment[] seen)
    {
        var all = new HashSet<TraceId>();
        foreach (var snapshot in snapshots)
        {
            continued.GetOrCreateValue(snapshot.Head).AddTo(all, snapshot, seen);
        }
        return all;
    }

    private static void Require(bool acquired)
    {
        if (!acquired) throw new System.Diagnostics.UnreachableException("The state names something that is freed.");
    }

    /// <summary>The answer for one head, extended as rows are added and started over when segments are.</summary>
    private sealed class ContinuedTraces
    {
        private readonly Lock gate = new();
        private readonly HashSet<TraceId> found = [];
        private OpenSegment[] checkedAgainst = [];
        private int rows;

        public void AddTo(HashSet<TraceId> all, HeadSnapshot snapshot, OpenSegment[] segments)
        {
            lock (gate)
            {
                if (segments.Except(checkedAgainst).Any())
                {
                    checkedAgainst = segments;
                    rows = 0;
                }
                Span<int> ordinals = stackalloc int[1];
                for (; rows < snapshot.Visible; rows++)
                {
                    ref readonly var span = ref snapshot.Head.Spans[rows];
                    if (span.PreviousInTrace >= 0) continue;
                    foreach (var segment in segments)
                    {
                        if (segment.Index.Find(span.TraceId, ordinals) == 0) continue;
                        found.Add(span.TraceId);
                        break;
                    }
                }
                all.UnionWith(found);
            }
        }
    }
}
