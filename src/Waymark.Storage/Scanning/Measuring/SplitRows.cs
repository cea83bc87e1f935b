// The rows of a segment that belong to traces with further pieces elsewhere: they can't be counted where they lie.
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Row ranges of split traces, ascending. Immutable; any number of workers.</summary>
internal sealed class SplitRows
{
    private readonly List<Piece> pieces = [];

    private SplitRows()
    {
    }

    /// <summary>A trace table could not be read: of its traces nothing is counted.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>The split traces of a segment. Null when they can't be told: then none of its rows may be counted.</summary>
    public static SplitRows? Of(StoreView view, int segment)
    {
        var ordinals = new SortedSet<int>(view.Segments[segment].SplitTraces());
        foreach (var id in view.Continued)
        {
            if (view.FindIn(segment, id, out var isUnknown) is >= 0 and var ordinal) ordinals.Add(ordinal);
            if (isUnknown) return null;
        }
        var split = new SplitRows();
        foreach (var ordinal in ordinals) split.Add(view, segment, ordinal);
        return split;
    }

    /// <summary>Clears the bits of a page's rows that belong to split traces; those of which a bit was set go to <paramref name="met"/>.</summary>
    public void Take(int page, Span<ulong> bits, HashSet<TraceId> met)
    {
        if (pieces.Count == 0) return;
        var first = page * SegmentFormat.PageRows;
        var end = first + SegmentFormat.PageRows;
        for (var p = FirstEndingAfter(first); p < pieces.Count && pieces[p].First < end; p++)
        {
            var piece = pieces[p];
            if (Selection.TakeRange(bits, Math.Max(piece.First, first) - first, Math.Min(piece.End, end) - first) && piece.Id is { } id) met.Add(id);
        }
    }

    private void Add(StoreView view, int segment, int ordinal)
    {
        var cursor = view.Cursor(segment);
        try
        {
            var (first, end) = cursor.RowsOf(ordinal);
            if (pieces.Count > 0 && first < pieces[^1].End) return;
            pieces.Add(new Piece(first, end, cursor.TraceIdOf(ordinal)));
        }
        catch (CorruptFileException broken)
        {
            view.OnCorrupt(broken);
            IsPartial = true;
            AddUnknown(cursor.Segment, ordinal);
        }
    }

    /// <summary>Which rows are whose is not known for a page of traces: the directory says which rows they have together.</summary>
    private void AddUnknown(OpenSegment segment, int ordinal)
    {
        var pages = segment.Reader.Pages(segment.Columns.Trace(SegmentColumns.Trace.FirstRow));
        var page = ordinal / SegmentFormat.PageRows;
        var first = (int)pages[page].Min;
        var end = page + 1 < pages.Length ? (int)pages[page + 1].Min : (int)segment.Entry.Spans;
        pieces.RemoveAll(p => p.First >= first);
        pieces.Add(new Piece(first, end, null));
    }

    private int FirstEndingAfter(int row)
    {
        int low = 0, high = pieces.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (pieces[middle].End > row) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <param name="Id">Null when it could not be read.</param>
    private readonly record struct Piece(int First, int End, TraceId? Id);
}
