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
    private SealPlan(SpanHead[] heads, RowRef[] rows, int[] parentDistance, SpanMarks[] marks, PlannedTrace[] traces, UnixNanos lastReceived)
    {
        Heads = heads;
        Rows = rows;
        ParentDistance = parentDistance;
        Marks = marks;
        Traces = traces;
        LastReceived = lastReceived;
    }

    private const int LeftOut = -1;

    public SpanHead[] Heads { get; }

    /// <summary>Rows trace by trace; within a planned trace in pre-order. Pooled, like the arrays beside it: longer than the rows there are.</summary>
    public RowRef[] Rows { get; }

    /// <summary>Rows back to the parent; 0 at the top of a trace.</summary>
    public int[] ParentDistance { get; }

    public SpanMarks[] Marks { get; }

    /// <summary>In the order of the segment.</summary>
    public PlannedTrace[] Traces { get; }

    /// <summary>When the last of its rows arrived.</summary>
    public UnixNanos LastReceived { get; }

    public ref HeadSpan Span(RowRef row) => ref Heads[row.Head].Spans[row.Row];

    public void Dispose()
    {
        ArrayPool<RowRef>.Shared.Return(Rows);
        ArrayPool<int>.Shared.Return(ParentDistance);
        ArrayPool<SpanMarks>.Shared.Return(Marks);
    }

    /// <param name="carried">Traces to leave out; null for none.</param>
    public static SealPlan Make(SpanHead[] heads, IReadOnlySet<TraceId>? carried = null)
    {
        var (ids, firsts, rows, received, lastReceived) = GroupByTrace(heads, carried);
        var parentDistance = ArrayPool<int>.Shared.Rent(rows.Length);
        var marks = ArrayPool<SpanMarks>.Shared.Rent(rows.Length);
        var traces = new PlannedTrace[ids.Count];
        var topology = new TraceTopology();
        var scratch = new TraceScratch();
        var services = new SealServices(heads);
        for (var t = 0; t < traces.Length; t++)
        {
            var count = firsts[t + 1] - firsts[t];
            traces[t] = OrderTrace(heads, ids[t], firsts[t], rows.AsSpan(firsts[t], count), parentDistance.AsSpan(firsts[t], count), marks.AsSpan(firsts[t], count), received[t], topology, scratch, services);
        }
        Array.Sort(traces, static (a, b) =>
        {
            var start = a.Start.CompareTo(b.Start);
            return start != 0 ? start : a.Id.CompareTo(b.Id);
        });
        return new SealPlan(heads, rows, parentDistance, marks, traces, new UnixNanos(lastReceived));
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

    private static (List<TraceId> Ids, int[] Firsts, RowRef[] Rows, List<long> Received, long LastReceived) GroupByTrace(SpanHead[] heads, IReadOnlySet<TraceId>? carried)
    {
        var batches = StoredBatches(heads);
        var most = heads.Sum(h => h.Traces.Count);
        var ordinals = new Dictionary<TraceId, int>(most);
        var ids = new List<TraceId>(most);
        var counts = new List<int>(most);
        var received = new List<long>(most);
        var total = batches.Sum(b => b.Batch.EndRow - b.Batch.FirstRow);
        var ordinalOf = ArrayPool<int>.Shared.Rent(total);
        var at = 0;
        long lastReceived = 0;
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                var id = heads[h].Spans[row].TraceId;
                if (!ordinals.TryGetValue(id, out var ordinal))
                {
                    ordinals[id] = ordinal = carried is not null && carried.Contains(id) ? LeftOut : ids.Count;
                    if (ordinal != LeftOut)
                    {
                        ids.Add(id);
                        counts.Add(0);
                        received.Add(batch.ReceivedAt.Value);
                    }
                }
                ordinalOf[at++] = ordinal;
                if (ordinal == LeftOut) continue;
                lastReceived = Math.Max(lastReceived, batch.ReceivedAt.Value);
                counts[ordinal]++;
                received[ordinal] = Math.Min(received[ordinal], batch.ReceivedAt.Value);
            }
        }
        var firsts = new int[ids.Count + 1];
        for (var t = 0; t < ids.Count; t++) firsts[t + 1] = firsts[t] + counts[t];
        var next = firsts.AsSpan(0, ids.Count).ToArray();
        var rows = ArrayPool<RowRef>.Shared.Rent(total);
        at = 0;
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                if (ordinalOf[at++] is var ordinal and not LeftOut) rows[next[ordinal]++] = new RowRef(h, row);
            }
        }
        ArrayPool<int>.Shared.Return(ordinalOf);
        return (ids, firsts, rows, received, lastReceived);
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

/// <summary>A number per service over all heads, in the order of the names; an empty name is none.</summary>
internal sealed class SealServices
{
    private readonly int[][] ofContext;

    public SealServices(SpanHead[] heads)
    {
        var names = new List<byte[]>();
        foreach (var head in heads)
        {
            for (var context = 0; context < head.Contexts.Count; context++) names.Add(NameOf(head, context));
        }
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        ofContext = new int[heads.Length][];
        for (var h = 0; h < heads.Length; h++)
        {
            ofContext[h] = new int[heads[h].Contexts.Count];
            for (var context = 0; context < ofContext[h].Length; context++) ofContext[h][context] = FirstOf(names, NameOf(heads[h], context));
        }
    }

    public int Of(int head, int context) => ofContext[head][context];

    private static byte[] NameOf(SpanHead head, int context) => head.Resources[head.Contexts[context].Resource].ServiceName ?? [];

    /// <summary>Where the first of equal names stands.</summary>
    private static int FirstOf(List<byte[]> names, byte[] name)
    {
        int low = 0, high = names.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (names[middle].AsSpan().SequenceCompareTo(name) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
