// What one query may hold: beyond it, it ends as an answer, and nothing else ends.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Scanning;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class QueryMemoryTests
{
    private const int Traces = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_query_that_needs_more_than_it_may_ends_with_the_limit_in_words_and_the_store_goes_on(bool isSealed)
    {
        await using var store = await TestStore.OpenAsync(TestStore.SmallOptions with { QueryMemoryBytes = 400_000 });
        await FillAsync(store, isSealed);
        var large = LargeTrace();
        await store.WriteAsync(large);
        if (isSealed) await store.Store.SealNowAsync();
        var small = store.Ids.First(id => id != large[0].TraceId);
        for (var round = 0; round < 3; round++)
        {
            var error = await Assert.ThrowsAsync<QueryTooLargeException>(() => store.Store.FindTraceAsync(large[0].TraceId, SpanSelection.All, Cancellation).AsTask());
            Assert.Contains("store.query_memory_bytes", error.Message, StringComparison.Ordinal);
            Assert.Contains("400000", error.Message, StringComparison.Ordinal);
            Assert.Equal(400_000, error.LimitBytes);
            await Assert.ThrowsAsync<QueryTooLargeException>(() => ReadAllAsync(store.Store));
            await Assert.ThrowsAsync<QueryTooLargeException>(() => store.Store.MeasureAsync(new SpanMeasure { By = new MeasureGroup(MeasureField.Attribute, "unique"), Durations = true }, Cancellation).AsTask());
            Assert.NotNull(await store.Store.FindTraceAsync(small, SpanSelection.All, Cancellation));
        }
        await store.WriteAsync(LargeTrace());
        Assert.Empty(store.Store.GetStatus().Alarms);
    }

    [Fact]
    public async Task Blocks_that_were_returned_are_the_callers_and_count_no_longer()
    {
        await using var store = await TestStore.OpenAsync(TestStore.SmallOptions with { QueryMemoryBytes = 2 << 20 });
        await FillAsync(store, isSealed: true);
        await StoreComparison.AssertSameListAsync(store.Oracle, store.Store, Traces);
        long total = 0;
        await foreach (var block in store.Store.ScanAsync(new SpanScan { Parts = SpanParts.All }, Cancellation)) total += block.Texts.Bytes + block.Attributes.Entries.Length;
        // Otherwise the scan tells nothing of what is given back.
        Assert.InRange(total, 300_000, long.MaxValue);
    }

    [Fact]
    public async Task A_hundred_heavy_queries_at_once_hold_no_more_than_their_share_each_and_all_is_given_back()
    {
        const long Limit = 16 << 20;
        await using var store = await TestStore.OpenAsync(TestStore.SmallOptions with { QueryMemoryBytes = Limit, PageCacheBytes = 1 << 20 });
        await FillAsync(store, isSealed: true);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var found = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => ReadAllAsync(store.Store), Cancellation)));
        Assert.All(found, traces => Assert.Equal(Traces, traces));
        // Nothing of a hundred queries is left but the cache.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 12 << 20);
    }

    [Fact]
    public async Task A_trace_of_200_000_spans_fits_half_of_what_a_query_may_hold_by_default()
    {
        await using var store = await TestStore.OpenAsync(TestStore.SmallOptions with { LogFileBytes = 64 << 20, MemoryBytes = 1L << 30, SealBytes = 1L << 30, QueryMemoryBytes = TestStore.SmallOptions.QueryMemoryBytes / 8 });
        var id = new TraceId(1, 2);
        var random = new Random(5);
        var parents = new List<SpanId> { default };
        for (var batch = 0; batch < 10; batch++)
        {
            var spans = new List<NaiveSpan>();
            for (var s = 0; s < 5_000; s++)
            {
                var span = Realistic(id, parents[random.Next(parents.Count)], (batch * 5_000) + s, random);
                if (parents.Count < 1_000) parents.Add(span.SpanId);
                spans.Add(span);
            }
            await store.Store.WriteAsync(Requests.Protobuf(spans), Cancellation);
        }
        // A quarter of such a trace in an eighth of the limit.
        foreach (var isSealed in new[] { false, true })
        {
            if (isSealed) await store.Store.SealNowAsync();
            var block = await store.Store.FindTraceAsync(id, SpanSelection.All, Cancellation);
            Assert.Equal(50_000, block!.Count);
        }
    }

    [Fact]
    public void What_is_beyond_the_limit_stays_counted_so_that_every_thread_of_the_query_ends()
    {
        var memory = new QueryMemory(100);
        memory.Take(60);
        Assert.Throws<QueryTooLargeException>(() => memory.Take(41));
        Assert.Throws<QueryTooLargeException>(() => memory.Take(1));
        memory.Take(-60);
        Assert.Equal(42, memory.Held);
        long counted = 0;
        memory.Update(ref counted, 50);
        Assert.Throws<QueryTooLargeException>(() => memory.Update(ref counted, 70));
        memory.Update(ref counted, 0);
        Assert.Equal(42, memory.Held);
    }

    private static async Task FillAsync(TestStore store, bool isSealed)
    {
        var random = new Random(store.Ids.Count + 1);
        for (var batch = 0; batch < Traces / 100; batch++)
        {
            var spans = new List<NaiveSpan>();
            for (var t = 0; t < 100; t++)
            {
                var id = new TraceId((ulong)random.NextInt64() | 1, (ulong)random.NextInt64());
                for (var s = 0; s < 8; s++) spans.Add(Realistic(id, default, s, random));
            }
            await store.WriteAsync(spans);
        }
        if (isSealed) await store.Store.SealNowAsync();
    }

    private static List<NaiveSpan> LargeTrace()
    {
        var random = new Random(77);
        var id = new TraceId((ulong)Random.Shared.NextInt64() | 1, 9);
        return [.. Enumerable.Range(0, 2_000).Select(s => Realistic(id, default, s, random))];
    }

    /// <summary>Ten attributes, some of them unique: about 450 bytes on the wire.</summary>
    private static NaiveSpan Realistic(TraceId id, SpanId parent, int number, Random random)
    {
        var start = 1_767_225_600_000_000_000 + (number * 1_000L) + random.NextInt64(1_000_000_000);
        return new NaiveSpan
        {
            TraceId = id,
            SpanId = new SpanId((ulong)random.NextInt64() | 1),
            ParentSpanId = parent,
            Start = new UnixNanos(start),
            End = new UnixNanos(start + random.NextInt64(5_000_000)),
            Name = $"GET /orders/{number % 40}",
            Kind = SpanKind.Server,
            Resource = NaiveResource.Of("service-" + (number % 7)),
            Attributes =
            [
                NaiveAttribute.Text("unique", new Guid(random.Next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)random.Next()).ToString()),
                NaiveAttribute.Text("http.request.method", "GET"), NaiveAttribute.Int("http.response.status_code", 200),
                NaiveAttribute.Text("url.path", "/orders/" + random.Next(100_000)), NaiveAttribute.Text("db.query.text", "SELECT * FROM orders WHERE id = " + random.Next(1_000_000)),
                NaiveAttribute.Text("network.peer.address", "10.0.3." + random.Next(255)), NaiveAttribute.Int("server.port", 8080), NaiveAttribute.Text("user.id", "user-" + random.Next(10_000)),
                NaiveAttribute.Double("order.total", random.Next(10_000) / 100.0), NaiveAttribute.Bool("retry", false),
            ],
        };
    }

    private static async Task<int> ReadAllAsync(SpanStore store)
    {
        var traces = 0;
        await foreach (var block in store.ScanAsync(new SpanScan { Parts = SpanParts.All }, Cancellation)) traces += block.Traces.Length;
        return traces;
    }
}
