// The store at one moment, as one query sees it.
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// References to every head and segment that make up the store when the view was taken; nothing of it is freed or deleted before Dispose. One query, one thread at a time.
/// </summary>
internal sealed class StoreView : IDisposable
{
    private readonly Action<CorruptFileException> onCorrupt;
    private readonly SegmentCursor?[] cursors;
    private readonly HeadTraces[] headTraces;
    private readonly bool isFork;
    private HashSet<TraceId>? continued;

    /// <param name="heads">Acquired for the view, which disposes them.</param>
    /// <param name="segments">Acquired for the view, oldest first.</param>
    /// <param name="headTraces">What is known of each of the heads, shared with other views.</param>
    /// <param name="memory">Counts what is held by whoever reads through the view.</param>
    public StoreView(HeadSnapshot[] heads, OpenSegment[] segments, HeadTraces[] headTraces, Action<CorruptFileException> onCorrupt, QueryMemory memory)
    {
        Memory = memory;
        Heads = heads;
        Segments = segments;
        this.onCorrupt = onCorrupt;
        cursors = new SegmentCursor?[segments.Length];
        this.headTraces = headTraces;
    }

    private StoreView(StoreView of)
        : this(of.Heads, of.Segments, of.headTraces, of.onCorrupt, of.Memory)
    {
        isFork = true;
        // Many may read it, and it takes going through all traces of the heads.
        continued = of.continued;
    }

    public HeadSnapshot[] Heads { get; }
    public OpenSegment[] Segments { get; }

    /// <summary>What the query holds.</summary>
    public QueryMemory Memory { get; }

    /// <summary>Traces of the heads that have pieces in segments; what can't be told for certain is among them.</summary>
    public IReadOnlySet<TraceId> Continued
    {
        get
        {
            if (continued is not null) return continued;
            continued = [];
            for (var h = 0; h < Heads.Length; h++) headTraces[h].AddContinued(continued, Heads[h], Segments, onCorrupt);
            return continued;
        }
    }

    /// <summary>The same moment for another thread: it holds nothing of its own but its places in the segments, and goes before this view does.</summary>
    public StoreView Fork() => new(this);

    public SegmentCursor Cursor(int segment) => cursors[segment] ??= new SegmentCursor(Segments[segment], Memory);

    /// <summary>Lets go of what cursors hold; they may go on, and read anew.</summary>
    public void ReleaseCursors()
    {
        foreach (var cursor in cursors) cursor?.Release();
    }

    /// <summary>Lets go of a segment's cursor, which nobody uses any more.</summary>
    public void Drop(int segment)
    {
        cursors[segment]?.Dispose();
        cursors[segment] = null;
    }

    /// <summary>The same of all segments but one.</summary>
    public void DropBut(int segment)
    {
        for (var s = 0; s < cursors.Length; s++)
        {
            if (s != segment) Drop(s);
        }
    }

    public void OnCorrupt(CorruptFileException broken) => onCorrupt(broken);

    /// <summary>Distinct traces: those of segments less the continuations of older ones, and those of heads that no segment has.</summary>
    public long CountTraces()
    {
        var traces = Segments.Sum(s => s.Entry.Traces - s.Continuations.Length);
        for (var h = 0; h < Heads.Length; h++) traces += headTraces[h].Count(Heads[h], Heads.AsSpan(0, h));
        foreach (var id in Continued)
        {
            // The heads may have got further than this view.
            if (Array.Exists(Heads, h => h.HasTrace(id))) traces--;
        }
        return traces;
    }

    /// <summary>The smallest start among all pieces of a trace.</summary>
    public UnixNanos StartOf(TraceId id)
    {
        var start = UnixNanos.Max;
        for (var s = 0; s < Segments.Length; s++)
        {
            var ordinal = FindIn(s, id, out _);
            if (ordinal < 0) continue;
            try
            {
                var own = Cursor(s).StartOf(ordinal);
                if (own < start) start = own;
            }
            catch (CorruptFileException broken)
            {
                onCorrupt(broken);
            }
        }
        foreach (var head in Heads)
        {
            foreach (var row in head.RowsOf(id))
            {
                if (head.Head.Spans[row].Start < start) start = head.Head.Spans[row].Start;
            }
        }
        return start;
    }

    /// <summary>Rows of all pieces of a trace, duplicates among them.</summary>
    public long RowsOf(TraceId id)
    {
        long rows = 0;
        for (var s = 0; s < Segments.Length; s++)
        {
            var ordinal = FindIn(s, id, out _);
            if (ordinal < 0) continue;
            var (first, end) = Cursor(s).RowsOf(ordinal);
            rows += end - first;
        }
        foreach (var head in Heads) rows += head.CountRows(id);
        return rows;
    }

    /// <summary>Ordinal of a trace in a segment; −1 when it is not there, or when that can't be read, which is unknown.</summary>
    public int FindIn(int segment, TraceId id, out bool isUnknown)
    {
        isUnknown = false;
        // Before a cursor is made: of a thousand segments nearly all say no.
        if (!Segments[segment].MayHave(id)) return -1;
        try
        {
            return Segments[segment].Find(id, Cursor(segment), onCorrupt);
        }
        catch (CorruptFileException broken)
        {
            onCorrupt(broken);
            isUnknown = true;
            return -1;
        }
    }

    public void Dispose()
    {
        foreach (var cursor in cursors) cursor?.Dispose();
        if (isFork) return;
        foreach (var head in Heads) head.Dispose();
        foreach (var segment in Segments) segment.Dispose();
    }
}
