// Where a span spent time itself, rather than waiting for its children.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>Self time: a span's duration minus the part covered by its direct children, each clipped to the span.</summary>
public static class SelfTime
{
    /// <summary>Self time of each row of a trace, by row counted from the trace's first. Linear: siblings come in order of start, so coverage is one sweep.</summary>
    public static DurationNanos[] Of(SpanBlock block, TraceSlice trace)
    {
        var self = new DurationNanos[trace.Count];
        var coveredUntil = new UnixNanos[trace.Count];
        for (var i = 0; i < trace.Count; i++)
        {
            var row = trace.FirstRow + i;
            self[i] = block.Duration(row);
            coveredUntil[i] = block.Start[row];
            var parentRow = block.ParentRow[row];
            if (parentRow < 0) continue;
            var parent = parentRow - trace.FirstRow;
            var from = block.Start[row] > coveredUntil[parent] ? block.Start[row] : coveredUntil[parent];
            var to = block.End[row] < block.End[parentRow] ? block.End[row] : block.End[parentRow];
            if (to <= from) continue;
            self[parent] = new DurationNanos(self[parent].Value - (to - from).Value);
            coveredUntil[parent] = to;
        }
        return self;
    }
}
