// What a search means, straight from its definition, over plain spans.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;
using Waymark.Testing;

namespace Waymark.Query.Tests.Testing;

/// <summary>The definition of <see cref="TraceFilter"/> by brute force.</summary>
internal static class BruteForceSearch
{
    /// <summary>All matching traces after the cursor, in order, with the number of matching spans; the limit is not applied.</summary>
    public static List<(TraceCursor Cursor, int Matched)> Find(IEnumerable<NaiveSpan> stored, TraceFilter filter) =>
    [
        .. NaiveTopology.Distinct(stored)
            .GroupBy(s => s.TraceId)
            .Select(t => (Cursor: new TraceCursor(t.Min(s => s.Start), t.Key), Matched: Matched([.. t], filter)))
            .Where(t => t.Matched > 0 && (filter.After is not { } after || t.Cursor.CompareTo(after) > 0))
            .OrderByDescending(t => t.Cursor.Start)
            .ThenByDescending(t => t.Cursor.Id),
    ];

    private static int Matched(List<NaiveSpan> trace, TraceFilter filter)
    {
        var conditions = Conditions(filter);
        if (conditions.Count == 0) return trace.Any(s => filter.Range.Contains(s.Start)) ? trace.Count : 0;
        if (!conditions.All(trace.Any)) return 0;
        var spans = trace.Where(s => conditions.Exists(c => c(s))).ToList();
        return spans.Exists(s => filter.Range.Contains(s.Start)) ? spans.Count : 0;
    }

    private static List<Func<NaiveSpan, bool>> Conditions(TraceFilter f)
    {
        var conditions = new List<Func<NaiveSpan, bool>>();
        if (f.Service is not null || f.Operation is not null || f.Kind is not null || f.Status is not null || f.MinDuration is not null || f.MaxDuration is not null)
        {
            conditions.Add(s =>
                (f.Service is null || s.Service == f.Service)
                && (f.Operation is null || s.Name == f.Operation)
                && (f.Kind is null || s.Kind == f.Kind)
                && (f.Status is null || s.Status == f.Status)
                && (f.MinDuration is not { } min || s.Duration >= min)
                && (f.MaxDuration is not { } max || s.Duration <= max));
        }
        conditions.AddRange(f.Attributes.Select(a => (Func<NaiveSpan, bool>)(s => s.Attributes.Concat(s.Resource.Attributes).Any(x => x.Key == a.Key && Equal(x.Value, a.Value)))));
        return conditions;
    }

    private static bool Equal(NaiveValue value, string text) => value.Type switch
    {
        AttributeType.Text => value.Content == text,
        AttributeType.Bool => text == (value.Number != 0 ? "true" : "false"),
        AttributeType.Int or AttributeType.Double => new AttributeText(text).Matches(value.Type, value.Number, default),
        _ => false,
    };

    /// <summary>A random filter that has a fair chance of matching something in the spans.</summary>
    public static TraceFilter RandomFilter(RandomSpans random, Random dice, List<NaiveSpan> spans)
    {
        var model = random.Pick(spans);
        bool Maybe() => dice.Next(4) == 0;
        var (from, to) = (random.Pick(spans).Start.Value, random.Pick(spans).Start.Value);
        return new TraceFilter
        {
            Service = Maybe() ? model.Service : null,
            Operation = Maybe() ? model.Name : null,
            Kind = Maybe() ? model.Kind : null,
            Status = Maybe() ? model.Status : null,
            MinDuration = Maybe() ? model.Duration : null,
            MaxDuration = Maybe() ? random.Pick(spans).Duration : null,
            Attributes = [.. Enumerable.Range(0, Maybe() ? dice.Next(3) : 0).Select(_ => AttributeOf(random, spans))],
            Range = Maybe() ? new TimeRange(new UnixNanos(Math.Min(from, to)), new UnixNanos(Math.Max(from, to) + 1)) : TimeRange.All,
        };
    }

    private static AttributeFilter AttributeOf(RandomSpans random, List<NaiveSpan> spans)
    {
        for (var tries = 0; tries < 10; tries++)
        {
            var span = random.Pick(spans);
            List<NaiveAttribute> all = [.. span.Attributes, .. span.Resource.Attributes];
            if (all.Count == 0) continue;
            var attribute = random.Pick(all);
            return new AttributeFilter(attribute.Key, attribute.Value.Type switch
            {
                AttributeType.Text => attribute.Value.Content,
                AttributeType.Int => attribute.Value.Number.ToString(CultureInfo.InvariantCulture) + (random.Odd() ? ".0" : ""),
                AttributeType.Double => BitConverter.Int64BitsToDouble(attribute.Value.Number).ToString("R", CultureInfo.InvariantCulture),
                AttributeType.Bool => attribute.Value.Number != 0 ? "true" : "false",
                _ => "",
            });
        }
        return new AttributeFilter("x", "nothing");
    }
}
