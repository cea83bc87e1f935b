// The rounds of the verb "kill": send, kill, start, look everything up.
using System.Diagnostics;
using Waymark.Process.Tests.Harness;

namespace Waymark.Bench.Kill;

/// <summary>One server, its senders, and an account of what was promised.</summary>
internal sealed class KillRun(WaymarkProcess waymark, IReadOnlyList<RetryingSender> senders, Random random)
{
    private readonly int[] accounted = new int[senders.Count];

    public IReadOnlyList<RetryingSender> Senders => senders;
    public int Kills { get; private set; }
    public long SpansChecked { get; private set; }
    public int VerifyRuns { get; private set; }
    public TimeSpan SlowestStart { get; private set; }
    public List<string> Failures { get; } = [];

    /// <param name="limit">Ends with fewer kills when the time is up.</param>
    /// <param name="sample">Older requests looked up again in each round.</param>
    /// <param name="verifyEvery">Kills after which the files are checked as they lie there; 0: never.</param>
    public async Task Run(int kills, TimeSpan limit, int sample, int verifyEvery)
    {
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();
        var running = senders.Select(sender => Task.Run(() => sender.Run(stop.Token))).ToList();
        while (Kills < kills && clock.Elapsed < limit && !running.Exists(task => task.IsFaulted))
        {
            // From the middle of the first write to well into a seal and a new log file.
            await Task.Delay(random.Next(50, 1_500));
            await KillAndStart(verifyEvery > 0 && (Kills + 1) % verifyEvery == 0);
            await Account(sample);
            if (Kills % 10 == 0) await Console.Error.WriteLineAsync($"{Kills} kills, {SpansChecked} spans looked up, {Failures.Count} failures");
        }

        await stop.CancelAsync();
        foreach (var task in running)
        {
            try
            {
                await task;
            }
            catch (InvalidOperationException broken)
            {
                Failures.Add(broken.Message);
            }
        }

        await KillAndStart(verify: verifyEvery > 0);
        Failures.AddRange(await SpanAccount.CheckAllAsync(waymark, senders));
        SpansChecked += senders.Sum(sender => sender.Acknowledged.Sum(request => (long)request.Spans.Count));
    }

    private async Task KillAndStart(bool verify)
    {
        await waymark.Kill();
        Kills++;
        if (verify) await Verify();
        await Task.Delay(random.Next(0, 100));
        await waymark.Start();
        if (waymark.TimeToReady > SlowestStart) SlowestStart = waymark.TimeToReady;
    }

    /// <summary>What a kill leaves is in order, as it lies there.</summary>
    private async Task Verify()
    {
        VerifyRuns++;
        var (code, output, errors) = await ChildProcess.Run(Repository.Waymark, ["verify", waymark.DataFolder], Path.GetTempPath(), TimeSpan.FromMinutes(5));
        if (code != 0) Failures.Add($"waymark verify ends with {code} after kill {Kills}: {output} {errors}");
    }

    /// <summary>Everything acknowledged since the last round, and some of what was before.</summary>
    private async Task Account(int sample)
    {
        var requests = new List<SentRequest>();
        for (var i = 0; i < senders.Count; i++)
        {
            var all = senders[i].Acknowledged;
            for (var n = 0; n < sample / senders.Count && accounted[i] > 0; n++) requests.Add(all[random.Next(accounted[i])]);
            requests.AddRange(all.Skip(accounted[i]));
            accounted[i] = all.Count;
        }

        var distinct = requests.Distinct().ToList();
        SpansChecked += distinct.Sum(request => (long)request.Spans.Count);
        Failures.AddRange(await SpanAccount.CheckAcknowledgedAsync(waymark, distinct));
    }
}
