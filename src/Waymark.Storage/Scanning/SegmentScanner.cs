// Walks one segment's traces from the newest to the oldest, yielding those that may match.
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// Candidates of one segment in list order: the conditions give the matching rows of a page, and of those alone the trace table says whose they are. Pages are read when the walk
/// reaches them, so a caller that stops early reads little, and the trace table is read only where something matches. Not thread-safe.
/// </summary>
internal sealed class SegmentScanner
{
    private const int PageRows = SegmentFormat.PageRows;

    /// <summary>Traces of a window: the trace table's rows are stored as times are, in blocks of so many.</summary>
    private const int WindowTraces = BitPacking.BlockValues;

    private const int FewPages = 2;

    /// <summary>Pages whose bits are kept: a trace's rows touch two, and a page belongs to two traces.</summary>
    private const int KeptPages = 4;

    private readonly SegmentCursor cursor;
    private readonly OpenSegment segment;
    private readonly ConditionSet conditions;
    private readonly SegmentFilter filter;
    private readonly Action<CorruptFileException> onCorrupt;
    private readonly Func<int, bool> isSplit;
    private readonly PageMatches?[] matches = new PageMatches?[KeptPages];

    /// <summary>The oldest trace to look at, and its first row or one before it: rows of traces beyond the bounds are passed over.</summary>
    private readonly int oldest;
    private readonly int firstRow;

    /// <summary>No trace above it is left to look at.</summary>
    private int next = -1;

    /// <summary>All rows from here on were looked at.</summary>
    private int end;
    private bool hasMoved;

    /// <summary>First rows of some neighbouring traces, and the row behind the last of them.</summary>
    private long[]? window;
    private int windowFirst;
    private int windowCount;
    private int windowEnd;

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
        // Everything from here on starts too late to have a span in the range.
        next = segment.Traces - 1;
        if (conditions.Range.EndsBefore(segment.Entry.MaxStart)) next = LowerBound(segment.Traces, ordinal => conditions.Range.EndsBefore(cursor.StartOf(ordinal))) - 1;
        if (after is { } place) next = Math.Min(next, LowerBound(segment.Traces, ordinal => CursorOf(ordinal).CompareTo(place) <= 0) - 1);
        next = Math.Min(next, newest);
        if (next < oldest) return;
        // As far as the directory tells. Few pages are read even if they are others'; of many the bounds are worth reading the trace table for.
        (firstRow, end) = (FirstRowOfPage(oldest / PageRows), FirstRowOfPage((next / PageRows) + 1));
        if (PagesThatMayHit() > FewPages) (firstRow, end) = (Bound(oldest), Bound(next + 1));
    }

    /// <summary>False when no trace of the segment can match: there is nothing to walk.</summary>
    public bool MayMatch { get; }

    /// <summary>The newest trace that was not looked at yet; below the oldest at the end.</summary>
    public int Newest
    {
        get
        {
            if (!hasMoved || next < oldest) return next;
            if (end <= firstRow) return oldest - 1;
            try
            {
                return Math.Min(next, OrdinalOf(end - 1));
            }
            catch (CorruptFileException)
            {
                // Told of by whoever comes to the traces.
                return next;
            }
        }
    }

    public TraceCursor CursorOf(int ordinal) => new(cursor.StartOf(ordinal), cursor.TraceIdOf(ordinal));

    /// <summary>
    /// Looks at a page of rows, the next that may hold anything, and adds the traces with a row that satisfies some condition within the range, descending; false at the end. Whole traces satisfy all
    /// conditions; pieces of split ones need not.
    /// </summary>
    public bool FindBlock(List<int> found, CancellationToken cancellation)
    {
        while (next >= oldest && end > firstRow)
        {
            cancellation.ThrowIfCancellationRequested();
            hasMoved = true;
            var page = (end - 1) / PageRows;
            var start = page * PageRows;
            if (MayHit(page))
            {
                FindIn(page, found);
                end = Math.Min(end, start);
                return true;
            }
            end = start;
        }
        return false;
    }

    /// <summary>Whether one trace has a row that satisfies some condition within the range, and, if it is whole, all conditions.</summary>
    public bool IsCandidate(int ordinal)
    {
        try
        {
            var (first, last) = cursor.RowsOf(ordinal);
            return HasHit(first, last) && SatisfiesAll(ordinal, first, last);
        }
        catch (CorruptFileException broken)
        {
            // What can't be judged is handed on: the trace comes back marked partial, which is the truth.
            onCorrupt(broken);
            return true;
        }
    }

    /// <summary>Goes from hit to hit, from the last row of a page to the first; after each comes the trace before the hit's.</summary>
    private void FindIn(int page, List<int> found)
    {
        var start = page * PageRows;
        while (end > start && end > firstRow)
        {
            // Judging a trace may have brought others in its place.
            var of = Matches(page);
            if (!of.HasHits) return;
            var row = RowBits.Previous(of.Hits, end - 1 - start);
            if (row < 0 || start + row < firstRow) return;
            try
            {
                var ordinal = OrdinalOf(start + row);
                if (ordinal < oldest)
                {
                    end = firstRow;
                    return;
                }
                var (first, last) = ((int)window![ordinal - windowFirst], ordinal + 1 < windowFirst + windowCount ? (int)window[ordinal + 1 - windowFirst] : windowEnd);
                // Above it where the walk's bounds were not read.
                if (ordinal <= next)
                {
                    if (SatisfiesAll(ordinal, first, last)) found.Add(ordinal);
                    next = ordinal - 1;
                }
                end = first;
            }
            catch (CorruptFileException broken)
            {
                onCorrupt(broken);
                HandOn(start + row, found);
            }
        }
    }

    /// <summary>The trace table can't be read: every trace that may have the row is handed on.</summary>
    private void HandOn(int row, List<int> found)
    {
        var page = TracePageOf(row);
        for (next = Math.Min(next, ((page + 1) * PageRows) - 1); next >= Math.Max(oldest, page * PageRows); next--) found.Add(next);
        end = Math.Min(row, FirstRowOfPage(page));
    }

    private bool HasHit(int first, int behind)
    {
        for (var last = behind - 1; last >= first;)
        {
            var page = last / PageRows;
            var start = page * PageRows;
            if (MayHit(page))
            {
                var of = Matches(page);
                var row = of.HasHits ? RowBits.Previous(of.Hits, last - start) : -1;
                if (row >= 0) return start + row >= first;
            }
            last = start - 1;
        }
        return false;
    }

    /// <summary>The trace that has a row; the window then has the trace.</summary>
    private int OrdinalOf(int row)
    {
        if (windowCount == 0 || row < window![0] || row >= windowEnd) MoveWindow(row);
        var index = window.AsSpan(0, windowCount).BinarySearch((long)row);
        return windowFirst + (index < 0 ? ~index - 1 : index);
    }

    /// <summary>Traces of a page have about equally many rows: the first guess is seldom more than a window off.</summary>
    private void MoveWindow(int row)
    {
        var page = TracePageOf(row);
        ref readonly var info = ref cursor.Info(segment.Columns.Trace(SegmentColumns.Trace.FirstRow), page);
        var first = FirstRowOfPage(page);
        var behind = FirstRowOfPage(page + 1);
        var at = (int)Math.Clamp((row - first) * (long)info.Count / Math.Max(1, behind - first), 0, info.Count - 1) / WindowTraces;
        while (true)
        {
            if (at < 0 || at * WindowTraces >= info.Count) throw Contradiction();
            ReadWindow(page, at * WindowTraces, Math.Min(WindowTraces, info.Count - (at * WindowTraces)));
            if (row < window![0]) at--;
            else if (row >= windowEnd) at++;
            else return;
        }
    }

    private void ReadWindow(int page, int first, int count)
    {
        window ??= new long[Math.Min(WindowTraces, segment.Traces)];
        // Until it is read there is none: reading may throw.
        windowCount = 0;
        var rows = window.AsSpan(0, count);
        cursor.Numbers(segment.Columns.Trace(SegmentColumns.Trace.FirstRow), page, first, rows);
        var last = (page * PageRows) + first + count - 1;
        windowEnd = cursor.FirstRowAfter(last);
        CheckAscending(rows, windowEnd);
        (windowFirst, windowCount) = (last + 1 - count, count);
    }

    /// <summary>The page of the trace table with the trace that has a row, as far as the directory tells.</summary>
    private int TracePageOf(int row)
    {
        int low = 0, high = ((segment.Traces - 1) / PageRows) + 1;
        while (high - low > 1)
        {
            var middle = (low + high) >>> 1;
            if (FirstRowOfPage(middle) <= row) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>The first row of the first trace in a page of the trace table: that is the page's minimum. Behind the last: the end of the segment.</summary>
    private int FirstRowOfPage(int page) =>
        page * PageRows >= segment.Traces ? (int)segment.Entry.Spans : (int)Math.Clamp(cursor.Info(segment.Columns.Trace(SegmentColumns.Trace.FirstRow), page).Min, 0, segment.Entry.Spans);

    /// <summary>The first row of a trace; where that can't be read, one that is further out.</summary>
    private int Bound(int ordinal)
    {
        if (ordinal == 0) return 0;
        try
        {
            var row = cursor.FirstRowAfter(ordinal - 1);
            return row >= 0 && row <= segment.Entry.Spans ? row : throw Contradiction();
        }
        catch (CorruptFileException broken)
        {
            onCorrupt(broken);
            return FirstRowOfPage(ordinal == oldest ? ordinal / PageRows : ((ordinal - 1) / PageRows) + 1);
        }
    }

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

    /// <summary>How many pages of the walk may hold a hit, counted no further than needed.</summary>
    private int PagesThatMayHit()
    {
        var count = 0;
        for (var page = firstRow / PageRows; page * PageRows < end && count <= FewPages; page++)
        {
            if (MayHit(page)) count++;
        }
        return count;
    }

    private PageMatches Matches(int page)
    {
        var kept = matches[page % KeptPages] ??= new PageMatches(conditions.Conditions.Length);
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
