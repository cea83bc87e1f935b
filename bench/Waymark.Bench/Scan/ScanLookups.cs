// What a person waits for: traces by id, and lists, each some hundred times with another question.
using System.Diagnostics;
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;
using TraceFilter = Waymark.Query.Search.TraceFilter;

namespace Waymark.Bench.Scan;

internal static class ScanLookups
{
    private static readonly string[] Services = ["frontend", "checkout", "payments", "inventory", "orders", "search", "email", "ledger"];
    private static readonly string[] Systems = ["redis", "postgresql"];

    public static async Task RunAsync(ScanStore store, int lookups, string? only, CancellationToken cancellation)
    {
        Console.WriteLine($"{"look-up",-40} {"p50 ms",9} {"p99 ms",9} {"max ms",9} {"found",9}");
        var all = store.Store;
        Task TimeAsync(string what, int times, Func<int, Task<int>> ask) => only is null || what.Contains(only, StringComparison.Ordinal) ? ScanLookups.TimeAsync(what, times, ask) : Task.CompletedTask;
        await TimeAsync("trace by id", lookups, async n => (await all.FindTraceAsync(store.Sample[n % store.Sample.Count].Id, cancellation))!.Traces.Length);
        await TimeAsync("trace by an id that is not there", lookups, async n => (await all.FindTraceAsync(new TraceId((ulong)Random.Shared.NextInt64(), (ulong)n + 1), cancellation))?.Traces.Length ?? 0);
        // Lists of a kind of question that may read much are asked less often.
        var lists = Math.Max(1, lookups / 5);
        await TimeAsync("newest 20", lists, _ => ListAsync(all, new TraceFilter(), cancellation));
        await TimeAsync("newest 20 of a service", lists, n => ListAsync(all, new TraceFilter { Service = Services[n % Services.Length] }, cancellation));
        await TimeAsync("newest 20 with db.system.name", lists, n => ListAsync(all, WithAttribute("db.system.name", Systems[n % Systems.Length]), cancellation));
        await TimeAsync("with a session.id that one trace has", lists, n => ListAsync(all, WithAttribute("session.id", store.Sample[n % store.Sample.Count].Session), cancellation));
        await TimeAsync("newest 20 slow ones of a service", lists, n => ListAsync(all, new TraceFilter { Service = Services[n % Services.Length], MinDuration = new DurationNanos(500_000_000) }, cancellation));
    }

    private static TraceFilter WithAttribute(string key, string value) => new() { Attributes = [new AttributeFilter(key, value)] };

    private static async Task<int> ListAsync(ITraceStore store, TraceFilter filter, CancellationToken cancellation) => (await TraceSearch.FindAsync(store, filter, cancellation)).Traces.Length;

    private static async Task TimeAsync(string what, int times, Func<int, Task<int>> ask)
    {
        // The first few warm up: code, and what a store keeps.
        for (var n = 0; n < Math.Min(10, times); n++) await ask(times + n);
        var waited = new double[times];
        long found = 0;
        for (var n = 0; n < times; n++)
        {
            var clock = Stopwatch.GetTimestamp();
            found += await ask(n);
            waited[n] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        }
        Array.Sort(waited);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {waited[times / 2],9:0.00} {waited[Math.Min(times - 1, times * 99 / 100)],9:0.00} {waited[^1],9:0.00} {(double)found / times,9:0.0}"));
    }
}
