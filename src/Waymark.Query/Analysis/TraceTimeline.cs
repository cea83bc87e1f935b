// When things happened by one clock: the times of a trace with the clocks of its processes brought into line.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>Corrected times of a trace. Arrays have one entry per row, counted from the trace's first. Immutable by convention: do not write into the arrays.</summary>
public sealed class TraceTimeline
{
    private TraceTimeline(UnixNanos[] start, UnixNanos[] end, ShiftNanos[] skew)
    {
        Start = start;
        End = end;
        Skew = skew;
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

    public DurationNanos Duration(int row) => End[row] - Start[row];

    public static TraceTimeline Of(SpanBlock block, TraceSlice trace)
    {
        var start = new UnixNanos[trace.Count];
        return new TraceTimeline(start, start, new ShiftNanos[trace.Count]);
    }
}
