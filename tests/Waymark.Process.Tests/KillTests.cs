// The promise itself: a sender with retries, a server killed again and again, and afterwards an account of every span.
using System.Diagnostics;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>Of sending, at scale 1.</summary>
    private const double Seconds = 10;

    /// <summary>At scale 1; enough to roll the log over, few enough to read all back in a few seconds.</summary>
    private const int MaxSpans = 60_000;

    private const int Senders = 6;

    [Fact]
    public async Task After_kills_every_acknowledged_span_is_there_exactly_once_and_no_request_is_half_there()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var waymark = await WaymarkProcess.Start();
        using var stop = new CancellationTokenSource();
        var budget = new SpanBudget((int)(MaxSpans * Repository.TestScale));
        var senders = Enumerable.Range(0, Senders).Select(i => new RetryingSender(waymark, $"sender-{i}", new Random(seed + i), budget)).ToList();
        var running = senders.Select(sender => Task.Run(() => sender.Run(stop.Token))).ToList();

        var kills = await KillAndRestart(waymark, new Random(seed - 1), TimeSpan.FromSeconds(Seconds * Repository.TestScale), running);
        await stop.CancelAsync();
        await Task.WhenAll(running);

        // Once more, so that everything below is read from the disk.
        await waymark.Kill();
        var (code, found, _) = await ChildProcess.Run(Repository.Waymark, ["verify", waymark.DataFolder], Path.GetTempPath(), TimeSpan.FromMinutes(2));
        Assert.True(code == 0, $"What the last kill left is not in order: {found}");
        await waymark.Start();
        output.WriteLine($"{kills + 1} kills; {senders.Sum(s => s.Acknowledged.Count)} requests acknowledged, {senders.Sum(s => s.Unacknowledged.Count)} not, {senders.Sum(s => s.Retries)} retries; last start {waymark.TimeToReady.TotalMilliseconds:F0} ms");
        Assert.True(kills >= 3, $"Only {kills} kills.");
        Assert.True(senders.All(sender => sender.Acknowledged.Count > 0), "A sender got nothing through.");
        Assert.Empty(await SpanAccount.CheckAllAsync(waymark, senders));
    }

    private static async Task<int> KillAndRestart(WaymarkProcess waymark, Random random, TimeSpan time, List<Task> running)
    {
        var clock = Stopwatch.StartNew();
        var kills = 0;
        while (clock.Elapsed < time)
        {
            await Task.Delay(random.Next(300, 1500));
            // A sender that has ended by now has failed: stop and let it speak.
            if (running.Any(task => task.IsFaulted)) break;
            await waymark.Kill();
            kills++;
            await Task.Delay(random.Next(0, 200));
            await waymark.Start();
        }

        return kills;
    }
}
