// A log file whose sync fails may have lost what was acknowledged before: it has to be in a segment soon, and no one may sync that file again.
using Waymark.Model.Stores;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

public sealed class FailedSyncTests
{
    private const string Wal = "/data/wal";
    private readonly RandomSpans random = new(17) { MaxSpans = 6 };
    private readonly List<NaiveSpan> truth = [];

    [Theory]
    [InlineData(Durability.Sync)]
    [InlineData(Durability.Interval)]
    public async Task What_was_acknowledged_before_is_sealed_at_once_and_needs_the_file_no_more(Durability durability)
    {
        var disk = new FaultFileSystem();
        var store = await StoreClient.OpenAsync(disk, Options(durability), TimeProvider.System);
        for (var i = 0; i < 4; i++) await SendAsync(store);
        var file = Assert.Single(disk.List(Wal));
        await FailOneSyncAsync(disk, store, durability);
        await UntilAsync(() => store.GetStatus().Segments == 1 && !disk.Exists(file));
        Assert.Contains(store.GetStatus().Alarms, a => a.Contains(file, StringComparison.Ordinal));
        await StoreAnswers.RequireExactlyAsync(store, truth, "sealed");
        // What came after is in the new file; with a sync per request a loss of power takes nothing.
        if (durability == Durability.Sync)
        {
            await using var cut = await StoreClient.OpenAsync(disk.PowerCut(), Options(durability));
            await StoreAnswers.RequireExactlyAsync(cut, truth, "power cut");
        }
        await SendAsync(store);
        await store.DisposeAsync();
        await using var again = await StoreClient.OpenAsync(disk.PowerCut(), Options(durability));
        await StoreAnswers.RequireExactlyAsync(again, truth, "started again");
        Assert.Empty(again.GetStatus().Alarms);
    }

    [Fact]
    public async Task Carried_spans_are_sealed_as_well_when_the_file_with_their_record_fails()
    {
        var disk = new FaultFileSystem();
        var store = await StoreClient.OpenAsync(disk, Options(Durability.Sync) with { CarryShare = 1, LeastCarryShare = 1 });
        for (var i = 0; i < 4; i++) await SendAsync(store);
        await store.SealLingeringAsync();
        Assert.Equal((0, truth.Count), (store.GetStatus().Segments, store.GetStatus().HeadSpans));
        await FailOneSyncAsync(disk, store, Durability.Sync);
        await UntilAsync(() => store.GetStatus() is { Segments: 1, HeadSpans: 0 });
        foreach (var path in disk.List(Wal)) disk.Delete(path);
        await using var cut = await StoreClient.OpenAsync(disk.PowerCut(), Options(Durability.Sync));
        await StoreAnswers.RequireExactlyAsync(cut, truth, "without any log");
        await store.DisposeAsync();
    }

    [Fact]
    public async Task While_no_sync_of_the_log_works_writes_are_refused_and_what_was_there_is_sealed()
    {
        var disk = new FaultFileSystem();
        var store = await StoreClient.OpenAsync(disk, Options(Durability.Sync));
        for (var i = 0; i < 4; i++) await SendAsync(store);
        disk.Before = (what, path) =>
        {
            if (what == "sync" && path.StartsWith(Wal, StringComparison.Ordinal)) LoseAndFail(disk, path);
        };
        var request = SentRequest.Protobuf("", random.Trace());
        for (var i = 0; i < 5; i++) Assert.Equal((WriteOutcome.Refused, Refusal.DiskError), await OutcomeAsync(store, request));
        await UntilAsync(() => store.GetStatus() is { Segments: 1, HeadSpans: 0 });
        await StoreAnswers.RequireExactlyAsync(store, truth, "broken");
        await using (var cut = await StoreClient.OpenAsync(disk.PowerCut(), Options(Durability.Sync))) await StoreAnswers.RequireExactlyAsync(cut, truth, "power cut while broken");
        disk.Before = null;
        Assert.Equal(WriteOutcome.Stored, (await OutcomeAsync(store, request)).Outcome);
        truth.AddRange(request.Spans);
        await using (var cut = await StoreClient.OpenAsync(disk.PowerCut(), Options(Durability.Sync))) await StoreAnswers.RequireExactlyAsync(cut, truth, "power cut, whole again");
        await store.DisposeAsync();
    }

    [Theory]
    [InlineData(Durability.Sync)]
    [InlineData(Durability.Interval)]
    public async Task A_sync_that_fails_while_one_file_follows_another_loses_nothing(Durability durability)
    {
        for (var skip = 0; skip < 8; skip++)
        {
            truth.Clear();
            var disk = new FaultFileSystem();
            // Every request needs a file of its own: every sync is one of a rotation.
            var store = await StoreClient.OpenAsync(disk, Options(durability) with { LogFileBytes = 256 }, TimeProvider.System);
            var (syncs, failed) = (0, false);
            disk.Before = (what, path) =>
            {
                if (what != "sync" || !path.StartsWith(Wal, StringComparison.Ordinal) || Interlocked.Increment(ref syncs) != skip + 1) return;
                failed = true;
                LoseAndFail(disk, path);
            };
            for (var i = 0; i < 6; i++) await SendAsync(store);
            Assert.True(failed);
            await UntilAsync(() => store.GetStatus() is { Alarms.Count: 0 } or { Segments: > 0 });
            await StoreAnswers.RequireExactlyAsync(store, truth, $"sync {skip} failed");
            if (durability == Durability.Sync)
            {
                await using var cut = await StoreClient.OpenAsync(disk.PowerCut(), Options(durability));
                await StoreAnswers.RequireExactlyAsync(cut, truth, $"sync {skip} failed, power cut");
            }
            await store.DisposeAsync();
            await using var again = await StoreClient.OpenAsync(disk.PowerCut(), Options(durability));
            await StoreAnswers.RequireExactlyAsync(again, truth, $"sync {skip} failed, started again");
        }
    }

    private static StoreOptions Options(Durability durability) => StoreClient.Options(durability) with { LogFileBytes = 64 << 10, SyncInterval = TimeSpan.FromMilliseconds(30) };

    private static async Task<(WriteOutcome Outcome, Refusal Refusal)> OutcomeAsync(SpanStore store, SentRequest request)
    {
        var receipt = await store.WriteAsync(request.Request, CancellationToken.None);
        return (receipt.Outcome, receipt.Refusal);
    }

    /// <summary>Until it is taken: a request may meet the one sync that fails.</summary>
    private async Task SendAsync(SpanStore store)
    {
        var request = SentRequest.Protobuf("", random.Trace());
        for (var attempt = 0; (await OutcomeAsync(store, request)).Outcome != WriteOutcome.Stored; attempt++) Assert.True(attempt < 3, "It is refused for good.");
        truth.AddRange(request.Spans);
    }

    /// <summary>The next sync of the log fails, and takes with it what was not synced.</summary>
    private async Task FailOneSyncAsync(FaultFileSystem disk, SpanStore store, Durability durability)
    {
        var failures = 0;
        disk.Before = (what, path) =>
        {
            if (what == "sync" && path.StartsWith(Wal, StringComparison.Ordinal) && Interlocked.Increment(ref failures) == 1) LoseAndFail(disk, path);
        };
        await SendAsync(store);
        if (durability == Durability.Interval) await UntilAsync(() => Volatile.Read(ref failures) > 0);
        Assert.NotEqual(0, failures);
    }

    private static void LoseAndFail(FaultFileSystem disk, string path)
    {
        disk.Disk.LoseChanges(path);
        throw new IOException($"Syncing {path} fails, says the test.");
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "It has not come to pass.");
            await Task.Delay(5);
        }
    }
}
