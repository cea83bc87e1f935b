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

    private const int MaxBlockRows = 32 * 1024;
    private readonly StoreView view;
    private readonly SpanMeasure measure;
    private readonly CancellationToken cancellation;
    private readonly ConditionSet where;
    private readonly ConditionSet? under;
    private readonly Lazy<SegmentMeasure?>[] segments;
    private readonly List<Unit> units = [];
    private int taken;

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
        segments = new Lazy<SegmentMeasure?>[view.Segments.Length];
    }

    /// <summary>Counts, on as many threads as there are processors. The view is the measurement's alone until the task completes.</summary>
    public async Task<SpanMeasurement> RunAsync()
    {
        var table = SplitTable.Of(view);
        isPartial |= table.IsPartial;
        for (var s = 0; s < view.Segments.Length; s++) Schedule(s, table);
        if (under is not null && table.Trees.Parents > 0) await FindAttachedAsync(under, table.Trees);
        var workers = new Task<Worker>[Math.Clamp(units.Count, 1, Environment.ProcessorCount)];
        for (var w = 0; w < workers.Length; w++) workers[w] = Task.Run(() => new Worker(this).Run(), cancellation);
        var sums = new GroupSums(measure.Durations, view.Memory);
        var met = new HashSet<TraceId>();
        foreach (var worker in await Task.WhenAll(workers))
        {
            sums.Merge(worker.Sums);
            met.UnionWith(worker.Met);
        }
        new HeadMeasure(view, measure, where).Run(sums, met, cancellation);
        MeasureMerged(met, sums);
        return sums.Build(measure, isPartial);
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
            var pages = open.Reader.Pages(open.Columns.Span(SegmentColumns.Span.Context)).Length;
            for (var page = 0; page < pages; page += UnitPages) units.Add(new Unit(segment, page, Math.Min(page + UnitPages, pages)));
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

    /// <summary>The next unit of work; false when all are taken.</summary>
    private bool TryTake(out Unit unit)
    {
        var next = Interlocked.Increment(ref taken) - 1;
        unit = next < units.Count ? units[next] : default;
        return next < units.Count;
    }

    /// <summary>What all workers share about a segment.</summary>
    private sealed record SegmentMeasure(OpenSegment Segment, SegmentGroups? Groups, SplitRows Split);

    private readonly record struct Unit(int Segment, int FirstPage, int EndPage);

    /// <summary>Takes units until there are none. Of one thread.</summary>
    private sealed class Worker(StoreMeasure owner)
    {
        /// <summary>Of a trace's id in a set.</summary>
        private const int MetBytes = 40;

        private readonly ulong[] bits = new ulong[RowBits.Words];
        private long metBytes;

        /// <summary>What was counted.</summary>
        public GroupSums Sums { get; } = new(owner.measure.Durations, owner.view.Memory);

        /// <summary>Split traces with a row that satisfies the condition.</summary>
        public HashSet<TraceId> Met { get; } = [];

        public Worker Run()
        {
            var more = owner.TryTake(out var unit);
            while (more)
            {
                var segment = unit.Segment;
                if (owner.segments[segment].Value is not { } shared || !TryCount(shared, ref more, ref unit))
                {
                    while (more && unit.Segment == segment) more = owner.TryTake(out unit);
                }
            }
            return this;
        }

        /// <summary>Counts units of a segment as long as there are; false when it has nothing to count.</summary>
        private bool TryCount(SegmentMeasure shared, ref bool more, ref Unit unit)
        {
            try
            {
                using var pages = new MeasurePages(shared.Segment, owner.view.Memory);
                var where = new PageCondition(pages, owner.where);
                if (where.IsImpossible) return false;
                var descendants = owner.under is null ? null : new Descendants(new PageCondition(pages, owner.under), pages, unit.Segment, owner.attached);
                using var counter = new SegmentCounter(shared.Segment, shared.Groups, owner.measure.Durations, owner.view.Memory);
                for (var segment = unit.Segment; more && unit.Segment == segment; more = owner.TryTake(out unit))
                {
                    for (var page = unit.FirstPage; page < unit.EndPage; page++) Count(shared, where, pages, descendants, counter, page);
                }
                counter.Flush(Sums);
                return true;
            }
            catch (CorruptFileException broken)
            {
                // Of dictionaries: what a text's codes are, or a group's text.
                owner.Report(broken);
                return false;
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
