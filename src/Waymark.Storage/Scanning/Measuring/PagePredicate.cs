// One predicate against one segment, whose rows it judges a page at a time.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Immutable once made, so that several workers share it; pages come from each worker's own <see cref="MeasurePages"/>.</summary>
internal abstract class PagePredicate
{
    /// <summary>No row of the segment can match.</summary>
    public virtual bool IsImpossible => false;

    /// <summary>Relative price of a page: cheap ones first, dear ones perhaps never.</summary>
    public abstract int Cost { get; }

    /// <summary>Clears the bits of rows that do not match.</summary>
    public abstract void Narrow(MeasurePages pages, int page, Span<ulong> bits);

    public static PagePredicate Of(OpenSegment segment, PreparedPredicate prepared)
    {
        var predicate = prepared.Predicate;
        switch (predicate.Field)
        {
            case SpanField.Service:
                return new CodePredicate(segment.Columns.Span(SegmentColumns.Span.Context), MatchingContexts(segment, prepared));
            case SpanField.Name:
                var names = segment.Columns.Span(SegmentColumns.Span.Name);
                return new CodePredicate(names, DictionarySearch.Codes(segment.Reader, names, prepared));
            case SpanField.Kind:
                return new NumberPredicate(segment.Columns.Span(SegmentColumns.Span.Kind), predicate.Number, predicate.Number);
            case SpanField.Status:
                return new NumberPredicate(segment.Columns.Span(SegmentColumns.Span.Status), predicate.Number, predicate.Number);
            case SpanField.Duration:
                // Negative lengths count as 0: whatever 0 satisfies, they do.
                var (low, high) = predicate.Operator == PredicateOperator.AtLeast
                    ? (predicate.Number <= 0 ? long.MinValue : predicate.Number, long.MaxValue)
                    : (long.MinValue, predicate.Number < 0 ? long.MinValue : predicate.Number);
                if (predicate.Operator == PredicateOperator.AtMost && predicate.Number < 0) (low, high) = (1, 0);
                return new NumberPredicate(segment.Columns.Span(SegmentColumns.Span.EndOffset), low, high);
            case SpanField.LinkedTrace:
                return new LinkPredicate(segment, predicate.Trace);
            default:
                return new AttributePredicate(segment, prepared);
        }
    }

    /// <summary>Contexts whose resource satisfies the predicate by itself.</summary>
    public static CodeSet MatchingContexts(OpenSegment segment, PreparedPredicate prepared)
    {
        var resources = new bool[segment.Resources.Length];
        for (var i = 0; i < resources.Length; i++) resources[i] = prepared.MatchesResource(segment.Resources[i]);
        return CodeSet.Where(segment.Contexts.Length, context => resources[segment.Contexts[context].Resource]);
    }
}

/// <summary>A column's code is in a set.</summary>
internal sealed class CodePredicate(int column, CodeSet codes) : PagePredicate
{
    public override bool IsImpossible => codes.Count == 0;

    public override int Cost => 1;

    public override void Narrow(MeasurePages pages, int page, Span<ulong> bits)
    {
        Span<ulong> matching = stackalloc ulong[Selection.MaxWords];
        pages.Select(column, page, codes, matching);
        Selection.And(bits, matching);
    }
}

/// <summary>A column's number lies between two, both included.</summary>
internal sealed class NumberPredicate(int column, long low, long high) : PagePredicate
{
    public override bool IsImpossible => low > high;

    public override int Cost => 2;

    public override void Narrow(MeasurePages pages, int page, Span<ulong> bits)
    {
        var info = pages.Info(column, page);
        if (low <= info.Min && info.Max <= high) return;
        if (info.Max < low || high < info.Min)
        {
            bits.Clear();
            return;
        }
        Span<ulong> matching = stackalloc ulong[Selection.MaxWords];
        pages.Between(column, page, low, high, matching);
        Selection.And(bits, matching);
    }
}

/// <summary>One of the row's links points at a trace.</summary>
internal sealed class LinkPredicate : PagePredicate
{
    private readonly TraceId wanted;
    private readonly bool[] mayHold;

    /// <summary>Which pages of links may hold the trace is judged by their smallest and largest values, without reading one.</summary>
    public LinkPredicate(OpenSegment segment, TraceId wanted)
    {
        this.wanted = wanted;
        var high = segment.Reader.Pages(segment.Columns.Link(SegmentColumns.Link.TraceHigh));
        var low = segment.Reader.Pages(segment.Columns.Link(SegmentColumns.Link.TraceLow));
        mayHold = new bool[high.Length];
        for (var p = 0; p < mayHold.Length; p++) mayHold[p] = MayHold(high[p], (long)wanted.High) && MayHold(low[p], (long)wanted.Low);
    }

    public override bool IsImpossible => !mayHold.Contains(true);

    public override int Cost => 8;

    public override void Narrow(MeasurePages pages, int page, Span<ulong> bits)
    {
        var column = pages.SpanColumn(SegmentColumns.Span.LinkCount);
        if (pages.Info(column, page).Max == 0)
        {
            bits.Clear();
            return;
        }
        var counts = pages.Numbers(column, page);
        var at = pages.Segment.PageBase(page).Link;
        for (var r = 0; r < counts.Length; r++)
        {
            var found = false;
            for (var l = 0; l < counts[r]; l++, at++) found |= IsWanted(pages, at);
            if (!found) bits[r / 64] &= ~(1ul << (r % 64));
        }
    }

    private static bool MayHold(in PageInfo page, long value) => page.Count > 0 && page.Min <= value && value <= page.Max;

    private bool IsWanted(MeasurePages pages, int link)
    {
        var (page, row) = (link / SegmentFormat.PageRows, link % SegmentFormat.PageRows);
        if (page >= mayHold.Length || !mayHold[page]) return false;
        var columns = pages.Segment.Columns;
        return (ulong)pages.Numbers(columns.Link(SegmentColumns.Link.TraceLow), page)[row] == wanted.Low
            && (ulong)pages.Numbers(columns.Link(SegmentColumns.Link.TraceHigh), page)[row] == wanted.High;
    }
}
