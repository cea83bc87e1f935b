// A condition with a range of starts, against one segment, for one worker.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>The rows of a page that satisfy the one condition of a set and start in its range. Not thread-safe; reads through the cursor of its pages.</summary>
internal sealed class PageCondition(MeasurePages pages, ConditionSet conditions)
{
    private readonly SegmentFilter filter = new(pages.Cursor, conditions);
    private readonly bool isEverAfter = conditions.Range == Model.Spans.TimeRange.All;

    /// <summary>No row of the segment can match.</summary>
    public bool IsImpossible => filter.Possible == 0;

    /// <summary>The rows that match, as a bit each; false when there are none.</summary>
    public bool Select(int page, Span<ulong> bits)
    {
        if (!isEverAfter && !filter.MayStartInRange(page))
        {
            bits.Clear();
            return false;
        }
        filter.Evaluate(page, 0, bits);
        if (!isEverAfter && !RowBits.IsEmpty(bits))
        {
            Span<ulong> starting = stackalloc ulong[RowBits.Words];
            filter.EvaluateRange(page, starting);
            RowBits.And(bits, starting);
        }
        return !RowBits.IsEmpty(bits);
    }
}
