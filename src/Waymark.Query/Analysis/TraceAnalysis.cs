// Where the time of one trace went, and why: everything the trace page says beyond the spans themselves.
using System.Collections.Immutable;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis.Verdicts;

namespace Waymark.Query.Analysis;

/// <summary>
/// The analysis of a loaded trace: a pure function of its spans. Rows count from the trace's first.
/// </summary>
/// <param name="Timeline">Times with the processes' clocks brought into line; all that follows goes by it.</param>
/// <param name="Self">Per row: the part of its duration that no direct child covers.</param>
/// <param name="CriticalPath">What the trace waited for at each moment.</param>
/// <param name="Contributors">The critical path by operation.</param>
/// <param name="Verdict">The reason in one sentence.</param>
public sealed record TraceAnalysis(
    TraceTimeline Timeline, DurationNanos[] Self, CriticalPath CriticalPath, ImmutableArray<Contributor> Contributors, Verdict Verdict)
{
    /// <summary>What a trace must be loaded with so that nothing of the analysis is lost.</summary>
    public static readonly SpanSelection Needs = new(SpanParts.Attributes | SpanParts.Events) { Keys = [.. TraceFacts.PeerKeys, .. Failure.Keys] };

    /// <summary>Analyses one trace of a block. Time O(n log n) at worst, memory O(n), no recursion.</summary>
    /// <param name="block">Attributes and events are used when they are there (to name a peer without spans, to quote an exception); the rest does not depend on them.</param>
    public static TraceAnalysis Of(SpanBlock block, TraceSlice trace)
    {
        var timeline = TraceTimeline.Of(block, trace);
        var path = CriticalPath.Of(block, trace, timeline);
        var self = SelfTime.Of(block, trace, timeline);
        var contributors = Analysis.Contributors.Of(block, trace, path);
        return new TraceAnalysis(timeline, self, path, contributors, Judge.Of(new TraceFacts(block, trace, timeline, path)));
    }

    /// <summary>
    /// What a list says of a trace: the operation with the most time on the critical path. Null when no operation has any (a trace of zero length).
    /// Needs <see cref="SpanParts.Core"/> only.
    /// </summary>
    public static Contributor? TopContributor(SpanBlock block, TraceSlice trace, TraceTimeline timeline) =>
        Analysis.Contributors.Of(block, trace, CriticalPath.Of(block, trace, timeline)).FirstOrDefault(contributor => contributor.Kind == ContributorKind.Operation);
}
