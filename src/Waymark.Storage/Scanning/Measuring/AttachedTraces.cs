// Which subtrees lie below a matching row of another segment: one measurement's answers about split traces.
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>First told of each segment's matching rows, by any number of threads at once; then asked.</summary>
internal sealed class AttachedTraces(SplitTrees trees)
{
    /// <summary>Per parent: it or an ancestor of it matches. Set by whoever finds out, never cleared.</summary>
    private readonly bool[] isBelow = new bool[trees.Parents];

    /// <summary>Looks at the rows of a segment that are ancestors of other segments' rows.</summary>
    /// <param name="onCorrupt">Told of pages that can't be read.</param>
    public void Find(int segment, PageCondition condition, Action<CorruptFileException> onCorrupt)
    {
        if (condition.IsImpossible) return;
        var rows = trees.Ancestors(segment);
        Span<ulong> matching = stackalloc ulong[RowBits.Words];
        while (!rows.IsEmpty)
        {
            var page = rows[0].Row / SegmentFormat.PageRows;
            var end = 1;
            while (end < rows.Length && rows[end].Row / SegmentFormat.PageRows == page) end++;
            try
            {
                if (condition.Select(page, matching))
                {
                    foreach (var (row, parent) in rows[..end])
                    {
                        if (RowBits.Contains(matching, row % SegmentFormat.PageRows)) isBelow[parent] = true;
                    }
                }
            }
            catch (CorruptFileException broken)
            {
                onCorrupt(broken);
            }
            rows = rows[end..];
        }
    }

    /// <summary>Adds the rows of a page that lie below a matching row of another segment.</summary>
    public void Mark(int segment, int page, Span<ulong> below)
    {
        var all = trees.Attached(segment);
        var (first, end) = (page * SegmentFormat.PageRows, (page + 1) * SegmentFormat.PageRows);
        for (var at = FirstEndingAfter(all, first); at < all.Length && all[at].First < end; at++)
        {
            if (isBelow[all[at].Parent]) Selection.SetRange(below, Math.Max(all[at].First, first) - first, Math.Min(all[at].End, end) - first);
        }
    }

    /// <summary>Subtrees of different parents don't overlap, so their ends ascend as well.</summary>
    private static int FirstEndingAfter(ReadOnlySpan<AttachedRows> all, int row)
    {
        int low = 0, high = all.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (all[middle].End > row) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
