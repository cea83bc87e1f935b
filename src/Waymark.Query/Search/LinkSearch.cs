// Links that point at a trace from others: which jobs a request started, which requests a batch took together.
using System.Collections.Immutable;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>A link to the trace asked about.</summary>
/// <param name="TraceId">The trace that has the link.</param>
/// <param name="SpanId">The span that has it.</param>
/// <param name="Service">"" for a span without a service name.</param>
/// <param name="Start">Start of the span.</param>
/// <param name="ToSpanId">The span it points at; zero when it names none.</param>
public sealed record Backlink(TraceId TraceId, SpanId SpanId, string Service, string Name, UnixNanos Start, SpanId ToSpanId);

/// <summary>Links found, newest trace first, and within a trace in pre-order.</summary>
/// <param name="IsCut">There are more than the limit allows, or the time was up before all was searched.</param>
/// <param name="SearchedTraces">Traces looked into: those that the store could not rule out.</param>
public sealed record BacklinkList(ImmutableArray<Backlink> Links, bool IsCut, int SearchedTraces);

/// <summary>Searches any store for links.</summary>
public static class LinkSearch
{
    /// <summary>The most links one answer may hold.</summary>
    public const int MaxLimit = 1000;

    /// <summary>The first <paramref name="limit"/> links to a trace from spans of other traces.</summary>
    public static async Task<BacklinkList> FindAsync(ITraceStore store, TraceId target, int limit, ScanBudget budget)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        var scan = new SpanScan
        {
            Conditions = [new SpanCondition([new SpanPredicate(SpanField.LinkedTrace, PredicateOperator.Equal, Trace: target)])],
            Parts = SpanParts.Links,
        };
        var found = ImmutableArray.CreateBuilder<Backlink>();
        var searched = 0;
        await budget.ReadAsync(store, scan, block =>
        {
            foreach (var trace in block.Traces)
            {
                // What points at its own trace is seen there.
                if (trace.Id == target) continue;
                searched++;
                Collect(block, trace, target, limit, found);
                if (found.Count > limit) return false;
            }
            return true;
        });
        var isCut = found.Count > limit || budget.IsSpent;
        if (found.Count > limit) found.Count = limit;
        return new BacklinkList(found.ToImmutable(), isCut, searched);
    }

    /// <summary>Adds the trace's links to the target, at most one more than the limit.</summary>
    private static void Collect(SpanBlock block, TraceSlice trace, TraceId target, int limit, ImmutableArray<Backlink>.Builder found)
    {
        for (var row = trace.FirstRow; row < trace.FirstRow + trace.Count; row++)
        {
            var (first, end) = block.Links.Of(row);
            for (var l = first; l < end; l++)
            {
                if (block.Links.TraceIds[l] != target) continue;
                if (found.Count > limit) return;
                found.Add(new Backlink(
                    trace.Id,
                    block.SpanIds[row],
                    block.Texts.String(block.Service(row)),
                    block.Texts.String(block.Name[row]),
                    block.Start[row],
                    block.Links.SpanIds[l]));
            }
        }
    }
}
