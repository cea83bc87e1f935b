// How long an operation's traces usually take: what the duration of one trace is held against.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Query.Search;

/// <summary>Durations of traces, by nearest rank: each is the duration of one of them. All null without traces.</summary>
public sealed record RootDurations(int Traces, DurationNanos? P50, DurationNanos? P95, DurationNanos? P99, DurationNanos? Max)
{
    /// <summary>The most traces that are looked at.</summary>
    public const int MaxTraces = 500;

    /// <summary>Of the newest traces, at most <see cref="MaxTraces"/>, whose root is this operation; traces without a root do not count.</summary>
    public static async Task<RootDurations> FindAsync(ITraceStore store, string service, string operation, ScanBudget budget)
    {
        var filter = new TraceFilter { Service = service, Operation = operation, Limit = MaxTraces };
        var durations = new List<DurationNanos>();
        await budget.ReadAsync(store, filter.ToScan(), block =>
        {
            foreach (var trace in block.Traces)
            {
                if (IsRoot(block, trace.FirstRow, service, operation)) durations.Add(DurationOf(block, trace));
                if (durations.Count == MaxTraces) return false;
            }
            return true;
        });
        durations.Sort();
        return new RootDurations(durations.Count, AtRank(durations, 50), AtRank(durations, 95), AtRank(durations, 99), AtRank(durations, 100));
    }

    private static bool IsRoot(SpanBlock block, int row, string service, string operation) =>
        block.ParentSpanIds[row].IsZero && block.Texts.String(block.Service(row)) == service && block.Texts.String(block.Name[row]) == operation;

    /// <summary>As in a list: with clocks brought into line.</summary>
    private static DurationNanos DurationOf(SpanBlock block, TraceSlice trace)
    {
        var timeline = TraceTimeline.Of(block, trace);
        return timeline.To - timeline.From;
    }

    private static DurationNanos? AtRank(List<DurationNanos> sorted, int percent) => sorted.Count == 0 ? null : sorted[(((sorted.Count * percent) + 99) / 100) - 1];
}
