// First half of sealing: which rows of which heads make up the segment, trace by trace, in their final order.
using System.Buffers;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>A head's row, addressed across heads.</summary>
internal readonly record struct RowRef(int Head, int Row);

/// <summary>One trace of the segment-to-be: rows [First, First + Count) of <see cref="SealPlan.Rows"/>.</summary>
internal readonly record struct PlannedTrace(TraceId Id, int First, int Count, long Start, long End, long FirstReceived, int Errors, int Duplicates, bool HasOrphans, long LastStart);

/// <summary>
/// Groups the published rows of heads by trace, in order of arrival, and orders each trace by <see cref="TraceTopology"/>. Traces are sorted by (start, id). Exact repeats of a span are left out
/// here and counted per trace. Traces that are carried over are left out, every row of them.
/// </summary>
internal sealed class SealPlan : IDisposable
{
    private readonly PlannedTrace[] inOrder;
    private readonly int traceCount;

    private SealPlan(SpanHead[] heads, RowRef[] rows, int[] parentDistance, SpanMarks[] marks, PlannedTrace[] traces, int traceCount, UnixNanos lastReceived)
    {
        Heads = heads;
        Rows = rows;
        ParentDistance = parentDistance;
        Marks = marks;
        inOrder = traces;
        this.traceCount = traceCount;
        LastReceived = lastReceived;
    }

    private const int LeftOut = -1;
    private const int Unknown = -2;

    public SpanHead[] Heads { get; }

    /// <summary>Rows trace by trace; within a planned trace in pre-order. Pooled, like the arrays beside it: longer than the rows there are.</summary>
    public RowRef[] Rows { get; }

    /// <summary>Rows back to the parent; 0 at the top of a trace.</summary>
    public int[] ParentDistance { get; }

    public SpanMarks[] Marks { get; }

    /// <summary>In the order of the segment.</summary>
    public ReadOnlySpan<PlannedTrace> Traces => inOrder.AsSpan(0, traceCount);

    /// <summary>When the last of its rows arrived.</summary>
    public UnixNanos LastReceived { get; }

    public ref HeadSpan Span(RowRef row) => ref Heads[row.Head].Spans[row.Row];

    public void Dispose()
    {
        ArrayPool<RowRef>.Shared.Return(Rows);
        ArrayPool<int>.Shared.Return(ParentDistance);
        ArrayPool<SpanMarks>.Shared.Return(Marks);
        ArrayPool<PlannedTrace>.Shared.Return(inOrder);
    }

    /// <param name="carried">Traces to leave out; null for none.</param>
    public static SealPlan Make(SpanHead[] heads, IReadOnlySet<TraceId>? carried = null)
    {
        using var groups = GroupByTrace(heads, carried);
        var rows = groups.TakeRows();
        var parentDistance = ArrayPool<int>.Shared.Rent(rows.Length);
        var marks = ArrayPool<SpanMarks>.Shared.Rent(rows.Length);
        var planned = ArrayPool<PlannedTrace>.Shared.Rent(groups.Traces);
        var starts = ArrayPool<long>.Shared.Rent(groups.Traces);
        var order = ArrayPool<int>.Shared.Rent(groups.Traces);
        var topology = new TraceTopology();
        var scratch = new TraceScratch();
        var services = new SealServices(heads);
        for (var t = 0; t < groups.Traces; t++)
        {
            var (id, first, count, received) = groups[t];
            planned[t] = OrderTrace(heads, id, first, rows.AsSpan(first, count), parentDistance.AsSpan(first, count), marks.AsSpan(first, count), received, topology, scratch, services);
            (starts[t], order[t]) = (planned[t].Start, t);
        }
        var traces = InListOrder(planned, starts, order, groups.Traces);
        ArrayPool<PlannedTrace>.Shared.Return(planned);
        ArrayPool<long>.Shared.Return(starts);
        ArrayPool<int>.Shared.Return(order);
        return new SealPlan(heads, rows, parentDistance, marks, traces, groups.Traces, new UnixNanos(groups.LastReceived));
    }

    /// <summary>By (start, id): by the starts alone first, which the run-time sorts without calling back.</summary>
    private static PlannedTrace[] InListOrder(PlannedTrace[] planned, long[] starts, int[] order, int count)
    {
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
        return traces;
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
        var ofRow = Array.ConvertAll(heads, h => ArrayPool<int>.Shared.Rent(h.Visible));
        for (var h = 0; h < heads.Length; h++) ofRow[h].AsSpan(0, heads[h].Visible).Fill(Unknown);
        var ordinals = new Dictionary<TraceId, int>(heads.Length == 1 ? 0 : most);
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                var ordinal = OrdinalOf(heads[h], ofRow[h], row);
                if (ordinal == Unknown)
                {
                    var id = heads[h].Spans[row].TraceId;
                    if (heads.Length == 1 || !ordinals.TryGetValue(id, out ordinal))
                    {
                        ordinal = carried is not null && carried.Contains(id) ? LeftOut : groups.Add(id);
                        if (heads.Length > 1) ordinals[id] = ordinal;
                    }
                }
                ofRow[h][row] = ordinal;
                if (ordinal != LeftOut) groups.Count(ordinal, batch.ReceivedAt.Value);
            }
        }
        groups.Place();
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                if (ofRow[h][row] is var ordinal and not LeftOut) groups.Put(ordinal, new RowRef(h, row));
            }
        }
        foreach (var rows in ofRow) ArrayPool<int>.Shared.Return(rows);
        return groups;
    }

    /// <summary>The ordinal of the nearest earlier row of the trace that has one: rows of refused requests have none.</summary>
    private static int OrdinalOf(SpanHead head, int[] ofRow, int row)
    {
        for (var before = head.Spans[row].PreviousInTrace; before >= 0; before = head.Spans[before].PreviousInTrace)
        {
            if (ofRow[before] != Unknown) return ofRow[before];
        }
        return Unknown;
    }

    private static PlannedTrace OrderTrace(
        SpanHead[] heads, TraceId id, int first, Span<RowRef> rows, Span<int> parentDistance, Span<SpanMarks> marks, long received, TraceTopology topology, TraceScratch scratch, SealServices services)
    {
        scratch.Reserve(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var span = ref heads[rows[i].Head].Spans[rows[i].Row];
            scratch.Set(i, span.SpanId, span.ParentSpanId, span.Start, span.Kind, services.Of(rows[i].Head, span.Context));
            scratch.Rows[i] = rows[i];
        }
        scratch.Build(topology, rows.Length, Comparer<int>.Default);
        long start = long.MaxValue, end = 0, lastStart = 0;
        int errors = 0;
        var orphans = false;
        for (var r = 0; r < topology.Count; r++)
        {
            rows[r] = scratch.Rows[topology.Order[r]];
            parentDistance[r] = topology.ParentRow[r] < 0 ? 0 : r - topology.ParentRow[r];
            ref readonly var span = ref heads[rows[r].Head].Spans[rows[r].Row];
            marks[r] = topology.Marks[r] | (span.End < span.Start ? SpanMarks.EndsBeforeStart : SpanMarks.None);
            orphans |= (marks[r] & (SpanMarks.Orphan | SpanMarks.CycleCut)) != 0;
            start = Math.Min(start, span.Start.Value);
            lastStart = Math.Max(lastStart, span.Start.Value);
            end = Math.Max(end, Math.Max(span.Start.Value, span.End.Value));
            if (span.Status == StatusCode.Error) errors++;
        }
        return new PlannedTrace(id, first, topology.Count, start, end, received, errors, topology.Duplicates, orphans, lastStart);
    }
}
