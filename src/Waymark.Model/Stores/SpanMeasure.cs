// What is to be counted, and what came of it: the question behind every figure that is about spans rather than traces.
using System.Collections.Immutable;
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>
/// Counts spans, and their durations if wanted, in groups. A span counts when it starts in <see cref="Range"/>, satisfies <see cref="Where"/>, and has an ancestor that satisfies
/// <see cref="Under"/>, if that is given. Each identity (trace, span id, kind, service, start) counts once, with the content that arrived first.
/// </summary>
public sealed record SpanMeasure
{
    /// <summary>Of starts of the spans that count. An ancestor may start at any time.</summary>
    public TimeRange Range { get; init; } = TimeRange.All;

    /// <summary>Predicates that hold together on the span. None: every span.</summary>
    public SpanCondition Where { get; init; } = new([]);

    /// <summary>Holds on some proper ancestor of the span: its parent, the parent of that, and so on, by the links of the whole trace as it is merged. Null: ancestors do not matter.</summary>
    public SpanCondition? Under { get; init; }

    /// <summary>What parts the spans into groups. Null: all are one group.</summary>
    public MeasureGroup? By { get; init; }

    /// <summary>Durations are wanted too. A negative one counts as 0.</summary>
    public bool Durations { get; init; }

    /// <summary>The most groups of an answer: those with the most spans. The rest is one sum, <see cref="SpanMeasurement.Others"/>.</summary>
    public int MaxGroups { get; init; } = 10_000;
}

/// <summary>The field that parts spans into groups.</summary>
public enum MeasureField
{
    /// <summary>The service's name as text; none for a resource without one.</summary>
    Service,

    /// <summary>The span's name as text.</summary>
    Name,

    /// <summary>The name of the <see cref="SpanKind"/> member.</summary>
    Kind,

    /// <summary>The name of the <see cref="StatusCode"/> member.</summary>
    Status,

    /// <summary>
    /// An attribute by <see cref="MeasureGroup.Key"/>: the first of the span's attributes with that key that is text, number or boolean, as <see cref="AttributeText.Of"/> writes it; if the span
    /// has none, the first such of its resource; else none.
    /// </summary>
    Attribute,
}

/// <param name="Key">For <see cref="MeasureField.Attribute"/>.</param>
public sealed record MeasureGroup(MeasureField Field, string Key = "");

/// <summary>Spans with one value of the grouping field.</summary>
/// <param name="Key">The value as text; null for spans without one, and where nothing was grouped by.</param>
/// <param name="Durations">Null unless asked for.</param>
public sealed record MeasuredGroup(string? Key, long Count, DurationHistogram? Durations);

/// <summary>The answer to a <see cref="SpanMeasure"/>.</summary>
/// <param name="Groups">Those with the most spans first, then by key in ordinal order, no key before all. Only groups that have spans; without <see cref="SpanMeasure.By"/> one, which may have none.</param>
/// <param name="Others">
/// All groups beyond <see cref="SpanMeasure.MaxGroups"/>, as one without a key; null when there are none. A store may keep no more than <see cref="KeptGroups"/> groups apart while it counts; of
/// further ones, in whatever order it met them, all spans are counted here.
/// </param>
/// <param name="IsPartial">Something could not be read: what was counted is there, but there may be more.</param>
public sealed record SpanMeasurement(ImmutableArray<MeasuredGroup> Groups, MeasuredGroup? Others, bool IsPartial)
{
    /// <summary>Groups that every store keeps apart while counting.</summary>
    public const int KeptGroups = 100_000;

    /// <summary>Spans of all groups.</summary>
    public long Count => Groups.Sum(g => g.Count) + (Others?.Count ?? 0);
}
