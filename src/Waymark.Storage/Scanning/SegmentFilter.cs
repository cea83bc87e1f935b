// A scan's conditions against one segment, page by page.
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Which rows of a page satisfy a condition, and which start in the range: a bit per row, exact. Not thread-safe; reads through the cursor it was made for.</summary>
internal sealed class SegmentFilter
{
    private readonly SegmentCursor cursor;
    private readonly int startColumn;
    private readonly NumberTest range;

    /// <summary>Per condition its predicates, cheap ones first; null: no row of the segment can satisfy it.</summary>
    private readonly SegmentPredicate[]?[] predicates;

    public SegmentFilter(SegmentCursor cursor, ConditionSet conditions)
    {
        this.cursor = cursor;
        startColumn = cursor.Segment.Columns.Span(SegmentColumns.Span.Start);
        range = RangeTest(conditions);
        predicates = new SegmentPredicate[]?[conditions.Conditions.Length];
        for (var c = 0; c < predicates.Length; c++)
        {
            predicates[c] = Prepare(conditions.Conditions[c]);
            if (predicates[c] is not null) Possible |= 1u << c;
        }
    }

    /// <summary>The conditions that some row of the segment might satisfy.</summary>
    public uint Possible { get; }

    /// <summary>The rows of a page of spans that satisfy a condition, wherever they start.</summary>
    public void Evaluate(int page, int condition, Span<ulong> bits)
    {
        if (predicates[condition] is not { } all || !MayMatch(all, page))
        {
            bits.Clear();
            return;
        }
        if (all.Length == 0)
        {
            RowBits.Fill(bits, Rows(page));
            return;
        }
        all[0].Find(page, bits);
        foreach (var predicate in all.AsSpan(1))
        {
            if (RowBits.IsEmpty(bits)) return;
            predicate.Narrow(page, bits);
        }
    }

    /// <summary>The rows of a page of spans that start in the range.</summary>
    public void EvaluateRange(int page, Span<ulong> bits) => range.Find(cursor, startColumn, page, bits);

    /// <summary>False when no row of the page starts in the range. Reads nothing.</summary>
    public bool MayStartInRange(int page) => range.MayMatch(cursor.Info(startColumn, page));

    /// <summary>False when no row of the page can satisfy the condition, as far as the directory tells. Reads nothing.</summary>
    public bool MayMatch(int page, int condition) => predicates[condition] is { } all && MayMatch(all, page);

    /// <summary>How many rows a page of spans has.</summary>
    public int Rows(int page) => cursor.Info(startColumn, page).Count;

    private static bool MayMatch(SegmentPredicate[] all, int page)
    {
        foreach (var predicate in all)
        {
            if (!predicate.MayMatch(page)) return false;
        }
        return true;
    }

    private SegmentPredicate[]? Prepare(PreparedPredicate[] condition)
    {
        var prepared = new SegmentPredicate[condition.Length];
        for (var p = 0; p < prepared.Length; p++)
        {
            prepared[p] = SegmentPredicate.Of(cursor, condition[p]);
            if (prepared[p].IsImpossible) return null;
        }
        Array.Sort(prepared, static (a, b) => a.Cost.CompareTo(b.Cost));
        return prepared;
    }

    private static NumberTest RangeTest(ConditionSet conditions)
    {
        var (from, to) = (conditions.Range.From.Value, conditions.Range.To.Value);
        // The upper end is outside, but for the end of time.
        return conditions.Range.To == UnixNanos.Max ? new NumberTest(from, to) : new NumberTest(from, to - 1);
    }
}
