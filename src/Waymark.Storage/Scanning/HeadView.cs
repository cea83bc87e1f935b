// The traces of all heads at one moment, judged against a scan's conditions.
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Scanning;

/// <summary>A trace's spans in heads: where its rows are, and which conditions they satisfy.</summary>
internal struct HeadTrace
{
    public UnixNanos Start;

    /// <summary>A bit per condition that some row satisfies.</summary>
    public uint Satisfied;

    /// <summary>One of the satisfying rows starts in the range.</summary>
    public bool InRange;
}

/// <summary>The visible part of one head: rows below the watermark that are not dead.</summary>
internal sealed class HeadSnapshot : IDisposable
{
    private readonly HeadBatch[] dead;

    /// <param name="head">Acquired for the snapshot, which gives it back.</param>
    public HeadSnapshot(SpanHead head)
    {
        Head = head;
        // The watermark first: a batch is listed as dead before the watermark passes it.
        Visible = head.Visible;
        dead = head.Dead.ToArray();
    }

    public SpanHead Head { get; }
    public int Visible { get; }

    /// <summary>Visible rows.</summary>
    public long Spans
    {
        get
        {
            long spans = Visible;
            foreach (ref readonly var batch in dead.AsSpan())
            {
                if (batch.EndRow <= Visible) spans -= batch.EndRow - batch.FirstRow;
            }
            return spans;
        }
    }

    public bool IsVisible(int row) => row < Visible && (dead.Length == 0 || !SpanHead.IsDead(dead, row));

    /// <summary>True for a visible row whose trace has no earlier one here.</summary>
    public bool IsFirstOfTrace(int row)
    {
        if (!IsVisible(row)) return false;
        var before = Head.Spans[row].PreviousInTrace;
        while (before >= 0 && !IsVisible(before)) before = Head.Spans[before].PreviousInTrace;
        return before < 0;
    }

    /// <summary>True when the trace has a visible row.</summary>
    public bool HasTrace(TraceId id)
    {
        var row = Head.Traces.Last(id);
        while (row >= 0 && !IsVisible(row)) row = Head.Spans[row].PreviousInTrace;
        return row >= 0;
    }

    /// <summary>The trace's visible rows, oldest first.</summary>
    public List<int> RowsOf(TraceId id)
    {
        var rows = new List<int>();
        for (var row = Head.Traces.Last(id); row >= 0; row = Head.Spans[row].PreviousInTrace)
        {
            if (IsVisible(row)) rows.Add(row);
        }
        rows.Reverse();
        return rows;
    }

    public void Dispose() => Head.Dispose();
}

/// <summary>Evaluates conditions over the rows of heads and groups the outcome by trace.</summary>
internal static class HeadView
{
    /// <summary>Every trace that has a visible row in one of the heads.</summary>
    public static Dictionary<TraceId, HeadTrace> Evaluate(IReadOnlyList<HeadSnapshot> heads, ConditionSet conditions, CancellationToken cancellation)
    {
        var traces = new Dictionary<TraceId, HeadTrace>();
        foreach (var snapshot in heads)
        {
            cancellation.ThrowIfCancellationRequested();
            var filters = new HeadFilter[conditions.Conditions.Length];
            for (var c = 0; c < filters.Length; c++) filters[c] = new HeadFilter(snapshot, conditions.Conditions[c]);
            for (var row = 0; row < snapshot.Visible; row++)
            {
                if (!snapshot.IsVisible(row)) continue;
                ref readonly var span = ref snapshot.Head.Spans[row];
                ref var trace = ref CollectionsMarshal.GetValueRefOrAddDefault(traces, span.TraceId, out var known);
                if (!known || span.Start < trace.Start) trace.Start = span.Start;
                uint satisfied = 0;
                for (var c = 0; c < filters.Length; c++)
                {
                    if (filters[c].Matches(span)) satisfied |= 1u << c;
                }
                trace.Satisfied |= satisfied;
                trace.InRange |= satisfied != 0 && conditions.Range.Contains(span.Start);
            }
        }
        return traces;
    }
}

/// <summary>One condition against one head.</summary>
internal sealed class HeadFilter
{
    private readonly SpanHead head;
    private readonly HeadPredicate[] predicates;

    public HeadFilter(HeadSnapshot snapshot, PreparedPredicate[] predicates)
    {
        head = snapshot.Head;
        this.predicates = [.. predicates.Select(p => new HeadPredicate(head, p))];
    }

    public bool Matches(in HeadSpan span)
    {
        foreach (var predicate in predicates)
        {
            if (!predicate.Matches(span)) return false;
        }
        return true;
    }
}

/// <summary>One predicate against one head; what depends only on resource, shape or dictionary is worked out once and kept.</summary>
internal sealed class HeadPredicate(SpanHead head, PreparedPredicate prepared)
{
    private readonly Dictionary<int, bool> contexts = [];
    private readonly Dictionary<int, bool> names = [];
    private readonly Dictionary<int, int[]> shapes = [];

    public bool Matches(in HeadSpan span) => prepared.Predicate.Field switch
    {
        SpanField.Service => MatchesContext(span.Context),
        SpanField.Name => MatchesName(span.Name),
        SpanField.Kind => (long)span.Kind == prepared.Predicate.Number,
        SpanField.Status => (long)span.Status == prepared.Predicate.Number,
        SpanField.Duration => prepared.MatchesDuration(span.Start.Value, span.End.Value),
        SpanField.LinkedTrace => MatchesLink(span),
        _ => MatchesContext(span.Context) || MatchesAttribute(span),
    };

    private bool MatchesContext(int context)
    {
        if (contexts.TryGetValue(context, out var matches)) return matches;
        return contexts[context] = prepared.MatchesResource(head.Resources[head.Contexts[context].Resource].Blob);
    }

    private bool MatchesName(int name)
    {
        if (names.TryGetValue(name, out var matches)) return matches;
        return names[name] = prepared.MatchesText(head.Names[name]);
    }

    private bool MatchesLink(in HeadSpan span)
    {
        for (var l = span.FirstLink; l < span.FirstLink + span.LinkCount; l++)
        {
            if (head.Links[l].TraceId == prepared.Predicate.Trace) return true;
        }
        return false;
    }

    private bool MatchesAttribute(in HeadSpan span)
    {
        if (!shapes.TryGetValue(span.Shape, out var positions)) shapes[span.Shape] = positions = PositionsOf(head.Shapes[span.Shape]);
        if (positions.Length == 0) return false;
        var shape = head.Shapes[span.Shape];
        foreach (var k in positions)
        {
            var column = head.Columns[shape.Columns[k]];
            var slot = span.Slots + shape.Offsets[k];
            if (column.IsOverflow ? prepared.MatchesOverflow(column.Texts![head.Slots[slot]]) : MatchesSlot(column, slot)) return true;
        }
        return false;
    }

    private bool MatchesSlot(AttributeColumn column, int slot) => column.Type switch
    {
        AttributeType.Text => prepared.MatchesText(column.Texts![head.Slots[slot]]),
        AttributeType.Bool => prepared.MatchesValue(column.Type, head.Slots[slot], default),
        AttributeType.Int or AttributeType.Double => prepared.MatchesValue(column.Type, (uint)head.Slots[slot] | ((long)head.Slots[slot + 1] << 32), default),
        _ => false,
    };

    private int[] PositionsOf(Shape shape)
    {
        var positions = new List<int>();
        for (var k = 0; k < shape.Columns.Length; k++)
        {
            var column = head.Columns[shape.Columns[k]];
            if (column.IsOverflow || column.Key.AsSpan().SequenceEqual(prepared.Key)) positions.Add(k);
        }
        return [.. positions];
    }
}
