// Finds a scan's candidates in segments: step by step while the next ones are near, on all processors once they prove to be far apart.
using Waymark.Model.Stores;

namespace Waymark.Storage.Scanning;

/// <summary>How patiently a scan looks for candidates by itself.</summary>
/// <param name="PatientBlocks">Blocks of traces, about a page of rows each, and segments opened, before others help.</param>
/// <param name="UnitRows">Rows that a helper looks at in one go, about.</param>
internal sealed record SearchPace(int PatientBlocks, int UnitRows)
{
    /// <summary>What a millisecond is enough for comes first; a unit is a fraction of one, in memory. On one processor nobody helps.</summary>
    public static readonly SearchPace Default = new(Environment.ProcessorCount > 1 ? 32 : int.MaxValue, 16 * Segments.SegmentFormat.PageRows);
}

/// <summary>
/// Of each segment a walk from the newest candidate to the oldest. Whoever wants the newest few finds them in the first pages, and nothing else is looked at. After some
/// blocks (<see cref="SearchPace"/>) the scan counts as one that must look at much: from then on the rows ahead of the walk are judged in units, in the order of the walk, by several workers at a time. What is found does
/// not depend on who finds it. One thread asks.
/// </summary>
internal sealed class CandidateSearch
{
    /// <summary>Units that are found, or being looked for, ahead of the walk.</summary>
    private static readonly int MaxAhead = Math.Min(Environment.ProcessorCount * 2, 32);

    private readonly StoreView view;
    private readonly ViewForks forks;
    private readonly ConditionSet conditions;
    private readonly TraceCursor? after;
    private readonly SearchPace pace;
    private readonly CancellationToken stopped;

    /// <summary>In the order the walk comes to them.</summary>
    private readonly Walk[] walks;

    /// <summary>All walks before this have no units to be begun.</summary>
    private int nextWalk;
    private int ahead;
    private int blocks;

    /// <param name="segments">Those to be searched, in the order the walk comes to them.</param>
    public CandidateSearch(StoreView view, IEnumerable<int> segments, ConditionSet conditions, TraceCursor? after, SearchPace pace, ViewForks forks, CancellationToken stopped)
    {
        (this.view, this.conditions, this.after, this.pace, this.forks, this.stopped) = (view, conditions, after, pace, forks, stopped);
        walks = [.. segments.Select(s => new Walk(this, s))];
    }

    /// <summary>Of the segments given, in their order.</summary>
    public IReadOnlyList<Walk> Walks => walks;

    private bool IsParallel => blocks >= pace.PatientBlocks;

    /// <summary>True when a trace of a segment may have pieces elsewhere.</summary>
    public static bool IsSplit(StoreView view, int segment, int ordinal) =>
        view.Segments[segment].IsSplit(ordinal) || (view.Continued.Count > 0 && view.Continued.Contains(view.Cursor(segment).TraceIdOf(ordinal)));

    /// <summary>Waits for those who still work; they are to have been told to stop.</summary>
    public async Task FinishAsync()
    {
        foreach (var walk in walks) await walk.FinishAsync();
    }

    private static bool HasSplit(StoreView view, int segment) => view.Segments[segment].HasSplitTraces || view.Continued.Count > 0;

    private SegmentScanner Scanner(StoreView from, int segment, int oldest = 0, int newest = int.MaxValue)
    {
        return new SegmentScanner(from.Cursor(segment), conditions, after, ordinal => IsSplit(from, segment, ordinal), HasSplit(from, segment), from.OnCorrupt, oldest, newest);
    }

    /// <summary>Begins units until there are as many ahead as may be.</summary>
    private void BeginAhead()
    {
        while (nextWalk < walks.Length && walks[nextWalk].IsBegun) nextWalk++;
        for (var w = nextWalk; w < walks.Length && ahead < MaxAhead; w++)
        {
            while (ahead < MaxAhead && walks[w].MayBegin) walks[w].TryBegin();
        }
    }

    /// <summary>Candidates of a unit; null when nothing in the whole segment can match.</summary>
    private List<int>? Find(int segment, int oldest, int newest)
    {
        var fork = forks.Take();
        try
        {
            // One segment after another: what a fork holds of the others would only add up.
            fork.DropBut(segment);
            var found = new List<int>();
            var scanner = Scanner(fork, segment, oldest, newest);
            if (!scanner.MayMatch) return null;
            while (scanner.FindBlock(found, stopped)) continue;
            view.Memory.Take(QueryMemory.Of<int>(found.Capacity));
            return found;
        }
        finally
        {
            forks.Return(fork);
        }
    }

    /// <summary>The way through one segment.</summary>
    internal sealed class Walk(CandidateSearch search, int segment)
    {
        private readonly Queue<Task<List<int>?>> begun = [];
        private readonly int unitTraces = (int)Math.Clamp((long)search.view.Segments[segment].Traces * search.pace.UnitRows / Math.Max(1, search.view.Segments[segment].Entry.Spans), 1, int.MaxValue);
        private SegmentScanner? scanner;

        /// <summary>Candidates found and not handed out yet are those from <see cref="nextFound"/> on.</summary>
        private List<int> found = [];
        private int nextFound;

        /// <summary>The newest trace that belongs to no unit yet; null while there are no units.</summary>
        private int? next;

        public int Segment { get; } = segment;

        /// <summary>Reads what the walk needs to know of the segment; null when nothing in it can match.</summary>
        public async ValueTask<SegmentScanner?> OpenAsync()
        {
            // Whoever looks ahead finds out as well: it is not worked out twice.
            if (begun.TryPeek(out var first) ? await first is null : IsRuledOut()) return null;
            // Dictionaries may have to be read for it.
            search.blocks++;
            var opened = search.Scanner(search.view, Segment);
            return opened.MayMatch ? scanner = opened : null;
        }

        /// <summary>The next candidate, −1 at the end.</summary>
        public async ValueTask<int> NextAsync()
        {
            while (nextFound == found.Count)
            {
                nextFound = 0;
                if (search.IsParallel)
                {
                    // The first of what is ahead is wanted now, whatever else is.
                    if (begun.Count == 0 && !TryBegin()) return -1;
                    search.BeginAhead();
                    found = await begun.Dequeue() ?? [];
                    search.ahead--;
                    search.view.Memory.Take(-QueryMemory.Of<int>(found.Capacity));
                }
                else
                {
                    found.Clear();
                    if (!scanner!.FindBlock(found, search.stopped)) return -1;
                    search.blocks++;
                }
            }
            return found[nextFound++];
        }

        /// <summary>No unit is left to be begun.</summary>
        public bool IsBegun => next < 0;

        /// <summary>A unit may be begun ahead of the walk: of a segment that is not opened yet one, which finds out whether anything in it can match.</summary>
        public bool MayBegin => !IsBegun && (scanner is not null || begun.Count == 0);

        /// <summary>Begins the next unit; false when there is none.</summary>
        public bool TryBegin()
        {
            // Where the walk has been is not looked at again.
            if (next is null && scanner is null && IsRuledOut()) next = -1;
            next ??= scanner?.Newest ?? search.view.Segments[Segment].Traces - 1;
            if (next < 0) return false;
            var newest = next.Value;
            var oldest = Math.Max(0, newest + 1 - unitTraces);
            next = oldest - 1;
            begun.Enqueue(Task.Run(() => search.Find(Segment, oldest, newest), search.stopped));
            search.ahead++;
            return true;
        }

        private bool IsRuledOut() => search.conditions.IsRuledOut(search.view.Segments[Segment], HasSplit(search.view, Segment));

        /// <summary>The walk ends here: nobody asks for what is ahead in this segment.</summary>
        public void Leave()
        {
            next = -1;
            search.ahead -= begun.Count;
            (scanner, found, nextFound) = (null, [], 0);
        }

        public async Task FinishAsync() => await ((Task)Task.WhenAll(begun)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
