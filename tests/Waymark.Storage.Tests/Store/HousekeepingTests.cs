// Sealing by age, retention, and what writers hear while sealing is behind: everything the store does by itself.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class HousekeepingTests
{
    private const string Segments = "/store/segments";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly RandomSpans spans = new(21);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_are_sealed_when_the_oldest_has_reached_the_age()
    {
        await using var test = await TestStore.OpenAsync();
        test.Time.Advance(TimeSpan.FromHours(1));
        await test.WriteAsync(spans.Trace());
        test.Time.Advance(TimeSpan.FromMinutes(9));
        await TwoTicksAsync();
        Assert.Equal(0, test.Store.GetStatus().Segments);
        test.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(() => test.Store.GetStatus() is { Segments: 1, HeadSpans: 0 });
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task Spans_are_sealed_when_they_have_reached_the_size()
    {
        await using var test = await TestStore.OpenAsync(TestStore.SmallOptions with { SealBytes = 100_000 });
        await UntilAsync(async () =>
        {
            await test.WriteAsync(spans.Trace());
            return test.Store.GetStatus().Segments >= 3;
        });
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task Segments_go_when_their_youngest_span_has_reached_the_age()
    {
        await using var test = await TestStore.OpenAsync(TestStore.SmallOptions with { RetentionAge = TimeSpan.FromHours(2) });
        var old = spans.Trace();
        await test.Store.WriteAsync(Requests.Protobuf(old), Cancellation);
        await test.Store.SealNowAsync();
        test.Time.Advance(TimeSpan.FromHours(1));
        await test.WriteAsync(spans.Trace());
        await test.Store.SealNowAsync();
        Assert.Equal(2, test.Files.List(Segments).Count);

        test.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        await UntilAsync(() => test.Store.GetStatus().Segments == 1);
        await UntilAsync(() => test.Files.List(Segments).Count == 1);
        Assert.Null(await test.Store.FindTraceAsync(old[0].TraceId, Cancellation));
        await test.AssertSameAsync();
        await test.CrashAsync();
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task The_oldest_segments_go_when_all_take_too_much_room()
    {
        await using var test = await TestStore.OpenAsync(TestStore.SmallOptions with { RetentionBytes = 60_000 });
        for (var i = 0; i < 30; i++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            await test.Store.WriteAsync(Requests.Protobuf(spans.Trace()), Cancellation);
            await test.Store.SealNowAsync();
            Assert.InRange(test.Store.GetStatus().SegmentBytes, 0, 60_000);
        }
        var newest = spans.Trace();
        await test.Store.WriteAsync(Requests.Protobuf(newest), Cancellation);
        await test.Store.SealNowAsync();
        Assert.Equal(test.Store.GetStatus().Segments, test.Files.List(Segments).Count);
        Assert.InRange(test.Store.GetStatus().Segments, 1, 29);
        Assert.Equal(newest.Count, (await test.Store.FindTraceAsync(newest[0].TraceId, Cancellation))!.Count);
    }

    [Fact]
    public async Task A_running_scan_keeps_what_retention_has_dropped()
    {
        await using var test = await TestStore.OpenAsync();
        for (var i = 0; i < 20; i++) await test.WriteAsync(spans.Trace());
        await test.Store.SealNowAsync();
        var seen = 0;
        await using (var scan = test.Store.ScanAsync(new SpanScan { Wanted = 1, Parts = SpanParts.All }, Cancellation).GetAsyncEnumerator(Cancellation))
        {
            Assert.True(await scan.MoveNextAsync());
            seen += scan.Current.Traces.Length;
            test.Time.Advance(TimeSpan.FromDays(8));
            await test.Store.SealNowAsync();
            Assert.Equal(0, test.Store.GetStatus().Segments);
            Assert.Single(test.Files.List(Segments));
            while (await scan.MoveNextAsync()) seen += scan.Current.Traces.Length;
        }
        Assert.Equal(20, seen);
        Assert.Empty(test.Files.List(Segments));
    }

    [Fact]
    public async Task A_running_scan_outlives_the_store()
    {
        var test = await TestStore.OpenAsync();
        for (var i = 0; i < 20; i++) await test.WriteAsync(spans.Trace());
        var seen = 0;
        await using (var scan = test.Store.ScanAsync(new SpanScan { Wanted = 1, Parts = SpanParts.All }, Cancellation).GetAsyncEnumerator(Cancellation))
        {
            Assert.True(await scan.MoveNextAsync());
            seen += scan.Current.Traces.Length;
            await test.DisposeAsync();
            while (await scan.MoveNextAsync()) seen += scan.Current.Traces.Length;
        }
        Assert.Equal(20, seen);
    }

    [Theory]
    [InlineData(Refusal.MemoryFull)]
    [InlineData(Refusal.DiskFull)]
    public async Task Writes_are_refused_while_nothing_can_be_sealed_and_taken_again_afterwards(Refusal refusal)
    {
        await using var test = await TestStore.OpenAsync(TestStore.SmallOptions with { SealBytes = 50_000, MemoryBytes = 400_000, LogFileBytes = 1 << 20 });
        test.Files.Before = (what, path) =>
        {
            if (what != "create" || !path.StartsWith(Segments, StringComparison.Ordinal)) return;
            throw refusal == Refusal.DiskFull ? new DiskFullException("No room, says the test.") : new IOException("No segments, says the test.");
        };
        var request = Requests.Protobuf(spans.Trace());
        var receipt = default(WriteReceipt);
        await UntilAsync(async () =>
        {
            var trace = spans.Trace();
            receipt = await test.Store.WriteAsync(request = Requests.Protobuf(trace), Cancellation);
            if (receipt.Outcome == WriteOutcome.Stored) await test.Oracle.WriteAsync(request, Cancellation);
            return receipt.Outcome != WriteOutcome.Stored;
        });
        Assert.Equal((WriteOutcome.Refused, refusal), (receipt.Outcome, receipt.Refusal));
        Assert.NotNull(test.Store.GetStatus().ReadOnlyReason);
        await StoreComparison.AssertSameListAsync(test.Oracle, test.Store, (int)test.Oracle.GetStatus().Traces);

        test.Files.Before = null;
        await UntilAsync(async () => (await test.Store.WriteAsync(request, Cancellation)).Outcome == WriteOutcome.Stored);
        await test.Oracle.WriteAsync(request, Cancellation);
        Assert.Null(test.Store.GetStatus().ReadOnlyReason);
        await test.CrashAsync();
        await StoreComparison.AssertSameListAsync(test.Oracle, test.Store, (int)test.Oracle.GetStatus().Traces);
    }

    [Fact]
    public async Task A_write_waits_for_a_seal_that_is_under_way()
    {
        using var sealing = new ManualResetEventSlim();
        await using var test = await TestStore.OpenAsync(TestStore.SmallOptions with { SealBytes = 50_000, MemoryBytes = 200_000, LogFileBytes = 1 << 20 });
        test.Files.Before = (what, path) =>
        {
            if (what == "create" && path.StartsWith(Segments, StringComparison.Ordinal)) sealing.Wait(Cancellation);
        };
        var waiting = Task.FromResult(default(WriteReceipt));
        await UntilAsync(async () =>
        {
            waiting = test.WriteAsync(spans.Trace());
            return await Task.WhenAny(waiting, Task.Delay(500, Cancellation)) != waiting;
        });
        sealing.Set();
        Assert.Equal(WriteOutcome.Stored, (await waiting.WaitAsync(Patience, Cancellation)).Outcome);
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task A_request_acknowledged_while_an_older_head_is_sealed_survives_a_crash()
    {
        await using var test = await TestStore.OpenAsync();
        await test.WriteAsync(spans.Trace());
        test.Files.Before = (what, path) =>
        {
            if (what == "create" && path.StartsWith(Segments, StringComparison.Ordinal)) throw new IOException("No segments, says the test.");
        };
        await Assert.ThrowsAsync<IOException>(test.Store.SealNowAsync);
        await test.WriteAsync(spans.Trace());
        test.Files.Before = null;
        await UntilAsync(() => test.Store.GetStatus() is { Segments: 1, HeadSpans: > 0 });
        await test.CrashAsync();
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task A_segment_too_broken_to_open_has_its_time_like_all_others()
    {
        await using var test = await TestStore.OpenAsync();
        await test.WriteAsync(spans.Trace());
        await test.Store.DisposeAsync();
        var files = test.Files.Restart();
        files.Disk.Corrupt(Assert.Single(files.List(Segments)), 0, 0xFF);
        await using var broken = await TestStore.OpenAsync(files: files);
        Assert.Single(broken.Store.GetStatus().Alarms);
        Assert.Empty(await StoreComparison.ReadAsync(broken.Store, new SpanScan()));
        broken.Time.Advance(TimeSpan.FromDays(8));
        await broken.Store.SealNowAsync();
        Assert.Empty(files.List(Segments));
    }

    private static Task TwoTicksAsync() => Task.Delay(600, Cancellation);

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < Patience, "It has not come to pass.");
            await Task.Delay(2, Cancellation);
        }
    }
}
