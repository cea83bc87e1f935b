// How many traces a filter would list, without listing them: what an empty list offers instead of itself.
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>A number of traces.</summary>
/// <param name="IsMore">There are more, or there may be: the limit was met or the time was up.</param>
public readonly record struct TraceCount(int Count, bool IsMore)
{
    /// <summary>Counts up to <paramref name="max"/> traces that <see cref="TraceSearch.FindAsync"/> would find with this filter; its own limit does not count.</summary>
    public static async Task<TraceCount> OfAsync(ITraceStore store, TraceFilter filter, int max, ScanBudget budget)
    {
        var scan = filter.ToScan() with { Wanted = max + 1 };
        var matcher = new TraceMatcher(scan);
        var count = 0;
        await budget.ReadAsync(store, scan, block =>
        {
            count += matcher.Match(block).Count(m => m > 0);
            return count <= max;
        });
        return new TraceCount(Math.Min(count, max), count > max || budget.IsSpent);
    }
}
