// Counting spans by plain loops over plain spans: the oracle of every store's measurements.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Testing;

/// <summary>Evaluates measures, conditions and predicates from their definitions. Slow and obvious on purpose.</summary>
public static class NaiveMeasure
{
    /// <param name="arrivals">In order of arrival.</param>
    public static SpanMeasurement Of(IEnumerable<NaiveSpan> arrivals, SpanMeasure measure)
    {
        var counted = new List<NaiveSpan>();
        foreach (var trace in arrivals.GroupBy(s => s.TraceId))
        {
            var rows = NaiveTopology.Rows(NaiveTopology.Distinct(trace));
            counted.AddRange(rows.Where(r => measure.Range.Contains(r.Span.Start) && Holds(measure.Where, r.Span) && IsUnder(measure.Under, r, rows)).Select(r => r.Span));
        }
        var groups = counted.GroupBy(s => KeyOf(s, measure.By)).Select(g => Group(g.Key, g, measure)).ToList();
        if (measure.By is null && groups.Count == 0) groups.Add(Group(null, [], measure));
        groups = [.. groups.OrderByDescending(g => g.Count).ThenBy(g => g.Key is not null).ThenBy(g => g.Key, StringComparer.Ordinal)];
        var rest = groups.Skip(measure.MaxGroups).Select(g => g.Key).ToHashSet();
        var others = rest.Count == 0 ? null : Group(null, counted.Where(s => rest.Contains(KeyOf(s, measure.By))), measure);
        return new SpanMeasurement([.. groups.Take(measure.MaxGroups)], others, IsPartial: false);
    }

    public static bool Holds(SpanCondition condition, NaiveSpan span) => condition.All.All(p => Holds(p, span));

    /// <summary>A measurement as text: what two equal ones have in common.</summary>
    public static string Describe(SpanMeasurement measurement)
    {
        var text = new StringBuilder();
        foreach (var group in measurement.Groups) text.Append(Describe(group));
        if (measurement.Others is { } others) text.Append("others ").Append(Describe(others));
        return text.Append(measurement.IsPartial ? "partial" : "whole").ToString();
    }

    private static string Describe(MeasuredGroup group) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(group.Key is null ? "none" : $"'{group.Key}'")}: {group.Count} [{(group.Durations is { } d ? string.Join(' ', d.Buckets) : "-")}]\n");

    private static MeasuredGroup Group(string? key, IEnumerable<NaiveSpan> spans, SpanMeasure measure)
    {
        var all = spans.ToList();
        if (!measure.Durations) return new MeasuredGroup(key, all.Count, null);
        var durations = new DurationHistogram();
        foreach (var span in all) durations.Add(span.Duration);
        return new MeasuredGroup(key, all.Count, durations);
    }

    private static bool IsUnder(SpanCondition? under, NaiveRow row, List<NaiveRow> rows)
    {
        if (under is null) return true;
        for (var up = row.ParentRow; up >= 0; up = rows[up].ParentRow)
        {
            if (Holds(under, rows[up].Span)) return true;
        }
        return false;
    }

    private static string? KeyOf(NaiveSpan span, MeasureGroup? by) => by?.Field switch
    {
        null => null,
        MeasureField.Service => span.Resource.Service,
        MeasureField.Name => span.Name,
        MeasureField.Kind => span.Kind.ToString(),
        MeasureField.Status => span.Status.ToString(),
        _ => span.Attributes.Concat(span.Resource.Attributes).Where(a => a.Key == by.Key).Select(a => TextOf(a.Value)).FirstOrDefault(t => t is not null),
    };

    private static string? TextOf(NaiveValue value) => value.Type switch
    {
        AttributeType.Text => value.Content,
        AttributeType.Int => value.Number.ToString(CultureInfo.InvariantCulture),
        AttributeType.Double => BitConverter.Int64BitsToDouble(value.Number).ToString("R", CultureInfo.InvariantCulture),
        AttributeType.Bool => value.Number != 0 ? "true" : "false",
        _ => null,
    };

    private static bool Holds(SpanPredicate predicate, NaiveSpan span) => predicate.Field switch
    {
        SpanField.Service => span.Service == predicate.Text,
        SpanField.Name => HoldsText(predicate, span.Name),
        SpanField.Kind => (long)span.Kind == predicate.Number,
        SpanField.Status => (long)span.Status == predicate.Number,
        SpanField.Duration => predicate.Operator == PredicateOperator.AtLeast ? span.Duration.Value >= predicate.Number : span.Duration.Value <= predicate.Number,
        SpanField.LinkedTrace => span.Links.Any(l => l.TraceId == predicate.Trace),
        _ => span.Attributes.Concat(span.Resource.Attributes).Any(a => a.Key == predicate.Key && HoldsValue(predicate, a.Value)),
    };

    private static bool HoldsValue(SpanPredicate predicate, NaiveValue value)
    {
        if (value.Type == AttributeType.Text) return HoldsText(predicate, value.Content);
        return predicate.Operator == PredicateOperator.Equal && new AttributeText(predicate.Text).Matches(value.Type, value.Number, value.ToBytes());
    }

    private static bool HoldsText(SpanPredicate predicate, string text) =>
        predicate.Operator == PredicateOperator.Contains ? text.Contains(predicate.Text, StringComparison.Ordinal) : text == predicate.Text;
}
