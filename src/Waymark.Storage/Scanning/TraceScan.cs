// A scan over the whole store: candidates of heads and segments merged newest first, split traces in their true place.
using System.Collections.Concurrent;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// The order of a list is (smallest start over all pieces, id), descending. A piece's own start is never smaller than that, so walking pieces in descending order meets every trace no later
/// than its place; a split trace is put into the queue under its true start and leaves it when the walk gets there.
/// <para>One thread walks, which is cheap: it reads bits and the trace table. Reading the traces of a block is not: once the caller has taken the first block and wants more, the next ones are
/// built ahead of it, as many at a time as there are processors, and come in order all the same.</para>
/// </summary>
internal sealed class TraceScan
{
    private const int MaxBlockTraces = 512;
    private const int MaxBlockRows = 32 * 1024;

    /// <summary>Blocks being built ahead: each is up to some ten megabytes.</summary>
    private const int MaxAhead = 8;

    /// <summary>In the place of an ordinal.</summary>
    private const int Unopened = -1;

    /// <summary>In the place of a segment: all of them, and the heads.</summary>
    private const int Everywhere = -1;

    private static readonly TraceId HighestId = new(ulong.MaxValue, ulong.MaxValue);
    private static readonly Comparer<TraceCursor> ListOrder = Comparer<TraceCursor>.Create(static (a, b) => a.CompareTo(b));

    private readonly StoreView view;
    private readonly SpanScan scan;
    private readonly SpanSelection selection;
    private readonly ConditionSet conditions;
    private readonly CancellationToken cancellation;
    private readonly PriorityQueue<Candidate, TraceCursor> queue = new(ListOrder);
    private readonly HashSet<TraceId> scheduled = [];

    /// <summary>Views of the same moment for those who build blocks, to be used by one at a time.</summary>
    private readonly ConcurrentBag<StoreView> forks = [];
    private bool isScheduled;
    private int wanted;

    public TraceScan(StoreView view, SpanScan scan, CancellationToken cancellation)
    {
        this.view = view;
        this.scan = scan;
        this.cancellation = cancellation;
        selection = new SpanSelection(scan.Parts);
        conditions = new ConditionSet(scan);
        wanted = Math.Clamp(scan.Wanted, 1, MaxBlockTraces);
    }

    /// <summary>Blocks of candidates; the first holds as many traces as the caller wants, later ones more. Files are read and columns walked on pool threads, never on the caller's.</summary>
    public async IAsyncEnumerable<SpanBlock> RunAsync()
    {
        // Nothing is read ahead of the first block: the usual caller wants no second.
        if (await Task.Run(BuildFirst, cancellation) is not { } first) yield break;
        yield return first;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var building = new Queue<Task<SpanBlock>>();
        try
        {
            var ahead = Math.Clamp(Environment.ProcessorCount, 1, MaxAhead);
            for (var isAtEnd = false; ;)
            {
                while (!isAtEnd && building.Count < ahead)
                {
                    if (await Task.Run(NextPicks, cancellation) is { } picks) building.Enqueue(Task.Run(() => BuildAhead(picks, stop.Token), stop.Token));
                    else isAtEnd = true;
                }
                if (!building.TryDequeue(out var next)) yield break;
                var block = await next;
                if (block.Traces.Length > 0) yield return block;
            }
        }
        finally
        {
            // Nobody may read when the view is gone.
            await stop.CancelAsync();
            await ((Task)Task.WhenAll(building)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var fork in forks) fork.Dispose();
        }
    }

    private SpanBlock? BuildFirst()
    {
        while (NextPicks() is { } picks)
        {
            if (Build(picks, view, cancellation) is { Traces.Length: > 0 } block) return block;
        }
        return null;
    }

    private SpanBlock BuildAhead(List<Pick> picks, CancellationToken stopped)
    {
        if (!forks.TryTake(out var fork)) fork = view.Fork();
        try
        {
            return Build(picks, fork, stopped);
        }
        finally
        {
            forks.Add(fork);
        }
    }

    private SpanBlock Build(List<Pick> picks, StoreView from, CancellationToken stopped)
    {
        var block = new TraceCollector(from, selection);
        foreach (var (segment, ordinal, id) in picks)
        {
            stopped.ThrowIfCancellationRequested();
            if (segment == Everywhere) block.Add(id);
            else block.Add(segment, ordinal);
        }
        return block.Build();
    }

    /// <summary>The traces of the next block; null at the end.</summary>
    private List<Pick>? NextPicks()
    {
        if (!isScheduled)
        {
            ScheduleHeads();
            for (var s = 0; s < view.Segments.Length; s++) ScheduleSegment(s);
            isScheduled = true;
        }
        var picks = new List<Pick>();
        long rows = 0;
        while (picks.Count < wanted && rows < MaxBlockRows && queue.TryDequeue(out var candidate, out var place))
        {
            cancellation.ThrowIfCancellationRequested();
            if (candidate.IsUnopened)
            {
                StartSegment(candidate.Segment);
                continue;
            }
            if (candidate.Scanner is { } scanner) Advance(scanner, candidate.Segment);
            if (scan.After is { } after && place.CompareTo(after) <= 0) continue;
            var pick = candidate.Scanner is null ? new Pick(Everywhere, 0, place.Id) : new Pick(candidate.Segment, candidate.Ordinal, default);
            rows += RowsOf(pick);
            picks.Add(pick);
        }
        wanted = Math.Min(wanted * 2, MaxBlockTraces);
        return picks.Count == 0 ? null : picks;
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
        foreach (var trace in HeadView.Evaluate(view.Heads, conditions, cancellation))
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
    }

    /// <summary>Queues a segment before all it can hold: it is opened when the walk gets there, and not at all when the caller has enough before.</summary>
    private void ScheduleSegment(int segment)
    {
        var entry = view.Segments[segment].Entry;
        if (conditions.Range.EndsBefore(entry.MinStart) || entry.MaxStart < conditions.Range.From) return;
        queue.Enqueue(new Candidate(null, segment, Unopened), new TraceCursor(entry.MaxStart, HighestId));
    }

    /// <summary>Starts the walk through a segment.</summary>
    private void StartSegment(int segment)
    {
        try
        {
            var hasSplit = view.Segments[segment].HasSplitTraces || view.Continued.Count > 0;
            var scanner = new SegmentScanner(view.Cursor(segment), conditions, scan.After, ordinal => IsSplit(segment, ordinal), hasSplit, view.OnCorrupt);
            if (!scanner.MayMatch) return;
            if (scan.After is { } after)
            {
                // Pieces newer than the cursor can belong to traces whose true place comes after it.
                foreach (var ordinal in view.Segments[segment].SplitTraces())
                {
                    if (scanner.CursorOf(ordinal).CompareTo(after) <= 0 && scanner.IsCandidate(ordinal)) ScheduleSplit(view.Cursor(segment).TraceIdOf(ordinal));
                }
            }
            Advance(scanner, segment);
        }
        catch (CorruptFileException broken)
        {
            view.OnCorrupt(broken);
        }
    }

    /// <summary>Queues a segment's next whole trace; split ones met on the way go to their true place.</summary>
    private void Advance(SegmentScanner scanner, int segment)
    {
        try
        {
            while (scanner.Next(cancellation) is >= 0 and var ordinal)
            {
                if (!IsSplit(segment, ordinal))
                {
                    queue.Enqueue(new Candidate(scanner, segment, ordinal), scanner.CursorOf(ordinal));
                    return;
                }
                ScheduleSplit(view.Cursor(segment).TraceIdOf(ordinal));
            }
        }
        catch (CorruptFileException broken)
        {
            view.OnCorrupt(broken);
        }
    }

    /// <summary>True when the trace may have pieces elsewhere.</summary>
    private bool IsSplit(int segment, int ordinal) =>
        view.Segments[segment].IsSplit(ordinal) || (view.Continued.Count > 0 && view.Continued.Contains(view.Cursor(segment).TraceIdOf(ordinal)));

    private void ScheduleSplit(TraceId id)
    {
        if (scheduled.Add(id)) queue.Enqueue(default, new TraceCursor(view.StartOf(id), id));
    }

    /// <summary>A trace to be read: whole in one segment, or, by its id, from everywhere.</summary>
    private readonly record struct Pick(int Segment, int Ordinal, TraceId Id);

    /// <summary>A whole trace of one segment, or a segment still to be opened; default: look the trace up everywhere.</summary>
    private readonly record struct Candidate(SegmentScanner? Scanner, int Segment, int Ordinal)
    {
        public bool IsUnopened => Ordinal == Unopened;
    }
}
