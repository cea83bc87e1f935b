// Links from elsewhere: exactly those that are there, and never longer than allowed.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;
using Waymark.Testing;

namespace Waymark.Query.Tests.Search;

public sealed class LinkSearchTests
{
    private static readonly TraceId Target = new(0, 1000);

    [Fact]
    public async Task Every_link_to_the_trace_is_found_as_a_plain_walk_over_all_spans_finds_it()
    {
        var found = 0;
        for (var seed = 0; seed < 30 * TestScale.Factor; seed++)
        {
            var spans = LinkedSpans(seed);
            var store = new NaiveStore();
            store.Add(spans);
            foreach (var limit in new[] { 1, 3, 1000 })
            {
                using var budget = Budget();
                var answer = await LinkSearch.FindAsync(store, Target, limit, budget);
                var expected = Walk(spans);
                Assert.Equal(expected.Take(limit), answer.Links);
                Assert.Equal(expected.Count > limit, answer.IsCut);
                found += expected.Count;
            }
        }
        Assert.True(found > 100, "There must be links, or the test says nothing.");
    }

    [Fact]
    public async Task The_traces_own_links_and_links_to_others_do_not_count()
    {
        var store = new NaiveStore();
        store.Add(
            Span(Target, 1) with { Links = [Link(Target)] },
            Span(new TraceId(0, 1), 1) with { Links = [Link(new TraceId(0, 999)), Link(new TraceId(1, 1000))] });
        using var budget = Budget();
        Assert.Empty((await LinkSearch.FindAsync(store, Target, 10, budget)).Links);
    }

    [Fact]
    public async Task When_the_time_is_up_the_answer_says_that_there_may_be_more()
    {
        var store = new NaiveStore();
        store.Add(Enumerable.Range(1, 50).Select(i => Span(new TraceId(0, (ulong)i), 1) with { Links = [Link(Target)] }));
        using var spent = new ScanBudget(TimeProvider.System, TimeSpan.Zero, default);
        var answer = await LinkSearch.FindAsync(store, Target, 1000, spent);
        Assert.True(answer.IsCut);
        Assert.True(answer.Links.Length < 50);
        Assert.True(answer.SearchedTraces < 50);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_not_answered_with_half_a_list()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        using var budget = new ScanBudget(TimeProvider.System, ScanBudget.Default, cancelled.Token);
        var store = new NaiveStore();
        store.Add(Span(new TraceId(0, 1), 1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LinkSearch.FindAsync(store, Target, 10, budget));
    }

    private static ScanBudget Budget() => new(TimeProvider.System, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

    private static List<NaiveSpan> LinkedSpans(int seed)
    {
        var random = new RandomSpans(seed) { MaxSpans = 6, Oddity = 0.2 };
        var dice = new Random(seed);
        return [.. NaiveTopology.Distinct(random.Traces(12)).Select(s => dice.Next(4) == 0 ? s with { Links = [.. s.Links, .. Enumerable.Range(0, dice.Next(3)).Select(_ => Link(dice.Next(2) == 0 ? Target : random.TraceId()))] } : s)];
    }

    private static List<Backlink> Walk(List<NaiveSpan> spans) =>
    [
        .. spans.GroupBy(s => s.TraceId)
            .Where(t => t.Key != Target)
            .OrderByDescending(t => t.Min(s => s.Start)).ThenByDescending(t => t.Key)
            .SelectMany(t => NaiveTopology.Rows([.. t]))
            .SelectMany(r => r.Span.Links.Where(l => l.TraceId == Target).Select(l => new Backlink(r.Span.TraceId, r.Span.SpanId, r.Span.Service, r.Span.Name, r.Span.Start, l.SpanId))),
    ];

    private static NaiveLink Link(TraceId to) => new(to, new SpanId(7), "", 0, [], 0);

    private static NaiveSpan Span(TraceId trace, ulong id) => new()
    {
        TraceId = trace,
        SpanId = new SpanId(id),
        Start = new UnixNanos(100 + (long)trace.Low),
        End = new UnixNanos(2000),
    };
}
