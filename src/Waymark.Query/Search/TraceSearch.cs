// Pages through traces, newest first: the list behind the API, the terminal and the start page.
using System.Collections.Immutable;
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>One page, strictly in (start, id) descending order.</summary>
/// <param name="Next">Where the next page starts; null when there is certainly nothing after this one.</param>
public sealed record TracePage(ImmutableArray<TraceSummary> Traces, TraceCursor? Next);

/// <summary>Searches any store. Stateless.</summary>
public static class TraceSearch
{
    /// <summary>
    /// The next <see cref="TraceFilter.Limit"/> traces after <see cref="TraceFilter.After"/> that match. New traces never shift later pages. A page that is full has a
    /// <see cref="TracePage.Next"/> unless the end was seen while filling it: the page there may turn out empty.
    /// </summary>
    public static async Task<TracePage> FindAsync(ITraceStore store, TraceFilter filter, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.Limit, TraceFilter.MaxLimit);
        var scan = filter.ToScan();
        var matcher = new TraceMatcher(scan);
        var found = ImmutableArray.CreateBuilder<TraceSummary>();
        var last = filter.After;
        await using var blocks = store.ScanAsync(scan, cancellation).GetAsyncEnumerator(cancellation);
        while (await blocks.MoveNextAsync())
        {
            var block = blocks.Current;
            var matched = matcher.Match(block);
            for (var t = 0; t < matched.Length; t++)
            {
                var trace = block.Traces[t];
                if (matched[t] == 0) continue;
                if (found.Count == filter.Limit) return new TracePage(found.ToImmutable(), last);
                if (last is { } previous && trace.Cursor.CompareTo(previous) <= 0) throw new InvalidOperationException($"The store's scan is out of order at trace {trace.Id}.");
                found.Add(TraceSummary.Of(block, trace, matched[t]));
                last = trace.Cursor;
            }
            if (found.Count < filter.Limit) continue;

            // Looking for one more match could mean reading everything; only without conditions it is one cheap step.
            var ended = scan.Conditions.IsEmpty && !await blocks.MoveNextAsync();
            return new TracePage(found.ToImmutable(), ended ? null : last);
        }
        return new TracePage(found.ToImmutable(), null);
    }
}
