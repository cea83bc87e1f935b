// Which rows of segments belong to traces that have pieces in several: worked out once for each set of segments.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Rows [First, End) of a segment that are a piece of a split trace.</summary>
/// <param name="Id">Null when the trace table could not be read: of whom the rows are is not known.</param>
/// <param name="SharesSpans">Some span of the trace may lie in two pieces. Where none does, every row of every piece is a span of its own.</param>
/// <param name="HasTree">Where it has no span twice: how its pieces hang together is known (<see cref="SplitTable.Trees"/>).</param>
internal readonly record struct SplitPiece(int First, int End, TraceId? Id, bool SharesSpans, bool HasTree = false);

/// <summary>The pieces of split traces in the segments of one moment, of which nothing ever changes. Immutable; any number of threads.</summary>
internal sealed class SplitTable
{
    private static readonly ConditionalWeakTable<OpenSegment[], SplitTable> Known = [];

    private readonly List<SplitPiece>[] pieces;

    /// <summary>Of each segment the rows of traces that may have a span twice, and of those whose pieces hang together in a way that is not known.</summary>
    private readonly SplitRows[] sharing;
    private readonly SplitRows[] treeless;

    private SplitTable(StoreView view)
    {
        Trees = new SplitTrees(view.Segments.Length);
        pieces = new List<SplitPiece>[view.Segments.Length];
        for (var s = 0; s < pieces.Length; s++) pieces[s] = ReadPieces(view, s);
        FindSharedSpans(view);
        sharing = Array.ConvertAll(pieces, list => new SplitRows([.. list.Where(p => p.SharesSpans)]));
        treeless = Array.ConvertAll(pieces, list => new SplitRows([.. list.Where(p => !p.HasTree)]));
    }

    /// <summary>A trace table could not be read.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Of the traces of which no span lies in two pieces.</summary>
    public SplitTrees Trees { get; }

    /// <summary>The table of the view's segments. One that could not be made in full is not kept: what a disk refuses once it may give the next time.</summary>
    public static SplitTable Of(StoreView view)
    {
        var table = Known.GetValue(view.Segments, _ => new SplitTable(view));
        if (table.IsPartial) Known.Remove(view.Segments);
        return table;
    }

    /// <summary>The rows of a segment that must be merged, as far as segments tell.</summary>
    /// <param name="needsTree">What counts depends on ancestors: traces need merging of which it is not known how their pieces hang together. Otherwise only those that may have a span twice.</param>
    public SplitRows RowsOf(int segment, bool needsTree) => (needsTree ? treeless : sharing)[segment];

    private List<SplitPiece> ReadPieces(StoreView view, int segment)
    {
        var list = new List<SplitPiece>();
        var cursor = view.Cursor(segment);
        var ordinals = view.Segments[segment].SplitTraces();
        Array.Sort(ordinals);
        foreach (var ordinal in ordinals)
        {
            try
            {
                var (first, end) = cursor.RowsOf(ordinal);
                if (list.Count > 0 && first < list[^1].End) continue;
                list.Add(new SplitPiece(first, end, cursor.TraceIdOf(ordinal), SharesSpans: false));
            }
            catch (CorruptFileException broken)
            {
                view.OnCorrupt(broken);
                IsPartial = true;
                AddUnknown(list, view.Segments[segment], ordinal);
            }
        }
        return list;
    }

    /// <summary>Which rows are whose is not known for a page of traces: the directory says which rows they have together.</summary>
    private static void AddUnknown(List<SplitPiece> list, OpenSegment segment, int ordinal)
    {
        var pages = segment.Reader.Pages(segment.Columns.Trace(SegmentColumns.Trace.FirstRow));
        var page = ordinal / SegmentFormat.PageRows;
        var first = (int)pages[page].Min;
        var end = page + 1 < pages.Length ? (int)pages[page + 1].Min : (int)segment.Entry.Spans;
        list.RemoveAll(p => p.First >= first);
        list.Add(new SplitPiece(first, end, null, SharesSpans: true));
    }

    private void FindSharedSpans(StoreView view)
    {
        var places = new Dictionary<TraceId, List<(int Segment, int Piece)>>();
        for (var s = 0; s < pieces.Length; s++)
        {
            for (var p = 0; p < pieces[s].Count; p++)
            {
                if (pieces[s][p].Id is not { } id) continue;
                if (!places.TryGetValue(id, out var list)) places[id] = list = [];
                list.Add((s, p));
            }
        }
        var ids = new List<long>();
        foreach (var list in places.Values)
        {
            // The others may have expired with their segment.
            var shares = list.Count > 1 && MayShareSpans(view, list, ids);
            var hasTree = !shares && (list.Count == 1 || TryAddTree(view, list));
            foreach (var (s, p) in list) pieces[s][p] = pieces[s][p] with { SharesSpans = shares, HasTree = hasTree };
        }
        Trees.Complete();
    }

    private bool TryAddTree(StoreView view, List<(int Segment, int Piece)> places)
    {
        try
        {
            return Trees.TryAdd(view, places.ConvertAll(at => (at.Segment, pieces[at.Segment][at.Piece])));
        }
        catch (CorruptFileException broken)
        {
            // As below.
            view.OnCorrupt(broken);
            return false;
        }
    }

    private bool MayShareSpans(StoreView view, List<(int Segment, int Piece)> places, List<long> ids)
    {
        ids.Clear();
        try
        {
            foreach (var (s, p) in places)
            {
                var column = view.Segments[s].Columns.Span(SegmentColumns.Span.Id);
                for (var row = pieces[s][p].First; row < pieces[s][p].End;)
                {
                    var page = row / SegmentFormat.PageRows;
                    var stop = Math.Min(pieces[s][p].End, (page + 1) * SegmentFormat.PageRows);
                    CollectionsMarshal.SetCount(ids, ids.Count + stop - row);
                    view.Cursor(s).Numbers(column, page, row % SegmentFormat.PageRows, CollectionsMarshal.AsSpan(ids)[^(stop - row)..]);
                    row = stop;
                }
            }
        }
        catch (CorruptFileException broken)
        {
            // Whoever merges the trace finds out what is missing.
            view.OnCorrupt(broken);
            return true;
        }
        // Ids may repeat within a piece, too: telling these apart is not worth a thought.
        ids.Sort();
        for (var i = 1; i < ids.Count; i++)
        {
            if (ids[i] == ids[i - 1]) return true;
        }
        return false;
    }
}
