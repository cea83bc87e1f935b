// Walks one segment's traces from the newest to the oldest, yielding those that may match.
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Candidates of one segment in list order. Pages are read when the walk reaches them, so a caller that stops early reads little.</summary>
internal sealed class SegmentScanner
{
    private const int PageTraces = SegmentFormat.PageRows;
    private readonly StoreView view;
    private readonly int segment;
    private readonly SegmentCursor cursor;
    private readonly ConditionSet conditions;
    private readonly SegmentFilter filter;
    private int next;

    public SegmentScanner(StoreView view, int segment, ConditionSet conditions, TraceCursor? after)
    {
        this.view = view;
        this.segment = segment;
        this.conditions = conditions;
        cursor = view.Cursor(segment);
        filter = new SegmentFilter(cursor, conditions);
        if (!MayMatch) return;
        var traces = cursor.Segment.Traces;
        // Everything from here on starts too late to have a span in the range.
        next = LowerBound(traces, ordinal => conditions.Range.EndsBefore(cursor.StartOf(ordinal))) - 1;
        if (after is { } place) next = Math.Min(next, LowerBound(traces, ordinal => CursorOf(ordinal).CompareTo(place) <= 0) - 1);
    }

    /// <summary>False when no row of the segment can satisfy any condition: there is nothing to walk.</summary>
    public bool MayMatch => filter.Possible != 0;

    public TraceCursor CursorOf(int ordinal) => new(cursor.StartOf(ordinal), cursor.TraceIdOf(ordinal));

    /// <summary>True when the trace may have pieces elsewhere.</summary>
    public bool IsSplit(int ordinal) => cursor.Segment.IsSplit(ordinal) || view.Continued.Contains(cursor.TraceIdOf(ordinal));

    /// <summary>The next trace with a row that satisfies some condition within the range; −1 at the end. Whole traces satisfy all conditions; pieces of split ones need not.</summary>
    public int Next(CancellationToken cancellation)
    {
        while (next >= 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var page = next / PageTraces;
            if (cursor.Segment.Reader.Page(cursor.Segment.Columns.Trace(SegmentColumns.Trace.End), page).Max < conditions.Range.From.Value)
            {
                next = (page * PageTraces) - 1;
                continue;
            }
            var ordinal = next--;
            if (IsCandidate(ordinal)) return ordinal;
        }
        return -1;
    }

    /// <summary>Whether a trace has a row that satisfies some condition within the range, and, if it is whole, all conditions.</summary>
    public bool IsCandidate(int ordinal)
    {
        try
        {
            if (cursor.TraceValue(SegmentColumns.Trace.End, ordinal) < conditions.Range.From.Value) return false;
            var (first, end) = cursor.RowsOf(ordinal);
            var satisfied = filter.Evaluate(first, end);
            if ((satisfied & SegmentFilter.InRange) == 0) return false;
            return (satisfied & conditions.All) == conditions.All || IsSplit(ordinal);
        }
        catch (CorruptFileException broken)
        {
            // What can't be judged is handed on: the trace comes back marked partial, which is the truth.
            view.OnCorrupt(broken);
            return true;
        }
    }

    /// <summary>The first ordinal for which a monotone predicate holds.</summary>
    private static int LowerBound(int count, Func<int, bool> holds)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (holds(middle)) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
