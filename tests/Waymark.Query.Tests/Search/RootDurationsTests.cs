// What is usual for an operation is told from the traces it is the root of, and from nothing else.
using Waymark.Model.Spans;
using Waymark.Query.Search;
using Waymark.Testing;

namespace Waymark.Query.Tests.Search;

public sealed class RootDurationsTests
{
    [Fact]
    public async Task Percentiles_are_durations_of_the_list_by_nearest_rank()
    {
        for (var seed = 0; seed < 20 * TestScale.Factor; seed++)
        {
            var random = new RandomSpans(seed) { MaxSpans = 4, Oddity = 0.1 };
            var spans = random.Traces(40);
            var store = new NaiveStore();
            store.Add(spans);
            var model = random.Pick(spans);
            using var budget = Budget();
            var answer = await RootDurations.FindAsync(store, model.Service, model.Name, budget);
            var listed = await TraceSearch.FindAsync(store, new TraceFilter { Limit = 1000 }, default);
            var durations = listed.Traces
                .Where(t => t.RootService == model.Service && t.RootOperation == model.Name && !t.Oddities.HasFlag(TraceOddities.Rootless))
                .Select(t => t.Duration).Order().ToList();
            Assert.Equal(durations.Count, answer.Traces);
            if (durations.Count == 0) Assert.Equal(new RootDurations(0, null, null, null, null), answer);
            else Assert.Equal(new RootDurations(durations.Count, Rank(durations, 0.5), Rank(durations, 0.95), Rank(durations, 0.99), durations[^1]), answer);
        }
    }

    [Fact]
    public async Task Only_the_newest_traces_count_and_only_as_many_as_the_limit()
    {
        var store = new NaiveStore { TracesPerBlock = 64 };
        for (var i = 1; i <= RootDurations.MaxTraces + 100; i++)
        {
            store.Add(new NaiveSpan { TraceId = new TraceId(0, (ulong)i), SpanId = new SpanId(1), Name = "op", Start = new UnixNanos(1000 * i), End = new UnixNanos((1000 * i) + (i <= 100 ? 999 : 5)), Resource = NaiveResource.Of("s") });
        }
        using var budget = Budget();
        var answer = await RootDurations.FindAsync(store, "s", "op", budget);
        Assert.Equal(RootDurations.MaxTraces, answer.Traces);
        Assert.NotEqual(new DurationNanos(999), answer.Max);
    }

    private static ScanBudget Budget() => new(TimeProvider.System, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

    private static DurationNanos Rank(List<DurationNanos> sorted, double part) => sorted[(int)Math.Ceiling(part * sorted.Count) - 1];
}
