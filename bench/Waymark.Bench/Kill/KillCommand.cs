// "kill": the published server killed (SIGKILL) hundreds of times under load with retries. After each restart every span it ever acknowledged is there exactly once, or this counts a failure.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Waymark.Process.Tests.Harness;

namespace Waymark.Bench.Kill;

internal static class KillCommand
{
    private static readonly Option<int> Kills = new("--kills") { Description = "How many.", DefaultValueFactory = _ => 100 };
    private static readonly Option<int> Senders = new("--senders") { Description = "Clients that send at the same time, each with retries.", DefaultValueFactory = _ => 6 };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "Ends with fewer kills when the time is up.", DefaultValueFactory = _ => 3600 };
    private static readonly Option<int> Pause = new("--pause") { Description = "Longest pause of a client between two requests, milliseconds: what is acknowledged has to be looked up again and again.", DefaultValueFactory = _ => 100 };
    private static readonly Option<int> MaxSpans = new("--max-spans") { Description = "Spans that all clients together may send.", DefaultValueFactory = _ => 2_000_000 };
    private static readonly Option<int> Sample = new("--sample") { Description = "Requests acknowledged before the latest round that are asked for again after each restart; all are at the end.", DefaultValueFactory = _ => 20 };
    private static readonly Option<int> VerifyEvery = new("--verify-every") { Description = "Runs \"waymark verify\" on what every n-th kill leaves; 0: never.", DefaultValueFactory = _ => 10 };
    private static readonly Option<int> Seed = new("--seed") { Description = "Of what is sent and when it is killed.", DefaultValueFactory = _ => Environment.TickCount };
    private static readonly Argument<string[]> ServerOptions = new("options") { Description = "After --, options for \"waymark serve\". By default it seals after a second, so that kills meet seals.", Arity = ArgumentArity.ZeroOrMore };

    public static Command Build()
    {
        var command = new Command("kill", "Kills the published server again and again under load and checks every acknowledged span.") { Kills, Seconds, Senders, Pause, MaxSpans, Sample, VerifyEvery, Seed, ServerOptions };
        command.SetAction((arguments, _) => Run(arguments));
        return command;
    }

    private static async Task<int> Run(ParseResult arguments)
    {
        var seed = arguments.GetValue(Seed);
        var options = arguments.GetValue(ServerOptions) is { Length: > 0 } given ? given : ["--set", "store.seal_age=1s"];
        await using var waymark = await WaymarkProcess.Start(null, options);
        var budget = new SpanBudget(arguments.GetValue(MaxSpans));
        var run = new KillRun(waymark, [.. Enumerable.Range(0, arguments.GetValue(Senders)).Select(i => new RetryingSender(waymark, $"sender-{i}", new Random(seed + i), budget) { MaxPauseMs = arguments.GetValue(Pause) })], new Random(seed - 1));
        var clock = Stopwatch.StartNew();
        await run.Run(arguments.GetValue(Kills), TimeSpan.FromSeconds(arguments.GetValue(Seconds)), arguments.GetValue(Sample), arguments.GetValue(VerifyEvery));
        var figures = new Dictionary<string, object>
        {
            ["bench"] = "kill",
            ["seed"] = seed,
            ["server_options"] = string.Join(' ', options),
            ["kills"] = run.Kills,
            ["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 1),
            ["acknowledged_requests"] = run.Senders.Sum(s => s.Acknowledged.Count),
            ["acknowledged_spans"] = run.Senders.Sum(s => s.Acknowledged.Sum(r => r.Spans.Count)),
            ["unacknowledged_requests"] = run.Senders.Sum(s => s.Unacknowledged.Count),
            ["retries"] = run.Senders.Sum(s => s.Retries),
            ["spans_checked"] = run.SpansChecked,
            ["verify_runs"] = run.VerifyRuns,
            ["slowest_start_ms"] = Math.Round(run.SlowestStart.TotalMilliseconds),
            ["failures"] = run.Failures.Count,
        };
        foreach (var failure in run.Failures.Take(20)) Console.WriteLine(failure);
        Console.WriteLine(JsonSerializer.Serialize(figures));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Kills} kills in {figures["seconds"]} s: {figures["acknowledged_spans"]:N0} spans acknowledged, {run.SpansChecked:N0} looked up after restarts, {figures["retries"]} retries, {run.Failures.Count} failures"));
        return run.Failures.Count == 0 ? 0 : 1;
    }
}
