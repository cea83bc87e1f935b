// The traces of all heads at one moment, judged against a scan's conditions.
using System.Buffers;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Scanning;

/// <summary>A trace's spans in heads: when they start, and which conditions they satisfy.</summary>
internal struct HeadTrace
{
    public TraceId Id;

    /// <summary>The smallest of its visible rows.</summary>
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
    public bool HasTrace(TraceId id) => LastRowOf(id) >= 0;

    /// <summary>The trace's last visible row, −1 when it has none.</summary>
    public int LastRowOf(TraceId id)
    {
        var row = Head.Traces.Last(id);
        while (row >= 0 && !IsVisible(row)) row = Head.Spans[row].PreviousInTrace;
        return row;
    }

    /// <summary>How many visible rows a trace has.</summary>
    public int CountRows(TraceId id)
    {
        var count = 0;
        for (var row = Head.Traces.Last(id); row >= 0; row = Head.Spans[row].PreviousInTrace) count += IsVisible(row) ? 1 : 0;
        return count;
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
    private const int NoTrace = -1;

    /// <summary>Rows between two looks at whether anyone still wants the answer.</summary>
    private const int CheckedRows = 8_192;

    /// <summary>Every trace that has a visible row in one of the heads, once.</summary>
    public static ReadOnlySpan<HeadTrace> Evaluate(HeadSnapshot[] heads, ConditionSet conditions, QueryMemory memory, CancellationToken cancellation)
    {
        var traces = new List<HeadTrace>();
        var numbers = new int[heads.Length][];
        long held = 0;
        try
        {
            for (var h = 0; h < heads.Length; h++)
            {
                numbers[h] = ArrayPool<int>.Shared.Rent(heads[h].Visible);
                Number(heads.AsSpan(0, h + 1), numbers, traces);
                memory.Update(ref held, held + QueryMemory.Of<int>(numbers[h].Length));
                Judge(heads[h], numbers[h], conditions, CollectionsMarshal.AsSpan(traces), cancellation);
            }
        }
        finally
        {
            memory.Take(-held);
            foreach (var rented in numbers)
            {
                if (rented is not null) ArrayPool<int>.Shared.Return(rented);
            }
        }
        return CollectionsMarshal.AsSpan(traces);
    }

    /// <summary>
    /// Gives each row of the last of these heads the number of its trace: its predecessor's, and only a trace's first row asks whether an earlier head has it. No table of all traces is built.
    /// </summary>
    private static void Number(ReadOnlySpan<HeadSnapshot> heads, int[][] numbers, List<HeadTrace> traces)
    {
        var snapshot = heads[^1];
        var own = numbers[heads.Length - 1];
        for (var row = 0; row < snapshot.Visible; row++)
        {
            ref readonly var span = ref snapshot.Head.Spans[row];
            var number = span.PreviousInTrace < 0 ? NoTrace : own[span.PreviousInTrace];
            // A trace whose rows so far are dead has no number yet.
            if (number == NoTrace && snapshot.IsVisible(row))
            {
                number = InEarlier(heads[..^1], numbers, span.TraceId);
                if (number == NoTrace)
                {
                    number = traces.Count;
                    traces.Add(new HeadTrace { Id = span.TraceId, Start = UnixNanos.Max });
                }
            }
            own[row] = number;
        }
    }

    private static int InEarlier(ReadOnlySpan<HeadSnapshot> heads, int[][] numbers, TraceId id)
    {
        for (var h = 0; h < heads.Length; h++)
        {
            if (heads[h].Visible > 0 && heads[h].LastRowOf(id) is >= 0 and var row) return numbers[h][row];
        }
        return NoTrace;
    }

    private static void Judge(HeadSnapshot snapshot, int[] numbers, ConditionSet conditions, Span<HeadTrace> traces, CancellationToken cancellation)
    {
        var filters = new HeadFilter?[conditions.Conditions.Length];
        for (var c = 0; c < filters.Length; c++) filters[c] = HeadFilter.Of(snapshot, conditions.Conditions[c]);
        for (var row = 0; row < snapshot.Visible; row++)
        {
            if (row % CheckedRows == 0) cancellation.ThrowIfCancellationRequested();
            if (!snapshot.IsVisible(row)) continue;
            ref readonly var span = ref snapshot.Head.Spans[row];
            ref var trace = ref traces[numbers[row]];
            if (span.Start < trace.Start) trace.Start = span.Start;
            uint satisfied = 0;
            for (var c = 0; c < filters.Length; c++)
            {
                if (filters[c] is { } filter && filter.Matches(span)) satisfied |= 1u << c;
            }
            trace.Satisfied |= satisfied;
            trace.InRange |= satisfied != 0 && conditions.Range.Contains(span.Start);
        }
    }
}

/// <summary>One condition against one head.</summary>
internal sealed class HeadFilter
{
    private readonly HeadPredicate[] predicates;

    private HeadFilter(HeadPredicate[] predicates) => this.predicates = predicates;

    /// <summary>Null when no row of the head can satisfy the condition.</summary>
    public static HeadFilter? Of(HeadSnapshot snapshot, PreparedPredicate[] condition)
    {
        var prepared = new HeadPredicate[condition.Length];
        for (var p = 0; p < prepared.Length; p++)
        {
            prepared[p] = new HeadPredicate(snapshot.Head, condition[p]);
            if (prepared[p].IsImpossible) return null;
        }
        return new HeadFilter(prepared);
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
    /// <summary>By context and by name: 0 not judged yet, else the verdict.</summary>
    private Verdict[] contexts = [];
    private Verdict[] names = [];

    /// <summary>By shape: the places where the attribute may be; null: not looked at yet.</summary>
    private int[]?[] shapes = [];

    private enum Verdict : byte
    {
        None = 0,
        Matches = 1,
        Differs = 2,
    }

    /// <summary>No row can match: no resource does, and no column has the key. Told by tables that only grow, so what they lack the rows shown to us lack, too.</summary>
    public bool IsImpossible => prepared.Predicate.Field switch
    {
        SpanField.Service => !AnyResource(),
        SpanField.Attribute => !AnyColumn() && !AnyResource(),
        _ => false,
    };

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

    private bool AnyResource()
    {
        for (var count = head.Resources.Count; count > 0; count--)
        {
            if (prepared.MatchesResource(head.Resources[count - 1].Blob)) return true;
        }
        return false;
    }

    private bool AnyColumn()
    {
        for (var count = head.Columns.Count; count > 0; count--)
        {
            if (MayHold(head.Columns[count - 1])) return true;
        }
        return false;
    }

    private bool MayHold(AttributeColumn column) => column.IsOverflow || column.Key.AsSpan().SequenceEqual(prepared.Key);

    private bool MatchesContext(int context)
    {
        ref var verdict = ref At(ref contexts, context);
        if (verdict == Verdict.None) verdict = prepared.MatchesResource(head.Resources[head.Contexts[context].Resource].Blob) ? Verdict.Matches : Verdict.Differs;
        return verdict == Verdict.Matches;
    }

    private bool MatchesName(int name)
    {
        ref var verdict = ref At(ref names, name);
        if (verdict == Verdict.None) verdict = prepared.MatchesText(head.Names[name]) ? Verdict.Matches : Verdict.Differs;
        return verdict == Verdict.Matches;
    }

    private static ref T At<T>(ref T[] table, int index)
    {
        if (index >= table.Length) Array.Resize(ref table, Math.Max(index + 1, table.Length * 2));
        return ref table[index];
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
        var positions = At(ref shapes, span.Shape) ??= PositionsOf(head.Shapes[span.Shape]);
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
            if (MayHold(column)) positions.Add(k);
        }
        return [.. positions];
    }
}
