// What the caller waited for at each moment: the chain of spans that made the trace as long as it is.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>A stretch of the critical path: in [From, To) the trace was waiting for this span's own work.</summary>
/// <param name="Row">Counted from the trace's first row; −1 for time that no span covers.</param>
public readonly record struct PathSegment(int Row, UnixNanos From, UnixNanos To)
{
    public DurationNanos Duration => To - From;
}

/// <summary>The critical path of a trace, on corrected clocks.</summary>
/// <param name="RootRow">The span whose duration the path explains; −1 when the whole trace is explained, because it has no single root.</param>
/// <param name="From">Start of the path.</param>
/// <param name="To">End of the path.</param>
/// <param name="Segments">In order of time, none empty, each starting where the one before ends: together exactly [From, To). Row −1 occurs only when <paramref name="RootRow"/> is −1.</param>
/// <param name="Critical">Time on the path per row, counted from the trace's first row: the sum of the row's segments.</param>
public sealed record CriticalPath(int RootRow, UnixNanos From, UnixNanos To, PathSegment[] Segments, DurationNanos[] Critical)
{
    public DurationNanos Duration => To - From;

    public static CriticalPath Of(SpanBlock block, TraceSlice trace, TraceTimeline timeline) =>
        new(-1, timeline.From, timeline.To, [], new DurationNanos[trace.Count]);
}
