// What filters are offered is what spans have, and every value offered finds what it was counted from.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;
using Waymark.Testing;

namespace Waymark.Query.Tests.Search;

public sealed class AttributeCensusTests
{
    [Fact]
    public async Task Keys_and_values_are_counted_as_a_plain_walk_counts_them()
    {
        for (var seed = 0; seed < 40 * TestScale.Factor; seed++)
        {
            var random = new RandomSpans(seed) { MaxSpans = 10, Oddity = 0.1 };
            var spans = random.Traces(10);
            var store = new NaiveStore();
            store.Add(spans);
            var service = seed % 3 == 0 ? random.Pick(spans).Service : null;
            using var budget = Budget();
            var census = await AttributeCensus.TakeAsync(store, service, TimeRange.All, budget);
            var counted = NaiveTopology.Distinct(spans).Where(s => service is null || s.Service == service).ToList();
            Assert.Equal(counted.Select(s => s.TraceId).Distinct().Count(), census.Traces);
            Assert.Equal(Walk(counted), census.Keys.Select(k => (k.Key, k.Spans, string.Join('|', k.Values.Select(v => $"{v.Value}:{v.Spans}")), k.IsCut)));
        }
    }

    [Fact]
    public async Task Every_value_offered_finds_as_many_spans_as_were_counted()
    {
        var random = new RandomSpans(5) { MaxSpans = 8, Oddity = 0.1 };
        var spans = random.Traces(20);
        var store = new NaiveStore();
        store.Add(spans);
        using var budget = Budget();
        foreach (var key in (await AttributeCensus.TakeAsync(store, null, TimeRange.All, budget)).Keys)
        {
            foreach (var value in key.Values)
            {
                var page = await TraceSearch.FindAsync(store, new TraceFilter { Attributes = [new(key.Key, value.Value)], Limit = 1000 }, default);
                // "3" and "3.0" are one number, so a search may find more than was counted under one spelling.
                Assert.True(page.Traces.Sum(t => t.Matched) >= value.Spans, $"{key.Key}={value.Value}");
            }
        }
    }

    [Fact]
    public async Task Only_the_range_is_looked_at()
    {
        var store = new NaiveStore();
        store.Add(Span(1, 100) with { Attributes = [NaiveAttribute.Text("old", "x")] }, Span(2, 200) with { Attributes = [NaiveAttribute.Text("new", "x")] });
        using var budget = Budget();
        var census = await AttributeCensus.TakeAsync(store, null, new TimeRange(new UnixNanos(150), UnixNanos.Max), budget);
        Assert.Equal((1, "new"), (census.Traces, Assert.Single(census.Keys).Key));
    }

    [Fact]
    public async Task Limits_hold_and_are_told()
    {
        var store = new NaiveStore { TracesPerBlock = 50 };
        for (var i = 1; i <= AttributeCensus.MaxTraces + 30; i++)
        {
            store.Add(Span(i, 100 + i) with
            {
                Attributes =
                [
                    NaiveAttribute.Int("id", i), NaiveAttribute.Text("few", $"v{i % 10}"), NaiveAttribute.Text("long", new string('x', AttributeCensus.MaxValueBytes + 1)),
                    NaiveAttribute.Text("a=b", "can't be asked for"), new NaiveAttribute("list", NaiveValue.Array(NaiveValue.Int(1))), NaiveAttribute.Text($"key{i}", ""),
                ],
            });
        }
        using var budget = Budget();
        var census = await AttributeCensus.TakeAsync(store, null, TimeRange.All, budget);
        Assert.Equal((AttributeCensus.MaxTraces, AttributeCensus.MaxKeys), (census.Traces, census.Keys.Length));
        var keys = census.Keys.ToDictionary(k => k.Key);
        Assert.Equal((AttributeCensus.MaxTraces, AttributeCensus.MaxValues, true), (keys["id"].Spans, keys["id"].Values.Length, keys["id"].IsCut));
        Assert.Equal((10, false), (keys["few"].Values.Length, keys["few"].IsCut));
        Assert.Equal((0, true), (keys["long"].Values.Length, keys["long"].IsCut));
        Assert.False(keys.ContainsKey("a=b") || keys.ContainsKey("list"));
    }

    [Fact]
    public async Task A_key_with_ever_new_values_keeps_count_of_its_frequent_one_and_says_there_are_more()
    {
        const int spans = 20_000;
        var store = new NaiveStore();
        store.Add(Enumerable.Range(1, spans).Select(i => Span(1, 100 + i) with
        {
            SpanId = new SpanId((ulong)i),
            Attributes = [NaiveAttribute.Text("request.id", i % 2 == 0 ? "none" : $"id-{i}"), NaiveAttribute.Int("n", i)],
        }));
        using var budget = Budget();
        var census = await AttributeCensus.TakeAsync(store, null, TimeRange.All, budget);
        var keys = census.Keys.ToDictionary(k => k.Key);
        Assert.Equal(("none", spans / 2), (keys["request.id"].Values[0].Value, keys["request.id"].Values[0].Spans));
        Assert.Equal((spans, true), (keys["request.id"].Spans, keys["request.id"].IsCut));
        Assert.Equal((spans, AttributeCensus.MaxValues, true), (keys["n"].Spans, keys["n"].Values.Length, keys["n"].IsCut));
    }

    private static ScanBudget Budget() => new(TimeProvider.System, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

    private static IEnumerable<(string Key, int Spans, string Values, bool IsCut)> Walk(List<NaiveSpan> spans)
    {
        var all = spans
            .SelectMany((s, i) => s.Attributes.Concat(s.Resource.Attributes).Select(a => (Span: i, a.Key, Text: Text(a.Value))))
            .Where(a => a.Text is not null && a.Key.Length > 0 && !a.Key.Contains('='))
            .ToList();
        return all.GroupBy(a => a.Key)
            .Select(k => (k.Key, Spans: k.Select(a => a.Span).Distinct().Count(), Values: k.GroupBy(a => a.Text!).Select(v => (v.Key, Spans: v.Select(a => a.Span).Distinct().Count())).ToList()))
            .OrderByDescending(k => k.Spans).ThenBy(k => k.Key, StringComparer.Ordinal)
            .Select(k => (
                k.Key,
                k.Spans,
                string.Join('|', k.Values.OrderByDescending(v => v.Spans).ThenBy(v => v.Key, StringComparer.Ordinal).Take(AttributeCensus.MaxValues).Select(v => $"{v.Key}:{v.Spans}")),
                k.Values.Count > AttributeCensus.MaxValues));
    }

    private static string? Text(NaiveValue value) => value.Type switch
    {
        AttributeType.Text => value.Content,
        AttributeType.Int => value.Number.ToString(CultureInfo.InvariantCulture),
        AttributeType.Double => BitConverter.Int64BitsToDouble(value.Number).ToString("R", CultureInfo.InvariantCulture),
        AttributeType.Bool => value.Number != 0 ? "true" : "false",
        _ => null,
    };

    private static NaiveSpan Span(int trace, long start) => new()
    {
        TraceId = new TraceId(0, (ulong)trace),
        SpanId = new SpanId(1),
        Start = new UnixNanos(start),
        End = new UnixNanos(start + 10),
    };
}
