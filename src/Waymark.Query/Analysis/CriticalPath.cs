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

/// <summary>
/// The critical path of a trace, on corrected clocks. The rules and their reasons: docs/decisions/004-critical-path.md.
/// <para>Seen from the end of a span, the time before it belongs to the child that ended last of those the span waited for (of several: the one that started first, then the first row),
/// from its end back to its start, and within that stretch to that child's own path; and so on from there. What no child takes is the span's own.
/// A child that ran beside the one chosen is left out, but for the part before the chosen one's start.</para>
/// </summary>
/// <param name="RootRow">The span whose duration the path explains; −1 when the whole trace is explained, because it has no single root.</param>
/// <param name="From">Start of the path.</param>
/// <param name="To">End of the path.</param>
/// <param name="Segments">In order of time, none empty, each starting where the one before ends: together exactly [From, To). Row −1 occurs only when <paramref name="RootRow"/> is −1.</param>
/// <param name="Critical">Time on the path per row, counted from the trace's first row: the sum of the row's segments.</param>
public sealed record CriticalPath(int RootRow, UnixNanos From, UnixNanos To, PathSegment[] Segments, DurationNanos[] Critical)
{
    public DurationNanos Duration => To - From;

    /// <summary>Time O(n log n) at worst, memory O(n), no recursion.</summary>
    public static CriticalPath Of(SpanBlock block, TraceSlice trace, TraceTimeline timeline) => new CriticalPathWalk(block, trace, timeline).Run();

    /// <summary>
    /// The row of the single span that names no parent; −1 when there is none or several. Such spans come first among the rows.
    /// </summary>
    internal static int OnlyRoot(SpanBlock block, TraceSlice trace)
    {
        if (trace.Count == 0 || !block.ParentSpanIds[trace.FirstRow].IsZero) return -1;
        var next = block.SubtreeEnd[trace.FirstRow];
        return next < trace.FirstRow + trace.Count && block.ParentSpanIds[next].IsZero ? -1 : 0;
    }

    /// <summary>A span without a parent in the trace counts as a child of the only root: it ran within it and did not take a message, so some span between the two is missing.</summary>
    internal static bool IsAdopted(SpanBlock block, TraceSlice trace, TraceTimeline timeline, int root, int top) =>
        block.Kind[trace.FirstRow + top] != SpanKind.Consumer && timeline.Start[top] >= timeline.Start[root] && timeline.End[top] <= timeline.End[root];

    /// <summary>
    /// A parent waited for its child: not when the child took a message; always for the answer to a request, until the caller gave up; else when the child ended before the parent,
    /// give or take <see cref="Slack"/>.
    /// </summary>
    internal static bool WaitedFor(SpanBlock block, TraceSlice trace, TraceTimeline timeline, int parent, int child)
    {
        var (parentRow, childRow) = (trace.FirstRow + parent, trace.FirstRow + child);
        if (Calls.IsMessage(block, parentRow, childRow)) return false;
        if (timeline.End[child] <= timeline.End[parent] || Calls.IsRequest(block, parentRow, childRow)) return true;
        return timeline.End[child] - timeline.End[parent] <= Slack(timeline.Duration(child));
    }

    /// <summary>How far a child may end after its parent and still have been waited for: 10 % of its duration, at most 1 ms. That is how far apart the ends of two spans get noted, not work left behind.</summary>
    internal static DurationNanos Slack(DurationNanos child) => new(Math.Min(child.Value / 10, 1_000_000));
}
