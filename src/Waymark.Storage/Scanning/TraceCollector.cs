// Gathers traces from all their pieces, in segments and heads, into one block.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Storage.Scanning;

/// <summary>One block in the making, with what it remembers of each head and segment: how their codes translate into the block's. Not thread-safe; used once, while the view lives.</summary>
internal sealed class TraceCollector(StoreView view, SpanSelection selection)
{
    private readonly BlockBuilder block = new(selection);
    private readonly PieceRows piece = new();
    private readonly SegmentSource?[] segments = new SegmentSource?[view.Segments.Length];
    private readonly HeadSource?[] heads = new HeadSource?[view.Heads.Length];

    public int Rows => block.Rows;
    public int Traces => block.Traces;

    /// <summary>Adds all of a trace; false when the store has nothing of it.</summary>
    public bool Add(TraceId id)
    {
        piece.Clear();
        for (var s = 0; s < segments.Length; s++)
        {
            var ordinal = view.FindIn(s, id, out var isUnknown);
            if (ordinal >= 0) ReadSegment(s, ordinal);
            piece.IsPartial |= isUnknown;
        }
        ReadHeads(id);
        if (piece.Core.Count == 0) return false;
        block.AddTrace(id, piece);
        return true;
    }

    /// <summary>Adds a trace that has a piece in this segment alone.</summary>
    public void Add(int segment, int ordinal)
    {
        piece.Clear();
        ReadSegment(segment, ordinal);
        block.AddTrace(view.Cursor(segment).TraceIdOf(ordinal), piece);
    }

    public SpanBlock Build() => block.Build();

    private void ReadSegment(int segment, int ordinal)
    {
        var source = segments[segment] ??= new SegmentSource(view.Cursor(segment), block);
        source.Read(ordinal, piece, view.OnCorrupt);
    }

    private void ReadHeads(TraceId id)
    {
        var rows = new List<(ulong Sequence, int Head, int Row)>();
        for (var h = 0; h < heads.Length; h++)
        {
            foreach (var row in view.Heads[h].RowsOf(id))
            {
                var batch = view.Heads[h].Head.BatchOf(row);
                piece.NoteReceived(batch.ReceivedAt);
                rows.Add((batch.Sequence, h, row));
            }
        }
        // Order of arrival, whatever lane a span came through.
        rows.Sort();
        piece.Expect(rows.Count, block.Parts);
        foreach (var (_, h, row) in rows)
        {
            var source = heads[h] ??= new HeadSource(view.Heads[h].Head, block);
            source.Read(row, piece);
        }
    }
}
