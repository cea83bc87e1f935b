// What a scan's conditions say of a page of spans, kept while traces that lie in it are judged.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Scanning;

/// <summary>Bits of one page: per condition the rows that satisfy it, and the rows that satisfy any and start in the range. Reused from page to page.</summary>
internal sealed class PageMatches
{
    private const int NoPage = -1;
    private readonly ulong[] conditions;
    private readonly ulong[] hits = new ulong[RowBits.Words];

    public PageMatches(int conditions) => this.conditions = new ulong[conditions * RowBits.Words];

    /// <summary>The page, −1 before the first.</summary>
    public int Page { get; private set; } = NoPage;

    /// <summary>Rows that satisfy some condition and start in the range.</summary>
    public ReadOnlySpan<ulong> Hits => hits;

    public bool HasHits { get; private set; }

    /// <summary>Rows that satisfy a condition; only told of pages that have hits or were evaluated <c>whole</c>.</summary>
    public ReadOnlySpan<ulong> Condition(int condition) => conditions.AsSpan(condition * RowBits.Words, RowBits.Words);

    /// <summary>A page that can't be read: what can't be judged counts as matching, so that its traces come back and say that they are partial.</summary>
    public void SetBroken(int page, int rows)
    {
        for (var c = 0; c < conditions.Length; c += RowBits.Words) RowBits.Fill(conditions.AsSpan(c, RowBits.Words), rows);
        RowBits.Fill(hits, rows);
        HasHits = rows > 0;
        Page = page;
    }

    /// <summary>Evaluates a page.</summary>
    public void Evaluate(SegmentFilter filter, int page)
    {
        // Until it is done the page is none: it may throw.
        Page = NoPage;
        RowBits.Fill(hits, 0);
        var inRange = filter.MayStartInRange(page);
        for (var c = 0; c < conditions.Length / RowBits.Words; c++)
        {
            var bits = conditions.AsSpan(c * RowBits.Words, RowBits.Words);
            filter.Evaluate(page, c, bits);
            if (inRange) RowBits.Or(hits, bits);
        }
        HasHits = inRange && !RowBits.IsEmpty(hits);
        if (HasHits)
        {
            Span<ulong> range = stackalloc ulong[RowBits.Words];
            filter.EvaluateRange(page, range);
            RowBits.And(hits, range);
            HasHits = !RowBits.IsEmpty(hits);
        }
        Page = page;
    }
}
