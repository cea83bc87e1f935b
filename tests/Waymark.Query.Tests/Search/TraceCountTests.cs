// Counting what a list would hold equals its definition.
using Waymark.Query.Search;
using Waymark.Query.Tests.Testing;
using Waymark.Testing;

namespace Waymark.Query.Tests.Search;

public sealed class TraceCountTests
{
    [Fact]
    public async Task A_count_is_the_number_of_traces_the_filter_finds_up_to_the_most_asked_for()
    {
        for (var seed = 0; seed < 30 * TestScale.Factor; seed++)
        {
            var random = new RandomSpans(seed) { MaxSpans = 8, Spread = seed % 3 == 0 ? 5 : 1_000_000_000 };
            var dice = new Random(seed);
            var spans = random.Traces(12);
            var store = new NaiveStore { TracesPerBlock = dice.Next(1, 6) };
            store.Add(spans);
            for (var i = 0; i < 10; i++)
            {
                var filter = BruteForceSearch.RandomFilter(random, dice, spans) with { Limit = 1 };
                var expected = BruteForceSearch.Find(spans, filter).Count;
                foreach (var max in new[] { 1, 3, 100 })
                {
                    using var budget = new ScanBudget(TimeProvider.System, TimeSpan.FromMinutes(5), default);
                    Assert.Equal(new TraceCount(Math.Min(expected, max), expected > max), await TraceCount.OfAsync(store, filter, max, budget));
                }
            }
        }
    }

    [Fact]
    public async Task A_count_that_ran_out_of_time_says_that_there_may_be_more()
    {
        var store = new NaiveStore();
        store.Add(new RandomSpans(1).Traces(20));
        using var spent = new ScanBudget(TimeProvider.System, TimeSpan.Zero, default);
        Assert.True((await TraceCount.OfAsync(store, new TraceFilter(), 100, spent)).IsMore);
    }
}
