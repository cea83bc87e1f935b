// A condition, and a range of starts, against one segment.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>All predicates of a condition. Immutable; any number of workers.</summary>
internal sealed class PageCondition
{
    private readonly PagePredicate[] predicates;

    /// <param name="range">Of the rows' own starts.</param>
    public PageCondition(OpenSegment segment, PreparedPredicate[] condition, TimeRange range)
    {
        var all = condition.Select(p => PagePredicate.Of(segment, p)).ToList();
        if (range != TimeRange.All)
        {
            var last = range.To == UnixNanos.Max ? long.MaxValue : range.To.Value - 1;
            all.Add(new NumberPredicate(segment.Columns.Span(SegmentColumns.Span.Start), range.From.Value, last));
        }
        IsImpossible = all.Any(p => p.IsImpossible);
        predicates = [.. all.OrderBy(p => p.Cost)];
    }

    /// <summary>No row of the segment can match.</summary>
    public bool IsImpossible { get; }

    /// <summary>The rows of a page that match, as a bit each; false when there are none.</summary>
    public bool Select(MeasurePages pages, int page, Span<ulong> bits)
    {
        if (IsImpossible)
        {
            bits.Clear();
            return false;
        }
        Selection.Fill(bits, pages.Rows(page));
        foreach (var predicate in predicates)
        {
            predicate.Narrow(pages, page, bits);
            if (!Selection.Any(bits)) return false;
        }
        return true;
    }
}
