// Decides which traces of a block match a scan, and by how many spans.
using System.Buffers;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>The meaning of <see cref="SpanScan.Conditions"/> and <see cref="SpanScan.Range"/>, whatever the store has pruned already.</summary>
public sealed class TraceMatcher
{
    private readonly TimeRange range;
    private readonly ConditionEvaluator[] conditions;

    public TraceMatcher(SpanScan scan)
    {
        range = scan.Range;
        conditions = [.. scan.Conditions.Select(c => new ConditionEvaluator(c))];
    }

    /// <summary>
    /// For each trace of the block how many of its spans match one condition or more; 0 for a trace that does not match. Without conditions, every span of a matching trace counts.
    /// </summary>
    public int[] Match(SpanBlock block)
    {
        var matched = new int[block.Traces.Length];
        if (conditions.Length == 0)
        {
            for (var t = 0; t < matched.Length; t++)
            {
                if (AnyInRange(block, block.Traces[t], rows: default)) matched[t] = block.Traces[t].Count;
            }
            return matched;
        }

        var pooled = ArrayPool<bool>.Shared.Rent(block.Count * 2);
        try
        {
            MatchConditions(block, pooled.AsSpan(0, block.Count), pooled.AsSpan(block.Count, block.Count), matched);
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(pooled);
        }
        return matched;
    }

    private void MatchConditions(SpanBlock block, Span<bool> any, Span<bool> one, int[] matched)
    {
        any.Clear();
        var fails = new bool[block.Traces.Length];
        foreach (var condition in conditions)
        {
            // A trace that failed an earlier condition needs no further look.
            for (var t = 0; t < fails.Length; t++) one.Slice(block.Traces[t].FirstRow, block.Traces[t].Count).Fill(!fails[t]);
            condition.Narrow(block, one);
            for (var t = 0; t < fails.Length; t++) fails[t] |= !one.Slice(block.Traces[t].FirstRow, block.Traces[t].Count).Contains(true);
            for (var r = 0; r < any.Length; r++) any[r] |= one[r];
        }
        for (var t = 0; t < fails.Length; t++)
        {
            var trace = block.Traces[t];
            if (!fails[t] && AnyInRange(block, trace, any)) matched[t] = any.Slice(trace.FirstRow, trace.Count).Count(true);
        }
    }

    /// <param name="rows">Which rows count; empty for all.</param>
    private bool AnyInRange(SpanBlock block, TraceSlice trace, ReadOnlySpan<bool> rows)
    {
        for (var r = trace.FirstRow; r < trace.FirstRow + trace.Count; r++)
        {
            if ((rows.IsEmpty || rows[r]) && range.Contains(block.Start[r])) return true;
        }
        return false;
    }
}
