// A scan over the whole store: candidates of heads and segments merged newest first, split traces in their true place.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// The order of a list is (smallest start over all pieces, id), descending. A piece's own start is never smaller than that, so walking pieces in descending order meets every trace no later
/// than its place; a split trace is put into the queue under its true start and leaves it when the walk gets there.
/// </summary>
internal sealed class TraceScan
{
    private const int MaxBlockTraces = 512;
    private const int MaxBlockRows = 32 * 1024;

    /// <summary>In the place of an ordinal.</summary>
    private const int Unopened = -1;

    private static readonly TraceId HighestId = new(ulong.MaxValue, ulong.MaxValue);
    private static readonly Comparer<TraceCursor> ListOrder = Comparer<TraceCursor>.Create(static (a, b) => a.CompareTo(b));

    private readonly StoreView view;
    private readonly SpanScan scan;
    private readonly ConditionSet conditions;
    private readonly CancellationToken cancellation;
    private readonly PriorityQueue<Candidate, TraceCursor> queue = new(ListOrder);
    private readonly HashSet<TraceId> scheduled = [];

    public TraceScan(StoreView view, SpanScan scan, CancellationToken cancellation)
    {
        this.view = view;
        this.scan = scan;
        this.cancellation = cancellation;
        conditions = new ConditionSet(scan);
    }

    /// <summary>Blocks of candidates; the first holds as many traces as the caller wants, later ones more.</summary>
    public IEnumerable<SpanBlock> Run()
    {
        ScheduleHeads();
        for (var s = 0; s < view.Segments.Length; s++) ScheduleSegment(s);

        var selection = new SpanSelection(scan.Parts);
        var wanted = Math.Clamp(scan.Wanted, 1, MaxBlockTraces);
        var block = new TraceCollector(view, selection);
        while (queue.TryDequeue(out var candidate, out var place))
        {
            cancellation.ThrowIfCancellationRequested();
            if (candidate.IsUnopened)
            {
                StartSegment(candidate.Segment);
                continue;
            }
            if (candidate.Scanner is { } scanner) Advance(scanner, candidate.Segment);
            if (scan.After is { } after && place.CompareTo(after) <= 0) continue;
            if (candidate.Scanner is not null) block.Add(candidate.Segment, candidate.Ordinal);
            else block.Add(place.Id);
            if (block.Traces < wanted && block.Rows < MaxBlockRows) continue;
            yield return block.Build();
            block = new TraceCollector(view, selection);
            wanted = Math.Min(wanted * 2, MaxBlockTraces);
        }
        if (block.Traces > 0) yield return block.Build();
    }

    private void ScheduleHeads()
    {
        foreach (var (id, trace) in HeadView.Evaluate(view.Heads, conditions, cancellation))
        {
            if (view.Continued.Contains(id))
            {
                // On later pages the matching piece may lie in a segment before the cursor, where its scanner no longer looks.
                if (trace.InRange || scan.After is not null) ScheduleSplit(id);
            }
            else if (trace.InRange && trace.Satisfied == conditions.All)
            {
                queue.Enqueue(default, new TraceCursor(trace.Start, id));
            }
        }
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

    /// <summary>A whole trace of one segment, or a segment still to be opened; default: look the trace up everywhere.</summary>
    private readonly record struct Candidate(SegmentScanner? Scanner, int Segment, int Ordinal)
    {
        public bool IsUnopened => Ordinal == Unopened;
    }
}
