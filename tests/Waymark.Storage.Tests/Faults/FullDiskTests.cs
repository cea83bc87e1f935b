// A volume that fills up: writes are refused, queries go on, and when there is room again so do the writes.
using Waymark.Model.Stores;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

public sealed class FullDiskTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(40_000)]
    public async Task A_full_volume_refuses_writes_answers_queries_and_recovers(long reserve)
    {
        var disk = new FaultFileSystem(new MemoryFileSystem { Capacity = 200_000 });
        var time = new TestTime();
        var random = new RandomSpans(3);
        var options = StoreClient.Options() with { ReserveBytes = reserve };
        var store = await StoreClient.OpenAsync(disk, options, time);
        var truth = new List<NaiveSpan>();
        var refused = new List<SentRequest>();
        for (var i = 0; refused.Count < 3; i++)
        {
            Assert.True(i < 1000, "It never fills up.");
            var request = SentRequest.Protobuf("", random.Trace());
            var receipt = await store.WriteAsync(request.Request, CancellationToken.None);
            if (receipt.Outcome == WriteOutcome.Stored) truth.AddRange(request.Spans);
            else
            {
                Assert.Equal((WriteOutcome.Refused, Refusal.DiskFull), (receipt.Outcome, receipt.Refusal));
                refused.Add(request);
            }
        }
        Assert.NotNull(store.GetStatus().ReadOnlyReason);
        Assert.True(disk.Space("/data").Free >= reserve, "The reserve is used up.");
        await StoreAnswers.RequireExactlyAsync(store, truth, "full");

        // A start on the full volume finds everything, too; a killed one left it as it is.
        var killed = disk.Restart();
        await using (var other = await StoreClient.OpenAsync(killed, options, time)) await StoreAnswers.RequireExactlyAsync(other, truth, "started while full");

        disk.Disk.Capacity = 10_000_000;
        foreach (var request in refused)
        {
            await SendAsync(store, request, time);
            truth.AddRange(request.Spans);
        }
        Assert.Null(store.GetStatus().ReadOnlyReason);
        await StoreAnswers.RequireExactlyAsync(store, truth, "room again");
        await store.DisposeAsync();
        await using var again = await StoreClient.OpenAsync(disk.PowerCut(), options, time);
        await StoreAnswers.RequireExactlyAsync(again, truth, "started again");
    }

    [Fact]
    public async Task A_seal_without_room_keeps_everything_and_is_made_up_for()
    {
        var disk = new FaultFileSystem(new MemoryFileSystem { Capacity = 1_000_000 });
        var time = new TestTime();
        var random = new RandomSpans(4);
        var store = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
        var truth = new List<NaiveSpan>();
        for (var room = 0; room < 4000; room += 700)
        {
            var spans = random.Trace();
            await SendAsync(store, SentRequest.Protobuf("", spans), time);
            truth.AddRange(spans);
            disk.Disk.Capacity = 1L << 40;
            disk.Disk.Capacity -= disk.Space("/data").Free - room;
            await Assert.ThrowsAsync<DiskFullException>(store.SealNowAsync);
            await StoreAnswers.RequireExactlyAsync(store, truth, $"{room} bytes of room");
            await using (var other = await StoreClient.OpenAsync(disk.PowerCut(), StoreClient.Options(), time)) await StoreAnswers.RequireExactlyAsync(other, truth, $"started with {room} bytes of room");
            disk.Disk.Capacity = 1L << 40;
            await store.SealNowAsync();
            Assert.Equal(0, store.GetStatus().HeadSpans);
            await StoreAnswers.RequireExactlyAsync(store, truth, "sealed at last");
        }
        await store.DisposeAsync();
        Assert.DoesNotContain(disk.List("/data/segments"), p => p.EndsWith(".tmp", StringComparison.Ordinal));
        await using var again = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
        await StoreAnswers.RequireExactlyAsync(again, truth, "started again");
    }

    [Fact]
    public async Task Sealing_that_stays_behind_refuses_writes_and_catches_up_by_itself()
    {
        var disk = new FaultFileSystem();
        long empty;
        await using (var nothing = await StoreClient.OpenAsync(new FaultFileSystem(), StoreClient.Options())) empty = nothing.GetStatus().HeadBytes;
        var options = StoreClient.Options() with { SealBytes = empty + 1, MemoryBytes = (2 * empty) + 20_000, LogFileBytes = 1 << 20 };
        var store = await StoreClient.OpenAsync(disk, options, TimeProvider.System);
        var random = new RandomSpans(5);
        var truth = new List<NaiveSpan>();
        var first = SentRequest.Protobuf("", random.Trace());
        await SendAsync(store, first, null);
        truth.AddRange(first.Spans);
        // No new file fits any more, while the log file has room.
        disk.Disk.Capacity -= disk.Space("/data").Free;
        var refused = default(SentRequest);
        for (var i = 0; refused is null; i++)
        {
            Assert.True(i < 1000, "Nothing is refused.");
            var request = SentRequest.Protobuf("", random.Trace());
            var receipt = await store.WriteAsync(request.Request, CancellationToken.None);
            if (receipt.Outcome == WriteOutcome.Stored) truth.AddRange(request.Spans);
            else refused = request;
        }
        await StoreAnswers.RequireExactlyAsync(store, truth, "behind");
        Assert.NotNull(store.GetStatus().ReadOnlyReason);
        disk.Disk.Capacity = 1L << 40;
        await SendAsync(store, refused, null);
        truth.AddRange(refused.Spans);
        await StoreAnswers.RequireExactlyAsync(store, truth, "caught up");
        await store.DisposeAsync();
        await using var again = await StoreClient.OpenAsync(disk.PowerCut(), options);
        await StoreAnswers.RequireExactlyAsync(again, truth, "started again");
    }

    /// <summary>Sends until it is stored; a refusal must pass within seconds.</summary>
    private static async Task SendAsync(SpanStore store, SentRequest request, TestTime? time)
    {
        for (var attempt = 1; ; attempt++)
        {
            var receipt = await store.WriteAsync(request.Request, CancellationToken.None);
            if (receipt.Outcome == WriteOutcome.Stored) return;
            Assert.True(receipt.Outcome == WriteOutcome.Refused && attempt < 500, $"{receipt.Outcome} after {attempt} tries");
            time?.Advance(TimeSpan.FromSeconds(1.1));
            await Task.Delay(20);
        }
    }
}
