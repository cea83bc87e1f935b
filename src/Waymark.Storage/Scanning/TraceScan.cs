// A scan over the whole store: candidates of heads and segments merged newest first, split traces in their true place.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// The order of a list is (smallest start over all pieces, id), descending. A piece's own start is never smaller than that, so walking pieces in descending order meets every trace no later
/// than its place; a split trace is put into the queue under its true start and leaves it when the walk gets there.
/// <para>One thread walks. Looking for candidates is shared out once it proves to be much (<see cref="CandidateSearch"/>). Reading the traces of a block is much, too: once the caller has taken
/// the first block and wants more, the next ones are built ahead of it, as many at a time as there are processors and memory allows, and come in order all the same.</para>
/// </summary>
internal sealed class TraceScan
{
    private const int MaxBlockTraces = 512;
    private const int MaxBlockRows = 32 * 1024;

    /// <summary>Blocks being built ahead: each is up to some ten megabytes.</summary>
    private const int MaxAhead = 8;

    /// <summary>In the place of a segment: all of them, and the heads.</summary>
    private const int Everywhere = -1;

    private static readonly TraceId HighestId = new(ulong.MaxValue, ulong.MaxValue);
    private static readonly Comparer<TraceCursor> ListOrder = Comparer<TraceCursor>.Create(static (a, b) => a.CompareTo(b));

    private readonly StoreView view;
    private readonly SpanScan scan;
    private readonly SpanSelection selection;
    private readonly ConditionSet conditions;
    private readonly CancellationTokenSource stop;
    private readonly ViewForks forks;
    private readonly CandidateSearch search;
    private readonly PriorityQueue<Candidate, TraceCursor> queue = new(ListOrder);
    private readonly HashSet<TraceId> scheduled = [];
    private bool isScheduled;
    private int wanted;

    /// <summary>What a row takes in a block: the most there was.</summary>
    private long bytesPerRow;

    public TraceScan(StoreView view, SpanScan scan, SearchPace pace, CancellationToken cancellation)
    {
        this.view = view;
        this.scan = scan;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        selection = new SpanSelection(scan.Parts);
        conditions = new ConditionSet(scan);
        wanted = Math.Clamp(scan.Wanted, 1, MaxBlockTraces);
        forks = new ViewForks(view);
        search = new CandidateSearch(view, SegmentsInRange(), conditions, scan.After, pace, forks, stop.Token);
    }

    /// <summary>Blocks of candidates; the first holds as many traces as the caller wants, later ones more. Files are read and columns walked on pool threads, never on the caller's. Once.</summary>
    public async IAsyncEnumerable<SpanBlock> RunAsync()
    {
        var building = new Queue<(Task<Built> Block, long Rows)>();
        Task<Picks?>? picking = null;
        try
        {
            // Nothing is read ahead of the first block: the usual caller wants no second.
            if (await Task.Run(BuildFirstAsync, stop.Token) is not { } first) yield break;
            yield return Hand(first);
            view.ReleaseCursors();
            var ahead = Math.Clamp(Environment.ProcessorCount, 1, MaxAhead);
            Picks? next = null;
            for (var isAtEnd = false; ;)
            {
                if (next is not null && HasRoomFor(next, building))
                {
                    var picks = next;
                    building.Enqueue((Task.Run(() => BuildAhead(picks), stop.Token), picks.Rows));
                    next = null;
                }
                if (!isAtEnd && next is null && picking is null && building.Count < ahead) picking = Task.Run(NextPicksAsync, stop.Token);
                if (building.TryPeek(out var head))
                {
                    // A block that is there does not wait for those behind it.
                    if (picking is not null) await Task.WhenAny(head.Block, picking);
                    if (picking is null || head.Block.IsCompleted)
                    {
                        building.Dequeue();
                        var built = await head.Block;
                        if (built.Block.Traces.Length > 0) yield return Hand(built);
                        else Hand(built);
                        continue;
                    }
                }
                if (picking is null) yield break;
                next = await picking;
                picking = null;
                isAtEnd = next is null;
            }
        }
        finally
        {
            // Nobody may read when the view is gone.
            await stop.CancelAsync();
            await ((Task)Task.WhenAll(building.Select(b => b.Block))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (picking is not null) await ((Task)picking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await search.FinishAsync();
            forks.Close();
            stop.Dispose();
        }
    }

    /// <summary>The newest first: as the walk comes to them.</summary>
    private IEnumerable<int> SegmentsInRange() => Enumerable.Range(0, view.Segments.Length)
        .Where(s => !conditions.Range.EndsBefore(view.Segments[s].Entry.MinStart) && view.Segments[s].Entry.MaxStart >= conditions.Range.From)
        .OrderByDescending(s => view.Segments[s].Entry.MaxStart);

    /// <summary>Half of what the query may hold is for blocks ahead; the first of them always comes.</summary>
    private bool HasRoomFor(Picks picks, Queue<(Task<Built> Block, long Rows)> building) =>
        building.Count == 0 || (building.Sum(b => b.Rows) + picks.Rows) * Interlocked.Read(ref bytesPerRow) <= view.Memory.Limit / 2;

    /// <summary>From here on the block is the caller's.</summary>
    private SpanBlock Hand(Built built)
    {
        view.Memory.Take(-built.Bytes);
        return built.Block;
    }

    private async Task<Built?> BuildFirstAsync()
    {
        while (await NextPicksAsync() is { } picks)
        {
            var built = Build(picks, view);
            if (built.Block.Traces.Length > 0) return built;
            Hand(built);
        }
        return null;
    }

    private Built BuildAhead(Picks picks)
    {
        var fork = forks.Take();
        try
        {
            return Build(picks, fork);
        }
        finally
        {
            // The next block may lie in other segments.
            fork.ReleaseCursors();
            forks.Return(fork);
        }
    }

    private Built Build(Picks picks, StoreView from)
    {
        var block = new TraceCollector(from, selection);
        foreach (var (segment, ordinal, id) in picks.Traces)
        {
            stop.Token.ThrowIfCancellationRequested();
            if (segment == Everywhere) block.Add(id);
            else block.Add(segment, ordinal);
        }
        var built = new Built(block.Build(), block.Bytes);
        NoteSize(block.Bytes / Math.Max(1, block.Rows));
        return built;
    }

    private void NoteSize(long ofRow)
    {
        for (var known = Interlocked.Read(ref bytesPerRow); ofRow > known; known = Interlocked.Read(ref bytesPerRow)) Interlocked.CompareExchange(ref bytesPerRow, ofRow, known);
    }

    /// <summary>The traces of the next block; null at the end.</summary>
    private async Task<Picks?> NextPicksAsync()
    {
        if (!isScheduled)
        {
            ScheduleHeads();
            // A segment is queued before all it can hold: it is opened when the walk gets there, and not at all when the caller has enough before.
            foreach (var walk in search.Walks) queue.Enqueue(new Candidate(walk, Candidate.Unopened), new TraceCursor(view.Segments[walk.Segment].Entry.MaxStart, HighestId));
            isScheduled = true;
        }
        var picks = new List<Pick>();
        long rows = 0;
        while (picks.Count < wanted && rows < MaxBlockRows && queue.TryDequeue(out var candidate, out var place))
        {
            stop.Token.ThrowIfCancellationRequested();
            if (candidate.IsUnopened)
            {
                await StartSegmentAsync(candidate.Walk!);
                continue;
            }
            if (scan.After is null || place.CompareTo(scan.After.Value) > 0)
            {
                var pick = candidate.Walk is { } found ? new Pick(found.Segment, candidate.Ordinal, default) : new Pick(Everywhere, 0, place.Id);
                rows += RowsOf(pick);
                picks.Add(pick);
            }
            if (candidate.Walk is { } walk) await AdvanceAsync(walk);
        }
        wanted = Math.Min(wanted * 2, MaxBlockTraces);
        return picks.Count == 0 ? null : new Picks(picks, rows);
    }

    /// <summary>How many rows a trace has, duplicates among them: sizes a block.</summary>
    private long RowsOf(in Pick pick)
    {
        try
        {
            if (pick.Segment == Everywhere) return view.RowsOf(pick.Id);
            var (first, end) = view.Cursor(pick.Segment).RowsOf(pick.Ordinal);
            return end - first;
        }
        catch (CorruptFileException broken)
        {
            view.OnCorrupt(broken);
            return 0;
        }
    }

    private void ScheduleHeads()
    {
        var whole = new List<(Candidate, TraceCursor)>();
        var traces = HeadView.Evaluate(view.Heads, conditions, view.Memory, stop.Token);
        foreach (var trace in traces)
        {
            if (view.Continued.Count > 0 && view.Continued.Contains(trace.Id))
            {
                // On later pages the matching piece may lie in a segment before the cursor, where its scanner no longer looks.
                if (trace.InRange || scan.After is not null) ScheduleSplit(trace.Id);
            }
            else if (trace.InRange && trace.Satisfied == conditions.All)
            {
                whole.Add((default, new TraceCursor(trace.Start, trace.Id)));
            }
        }
        // Into an empty queue all at once costs a pass over them, not a search each.
        var split = queue.UnorderedItems.ToArray();
        queue.Clear();
        queue.EnqueueRange([.. whole, .. split]);
        view.Memory.Take(QueryMemory.Of<(Candidate, TraceCursor)>(queue.Count));
    }

    /// <summary>Starts the walk through a segment.</summary>
    private async ValueTask StartSegmentAsync(CandidateSearch.Walk walk)
    {
        try
        {
            if (await walk.OpenAsync() is not { } scanner)
            {
                Leave(walk);
                return;
            }
            if (scan.After is { } after)
            {
                // Pieces newer than the cursor can belong to traces whose true place comes after it.
                foreach (var ordinal in view.Segments[walk.Segment].SplitTraces())
                {
                    if (scanner.CursorOf(ordinal).CompareTo(after) <= 0 && scanner.IsCandidate(ordinal)) ScheduleSplit(view.Cursor(walk.Segment).TraceIdOf(ordinal));
                }
            }
            await AdvanceAsync(walk);
        }
        catch (CorruptFileException broken)
        {
            view.OnCorrupt(broken);
            Leave(walk);
        }
    }

    /// <summary>Queues a segment's next whole trace; split ones met on the way go to their true place.</summary>
    private async ValueTask AdvanceAsync(CandidateSearch.Walk walk)
    {
        try
        {
            while (await walk.NextAsync() is >= 0 and var ordinal)
            {
                var id = view.Cursor(walk.Segment).TraceIdOf(ordinal);
                if (!CandidateSearch.IsSplit(view, walk.Segment, ordinal))
                {
                    queue.Enqueue(new Candidate(walk, ordinal), new TraceCursor(view.Cursor(walk.Segment).StartOf(ordinal), id));
                    return;
                }
                ScheduleSplit(id);
            }
        }
        catch (CorruptFileException broken)
        {
            view.OnCorrupt(broken);
        }
        Leave(walk);
    }

    private void Leave(CandidateSearch.Walk walk)
    {
        walk.Leave();
        view.Drop(walk.Segment);
    }

    private void ScheduleSplit(TraceId id)
    {
        if (scheduled.Add(id)) queue.Enqueue(default, new TraceCursor(view.StartOf(id), id));
    }

    /// <summary>A trace to be read: whole in one segment, or, by its id, from everywhere.</summary>
    private readonly record struct Pick(int Segment, int Ordinal, TraceId Id);

    /// <summary>The traces of a block to come.</summary>
    private sealed record Picks(List<Pick> Traces, long Rows);

    /// <summary>A block, and what is counted as held for it.</summary>
    private sealed record Built(SpanBlock Block, long Bytes);

    /// <summary>A whole trace of one segment, or a segment still to be opened; default: look the trace up everywhere.</summary>
    private readonly record struct Candidate(CandidateSearch.Walk? Walk, int Ordinal)
    {
        /// <summary>In the place of an ordinal.</summary>
        public const int Unopened = -1;

        public bool IsUnopened => Ordinal == Unopened;
    }
}
