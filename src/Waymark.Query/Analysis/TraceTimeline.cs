// When things happened by one clock: the times of a trace with the clocks of its processes brought into line.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>
/// Corrected times of a trace. Arrays have one entry per row, counted from the trace's first; they are not to be written to.
/// <para>A span's times are moved by as much as its parent's. Where a call arrives in another process (<see cref="Calls.IsFarEnd"/>, <see cref="Calls.MayDifferInClock"/>)
/// and the times contradict the order of cause and effect, the span is moved once more, and all below it with it:</para>
/// <list type="bullet">
/// <item>A server that does not lie within its caller, give or take <see cref="EndsLate"/> at the end: to the middle of it, when it fits in; when it is longer (the caller gave up) and does not start within the caller, to the caller's start.</item>
/// <item>A consumer that starts before its producer: to the producer's start. One that starts later, however late, is left alone.</item>
/// </list>
/// <para>A span that needs no move by its own clock, though its caller was moved, gets none: a call back into the process where all began.</para>
/// Corrected times stay within 0 to 2^63 − 1, whatever absurd times were sent. A span that ends before it starts counts as ending where it starts.
/// </summary>
public sealed class TraceTimeline
{
    // A server notes its end after the answer has left; on a busy machine the caller notes its own first. 1 ms in nanoseconds.
    private const long EndsLate = 1_000_000;

    private TraceTimeline(SpanBlock block, TraceSlice trace)
    {
        Start = new UnixNanos[trace.Count];
        End = new UnixNanos[trace.Count];
        Skew = new ShiftNanos[trace.Count];
        var (from, to, skewed) = (long.MaxValue, 0L, 0);
        var shifts = new long[trace.Count];
        for (var i = 0; i < trace.Count; i++)
        {
            var row = trace.FirstRow + i;
            var parent = block.ParentRow[row] - trace.FirstRow;
            var shift = block.ParentRow[row] < 0 ? 0 : shifts[parent];
            if (block.ParentRow[row] >= 0 && Calls.IsFarEnd(block, block.ParentRow[row], row)) shift = Across(block, row, shift, Start[parent].Value, End[parent].Value);
            shifts[i] = shift;
            var start = Add(block.Start[row].Value, shift);
            var end = Add(start, block.Duration(row).Value);
            (Start[i], End[i], Skew[i]) = (new UnixNanos(start), new UnixNanos(end), new ShiftNanos(start - block.Start[row].Value));
            if (Skew[i].Value != 0) skewed++;
            from = Math.Min(from, start);
            to = Math.Max(to, end);
        }
        SkewedSpans = skewed;
        From = new UnixNanos(trace.Count == 0 ? 0 : from);
        To = new UnixNanos(to);
    }

    /// <summary>Corrected start: the start as sent plus <see cref="Skew"/>.</summary>
    public UnixNanos[] Start { get; }

    /// <summary>Corrected end; never before the start.</summary>
    public UnixNanos[] End { get; }

    /// <summary>What was added to the times as sent; 0 where nothing was corrected.</summary>
    public ShiftNanos[] Skew { get; }

    /// <summary>Rows whose clock was corrected.</summary>
    public int SkewedSpans { get; }

    /// <summary>The earliest corrected start.</summary>
    public UnixNanos From { get; }

    /// <summary>The latest corrected end.</summary>
    public UnixNanos To { get; }

    /// <summary>From the first start to the last end.</summary>
    public DurationNanos Extent => To - From;

    /// <summary>One pass over the rows: a parent stands before its children.</summary>
    public static TraceTimeline Of(SpanBlock block, TraceSlice trace) => new(block, trace);

    public DurationNanos Duration(int row) => End[row] - Start[row];

    /// <summary>The shift of a span on the far side of a call whose near side has corrected times [from, to] and was itself shifted by <paramref name="inherited"/>.</summary>
    private static long Across(SpanBlock block, int row, long inherited, long from, long to)
    {
        var (sent, length) = (block.Start[row].Value, block.Duration(row).Value);
        var isMessage = Calls.IsMessage(block, block.ParentRow[row], row);
        if (Agrees(Add(sent, inherited))) return inherited;
        if (!Calls.MayDifferInClock(block, block.ParentRow[row], row)) return inherited;
        if (Agrees(sent)) return 0;
        var fits = !isMessage && length <= to - from;
        return from + (fits ? (to - from - length) / 2 : 0) - sent;

        bool Agrees(long start)
        {
            if (isMessage) return start >= from;
            if (start < from || start > to) return false;
            return length > to - from || Add(start, length) <= Add(to, EndsLate);
        }
    }

    /// <summary>A time, not below 0, moved; kept within the range of times.</summary>
    private static long Add(long time, long shift) => shift > long.MaxValue - time ? long.MaxValue : Math.Max(0, time + shift);
}
