// What a list of traces is filtered by, and what that means for a store: the form-like search, before and beside TraceQL.
using System.Collections.Immutable;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>One attribute filter: <see cref="Key"/> equals <see cref="Value"/> in the sense of <see cref="AttributeText"/>.</summary>
public sealed record AttributeFilter(string Key, string Value);

/// <summary>
/// A search for traces. Service, operation, kind, status and durations hold together on one span; each attribute filter holds on any span of
/// the trace (its own attributes or its resource's).
/// A trace matches when each of these conditions has a span, and one of the spans found starts in <see cref="Range"/>. Without conditions every span counts.
/// </summary>
public sealed record TraceFilter
{
    /// <summary>The most traces one page may hold.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Null: any. "" is the service without a name.</summary>
    public string? Service { get; init; }

    public string? Operation { get; init; }
    public SpanKind? Kind { get; init; }
    public StatusCode? Status { get; init; }

    /// <summary>Inclusive.</summary>
    public DurationNanos? MinDuration { get; init; }

    /// <summary>Inclusive.</summary>
    public DurationNanos? MaxDuration { get; init; }

    public ImmutableArray<AttributeFilter> Attributes { get; init; } = [];
    public TimeRange Range { get; init; } = TimeRange.All;

    /// <summary>Traces per page, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Where the previous page ended.</summary>
    public TraceCursor? After { get; init; }

    /// <summary>The filter as the scan that finds its candidates.</summary>
    public SpanScan ToScan()
    {
        var conditions = ImmutableArray.CreateBuilder<SpanCondition>();
        var onOneSpan = SpanPredicates();
        if (!onOneSpan.IsEmpty) conditions.Add(new SpanCondition(onOneSpan));
        foreach (var attribute in Attributes)
        {
            conditions.Add(new SpanCondition([new SpanPredicate(SpanField.Attribute, PredicateOperator.Equal, Text: attribute.Value, Key: attribute.Key)]));
        }
        return new SpanScan
        {
            Range = Range,
            Conditions = conditions.ToImmutable(),
            After = After,
            Parts = Attributes.IsEmpty ? SpanParts.Core : SpanParts.Attributes,
            Wanted = Limit + 1,
        };
    }

    private ImmutableArray<SpanPredicate> SpanPredicates()
    {
        var all = ImmutableArray.CreateBuilder<SpanPredicate>();
        if (Service is not null) all.Add(new SpanPredicate(SpanField.Service, PredicateOperator.Equal, Text: Service));
        if (Operation is not null) all.Add(new SpanPredicate(SpanField.Name, PredicateOperator.Equal, Text: Operation));
        if (Kind is { } kind) all.Add(new SpanPredicate(SpanField.Kind, PredicateOperator.Equal, Number: (long)kind));
        if (Status is { } status) all.Add(new SpanPredicate(SpanField.Status, PredicateOperator.Equal, Number: (long)status));
        if (MinDuration is { } min) all.Add(new SpanPredicate(SpanField.Duration, PredicateOperator.AtLeast, Number: min.Value));
        if (MaxDuration is { } max) all.Add(new SpanPredicate(SpanField.Duration, PredicateOperator.AtMost, Number: max.Value));
        return all.ToImmutable();
    }
}
