// A clock that jumps, backwards and forwards, between writes and over restarts. Time decides only three things: when to seal, which retries are still known, what has expired.
using Waymark.Model.Stores;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

public sealed class ClockJumpTests
{
    [Theory]
    [InlineData(-6)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(6)]
    public async Task A_jump_within_retention_loses_nothing(int days)
    {
        var disk = new FaultFileSystem();
        var time = new JumpingTime();
        var random = new RandomSpans(9);
        var truth = new List<NaiveSpan>();
        var store = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
        for (var i = 0; i < 8; i++)
        {
            var request = SentRequest.Protobuf("", random.Trace());
            truth.AddRange(request.Spans);
            Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(request.Request, CancellationToken.None)).Outcome);
            // Out and back again, with or without a seal or a restart while it is wrong.
            time.Jump(TimeSpan.FromDays(i % 2 == 0 ? days : -days));
            if (i % 4 == 2) await store.SealNowAsync();
            if (i == 3)
            {
                await store.DisposeAsync();
                store = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
            }
            if (i == 6)
            {
                var killed = disk.Restart();
                await store.DisposeAsync();
                store = await StoreClient.OpenAsync(disk = killed, StoreClient.Options(), time);
            }
            await StoreAnswers.RequireExactlyAsync(store, truth, $"{days} days, step {i}");
        }
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_jump_beyond_retention_expires_segments_but_not_what_is_in_memory()
    {
        // A clock that is weeks ahead can't be told from a machine that was off for weeks: the age rule means what it says.
        var disk = new FaultFileSystem();
        var time = new JumpingTime();
        SentRequest old = SentRequest.Json("", 1), fresh = SentRequest.Json("", 2);
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options() with { SealAge = TimeSpan.FromDays(1000) }, time);
        await store.WriteAsync(old.Request, CancellationToken.None);
        await store.SealNowAsync();
        await store.WriteAsync(fresh.Request, CancellationToken.None);
        time.Jump(TimeSpan.FromDays(30));
        await StoreAnswers.RequireExactlyAsync(store, [.. old.Spans, .. fresh.Spans], "before retention looks");
        time.Pass(TimeSpan.FromMinutes(1));
        await UntilAsync(() => store.GetStatus().Segments == 0);
        await StoreAnswers.RequireExactlyAsync(store, [.. fresh.Spans], "after it looked");
    }

    [Fact]
    public async Task Spans_that_came_while_the_clock_was_ahead_stay_and_retention_by_size_goes_on()
    {
        var disk = new FaultFileSystem();
        var time = new JumpingTime();
        SentRequest ahead = SentRequest.Json("", 1), later = SentRequest.Json("", 2);
        var store = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
        time.Jump(TimeSpan.FromDays(400));
        await store.WriteAsync(ahead.Request, CancellationToken.None);
        await store.SealNowAsync();
        time.Jump(TimeSpan.FromDays(-400));
        await store.WriteAsync(later.Request, CancellationToken.None);
        await store.SealNowAsync();
        await StoreAnswers.RequireExactlyAsync(store, [.. ahead.Spans, .. later.Spans], "both");
        var bytes = store.GetStatus().SegmentBytes;
        await store.DisposeAsync();

        store = await StoreClient.OpenAsync(disk, StoreClient.Options(retentionBytes: bytes - 1), time);
        time.Pass(TimeSpan.FromMinutes(1));
        await UntilAsync(() => store.GetStatus().Segments == 1);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Retention_by_size_is_not_held_up_by_a_clock_that_was_ahead()
    {
        var disk = new FaultFileSystem();
        var time = new JumpingTime();
        var store = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
        for (var i = 1ul; i <= 2; i++)
        {
            await store.WriteAsync(SentRequest.Json("", i).Request, CancellationToken.None);
            await store.SealNowAsync();
        }
        var bytes = store.GetStatus().SegmentBytes;
        await store.DisposeAsync();

        var options = StoreClient.Options(retentionBytes: bytes + 1) with { RetentionAge = TimeSpan.FromDays(10_000) };
        await using var bounded = await StoreClient.OpenAsync(disk, options, time);
        time.Jump(TimeSpan.FromDays(400));
        await bounded.SealNowAsync();
        time.Jump(TimeSpan.FromDays(-400));
        // Sealed by its age, which is less than nothing, and then too much for the bytes there may be.
        time.Jump(TimeSpan.FromDays(1));
        await bounded.WriteAsync(SentRequest.Json("", 3).Request, CancellationToken.None);
        time.Jump(TimeSpan.FromDays(-1));
        await UntilAsync(() => bounded.GetStatus().Segments == 3);
        time.Pass(TimeSpan.FromMinutes(1));
        await UntilAsync(() => bounded.GetStatus().Segments == 2);
    }

    [Fact]
    public async Task A_retry_after_a_jump_is_stored_twice_at_worst_and_answered_once()
    {
        foreach (var days in new[] { -400, -1, 1, 400 })
        {
            var time = new JumpingTime();
            var request = SentRequest.Json("", 1);
            await using var store = await StoreClient.OpenAsync(new FaultFileSystem(), StoreClient.Options() with { SealAge = TimeSpan.FromDays(1000) }, time);
            await store.WriteAsync(request.Request, CancellationToken.None);
            time.Jump(TimeSpan.FromDays(days));
            var receipt = await store.WriteAsync(request.Request, CancellationToken.None);
            Assert.Equal(days < 0 ? WriteOutcome.AlreadyStored : WriteOutcome.Stored, receipt.Outcome);
            Assert.Single((await StoreAnswers.FindAsync(store, request.Spans[0].TraceId)).Spans);
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var waited = 0; !holds(); waited++)
        {
            Assert.True(waited < 500, "It did not come to pass within ten seconds.");
            await Task.Delay(20);
        }
    }

    /// <summary>A wall clock that is set, and a steady one that is not.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private readonly TestTime steady = new();
        private long offset;

        public override long TimestampFrequency => steady.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => steady.GetUtcNow().AddTicks(Interlocked.Read(ref offset));

        public override long GetTimestamp() => steady.GetTimestamp();

        /// <summary>Somebody sets the wall clock.</summary>
        public void Jump(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);

        /// <summary>Time goes by.</summary>
        public void Pass(TimeSpan by) => steady.Advance(by);
    }
}
