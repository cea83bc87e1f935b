// The rows of a segment that can't be counted where they lie, as one measurement sees it.
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Row ranges of traces that must be merged, ascending. Immutable; any number of workers.</summary>
internal sealed class SplitRows
{
    private readonly SplitPiece[] pieces;

    /// <param name="pieces">Ascending.</param>
    public SplitRows(SplitPiece[] pieces) => this.pieces = pieces;

    /// <summary>The rows of a segment. Null when they can't be told: then none of its rows may be counted.</summary>
    /// <param name="needsTree">As of <see cref="SplitTable.RowsOf"/>.</param>
    public static SplitRows? Of(StoreView view, SplitTable table, int segment, bool needsTree)
    {
        var known = table.RowsOf(segment, needsTree);
        if (view.Continued.Count == 0) return known;
        var all = known.pieces.ToList();
        var cursor = view.Cursor(segment);
        foreach (var id in view.Continued)
        {
            if (view.FindIn(segment, id, out var isUnknown) is >= 0 and var ordinal)
            {
                var (first, end) = cursor.RowsOf(ordinal);
                all.Add(new SplitPiece(first, end, id, SharesSpans: true));
            }
            if (isUnknown) return null;
        }
        // A trace may come from both sides; taken twice its rows are gone the second time.
        return new SplitRows([.. all.OrderBy(p => p.First)]);
    }

    /// <summary>Clears the bits of a page's rows that belong to such traces; those of which a bit was set go to <paramref name="met"/>.</summary>
    public void Take(int page, Span<ulong> bits, HashSet<TraceId> met)
    {
        var first = page * SegmentFormat.PageRows;
        var end = first + SegmentFormat.PageRows;
        for (var p = FirstEndingAfter(first); p < pieces.Length && pieces[p].First < end; p++)
        {
            var piece = pieces[p];
            if (Selection.TakeRange(bits, Math.Max(piece.First, first) - first, Math.Min(piece.End, end) - first) && piece.Id is { } id) met.Add(id);
        }
    }

    private int FirstEndingAfter(int row)
    {
        int low = 0, high = pieces.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (pieces[middle].End > row) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
