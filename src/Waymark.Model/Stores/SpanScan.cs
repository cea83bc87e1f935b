// What a query asks of a store, as plain data.
using System.Collections.Immutable;
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>A scan for traces: for each condition some span of the trace matches it, and one of those matching spans starts in the range.</summary>
public sealed record SpanScan
{
    public TimeRange Range { get; init; } = TimeRange.All;

    /// <summary>Existential conditions, all of which must hold, each on some span of the trace. Empty: every span matches.</summary>
    public ImmutableArray<SpanCondition> Conditions { get; init; } = [];

    /// <summary>Where the previous page ended: only traces strictly after it.</summary>
    public TraceCursor? After { get; init; }

    /// <summary>What of each span must be filled in.</summary>
    public SpanParts Parts { get; init; } = SpanParts.Core;

    /// <summary>How many matching traces the caller is likely to take: sizes the first block.</summary>
    public int Wanted { get; init; } = 20;
}

/// <summary>The parts of a <see cref="SpanBlock"/> beyond which a store need not look.</summary>
[Flags]
public enum SpanParts
{
    /// <summary>Ids, topology, times, name, kind, status, flags, resource and scope.</summary>
    Core = 0,
    Attributes = 1,
    Events = 2,
    Links = 4,
    All = Attributes | Events | Links,
}

/// <summary>A place in the order "newest trace first": the start of the trace's earliest span, then the trace id, both descending.</summary>
public readonly record struct TraceCursor(UnixNanos Start, TraceId Id)
{
    /// <summary>Negative when this trace is listed before <paramref name="other"/>.</summary>
    public int CompareTo(TraceCursor other)
    {
        var start = other.Start.CompareTo(Start);
        return start != 0 ? start : other.Id.CompareTo(Id);
    }
}

/// <summary>Predicates that hold together on one span.</summary>
public sealed record SpanCondition(ImmutableArray<SpanPredicate> All);

/// <summary>The span field a predicate looks at.</summary>
public enum SpanField
{
    /// <summary>Resource attribute <c>service.name</c> (text).</summary>
    Service,
    Name,
    Kind,
    Status,

    /// <summary>End − start in nanoseconds, 0 when negative.</summary>
    Duration,

    /// <summary>An attribute by <see cref="SpanPredicate.Key"/>, on the span or its resource.</summary>
    Attribute,

    /// <summary>One of the span's links points at a trace, whose id is <see cref="SpanPredicate.Trace"/>. Whoever evaluates it needs <see cref="SpanParts.Links"/>.</summary>
    LinkedTrace,
}

/// <summary>How a predicate compares.</summary>
public enum PredicateOperator
{
    Equal,
    AtLeast,
    AtMost,

    /// <summary>The text has the operand somewhere in it, byte for byte: upper and lower case differ. Every text contains "".</summary>
    Contains,
}

/// <summary>
/// One comparison. <see cref="Text"/> is the operand of Service, Name and Attribute (see <see cref="AttributeText"/> for how typed values equal text),
/// <see cref="Number"/> that of Kind, Status and Duration, <see cref="Trace"/> that of LinkedTrace. Duration takes AtLeast and AtMost only, Name and Attribute take Equal and Contains, all others
/// Equal only. An attribute contains a text when its value is text that does; numbers and booleans contain none.
/// </summary>
public sealed record SpanPredicate(SpanField Field, PredicateOperator Operator, string Text = "", long Number = 0, string Key = "", TraceId Trace = default);
