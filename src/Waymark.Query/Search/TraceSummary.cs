// One line of a list of traces.
using System.Collections.Immutable;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Query.Search;

/// <summary>What is odd about a trace as a whole.</summary>
[Flags]
public enum TraceOddities
{
    None = 0,

    /// <summary>Part of it could not be read.</summary>
    Partial = 1,

    /// <summary>No span of it is without a parent id: its root has not arrived.</summary>
    Rootless = 2,

    /// <summary>A span names a parent that is not there.</summary>
    Orphans = 4,

    /// <summary>Parent links formed a cycle.</summary>
    Cycles = 8,

    /// <summary>Several spans have one span id.</summary>
    SharedIds = 16,

    /// <summary>A span ends before it starts.</summary>
    ReversedTimes = 32,

    /// <summary>Clocks of its processes disagree and were corrected.</summary>
    ClockSkew = 64,
}

/// <summary>One service's part in a trace.</summary>
/// <param name="Name">"" for spans without a service name.</param>
public sealed record ServiceShare(string Name, int Spans, int Errors);

/// <summary>What a list shows of a trace.</summary>
/// <param name="Start">Smallest start of its spans.</param>
/// <param name="End">Largest end of its spans; a span that ends before it starts counts with its start.</param>
/// <param name="Duration">Last end minus first start with the processes' clocks brought into line (<see cref="TraceTimeline"/>): not End − Start when clocks disagree.</param>
/// <param name="RootService">Service of the first row: the root, or the first span there is when <paramref name="Oddities"/> says rootless.</param>
/// <param name="RootOperation">Name of the first row.</param>
/// <param name="Errors">Spans with status error.</param>
/// <param name="Matched">Spans that match one condition of the search or more; all of them when it had none.</param>
/// <param name="Duplicates">As in <see cref="TraceSlice.Duplicates"/>.</param>
/// <param name="Services">In the order of their first row.</param>
/// <param name="TopContributor">The operation with the most time on the critical path; null when the trace has no length.</param>
public sealed record TraceSummary(
    TraceId Id,
    UnixNanos Start,
    UnixNanos End,
    DurationNanos Duration,
    string RootService,
    string RootOperation,
    int Spans,
    int Errors,
    int Matched,
    int Duplicates,
    UnixNanos FirstReceived,
    TraceOddities Oddities,
    ImmutableArray<ServiceShare> Services,
    Contributor? TopContributor)
{
    /// <summary>Summarises one trace of a block.</summary>
    public static TraceSummary Of(SpanBlock block, TraceSlice trace, int matched)
    {
        var oddities = trace.IsPartial ? TraceOddities.Partial : TraceOddities.None;
        if (!block.ParentSpanIds[trace.FirstRow].IsZero) oddities |= TraceOddities.Rootless;
        var (end, errors, marks) = (trace.Start, 0, SpanMarks.None);
        for (var r = trace.FirstRow; r < trace.FirstRow + trace.Count; r++)
        {
            if (block.End[r] > end) end = block.End[r];
            if (block.Start[r] > end) end = block.Start[r];
            if (block.Status[r] == StatusCode.Error) errors++;
            marks |= block.Marks[r];
        }
        if (marks.HasFlag(SpanMarks.Orphan)) oddities |= TraceOddities.Orphans;
        if (marks.HasFlag(SpanMarks.CycleCut)) oddities |= TraceOddities.Cycles;
        if (marks.HasFlag(SpanMarks.SharedId)) oddities |= TraceOddities.SharedIds;
        if (marks.HasFlag(SpanMarks.EndsBeforeStart)) oddities |= TraceOddities.ReversedTimes;
        var timeline = TraceTimeline.Of(block, trace);
        if (timeline.SkewedSpans > 0) oddities |= TraceOddities.ClockSkew;
        return new TraceSummary(
            trace.Id,
            trace.Start,
            end,
            timeline.To - timeline.From,
            block.Texts.String(block.Service(trace.FirstRow)),
            block.Texts.String(block.Name[trace.FirstRow]),
            trace.Count,
            errors,
            matched,
            trace.Duplicates,
            trace.FirstReceived,
            oddities,
            Shares(block, trace),
            TraceAnalysis.TopContributor(block, trace, timeline));
    }

    private static ImmutableArray<ServiceShare> Shares(SpanBlock block, TraceSlice trace)
    {
        // Few resources make few services; two text codes may hold one name, so names decide.
        var byResource = new Dictionary<int, int>();
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        var shares = new List<(string Name, int Spans, int Errors)>();
        for (var r = trace.FirstRow; r < trace.FirstRow + trace.Count; r++)
        {
            if (!byResource.TryGetValue(block.Resource[r], out var at))
            {
                var name = block.Texts.String(block.Service(r));
                if (!byName.TryGetValue(name, out at))
                {
                    byName[name] = at = shares.Count;
                    shares.Add((name, 0, 0));
                }
                byResource[block.Resource[r]] = at;
            }
            var share = shares[at];
            shares[at] = (share.Name, share.Spans + 1, share.Errors + (block.Status[r] == StatusCode.Error ? 1 : 0));
        }
        return [.. shares.Select(s => new ServiceShare(s.Name, s.Spans, s.Errors))];
    }
}
