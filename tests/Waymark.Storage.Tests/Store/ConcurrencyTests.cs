// Many writers, readers and seals at once: nothing acknowledged is ever missing, nothing is there twice, and nobody trips over anybody.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Query.Search;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class ConcurrencyTests
{
    private const int Writers = 8;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Writers_readers_and_seals_do_not_disturb_each_other(int lanes)
    {
        var files = new FaultFileSystem();
        var options = TestStore.SmallOptions with { Lanes = lanes, SealBytes = 400_000 };
        var acknowledged = new ConcurrentDictionary<TraceId, int>();
        await using (var store = await OpenAsync(files, options))
        {
            using var done = new CancellationTokenSource();
            var readers = new[] { ListAsync(store, acknowledged, done.Token), ListAsync(store, acknowledged, done.Token), SealAsync(store, done.Token), MeasureAsync(store, done.Token) };
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(store, w, acknowledged), Cancellation)));
            await done.CancelAsync();
            await Task.WhenAll(readers);
            await AssertAllAsync(store, acknowledged);
        }
        await using var reopened = await OpenAsync(files, options);
        await AssertAllAsync(reopened, acknowledged);
    }

    [Fact]
    public async Task Twins_in_flight_are_stored_once_and_acknowledged_when_visible()
    {
        await using var store = await OpenAsync(new FaultFileSystem(), TestStore.SmallOptions);
        var spans = new RandomSpans(4);
        for (var round = 0; round < 100 * TestScale.Factor; round++)
        {
            var trace = spans.Trace();
            var request = Requests.Protobuf(trace);
            var receipts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(
                async () =>
                {
                    var receipt = await store.WriteAsync(request, Cancellation);
                    Assert.NotNull(await store.FindTraceAsync(trace[0].TraceId, Cancellation));
                    return receipt;
                },
                Cancellation)));
            Assert.Equal(1, receipts.Count(r => r.Outcome == WriteOutcome.Stored));
            Assert.Equal(5, receipts.Count(r => r.Outcome == WriteOutcome.AlreadyStored));
            Assert.Equal(0, (await store.FindTraceAsync(trace[0].TraceId, Cancellation))!.Traces[0].Duplicates);
        }
    }

    [Fact]
    public async Task A_store_may_be_closed_under_its_writers_and_readers()
    {
        for (var round = 0; round < 10 * TestScale.Factor; round++)
        {
            var files = new FaultFileSystem();
            var store = await OpenAsync(files, TestStore.SmallOptions);
            var acknowledged = new ConcurrentDictionary<TraceId, int>();
            var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
            {
                var spans = new RandomSpans((round * 100) + w) { MaxSpans = 5 };
                while (true)
                {
                    var trace = spans.Trace();
                    var receipt = await store.WriteAsync(Requests.Protobuf(trace), Cancellation);
                    if (receipt.Outcome == WriteOutcome.Refused)
                    {
                        Assert.Equal(Refusal.Stopping, receipt.Refusal);
                        return;
                    }
                    acknowledged[trace[0].TraceId] = trace.Count;
                    try
                    {
                        Assert.NotNull(await store.FindTraceAsync(trace[0].TraceId, Cancellation));
                    }
                    catch (ObjectDisposedException)
                    {
                        // Closed meanwhile, and it says so.
                        return;
                    }
                }
            })).ToArray();
            await Task.Delay(20, Cancellation);
            await store.DisposeAsync();
            await Task.WhenAll(writers);
            await using var reopened = await OpenAsync(files, TestStore.SmallOptions);
            await AssertAllAsync(reopened, acknowledged);
        }
    }

    [Fact]
    public async Task A_refused_request_is_never_seen_whatever_else_is_under_way()
    {
        var files = new FaultFileSystem();
        var options = TestStore.SmallOptions with { Lanes = 2, LogFileBytes = 32 * 1024 };
        var acknowledged = new ConcurrentDictionary<TraceId, int>();
        var refused = new ConcurrentDictionary<TraceId, int>();
        await using (var store = await OpenAsync(files, options))
        {
            var luck = new Random(8);
            files.Before = (what, path) =>
            {
                if (!path.Contains("wal", StringComparison.Ordinal) || what is not ("write" or "sync")) return;
                lock (luck)
                {
                    if (luck.Next(4) == 0) throw new IOException("A bad sector, says the test.");
                }
            };
            using var done = new CancellationTokenSource();
            var readers = new[] { ListAsync(store, acknowledged, done.Token), SealAsync(store, done.Token), NeverListsAsync(store, refused, done.Token) };
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(
                async () =>
                {
                    var spans = new RandomSpans(2000 + w) { MaxSpans = 8 };
                    for (var i = 0; i < 30 * TestScale.Factor; i++)
                    {
                        var trace = spans.Trace();
                        var receipt = await store.WriteAsync(Requests.Protobuf(trace), Cancellation);
                        var isStored = receipt.Outcome == WriteOutcome.Stored;
                        if (!isStored) Assert.Equal((WriteOutcome.Refused, Refusal.DiskError), (receipt.Outcome, receipt.Refusal));
                        (isStored ? acknowledged : refused)[trace[0].TraceId] = trace.Count;
                        Assert.Equal(isStored, await store.FindTraceAsync(trace[0].TraceId, Cancellation) is not null);
                    }
                },
                Cancellation)));
            await done.CancelAsync();
            await Task.WhenAll(readers);
            files.Before = null;
        }
        Assert.NotEmpty(refused);
        await using var reopened = await OpenAsync(files, options);
        await AssertAllAsync(reopened, acknowledged);
        Assert.Equal(acknowledged.Values.Sum(v => (long)v), reopened.GetStatus().Spans);
    }

    [Fact]
    public async Task A_closed_store_refuses_and_a_cancelled_query_ends()
    {
        var files = new FaultFileSystem();
        var store = await OpenAsync(files, TestStore.SmallOptions);
        var trace = new RandomSpans(1).Trace();
        await store.WriteAsync(Requests.Protobuf(trace), Cancellation);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.FindTraceAsync(trace[0].TraceId, cancelled.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var block in store.ScanAsync(new SpanScan(), cancelled.Token)) Assert.Fail($"A block of {block.Count} rows.");
        });
        await store.DisposeAsync();
        await store.DisposeAsync();
        var receipt = await store.WriteAsync(Requests.Protobuf(new RandomSpans(2).Trace()), Cancellation);
        Assert.Equal((WriteOutcome.Refused, Refusal.Stopping), (receipt.Outcome, receipt.Refusal));
    }

    [Fact]
    public async Task A_closed_store_answers_no_query_rather_than_with_nothing_and_its_status_says_why()
    {
        var store = await OpenAsync(new FaultFileSystem(), TestStore.SmallOptions);
        await store.WriteAsync(Requests.Protobuf(new RandomSpans(2).Trace()), Cancellation);
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.FindTraceAsync(new TraceId(1, 2), Cancellation).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => StoreComparison.ReadAsync(store, new SpanScan()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.GetOperationsAsync(Cancellation).AsTask());
        Assert.Equal("the store is closing", store.GetStatus().ReadOnlyReason);
    }

    private static async Task NeverListsAsync(SpanStore store, ConcurrentDictionary<TraceId, int> refused, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            Assert.DoesNotContain(await StoreComparison.ReadAsync(store, new SpanScan()), t => refused.ContainsKey(t.Slice.Id));
            await Task.Yield();
        }
    }

    private static Task<SpanStore> OpenAsync(FaultFileSystem files, StoreOptions options) =>
        SpanStore.OpenAsync(files, null, options, new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, Cancellation);

    private static async Task WriteAsync(SpanStore store, int writer, ConcurrentDictionary<TraceId, int> acknowledged)
    {
        var spans = new RandomSpans(1000 + writer) { MaxSpans = 12 };
        for (var i = 0; i < 30 * TestScale.Factor; i++)
        {
            // In two requests, so that traces are spread over lanes and seals.
            var trace = spans.Trace();
            var half = (trace.Count + 1) / 2;
            foreach (var (part, total) in new[] { (trace[..half], half), (trace[half..], trace.Count) })
            {
                if (part.Count == 0) continue;
                Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(Requests.Protobuf(part), Cancellation)).Outcome);
                acknowledged[trace[0].TraceId] = total;
                Assert.Equal(total, (await store.FindTraceAsync(trace[0].TraceId, Cancellation))!.Count);
            }
        }
    }

    /// <summary>Lists everything again and again: what was acknowledged before is there, whole as it was then, once, in order.</summary>
    private static async Task ListAsync(SpanStore store, ConcurrentDictionary<TraceId, int> acknowledged, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            var before = acknowledged.ToArray();
            var listed = (await StoreComparison.ReadAsync(store, new SpanScan { Parts = SpanParts.All })).ToDictionary(t => t.Slice.Id, t => t.Slice.Count);
            Assert.All(before, b => Assert.True(listed.GetValueOrDefault(b.Key) >= b.Value));
            await TraceSearch.FindAsync(store, new TraceFilter { Attributes = [new AttributeFilter("retry", "3.0")], Service = "checkout" }, Cancellation);
            await store.GetOperationsAsync(Cancellation);
        }
    }

    private static async Task SealAsync(SpanStore store, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await store.SealLingeringAsync();
            await Task.Delay(5, Cancellation);
            await store.SealNowAsync();
        }
    }

    private static async Task MeasureAsync(SpanStore store, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            Assert.Empty(store.GetStatus().Alarms);
            await Task.Yield();
        }
    }

    private static async Task AssertAllAsync(SpanStore store, ConcurrentDictionary<TraceId, int> acknowledged)
    {
        var listed = await StoreComparison.ReadAsync(store, new SpanScan());
        Assert.Subset(listed.Select(t => (t.Slice.Id, t.Slice.Count, t.Slice.Duplicates)).ToHashSet(), acknowledged.Select(a => (a.Key, a.Value, 0)).ToHashSet());
        Assert.Empty(store.GetStatus().Alarms);
    }
}
