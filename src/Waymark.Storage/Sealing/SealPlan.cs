// First half of sealing: which rows of which heads make up the segment, trace by trace, in their final order.
using System.Buffers;
using System.Runtime.Intrinsics.X86;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>A head's row, addressed across heads.</summary>
internal readonly record struct RowRef(int Head, int Row);

/// <summary>A row of the segment-to-be.</summary>
/// <param name="ParentDistance">Rows back to the parent; 0 at the top of a trace.</param>
internal readonly record struct PlannedRow(RowRef Span, int ParentDistance, SpanMarks Marks);

/// <summary>One trace of the segment-to-be: rows [First, First + Count) of <see cref="SealPlan.Rows"/>.</summary>
internal readonly record struct PlannedTrace(TraceId Id, int First, int Count, long Start, long End, long FirstReceived, int Errors, int Duplicates, bool HasOrphans, long LastStart);

/// <summary>
/// Groups the published rows of heads by trace, in order of arrival, and orders each trace by <see cref="TraceTopology"/>. Traces are sorted by (start, id). Exact repeats of a span are left out
/// here and counted per trace. Traces that are carried over are left out, every row of them.
/// </summary>
internal sealed class SealPlan : IDisposable
{
    private const int LeftOut = -1;
    private const int Unknown = -2;

    /// <summary>So many rows before a span is read its memory is asked for: in the order of traces, hardly a span is where the processor expects it.</summary>
    private const int ReadAhead = 12;

    private readonly PlannedRow[] ofRow;
    private readonly PlannedTrace[] ofTrace;
    private readonly TraceId[] ids;
    private readonly int rowCount;
    private readonly int traceCount;

    private SealPlan(SpanHead[] heads, PlannedRow[] rows, int rowCount, PlannedTrace[] traces, int traceCount, UnixNanos lastReceived)
    {
        Heads = heads;
        ofRow = rows;
        this.rowCount = rowCount;
        ofTrace = traces;
        this.traceCount = traceCount;
        ids = ArrayPool<TraceId>.Shared.Rent(traceCount);
        for (var t = 0; t < traceCount; t++) ids[t] = traces[t].Id;
        LastReceived = lastReceived;
    }

    public SpanHead[] Heads { get; }

    /// <summary>In the order of the segment: trace by trace, within a trace in pre-order.</summary>
    public ReadOnlySpan<PlannedRow> Rows => ofRow.AsSpan(0, rowCount);

    /// <summary>In the order of the segment.</summary>
    public ReadOnlySpan<PlannedTrace> Traces => ofTrace.AsSpan(0, traceCount);

    /// <summary>The ids of <see cref="Traces"/>.</summary>
    public ReadOnlyMemory<TraceId> Ids => ids.AsMemory(0, traceCount);

    /// <summary>When the last of its rows arrived.</summary>
    public UnixNanos LastReceived { get; }

    public ref HeadSpan Span(RowRef row) => ref Heads[row.Head].Spans[row.Row];

    /// <summary>Asks for the memory of a span that is about to be read.</summary>
    public void Prefetch(int row)
    {
        if (row < rowCount) Prefetch(Heads, ofRow[row].Span);
    }

    public void Dispose()
    {
        ArrayPool<PlannedRow>.Shared.Return(ofRow);
        ArrayPool<PlannedTrace>.Shared.Return(ofTrace);
        ArrayPool<TraceId>.Shared.Return(ids);
    }

    /// <param name="carried">Traces to leave out; null for none.</param>
    public static SealPlan Make(SpanHead[] heads, IReadOnlySet<TraceId>? carried = null)
    {
        using var groups = GroupByTrace(heads, carried);
        var arrived = groups.Rows;
        var ordered = ArrayPool<PlannedRow>.Shared.Rent(arrived.Length);
        var planned = ArrayPool<PlannedTrace>.Shared.Rent(groups.Traces);
        var topology = new TraceTopology();
        var scratch = new TraceScratch();
        var services = new SealServices(heads);
        for (var t = 0; t < groups.Traces; t++)
        {
            var (id, first, count, received) = groups[t];
            ReadTrace(heads, arrived, first, count, scratch, services);
            scratch.Build(topology, count, Comparer<int>.Default);
            planned[t] = OrderTrace(heads, id, first, ordered, received, topology, scratch);
        }
        var plan = InListOrder(heads, ordered, planned, groups);
        ArrayPool<PlannedRow>.Shared.Return(ordered);
        ArrayPool<PlannedTrace>.Shared.Return(planned);
        return plan;
    }

    private static void Prefetch(SpanHead[] heads, RowRef row)
    {
        if (Sse.IsSupported) heads[row.Head].Spans.PrefetchWhole(row.Row);
    }

    /// <summary>By (start, id): by the starts alone first, which the run-time sorts without calling back.</summary>
    private static SealPlan InListOrder(SpanHead[] heads, PlannedRow[] ordered, PlannedTrace[] planned, TraceGroups groups)
    {
        var count = groups.Traces;
        var starts = ArrayPool<long>.Shared.Rent(count);
        var order = ArrayPool<int>.Shared.Rent(count);
        for (var t = 0; t < count; t++) (starts[t], order[t]) = (planned[t].Start, t);
        Array.Sort(starts, order, 0, count);
        var traces = ArrayPool<PlannedTrace>.Shared.Rent(count);
        for (var t = 0; t < count; t++) traces[t] = planned[order[t]];
        for (var first = 0; first < count;)
        {
            var end = first + 1;
            while (end < count && starts[end] == starts[first]) end++;
            if (end - first > 1) traces.AsSpan(first, end - first).Sort(static (a, b) => a.Id.CompareTo(b.Id));
            first = end;
        }
        var rows = ArrayPool<PlannedRow>.Shared.Rent(groups.Rows.Length);
        var row = 0;
        for (var t = 0; t < count; t++)
        {
            ref var trace = ref traces[t];
            ordered.AsSpan(trace.First, trace.Count).CopyTo(rows.AsSpan(row));
            trace = trace with { First = row };
            row += trace.Count;
        }
        ArrayPool<long>.Shared.Return(starts);
        ArrayPool<int>.Shared.Return(order);
        return new SealPlan(heads, rows, row, traces, count, new UnixNanos(groups.LastReceived));
    }

    /// <summary>Every batch that was stored, in the order of the log.</summary>
    public static List<(int Head, HeadBatch Batch)> StoredBatches(SpanHead[] heads)
    {
        var batches = new List<(int Head, HeadBatch Batch)>();
        for (var h = 0; h < heads.Length; h++)
        {
            foreach (var batch in heads[h].BatchesSoFar())
            {
                if (batch.EndRow <= heads[h].Visible && !SpanHead.IsDead(heads[h].Dead, batch.FirstRow)) batches.Add((h, batch));
            }
        }
        batches.Sort(static (a, b) => a.Batch.Sequence.CompareTo(b.Batch.Sequence));
        return batches;
    }

    /// <summary>Gives each trace an ordinal in the order of arrival, and lists its rows side by side.</summary>
    private static TraceGroups GroupByTrace(SpanHead[] heads, IReadOnlySet<TraceId>? carried)
    {
        var batches = StoredBatches(heads);
        var most = heads.Sum(h => h.Traces.Count);
        var groups = new TraceGroups(most, batches.Sum(b => b.Batch.EndRow - b.Batch.FirstRow));
        // A trace is looked up by its id once per head: its later rows there know the one before them.
        var ordinalOf = Array.ConvertAll(heads, h => ArrayPool<int>.Shared.Rent(h.Visible));
        for (var h = 0; h < heads.Length; h++) ordinalOf[h].AsSpan(0, heads[h].Visible).Fill(Unknown);
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                var ordinal = OrdinalOf(heads[h], ordinalOf[h], heads[h].Spans[row].PreviousInTrace);
                if (ordinal == Unknown)
                {
                    var id = heads[h].Spans[row].TraceId;
                    ordinal = OrdinalElsewhere(heads, ordinalOf, h, id);
                    if (ordinal == Unknown) ordinal = carried is not null && carried.Contains(id) ? LeftOut : groups.Add(id);
                }
                ordinalOf[h][row] = ordinal;
                if (ordinal != LeftOut) groups.Count(ordinal, batch.ReceivedAt.Value);
            }
        }
        groups.Place();
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                if (ordinalOf[h][row] is var ordinal and not LeftOut) groups.Put(ordinal, new RowRef(h, row));
            }
        }
        foreach (var ordinals in ordinalOf) ArrayPool<int>.Shared.Return(ordinals);
        return groups;
    }

    /// <summary>The ordinal of the nearest row of a trace that has one, from this row backwards: rows of refused requests have none.</summary>
    private static int OrdinalOf(SpanHead head, int[] ordinals, int row)
    {
        for (; row >= 0; row = head.Spans[row].PreviousInTrace)
        {
            // Rows that are not visible are behind all that have been counted.
            if (row < head.Visible && ordinals[row] != Unknown) return ordinals[row];
        }
        return Unknown;
    }

    private static int OrdinalElsewhere(SpanHead[] heads, int[][] ordinalOf, int head, TraceId id)
    {
        for (var other = 0; other < heads.Length; other++)
        {
            if (other != head && OrdinalOf(heads[other], ordinalOf[other], heads[other].Traces.Last(id)) is var ordinal and not Unknown) return ordinal;
        }
        return Unknown;
    }

    private static void ReadTrace(SpanHead[] heads, ReadOnlySpan<RowRef> arrived, int first, int count, TraceScratch scratch, SealServices services)
    {
        scratch.Reserve(count);
        for (var i = 0; i < count; i++)
        {
            var row = arrived[first + i];
            if (first + i + ReadAhead < arrived.Length) Prefetch(heads, arrived[first + i + ReadAhead]);
            ref readonly var span = ref heads[row.Head].Spans[row.Row];
            scratch.Set(i, span.SpanId, span.ParentSpanId, span.Start, span.Kind, services.Of(row.Head, span.Context));
            scratch.Rows[i] = row;
        }
    }

    private static PlannedTrace OrderTrace(SpanHead[] heads, TraceId id, int first, PlannedRow[] ordered, long received, TraceTopology topology, TraceScratch scratch)
    {
        long start = long.MaxValue, end = 0, lastStart = 0;
        var errors = 0;
        var orphans = false;
        var into = ordered.AsSpan(first, topology.Count);
        for (var r = 0; r < into.Length; r++)
        {
            var row = scratch.Rows[topology.Order[r]];
            ref readonly var span = ref heads[row.Head].Spans[row.Row];
            var marks = topology.Marks[r] | (span.End < span.Start ? SpanMarks.EndsBeforeStart : SpanMarks.None);
            into[r] = new PlannedRow(row, topology.ParentRow[r] < 0 ? 0 : r - topology.ParentRow[r], marks);
            orphans |= (marks & (SpanMarks.Orphan | SpanMarks.CycleCut)) != 0;
            start = Math.Min(start, span.Start.Value);
            lastStart = Math.Max(lastStart, span.Start.Value);
            end = Math.Max(end, Math.Max(span.Start.Value, span.End.Value));
            if (span.Status == StatusCode.Error) errors++;
        }
        return new PlannedTrace(id, first, topology.Count, start, end, received, errors, topology.Duplicates, orphans, lastStart);
    }
}
