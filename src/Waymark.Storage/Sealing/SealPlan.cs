// First half of sealing: which rows of which heads make up the segment, trace by trace, in their final order.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>A head's row, addressed across heads.</summary>
internal readonly record struct RowRef(int Head, int Row);

/// <summary>One trace of the segment-to-be: rows [First, First + Count) of <see cref="SealPlan.Rows"/>.</summary>
internal readonly record struct PlannedTrace(TraceId Id, int First, int Count, long Start, long End, long FirstReceived, int Errors, int Duplicates, bool HasOrphans);

/// <summary>
/// Groups the published rows of heads by trace, in order of arrival, and orders each trace by <see cref="TraceTopology"/>. Traces are sorted by (start, id). Exact repeats of a span are left out
/// here and counted per trace.
/// </summary>
internal sealed class SealPlan
{
    private SealPlan(SpanHead[] heads, RowRef[] rows, int[] parentDistance, SpanMarks[] marks, PlannedTrace[] traces)
    {
        Heads = heads;
        Rows = rows;
        ParentDistance = parentDistance;
        Marks = marks;
        Traces = traces;
    }

    public SpanHead[] Heads { get; }

    /// <summary>Rows trace by trace; within a planned trace in pre-order.</summary>
    public RowRef[] Rows { get; }

    /// <summary>Rows back to the parent; 0 at the top of a trace.</summary>
    public int[] ParentDistance { get; }

    public SpanMarks[] Marks { get; }

    /// <summary>In the order of the segment.</summary>
    public PlannedTrace[] Traces { get; }

    public ref HeadSpan Span(RowRef row) => ref Heads[row.Head].Spans[row.Row];

    public static SealPlan Make(SpanHead[] heads)
    {
        var (ids, firsts, rows, received) = GroupByTrace(heads);
        var parentDistance = new int[rows.Length];
        var marks = new SpanMarks[rows.Length];
        var traces = new PlannedTrace[ids.Count];
        var topology = new TraceTopology();
        var scratch = new TraceScratch();
        for (var t = 0; t < traces.Length; t++)
        {
            var count = firsts[t + 1] - firsts[t];
            traces[t] = OrderTrace(heads, ids[t], firsts[t], rows.AsSpan(firsts[t], count), parentDistance.AsSpan(firsts[t], count), marks.AsSpan(firsts[t], count), received[t], topology, scratch);
        }
        Array.Sort(traces, static (a, b) =>
        {
            var start = a.Start.CompareTo(b.Start);
            return start != 0 ? start : a.Id.CompareTo(b.Id);
        });
        return new SealPlan(heads, rows, parentDistance, marks, traces);
    }

    private static (List<TraceId> Ids, int[] Firsts, RowRef[] Rows, List<long> Received) GroupByTrace(SpanHead[] heads)
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

        var ordinals = new Dictionary<TraceId, int>();
        var ids = new List<TraceId>();
        var counts = new List<int>();
        var received = new List<long>();
        var total = 0;
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                var id = heads[h].Spans[row].TraceId;
                if (!ordinals.TryGetValue(id, out var ordinal))
                {
                    ordinals[id] = ordinal = ids.Count;
                    ids.Add(id);
                    counts.Add(0);
                    received.Add(batch.ReceivedAt.Value);
                }
                counts[ordinal]++;
                received[ordinal] = Math.Min(received[ordinal], batch.ReceivedAt.Value);
                total++;
            }
        }
        var firsts = new int[ids.Count + 1];
        for (var t = 0; t < ids.Count; t++) firsts[t + 1] = firsts[t] + counts[t];
        var next = firsts.AsSpan(0, ids.Count).ToArray();
        var rows = new RowRef[total];
        foreach (var (h, batch) in batches)
        {
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                rows[next[ordinals[heads[h].Spans[row].TraceId]]++] = new RowRef(h, row);
            }
        }
        return (ids, firsts, rows, received);
    }

    private static PlannedTrace OrderTrace(
        SpanHead[] heads, TraceId id, int first, Span<RowRef> rows, Span<int> parentDistance, Span<SpanMarks> marks, long received, TraceTopology topology, TraceScratch scratch)
    {
        scratch.Reserve(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var span = ref heads[rows[i].Head].Spans[rows[i].Row];
            scratch.Set(i, span, scratch.Service(heads[rows[i].Head], rows[i].Head, span.Context));
            scratch.Rows[i] = rows[i];
        }
        scratch.Build(topology, rows.Length);
        long start = long.MaxValue, end = 0;
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
            end = Math.Max(end, Math.Max(span.Start.Value, span.End.Value));
            if (span.Status == StatusCode.Error) errors++;
        }
        return new PlannedTrace(id, first, topology.Count, start, end, received, errors, topology.Duplicates, orphans);
    }
}

/// <summary>Input arrays for <see cref="TraceTopology"/>, reused from trace to trace.</summary>
internal sealed class TraceScratch
{
    private readonly Dictionary<string, int> services = [];
    private readonly Dictionary<(int Head, int Context), int> serviceOfContext = [];
    private SpanId[] ids = [];
    private SpanId[] parents = [];
    private UnixNanos[] starts = [];
    private SpanKind[] kinds = [];
    private int[] serviceCodes = [];

    public RowRef[] Rows { get; private set; } = [];

    public void Reserve(int count)
    {
        if (ids.Length >= count) return;
        var size = Math.Max(64, count * 2);
        ids = new SpanId[size];
        parents = new SpanId[size];
        starts = new UnixNanos[size];
        kinds = new SpanKind[size];
        serviceCodes = new int[size];
        Rows = new RowRef[size];
    }

    /// <summary>A number for the service of a context, the same for equal names across heads.</summary>
    public int Service(SpanHead head, int headIndex, int context)
    {
        if (serviceOfContext.TryGetValue((headIndex, context), out var code)) return code;
        var name = head.Resources[head.Contexts[context].Resource].ServiceName;
        code = ServiceNumber(name is null ? "" : System.Text.Encoding.UTF8.GetString(name));
        return serviceOfContext[(headIndex, context)] = code;
    }

    public int ServiceNumber(string name)
    {
        if (!services.TryGetValue(name, out var code)) services[name] = code = services.Count;
        return code;
    }

    public void Set(int index, in HeadSpan span, int service) => Set(index, span.SpanId, span.ParentSpanId, span.Start, span.Kind, service);

    public void Set(int index, SpanId id, SpanId parent, UnixNanos start, SpanKind kind, int service)
    {
        ids[index] = id;
        parents[index] = parent;
        starts[index] = start;
        kinds[index] = kind;
        serviceCodes[index] = service;
    }

    public void Build(TraceTopology topology, int count) =>
        topology.Build(ids.AsSpan(0, count), parents.AsSpan(0, count), starts.AsSpan(0, count), kinds.AsSpan(0, count), serviceCodes.AsSpan(0, count));
}
