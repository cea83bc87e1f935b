// Walks one segment's traces from the newest to the oldest, yielding those that may match.
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// Candidates of one segment in list order, a block of traces at a time: the conditions give the matching rows of a page, the trace table says whose they are. Pages are read when the walk
/// reaches them, so a caller that stops early reads little. Not thread-safe.
/// </summary>
internal sealed class SegmentScanner
{
    private const int PageRows = SegmentFormat.PageRows;

    /// <summary>Traces of a block: the rows of about one page of the usual traces of ten spans.</summary>
    private const int BlockTraces = 1_024;

    /// <summary>Pages whose bits are kept: a block's rows touch two, and a page belongs to two blocks.</summary>
    private const int KeptPages = 4;

    private readonly SegmentCursor cursor;
    private readonly OpenSegment segment;
    private readonly ConditionSet conditions;
    private readonly SegmentFilter filter;
    private readonly Action<CorruptFileException> onCorrupt;
    private readonly Func<int, bool> isSplit;
    private readonly PageMatches[] matches = new PageMatches[KeptPages];
    private readonly long[] firstRows = new long[BlockTraces];

    /// <summary>The oldest trace to look at.</summary>
    private readonly int oldest;

    /// <summary>The newest trace that was not looked at yet.</summary>
    private int next = -1;

    /// <param name="cursor">To read through; nobody else uses it meanwhile.</param>
    /// <param name="isSplit">Whether a trace may have pieces elsewhere: then no piece need satisfy all conditions.</param>
    /// <param name="hasSplit">False: <paramref name="isSplit"/> is false of every trace.</param>
    /// <param name="oldest">The walk ends here.</param>
    /// <param name="newest">And begins here, or further down.</param>
    public SegmentScanner(
        SegmentCursor cursor, ConditionSet conditions, TraceCursor? after, Func<int, bool> isSplit, bool hasSplit, Action<CorruptFileException> onCorrupt, int oldest = 0, int newest = int.MaxValue)
    {
        this.oldest = oldest;
        this.cursor = cursor;
        this.conditions = conditions;
        this.isSplit = isSplit;
        this.onCorrupt = onCorrupt;
        segment = cursor.Segment;
        filter = new SegmentFilter(cursor, conditions);
        MayMatch = hasSplit ? filter.Possible != 0 : filter.Possible == conditions.All;
        if (!MayMatch) return;
        for (var k = 0; k < matches.Length; k++) matches[k] = new PageMatches(conditions.Conditions.Length);
        // Everything from here on starts too late to have a span in the range.
        next = segment.Traces - 1;
        if (conditions.Range.EndsBefore(segment.Entry.MaxStart)) next = LowerBound(segment.Traces, ordinal => conditions.Range.EndsBefore(cursor.StartOf(ordinal))) - 1;
        if (after is { } place) next = Math.Min(next, LowerBound(segment.Traces, ordinal => CursorOf(ordinal).CompareTo(place) <= 0) - 1);
        next = Math.Min(next, newest);
    }

    /// <summary>False when no trace of the segment can match: there is nothing to walk.</summary>
    public bool MayMatch { get; }

    /// <summary>The newest trace that was not looked at yet; below the oldest at the end.</summary>
    public int Newest => next;

    public TraceCursor CursorOf(int ordinal) => new(cursor.StartOf(ordinal), cursor.TraceIdOf(ordinal));

    /// <summary>
    /// Looks at the next traces, about a page of rows, and adds those with a row that satisfies some condition within the range, descending; false at the end. Whole traces satisfy all conditions;
    /// pieces of split ones need not.
    /// </summary>
    public bool FindBlock(List<int> found, CancellationToken cancellation)
    {
        if (next < oldest) return false;
        cancellation.ThrowIfCancellationRequested();
        FindNext(found, cancellation);
        return true;
    }

    /// <summary>Whether one trace has a row that satisfies some condition within the range, and, if it is whole, all conditions.</summary>
    public bool IsCandidate(int ordinal)
    {
        try
        {
            var (first, end) = cursor.RowsOf(ordinal);
            return HasHit(first, end) && SatisfiesAll(ordinal, first, end);
        }
        catch (CorruptFileException broken)
        {
            // What can't be judged is handed on: the trace comes back marked partial, which is the truth.
            onCorrupt(broken);
            return true;
        }
    }

    /// <summary>Judges traces up to and including <see cref="next"/> and moves it below them.</summary>
    private void FindNext(List<int> found, CancellationToken cancellation)
    {
        var page = next / PageRows;
        if (cursor.Info(segment.Columns.Trace(SegmentColumns.Trace.End), page).Max < conditions.Range.From.Value)
        {
            next = (page * PageRows) - 1;
            return;
        }
        var low = Math.Max(Math.Max(page * PageRows, oldest), next + 1 - BlockTraces);
        var before = found.Count;
        try
        {
            var rows = firstRows.AsSpan(0, next + 1 - low);
            cursor.Numbers(segment.Columns.Trace(SegmentColumns.Trace.FirstRow), page, low % PageRows, rows);
            var end = cursor.FirstRowAfter(next);
            CheckAscending(rows, end);
            // Large traces: no more than a page of rows, but for a single one that has more.
            var skip = rows.BinarySearch((long)end - PageRows);
            skip = Math.Min(skip < 0 ? ~skip : skip, rows.Length - 1);
            low += skip;
            FindHits(low, rows[skip..], end, found, cancellation);
        }
        catch (CorruptFileException broken)
        {
            // The trace table can't be read: every trace is handed on.
            onCorrupt(broken);
            found.RemoveRange(before, found.Count - before);
            for (var ordinal = next; ordinal >= low; ordinal--) found.Add(ordinal);
        }
        next = low - 1;
    }

    /// <summary>Goes from hit to hit, from the last row to the first; after each comes the trace before the hit's.</summary>
    private void FindHits(int firstOrdinal, ReadOnlySpan<long> rows, int end, List<int> found, CancellationToken cancellation)
    {
        var at = rows.Length;
        for (var row = LastHit(checked((int)rows[0]), end - 1, cancellation); row >= 0;)
        {
            // Hits are often near one another: look at the neighbour before searching.
            at = at > 0 && rows[at - 1] <= row ? at - 1 : IndexOf(rows[..at], row);
            var ordinal = firstOrdinal + at;
            var first = (int)rows[at];
            if (SatisfiesAll(ordinal, first, end: at + 1 < rows.Length ? (int)rows[at + 1] : end)) found.Add(ordinal);
            row = LastHit((int)rows[0], first - 1, cancellation);
        }
    }

    private static int IndexOf(ReadOnlySpan<long> rows, int row)
    {
        var index = rows.BinarySearch((long)row);
        return index < 0 ? ~index - 1 : index;
    }

    /// <summary>The last row in [first, last] that is a hit; −1 when there is none.</summary>
    private int LastHit(int first, int last, CancellationToken cancellation)
    {
        while (last >= first)
        {
            var page = last / PageRows;
            var start = page * PageRows;
            if (MayHit(page))
            {
                cancellation.ThrowIfCancellationRequested();
                var of = Matches(page);
                var row = of.HasHits ? RowBits.Previous(of.Hits, last - start) : -1;
                if (row >= 0) return start + row >= first ? start + row : -1;
            }
            last = start - 1;
        }
        return -1;
    }

    private bool HasHit(int first, int end) => LastHit(first, end - 1, CancellationToken.None) >= 0;

    private bool SatisfiesAll(int ordinal, int first, int end)
    {
        // One condition: the hit has satisfied it.
        if (conditions.Conditions.Length == 1) return true;
        for (var c = 0; c < conditions.Conditions.Length; c++)
        {
            if (!Satisfies(c, first, end)) return isSplit(ordinal);
        }
        return true;
    }

    private bool Satisfies(int condition, int first, int end)
    {
        for (var row = first; row < end;)
        {
            var page = row / PageRows;
            var start = page * PageRows;
            var stop = Math.Min(end, start + PageRows);
            if (filter.MayMatch(page, condition) && RowBits.AnyIn(Matches(page).Condition(condition), row - start, stop - start)) return true;
            row = stop;
        }
        return false;
    }

    /// <summary>False when the directory alone rules out that a row of the page is a hit.</summary>
    private bool MayHit(int page)
    {
        if (!filter.MayStartInRange(page)) return false;
        for (var c = 0; c < conditions.Conditions.Length; c++)
        {
            if (filter.MayMatch(page, c)) return true;
        }
        return false;
    }

    private PageMatches Matches(int page)
    {
        var kept = matches[page % KeptPages];
        if (kept.Page == page) return kept;
        try
        {
            kept.Evaluate(filter, page);
        }
        catch (CorruptFileException broken)
        {
            onCorrupt(broken);
            kept.SetBroken(page, filter.Rows(page));
        }
        return kept;
    }

    /// <summary>Rows that go backwards or beyond the file would send the walk astray.</summary>
    private void CheckAscending(ReadOnlySpan<long> rows, int end)
    {
        var previous = -1L;
        foreach (var row in rows)
        {
            if (row <= previous) throw Contradiction();
            previous = row;
        }
        if (end <= previous || end > segment.Entry.Spans) throw Contradiction();
    }

    private CorruptFileException Contradiction() => new(segment.Reader.Path, 0, "the first rows of traces don't ascend");

    /// <summary>The first ordinal for which a monotone predicate holds.</summary>
    private static int LowerBound(int count, Func<int, bool> holds)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (holds(middle)) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
