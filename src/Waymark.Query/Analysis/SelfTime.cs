// Where a span spent time itself, rather than waiting for its children.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>Self time: a span's duration minus the part covered by its direct children, each clipped to the span, on corrected clocks.</summary>
public static class SelfTime
{
    /// <summary>
    /// Self time of each row of a trace, by row counted from the trace's first. Siblings come in order of the start as sent, so coverage is one sweep; where correction changed their
    /// order, they are sorted first.
    /// </summary>
    public static DurationNanos[] Of(SpanBlock block, TraceSlice trace, TraceTimeline timeline)
    {
        var self = new DurationNanos[trace.Count];
        var coveredUntil = new UnixNanos[trace.Count];
        var lastStart = new UnixNanos[trace.Count];
        var isOutOfOrder = new bool[trace.Count];
        for (var i = 0; i < trace.Count; i++)
        {
            self[i] = timeline.Duration(i);
            coveredUntil[i] = timeline.Start[i];
            var parent = block.ParentRow[trace.FirstRow + i] - trace.FirstRow;
            if (parent < 0) continue;
            if (timeline.Start[i] < lastStart[parent]) isOutOfOrder[parent] = true;
            lastStart[parent] = timeline.Start[i];
            Cover(timeline, parent, i, self, coveredUntil);
        }
        if (timeline.SkewedSpans == 0) return self;
        for (var i = 0; i < trace.Count; i++)
        {
            if (isOutOfOrder[i]) Resweep(block, trace, timeline, i, self, coveredUntil);
        }
        return self;
    }

    private static void Cover(TraceTimeline timeline, int parent, int child, DurationNanos[] self, UnixNanos[] coveredUntil)
    {
        var from = timeline.Start[child] > coveredUntil[parent] ? timeline.Start[child] : coveredUntil[parent];
        var to = timeline.End[child] < timeline.End[parent] ? timeline.End[child] : timeline.End[parent];
        if (to <= from) return;
        self[parent] = new DurationNanos(self[parent].Value - (to - from).Value);
        coveredUntil[parent] = to;
    }

    private static void Resweep(SpanBlock block, TraceSlice trace, TraceTimeline timeline, int parent, DurationNanos[] self, UnixNanos[] coveredUntil)
    {
        var children = new List<int>();
        var end = block.SubtreeEnd[trace.FirstRow + parent] - trace.FirstRow;
        for (var child = parent + 1; child < end; child = block.SubtreeEnd[trace.FirstRow + child] - trace.FirstRow) children.Add(child);
        children.Sort((a, b) => timeline.Start[a].CompareTo(timeline.Start[b]));
        self[parent] = timeline.Duration(parent);
        coveredUntil[parent] = timeline.Start[parent];
        foreach (var child in children) Cover(timeline, parent, child, self, coveredUntil);
    }
}
