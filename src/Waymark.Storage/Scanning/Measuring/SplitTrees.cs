// How the pieces of split traces hang together: which subtrees of a segment have their parent in another, and all ancestors of those. Worked out once, so that no measurement puts traces together for it.
using System.Runtime.InteropServices;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Rows [First, End) of a segment are a subtree whose parent lies in another segment.</summary>
/// <param name="Parent">Number of the parent, by which <see cref="SplitTrees"/> knows its ancestors.</param>
internal readonly record struct AttachedRows(int First, int End, int Parent);

/// <summary>A row that is an ancestor of what hangs below a parent, or that parent itself.</summary>
internal readonly record struct AncestorRow(int Row, int Parent);

/// <summary>
/// Of the traces with pieces in several segments of which every row is a span of its own. Filled trace by trace, then only read: by any number of threads.
/// </summary>
internal sealed class SplitTrees(int segments)
{
    /// <summary>Ancestors that a trace's parents may have, per row of the trace: with more of them putting it together is cheaper.</summary>
    private const int MaxDepth = 64;

    private readonly List<AttachedRows>[] attached = Lists<AttachedRows>(segments);
    private readonly List<AncestorRow>[] ancestors = Lists<AncestorRow>(segments);

    // Of the trace that is being added, piece after piece.
    private readonly List<(int Segment, SplitPiece Piece, int At)> places = [];
    private readonly List<long> ids = [];
    private readonly List<int> parents = [];
    private readonly Dictionary<long, int> rowOfId = [];
    private readonly Dictionary<int, int> numberOfParent = [];

    /// <summary>Parents that have children in other segments.</summary>
    public int Parents { get; private set; }

    /// <summary>The subtrees of a segment that hang below another's rows, ascending.</summary>
    public ReadOnlySpan<AttachedRows> Attached(int segment) => CollectionsMarshal.AsSpan(attached[segment]);

    /// <summary>The rows of a segment that are ancestors of other segments' rows, ascending.</summary>
    public ReadOnlySpan<AncestorRow> Ancestors(int segment) => CollectionsMarshal.AsSpan(ancestors[segment]);

    /// <summary>Adds a trace. False: its rows form no tree that stands as it is (cut cycles), and whoever asks about ancestors must put it together.</summary>
    public bool TryAdd(StoreView view, List<(int Segment, SplitPiece Piece)> pieces)
    {
        places.Clear();
        ids.Clear();
        parents.Clear();
        rowOfId.Clear();
        numberOfParent.Clear();
        foreach (var (segment, piece) in pieces)
        {
            places.Add((segment, piece, ids.Count));
            ReadIds(view, segment, piece);
        }
        for (var i = 0; i < ids.Count; i++) rowOfId[ids[i]] = i;
        foreach (var (segment, piece, at) in places)
        {
            if (!TryReadParents(view, segment, piece, at)) return false;
        }
        if (!IsTree()) return false;
        foreach (var (segment, piece, at) in places) Attach(segment, piece, at);
        return true;
    }

    /// <summary>When all traces are in: rows in ascending order.</summary>
    public void Complete()
    {
        foreach (var list in attached) list.Sort(static (a, b) => a.First.CompareTo(b.First));
        foreach (var list in ancestors) list.Sort(static (a, b) => a.Row.CompareTo(b.Row));
    }

    private void ReadIds(StoreView view, int segment, SplitPiece piece)
    {
        var column = view.Segments[segment].Columns.Span(SegmentColumns.Span.Id);
        for (var row = piece.First; row < piece.End;)
        {
            var stop = Math.Min(piece.End, ((row / SegmentFormat.PageRows) + 1) * SegmentFormat.PageRows);
            CollectionsMarshal.SetCount(ids, ids.Count + stop - row);
            view.Cursor(segment).Numbers(column, row / SegmentFormat.PageRows, row % SegmentFormat.PageRows, CollectionsMarshal.AsSpan(ids)[^(stop - row)..]);
            row = stop;
        }
    }

    /// <summary>Appends the parent of each row of a piece, as an index among the trace's rows; −1: none.</summary>
    private bool TryReadParents(StoreView view, int segment, SplitPiece piece, int at)
    {
        var columns = view.Segments[segment].Columns;
        var cursor = view.Cursor(segment);
        for (var row = piece.First; row < piece.End; row++)
        {
            var (page, inPage) = (row / SegmentFormat.PageRows, row % SegmentFormat.PageRows);
            var links = cursor.Numbers(columns.Span(SegmentColumns.Span.ParentLink), page);
            if (inPage >= links.Length || links[inPage] < 0) return false;
            var own = parents.Count;
            if (links[inPage] != 1)
            {
                if (links[inPage] > own - at + 1) return false;
                parents.Add(links[inPage] == 0 ? -1 : own - (int)(links[inPage] - 1));
                continue;
            }
            var before = links[..inPage].Count(1L);
            var named = cursor.Number(columns.Span(SegmentColumns.Span.ParentId), page, before);
            var parent = rowOfId.GetValueOrDefault(named, -1);
            // A row of the same piece is no link away only where a cycle was cut.
            if (parent >= at && parent < at + piece.End - piece.First) return false;
            parents.Add(parent);
        }
        return true;
    }

    /// <summary>No cycles, and not too deep. Within a piece parents stand before their children, so that a cycle would lead through several.</summary>
    private bool IsTree()
    {
        long steps = 0;
        foreach (var (_, piece, at) in places)
        {
            for (var top = at; top < at + piece.End - piece.First; top++)
            {
                if (parents[top] < 0 || (parents[top] >= at && parents[top] < top)) continue;
                // A cycle has no end, and so goes over any limit.
                for (var row = parents[top]; row >= 0; row = parents[row])
                {
                    if (++steps > MaxDepth * (long)ids.Count) return false;
                }
            }
        }
        return true;
    }

    private void Attach(int segment, SplitPiece piece, int at)
    {
        var end = at + piece.End - piece.First;
        for (var top = at; top < end; top++)
        {
            var parent = parents[top];
            if (parent < 0 || (parent >= at && parent < end)) continue;
            var after = top + 1;
            while (after < end && parents[after] >= top && parents[after] < after) after++;
            if (!numberOfParent.TryGetValue(parent, out var number))
            {
                number = numberOfParent[parent] = Parents++;
                for (var row = parent; row >= 0; row = parents[row]) AddAncestor(row, number);
            }
            attached[segment].Add(new AttachedRows(piece.First + top - at, piece.First + after - at, number));
        }
    }

    private void AddAncestor(int index, int number)
    {
        var (segment, piece, at) = places.FindLast(p => p.At <= index);
        ancestors[segment].Add(new AncestorRow(piece.First + index - at, number));
    }

    private static List<T>[] Lists<T>(int count)
    {
        var lists = new List<T>[count];
        for (var i = 0; i < count; i++) lists[i] = [];
        return lists;
    }
}
