// Gathers traces from all their pieces, in segments and heads, into one block.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Storage.Scanning;

/// <summary>One block in the making, with what it remembers of each head and segment: how their codes translate into the block's. Not thread-safe; used once, while the view lives.</summary>
internal sealed class TraceCollector
{
    /// <summary>Rows of heads between two counts of what they take.</summary>
    private const int CountedRows = 8_192;

    /// <summary>Rows of heads after which it shows how many attributes they have.</summary>
    private const int SampleRows = 256;

    private readonly StoreView view;
    private readonly BlockBuilder block;
    private readonly PieceRows piece = new();
    private readonly SegmentSource?[] segments;
    private readonly HeadSource?[] heads;
    private long bytes;

    public TraceCollector(StoreView view, SpanSelection selection)
    {
        this.view = view;
        block = new BlockBuilder(selection);
        segments = new SegmentSource?[view.Segments.Length];
        heads = new HeadSource?[view.Heads.Length];
    }

    public int Rows => block.Rows;
    public int Traces => block.Traces;

    /// <summary>Bytes counted as held by the query: to be given back by whoever has built the block, when it is no longer the query's.</summary>
    public long Bytes => bytes;

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
        AddToBlock(id);
        return true;
    }

    /// <summary>Adds a trace that has a piece in this segment alone.</summary>
    public void Add(int segment, int ordinal)
    {
        piece.Clear();
        ReadSegment(segment, ordinal);
        AddToBlock(view.Cursor(segment).TraceIdOf(ordinal));
    }

    public SpanBlock Build() => block.Build();

    private void AddToBlock(TraceId id)
    {
        // Before it is so: the block grows by about what the rows take.
        view.Memory.Update(ref bytes, block.Bytes + (2 * piece.Bytes));
        block.AddTrace(id, piece);
        Count();
    }

    private void Count() => view.Memory.Update(ref bytes, block.Bytes + piece.Bytes);

    private void ReadSegment(int segment, int ordinal)
    {
        var source = segments[segment] ??= new SegmentSource(view.Cursor(segment), block, Count);
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
        for (var r = 0; r < rows.Count; r++)
        {
            var (_, h, row) = rows[r];
            var source = heads[h] ??= new HeadSource(view.Heads[h].Head, block);
            source.Read(row, piece);
            if (r == SampleRows) piece.ExpectAttributes(piece.Attributes.Count, SampleRows, rows.Count - SampleRows);
            if (r % CountedRows == 0) Count();
        }
    }
}
