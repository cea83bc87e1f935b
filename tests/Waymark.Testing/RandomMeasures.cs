// Random questions that have something to find: conditions and groups taken from spans that were sent, or near them.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Testing;

/// <summary>A seeded source of measures. Not thread-safe.</summary>
/// <param name="spans">For what nobody sent.</param>
public sealed class RandomMeasures(int seed, RandomSpans spans)
{
    private readonly Random random = new(seed);

    /// <summary>A measure about spans like these.</summary>
    public SpanMeasure Next(IReadOnlyList<NaiveSpan> sent)
    {
        var known = Known(sent);
        return new SpanMeasure
        {
            Range = new TimeRange(
                random.Next(5) == 0 ? known.Start : UnixNanos.Min,
                random.Next(5) == 0 ? new UnixNanos(known.Start.Value + (random.Next(2) * random.Next(1_000_000_000))) : UnixNanos.Max),
            Where = Condition(Known(sent), random.Next(3)),
            Under = random.Next(3) == 0 ? Condition(Known(sent), random.Next(2)) : null,
            By = random.Next(3) == 0 ? null : Group(Known(sent)),
            Durations = random.Next(2) == 0,
            MaxGroups = random.Next(6) == 0 ? random.Next(4) : 10_000,
        };
    }

    public SpanCondition Condition(NaiveSpan known, int predicates) => new([.. Enumerable.Range(0, predicates).Select(_ => Predicate(known))]);

    private NaiveSpan Known(IReadOnlyList<NaiveSpan> sent) => sent.Count > 0 && random.Next(6) > 0 ? spans.Pick(sent) : spans.Span();

    private MeasureGroup Group(NaiveSpan known)
    {
        var field = (MeasureField)random.Next(5);
        return new MeasureGroup(field, field == MeasureField.Attribute ? Attribute(known).Key : "");
    }

    private SpanPredicate Predicate(NaiveSpan known) => random.Next(10) switch
    {
        0 => new SpanPredicate(SpanField.Service, PredicateOperator.Equal, known.Service),
        1 => new SpanPredicate(SpanField.Name, PredicateOperator.Equal, known.Name),
        2 => new SpanPredicate(SpanField.Name, PredicateOperator.Contains, Part(known.Name)),
        3 => new SpanPredicate(SpanField.Kind, PredicateOperator.Equal, Number: (long)known.Kind),
        4 => new SpanPredicate(SpanField.Status, PredicateOperator.Equal, Number: (long)known.Status),
        5 => new SpanPredicate(SpanField.Duration, PredicateOperator.AtLeast, Number: known.Duration.Value - random.Next(2)),
        6 => new SpanPredicate(SpanField.Duration, PredicateOperator.AtMost, Number: known.Duration.Value - random.Next(2)),
        7 when known.Links.Count > 0 => new SpanPredicate(SpanField.LinkedTrace, PredicateOperator.Equal, Trace: known.Links[0].TraceId),
        _ => AttributePredicate(Attribute(known)),
    };

    private SpanPredicate AttributePredicate(NaiveAttribute attribute)
    {
        var text = attribute.Value.Type switch
        {
            AttributeType.Text => attribute.Value.Content,
            AttributeType.Double => BitConverter.Int64BitsToDouble(attribute.Value.Number).ToString("R", CultureInfo.InvariantCulture),
            AttributeType.Bool => attribute.Value.Number != 0 ? "true" : "false",
            _ => attribute.Value.Number.ToString(CultureInfo.InvariantCulture),
        };
        return random.Next(2) == 0
            ? new SpanPredicate(SpanField.Attribute, PredicateOperator.Equal, text, Key: attribute.Key)
            : new SpanPredicate(SpanField.Attribute, PredicateOperator.Contains, Part(text), Key: attribute.Key);
    }

    private NaiveAttribute Attribute(NaiveSpan known)
    {
        var attributes = known.Attributes.Concat(known.Resource.Attributes).ToList();
        return attributes.Count > 0 && random.Next(4) > 0 ? spans.Pick(attributes) : spans.Attribute();
    }

    /// <summary>Some whole characters of a text; now and then what is not in it.</summary>
    private string Part(string text)
    {
        var runes = text.EnumerateRunes().ToList();
        if (random.Next(8) == 0) return "absent";
        var first = random.Next(runes.Count + 1);
        var part = new StringBuilder();
        foreach (var rune in runes.Skip(first).Take(random.Next(1, 6))) part.Append(rune.ToString());
        return part.ToString();
    }
}
