// Bodies that stop arriving, and large ones, must not take the budget from everyone else.
using System.IO.Pipelines;
using Waymark.Ingest.Admission;
using Waymark.Server.Receivers;

namespace Waymark.Server.Tests.Receivers;

public sealed class StalledBodyTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task A_body_that_makes_no_progress_between_two_looks_is_ended()
    {
        var pipe = new Pipe();
        using var watched = new StallWatch(TimeProvider.System).Add(pipe.Reader);
        watched.Look();
        watched.Note(StallWatch.BytesPerWindow - 1);
        var reading = pipe.Reader.ReadAsync().AsTask();
        watched.Look();
        Assert.True((await reading).IsCanceled);
    }

    [Fact]
    public async Task A_body_that_goes_on_arriving_is_left_alone()
    {
        var pipe = new Pipe();
        using var watched = new StallWatch(TimeProvider.System).Add(pipe.Reader);
        watched.Look();
        for (var look = 1; look <= 5; look++)
        {
            watched.Note(look * StallWatch.BytesPerWindow);
            watched.Look();
        }
        var reading = pipe.Reader.ReadAsync().AsTask();
        Assert.False(reading.IsCompleted);
        await pipe.Writer.WriteAsync(new byte[] { 1 });
        Assert.False((await reading).IsCanceled);
    }

    [Fact]
    public async Task A_stalled_body_gives_its_budget_back_and_is_told_to_come_again()
    {
        var budget = new InFlightBytes(10 * MiB);
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[1000]);
        using (var body = new ReceivedBody(budget))
        {
            var reading = body.ReadAsync(pipe.Reader, announced: 5000, maxBytes: 1 << 20).AsTask();
            Assert.Equal(1000, budget.Used);
            pipe.Reader.CancelPendingRead();
            Assert.Equal(BodyOutcome.TooSlow, await reading);
        }
        Assert.Equal(0, budget.Used);
        Assert.Equal(TransportRefusal.TooSlow, ReceivedBody.Refusal(BodyOutcome.TooSlow));
    }

    [Fact]
    public void Large_bodies_leave_room_for_ordinary_ones()
    {
        var budget = new InFlightBytes(8 * MiB, largeCapacity: 4 * MiB);
        Assert.True(budget.TryReserve(3 * MiB, held: 0));
        Assert.False(budget.TryReserve(2 * MiB, held: 0));
        Assert.True(budget.TryReserve(MiB, held: 0));
        Assert.True(budget.TryReserve(MiB, held: 3 * MiB));
        Assert.False(budget.TryReserve(1, held: MiB));
        budget.Release(4 * MiB);
        Assert.True(budget.TryReserve(1, held: MiB));
        budget.Release(MiB + 1);
        Assert.Equal(0, budget.Used);
        Assert.True(budget.TryReserve(4 * MiB, held: 0));
    }

    [Fact]
    public void The_whole_budget_bounds_ordinary_bodies()
    {
        var budget = new InFlightBytes(2 * MiB, largeCapacity: MiB);
        Assert.True(budget.TryReserve(MiB, 0));
        Assert.True(budget.TryReserve(MiB, 0));
        Assert.False(budget.TryReserve(1, 0));
        budget.Release(MiB);
        Assert.True(budget.TryReserve(MiB, 0));
    }
}
