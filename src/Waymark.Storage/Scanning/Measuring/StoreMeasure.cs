// Counts spans over the whole store: pages of segments by kernels, on all cores; traces with several pieces, and those in memory, put together first.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>
/// One measurement. Sealing has left each identity in a segment once, so a span is counted where it lies if it can't lie elsewhere too. Rows of traces that may have a span in two pieces, and with
/// <see cref="SpanMeasure.Under"/> of those whose pieces hang together in a way that is not known, are left out; a trace of which some row satisfies the condition is then merged and judged as a whole: if no row of any piece does, no merged span can.
/// </summary>
internal sealed class StoreMeasure
{
    /// <summary>Pages a worker takes at a time: a row group.</summary>
    private const int UnitPages = SegmentFormat.ChunkPages;

    /// <summary>Row groups that are worth a worker of their own: waking one, and what it keeps of each segment, costs about as much as counting two.</summary>
    private const int UnitsPerWorker = 4;

    private const int MaxBlockRows = 32 * 1024;
    private readonly StoreView view;
    private readonly SpanMeasure measure;
    private readonly CancellationToken cancellation;
    private readonly ConditionSet where;
    private readonly ConditionSet? under;
    private readonly Lazy<SegmentMeasure?>?[] segments;
    private readonly List<SegmentWork> work = [];

    /// <summary>Segments that some worker has begun.</summary>
    private int begun;

    /// <summary>Null where ancestors don't matter or no trace is split.</summary>
    private AttachedTraces? attached;

    /// <summary>Several workers may set it, none clears it.</summary>
    private volatile bool isPartial;

    public StoreMeasure(StoreView view, SpanMeasure measure, CancellationToken cancellation)
    {
        this.view = view;
        this.measure = measure;
        this.cancellation = cancellation;
        where = new ConditionSet(new SpanScan { Range = measure.Range, Conditions = [measure.Where] });
        under = measure.Under is { } condition ? new ConditionSet(new SpanScan { Conditions = [condition] }) : null;
        segments = new Lazy<SegmentMeasure?>?[view.Segments.Length];
    }

    /// <summary>Counts, on as many threads as there are processors if there is much to count. The view is the measurement's alone until the task completes.</summary>
    public async Task<SpanMeasurement> RunAsync()
    {
        var table = SplitTable.Of(view);
        isPartial |= table.IsPartial;
        for (var s = 0; s < view.Segments.Length; s++) Schedule(s, table);
        if (under is not null && table.Trees.Parents > 0) await FindAttachedAsync(under, table.Trees);
        var others = new Task<Worker>[Math.Clamp(work.Sum(w => w.Units) / UnitsPerWorker, 1, Environment.ProcessorCount) - 1];
        for (var w = 0; w < others.Length; w++) others[w] = Task.Run(() => new Worker(this).Run(), cancellation);
        var (sums, met) = await GatherAsync(others);
        new HeadMeasure(view, measure, where).Run(sums, met, cancellation);
        MeasureMerged(met, sums);
        return sums.Build(measure, isPartial);
    }

    /// <summary>Counts beside the other workers, and puts together what all have counted.</summary>
    private async Task<(GroupSums Sums, HashSet<TraceId> Met)> GatherAsync(Task<Worker>[] others)
    {
        var own = new Worker(this);
        try
        {
            own.Run();
        }
        finally
        {
            // Whatever became of this one, the others still read what the view holds. What one of them has thrown is told below.
            await Task.WhenAll(others).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        foreach (var other in others)
        {
            var worker = await other;
            own.Sums.Merge(worker.Sums);
            own.Met.UnionWith(worker.Met);
        }
        return (own.Sums, own.Met);
    }

    /// <summary>Before anything is counted: what of split traces lies below a matching row of another segment.</summary>
    private async Task FindAttachedAsync(ConditionSet condition, SplitTrees trees)
    {
        var found = attached = new AttachedTraces(trees);
        var next = 0;
        var workers = new Task[Math.Clamp(view.Segments.Length, 1, Environment.ProcessorCount)];
        for (var w = 0; w < workers.Length; w++) workers[w] = Task.Run(Work, cancellation);
        await Task.WhenAll(workers);

        void Work()
        {
            while (Interlocked.Increment(ref next) - 1 is var s && s < view.Segments.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                if (trees.Ancestors(s).IsEmpty) continue;
                try
                {
                    using var pages = new MeasurePages(view.Segments[s], view.Memory);
                    found.Find(s, new PageCondition(pages, condition), Report);
                }
                catch (CorruptFileException broken)
                {
                    Report(broken);
                }
            }
        }
    }

    /// <summary>Cuts a segment into units of work, if a span of it can start in the range.</summary>
    private void Schedule(int segment, SplitTable table)
    {
        var open = view.Segments[segment];
        if (measure.Range.EndsBefore(open.Entry.MinStart) || open.Entry.MaxStart < measure.Range.From) return;
        try
        {
            var split = SplitRows.Of(view, table, segment, needsTree: under is not null);
            isPartial |= split is null;
            if (split is null) return;
            // What texts and dictionaries say is worked out by the worker that gets there first.
            segments[segment] = new Lazy<SegmentMeasure?>(() => Prepare(open, split));
            work.Add(new SegmentWork(segment, open.Reader.Pages(open.Columns.Span(SegmentColumns.Span.Context)).Length));
        }
        catch (CorruptFileException broken)
        {
            Report(broken);
        }
    }

    /// <summary>Null when nothing of the segment can be counted.</summary>
    private SegmentMeasure? Prepare(OpenSegment segment, SplitRows split)
    {
        try
        {
            return new SegmentMeasure(segment, SegmentGroups.Of(segment, measure.By), split);
        }
        catch (CorruptFileException broken)
        {
            Report(broken);
            return null;
        }
    }

    /// <summary>Counts the traces that need putting together, some at a time.</summary>
    private void MeasureMerged(HashSet<TraceId> ids, GroupSums into)
    {
        var merged = new BlockMeasure(measure);
        var collector = new TraceCollector(view, merged.Selected);
        foreach (var id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            collector.Add(id);
            if (collector.Rows < MaxBlockRows) continue;
            Take(collector);
            collector = new TraceCollector(view, merged.Selected);
        }
        if (collector.Rows > 0) Take(collector);

        void Take(TraceCollector full)
        {
            var block = full.Build();
            merged.Add(block, into);
            view.Memory.Take(-full.Bytes);
            isPartial |= block.Traces.Any(t => t.IsPartial);
        }
    }

    private void Report(CorruptFileException broken)
    {
        isPartial = true;
        view.OnCorrupt(broken);
    }

    /// <summary>What all workers share about a segment.</summary>
    private sealed record SegmentMeasure(OpenSegment Segment, SegmentGroups? Groups, SplitRows Split);

    /// <summary>The pages of a segment, taken some at a time by any number of workers.</summary>
    private sealed class SegmentWork(int segment, int pages)
    {
        private int taken;

        public int Segment => segment;

        /// <summary>Units of work in all.</summary>
        public int Units => (pages + UnitPages - 1) / UnitPages;

        /// <summary>Units that nobody has taken.</summary>
        public int Left => Math.Max(0, Units - Volatile.Read(ref taken));

        /// <summary>Nothing of it needs to be looked at.</summary>
        public void Finish() => Volatile.Write(ref taken, Units);

        /// <summary>The next unit: pages [first, end). False when all are taken.</summary>
        public bool TryTake(out int first, out int end)
        {
            first = (Interlocked.Increment(ref taken) - 1) * UnitPages;
            end = Math.Min(first + UnitPages, pages);
            return first < pages;
        }
    }

    /// <summary>Takes units until there are none. Of one thread.</summary>
    private sealed class Worker(StoreMeasure owner)
    {
        /// <summary>Of a trace's id in a set.</summary>
        private const int MetBytes = 40;

        /// <summary>Units left of a segment for which a worker that has none of its own any more joins in: one alone is not worth it.</summary>
        private const int WorthHelping = 2;

        private readonly ulong[] bits = new ulong[RowBits.Words];
        private long metBytes;

        /// <summary>What was counted.</summary>
        public GroupSums Sums { get; } = new(owner.measure.Durations, owner.view.Memory);

        /// <summary>Split traces with a row that satisfies the condition.</summary>
        public HashSet<TraceId> Met { get; } = [];

        /// <summary>A segment of its own as long as there are any, since each has tables to prepare; then what others have not come to.</summary>
        public Worker Run()
        {
            while (Interlocked.Increment(ref owner.begun) - 1 is var next && next < owner.work.Count) Count(owner.work[next]);
            foreach (var segment in owner.work)
            {
                if (segment.Left >= WorthHelping) Count(segment);
            }
            return this;
        }

        /// <summary>Counts units of a segment as long as there are.</summary>
        private void Count(SegmentWork work)
        {
            if (owner.segments[work.Segment]!.Value is not { } shared)
            {
                work.Finish();
                return;
            }
            try
            {
                using var pages = new MeasurePages(shared.Segment, owner.view.Memory);
                var where = new PageCondition(pages, owner.where);
                if (where.IsImpossible)
                {
                    work.Finish();
                    return;
                }
                var descendants = owner.under is null ? null : new Descendants(new PageCondition(pages, owner.under), pages, work.Segment, owner.attached);
                using var counter = new SegmentCounter(shared.Segment, shared.Groups, owner.measure.Durations, owner.view.Memory);
                while (work.TryTake(out var page, out var end))
                {
                    for (; page < end; page++) Count(shared, where, pages, descendants, counter, page);
                }
                counter.Flush(Sums);
            }
            catch (CorruptFileException broken)
            {
                // Of dictionaries: what a text's codes are, or a group's text.
                owner.Report(broken);
            }
        }

        private void Count(SegmentMeasure shared, PageCondition where, MeasurePages pages, Descendants? descendants, SegmentCounter counter, int page)
        {
            owner.cancellation.ThrowIfCancellationRequested();
            try
            {
                if (!where.Select(page, bits)) return;
                shared.Split.Take(page, bits, Met);
                owner.view.Memory.Update(ref metBytes, Met.Count * (long)MetBytes);
                if (RowBits.IsEmpty(bits)) return;
                descendants?.Narrow(page, bits);
                counter.Add(pages, page, bits);
            }
            catch (CorruptFileException broken)
            {
                owner.Report(broken);
            }
        }
    }
}
