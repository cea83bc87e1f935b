// Searching equals its definition, and paging never skips or repeats.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;
using Waymark.Query.Search;
using Waymark.Query.Tests.Testing;
using Waymark.Testing;

namespace Waymark.Query.Tests.Search;

public sealed class TraceSearchTests
{
    [Fact]
    public async Task A_search_finds_exactly_what_its_definition_says_page_by_page()
    {
        var found = 0;
        for (var seed = 0; seed < 60 * TestScale.Factor; seed++)
        {
            var random = new RandomSpans(seed) { MaxSpans = 8, Spread = seed % 3 == 0 ? 5 : 1_000_000_000 };
            var dice = new Random(seed);
            var spans = random.Traces(12);
            var store = new NaiveStore { TracesPerBlock = dice.Next(1, 6) };
            store.Add(spans);
            for (var i = 0; i < 10; i++)
            {
                var filter = BruteForceSearch.RandomFilter(random, dice, spans) with { Limit = dice.Next(1, 6) };
                var expected = BruteForceSearch.Find(spans, filter);
                var actual = await AllPages(store, filter);
                Assert.Equal(expected, actual.Select(t => (new TraceCursor(t.Start, t.Id), t.Matched)));
                found += actual.Count;
            }
        }
        Assert.True(found > 1000, "Random filters must find something, or the test says nothing.");
    }

    [Fact]
    public async Task New_traces_arriving_between_pages_shift_nothing()
    {
        for (var seed = 0; seed < 30 * TestScale.Factor; seed++)
        {
            var random = new RandomSpans(seed) { MaxSpans = 5, Spread = 50 };
            var store = new NaiveStore();
            var before = random.Traces(15);
            store.Add(before);
            var expected = BruteForceSearch.Find(before, new TraceFilter()).Select(t => t.Cursor).ToList();
            var seen = new List<TraceCursor>();
            TraceCursor? after = null;
            do
            {
                var page = await TraceSearch.FindAsync(store, new TraceFilter { Limit = 4, After = after }, default);
                seen.AddRange(page.Traces.Select(t => new TraceCursor(t.Start, t.Id)));
                after = page.Next;
                store.Add(random.Trace());
            }
            while (after is not null);
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Equal(seen.OrderByDescending(c => c.Start).ThenByDescending(c => c.Id), seen);
            Assert.Equal(expected, seen.Where(c => expected.Contains(c)));
        }
    }

    [Fact]
    public async Task The_last_page_of_an_unfiltered_list_has_no_next_even_when_it_is_full()
    {
        var store = new NaiveStore();
        for (var i = 1; i <= 6; i++) store.Add(Span(trace: i, id: 1));
        var first = await TraceSearch.FindAsync(store, new TraceFilter { Limit = 3 }, default);
        Assert.NotNull(first.Next);
        var second = await TraceSearch.FindAsync(store, new TraceFilter { Limit = 3, After = first.Next }, default);
        Assert.Equal([3UL, 2UL, 1UL], second.Traces.Select(t => t.Id.Low));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Fields_must_hold_on_one_span_but_each_attribute_may_hold_on_another()
    {
        var store = new NaiveStore();
        store.Add(
            Span(1, 1) with { Resource = NaiveResource.Of("a"), Name = "x", Attributes = [NaiveAttribute.Int("n", 3)] },
            Span(1, 2) with { Resource = NaiveResource.Of("b"), Name = "y", Attributes = [NaiveAttribute.Text("m", "v")] });
        Assert.Equal(0, await Count(store, new TraceFilter { Service = "a", Operation = "y" }));
        Assert.Equal(1, await Count(store, new TraceFilter { Service = "a", Operation = "x" }));
        Assert.Equal(1, await Count(store, new TraceFilter { Service = "a", Attributes = [new("n", "3.0"), new("m", "v"), new("service.name", "b")] }));
        Assert.Equal(0, await Count(store, new TraceFilter { Attributes = [new("n", "3"), new("m", "w")] }));
    }

    [Fact]
    public async Task Only_a_matching_span_brings_its_trace_into_the_range()
    {
        var store = new NaiveStore();
        store.Add(Span(1, 1, start: 10) with { Name = "early" }, Span(1, 2, start: 100) with { Name = "late" });
        var range = new TimeRange(new UnixNanos(50), new UnixNanos(101));
        Assert.Equal(1, await Count(store, new TraceFilter { Range = range }));
        Assert.Equal(1, await Count(store, new TraceFilter { Range = range, Operation = "late" }));
        Assert.Equal(0, await Count(store, new TraceFilter { Range = range, Operation = "early" }));
        Assert.Equal(0, await Count(store, new TraceFilter { Range = range with { To = new UnixNanos(100) } }));
    }

    [Fact]
    public async Task A_span_that_ends_before_it_starts_lasts_zero()
    {
        var store = new NaiveStore();
        store.Add(Span(1, 1, start: 100) with { End = new UnixNanos(40) });
        Assert.Equal(1, await Count(store, new TraceFilter { MaxDuration = new DurationNanos(0) }));
        Assert.Equal(0, await Count(store, new TraceFilter { MinDuration = new DurationNanos(1) }));
    }

    [Fact]
    public async Task A_summary_tells_root_services_errors_and_oddities()
    {
        var store = new NaiveStore();
        var (shop, pay) = (NaiveResource.Of("shop"), NaiveResource.Of("pay"));
        store.Add(
            Span(1, 2, start: 110) with { ParentSpanId = new SpanId(1), End = new UnixNanos(250), Resource = pay, Status = StatusCode.Error },
            Span(1, 1, start: 100) with { End = new UnixNanos(200), Resource = shop, Name = "GET /" },
            Span(1, 3, start: 120) with { ParentSpanId = new SpanId(77), End = new UnixNanos(119), Resource = pay },
            Span(1, 1, start: 100) with { Resource = shop });
        var trace = Assert.Single((await TraceSearch.FindAsync(store, new TraceFilter { Service = "pay" }, default)).Traces);
        Assert.Equal(("shop", "GET /"), (trace.RootService, trace.RootOperation));
        Assert.Equal((100, 250, 150), (trace.Start.Value, trace.End.Value, trace.Duration.Value));
        Assert.Equal((3, 1, 2, 1), (trace.Spans, trace.Errors, trace.Matched, trace.Duplicates));
        Assert.Equal([new ServiceShare("shop", 1, 0), new ServiceShare("pay", 2, 1)], trace.Services);
        Assert.Equal(TraceOddities.Orphans | TraceOddities.ReversedTimes, trace.Oddities);
    }

    [Fact]
    public async Task A_summary_goes_by_corrected_clocks_and_names_who_took_most_of_the_time()
    {
        var store = new NaiveStore();
        store.Add(
            Span(1, 1, start: 1_000) with { End = new UnixNanos(2_000), Kind = SpanKind.Client, Name = "POST", Resource = NaiveResource.Of("shop") },
            Span(1, 2, start: 90_000) with { ParentSpanId = new SpanId(1), End = new UnixNanos(90_800), Kind = SpanKind.Server, Name = "charge", Resource = NaiveResource.Of("pay") });
        var trace = Assert.Single((await TraceSearch.FindAsync(store, new TraceFilter(), default)).Traces);
        Assert.Equal((1_000, 90_800, 1_000), (trace.Start.Value, trace.End.Value, trace.Duration.Value));
        Assert.Equal(TraceOddities.ClockSkew, trace.Oddities);
        Assert.Equal(new Contributor(ContributorKind.Operation, 1, "pay", "charge", new DurationNanos(800), 0.8, 1), trace.TopContributor);
    }

    [Fact]
    public async Task A_trace_of_no_length_has_nobody_who_took_most_of_it()
    {
        var store = new NaiveStore();
        store.Add(Span(1, 1) with { End = new UnixNanos(100) });
        Assert.Null(Assert.Single((await TraceSearch.FindAsync(store, new TraceFilter(), default)).Traces).TopContributor);
    }

    [Fact]
    public async Task A_trace_without_a_root_says_so()
    {
        var store = new NaiveStore();
        store.Add(Span(1, 2) with { ParentSpanId = new SpanId(9), Name = "child" });
        var trace = Assert.Single((await TraceSearch.FindAsync(store, new TraceFilter(), default)).Traces);
        Assert.Equal(TraceOddities.Orphans | TraceOddities.Rootless, trace.Oddities);
        Assert.Equal("child", trace.RootOperation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(TraceFilter.MaxLimit + 1)]
    public async Task A_limit_out_of_bounds_is_the_callers_mistake(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => TraceSearch.FindAsync(new NaiveStore(), new TraceFilter { Limit = limit }, default));

    private static async Task<int> Count(NaiveStore store, TraceFilter filter) => (await TraceSearch.FindAsync(store, filter, default)).Traces.Length;

    private static async Task<List<TraceSummary>> AllPages(NaiveStore store, TraceFilter filter)
    {
        var all = new List<TraceSummary>();
        while (true)
        {
            var page = await TraceSearch.FindAsync(store, filter, default);
            Assert.True(page.Traces.Length <= filter.Limit);
            all.AddRange(page.Traces);
            if (page.Next is not { } next) return all;
            Assert.Equal(filter.Limit, page.Traces.Length);
            Assert.True(TraceCursorText.TryDecode(TraceCursorText.Encode(next), out var decoded));
            Assert.Equal(next, decoded);
            filter = filter with { After = decoded };
        }
    }

    private static NaiveSpan Span(int trace, ulong id, long start = 100) => new()
    {
        TraceId = new TraceId(0, (ulong)trace),
        SpanId = new SpanId(id),
        Start = new UnixNanos(start),
        End = new UnixNanos(start + 10),
    };
}
