// The store at one moment, as one query sees it.
using System.Runtime.CompilerServices;
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
    private readonly ConditionalWeakTable<BlockBuilder, Sources> sources = [];
    private readonly Lazy<IReadOnlySet<TraceId>> continuedTraces;

    /// <param name="heads">Acquired for the view, which disposes them.</param>
    /// <param name="segments">Acquired for the view, oldest first.</param>
    /// <param name="continued">Traces of the heads that may have pieces in segments: a superset.</param>
    public StoreView(HeadSnapshot[] heads, OpenSegment[] segments, Func<IReadOnlySet<TraceId>> continued, Action<CorruptFileException> onCorrupt)
    {
        Heads = heads;
        Segments = segments;
        this.onCorrupt = onCorrupt;
        cursors = new SegmentCursor?[segments.Length];
        continuedTraces = new Lazy<IReadOnlySet<TraceId>>(continued, LazyThreadSafetyMode.None);
    }

    public HeadSnapshot[] Heads { get; }
    public OpenSegment[] Segments { get; }

    /// <summary>Traces of the heads that may have pieces in segments.</summary>
    public IReadOnlySet<TraceId> Continued => continuedTraces.Value;

    public SegmentCursor Cursor(int segment) => cursors[segment] ??= new SegmentCursor(Segments[segment]);

    public void OnCorrupt(CorruptFileException broken) => onCorrupt(broken);

    /// <summary>Adds all of a trace to a block; false when the store has nothing of it.</summary>
    public bool AddTrace(TraceId id, BlockBuilder block)
    {
        var own = sources.GetValue(block, static _ => new Sources());
        var piece = own.Piece;
        piece.Clear();
        for (var s = 0; s < Segments.Length; s++)
        {
            var ordinal = FindIn(s, id, out var isUnknown);
            if (ordinal >= 0) ReadFrom(s, ordinal, block, own);
            piece.IsPartial |= isUnknown;
        }
        ReadHeads(id, block, own);
        if (piece.Core.Count == 0) return false;
        block.AddTrace(id, piece);
        return true;
    }

    /// <summary>Adds a trace that has a piece in this segment alone.</summary>
    public void AddTrace(int segment, int ordinal, BlockBuilder block)
    {
        var own = sources.GetValue(block, static _ => new Sources());
        own.Piece.Clear();
        ReadFrom(segment, ordinal, block, own);
        block.AddTrace(Cursor(segment).TraceIdOf(ordinal), own.Piece);
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

    public void Dispose()
    {
        foreach (var head in Heads) head.Dispose();
        foreach (var segment in Segments) segment.Dispose();
    }

    /// <summary>Ordinal of a trace in a segment, −1 when it is not there, or when that can't be read.</summary>
    private int FindIn(int segment, TraceId id, out bool isUnknown)
    {
        isUnknown = false;
        try
        {
            return Segments[segment].Find(id, Cursor(segment));
        }
        catch (CorruptFileException broken)
        {
            onCorrupt(broken);
            isUnknown = true;
            return -1;
        }
    }

    private void ReadFrom(int segment, int ordinal, BlockBuilder block, Sources own)
    {
        if (!own.Segments.TryGetValue(segment, out var source)) own.Segments[segment] = source = new SegmentSource(Cursor(segment), block);
        source.Read(ordinal, own.Piece, onCorrupt);
    }

    private void ReadHeads(TraceId id, BlockBuilder block, Sources own)
    {
        var rows = new List<(ulong Sequence, int Head, int Row)>();
        for (var h = 0; h < Heads.Length; h++)
        {
            foreach (var row in Heads[h].RowsOf(id))
            {
                var batch = Heads[h].Head.BatchOf(row);
                own.Piece.NoteReceived(batch.ReceivedAt);
                rows.Add((batch.Sequence, h, row));
            }
        }
        // Order of arrival, whatever lane a span came through.
        rows.Sort();
        foreach (var (_, h, row) in rows)
        {
            if (!own.Heads.TryGetValue(h, out var source)) own.Heads[h] = source = new HeadSource(Heads[h].Head, block);
            source.Read(row, own.Piece);
        }
    }

    /// <summary>Code translations of one block.</summary>
    private sealed class Sources
    {
        public PieceRows Piece { get; } = new();
        public Dictionary<int, SegmentSource> Segments { get; } = [];
        public Dictionary<int, HeadSource> Heads { get; } = [];
    }
}
