// Counts over all spans: rows per second of CPU, and how many times as fast as the plain loop.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Bench.Scan;

internal static class ScanCounts
{
    private const string Text = "customer_id = 77";
    private static readonly SpanPredicate Service = new(SpanField.Service, PredicateOperator.Equal, "checkout");
    private static readonly SpanPredicate Slow = new(SpanField.Duration, PredicateOperator.AtLeast, Number: 20_000_000);
    private static readonly SpanPredicate Server = new(SpanField.Kind, PredicateOperator.Equal, Number: (long)SpanKind.Server);
    private static readonly SpanPredicate Client = new(SpanField.Kind, PredicateOperator.Equal, Number: (long)SpanKind.Client);

    private static readonly (string What, SpanMeasure Measure, Func<List<PlainRow>, long> Plain)[] Questions =
    [
        ("kind = server", Of(Server), rows => PlainRows.Count(rows, r => r.Kind == SpanKind.Server)),
        ("status = error", Of(new SpanPredicate(SpanField.Status, PredicateOperator.Equal, Number: (long)StatusCode.Error)), rows => PlainRows.Count(rows, r => r.Status == StatusCode.Error)),
        ("service = checkout", Of(Service), rows => PlainRows.Count(rows, r => r.Service == "checkout")),
        ("name = SELECT orders", Of(new SpanPredicate(SpanField.Name, PredicateOperator.Equal, "SELECT orders")), rows => PlainRows.Count(rows, r => r.Name == "SELECT orders")),
        ("db.system.name = redis", Of(Attribute("db.system.name", "redis")), rows => PlainRows.Count(rows, r => r.Attributes.GetValueOrDefault("db.system.name") is "redis")),
        ("http.response.status_code = 500", Of(Attribute("http.response.status_code", "500")), rows => PlainRows.Count(rows, r => r.Attributes.GetValueOrDefault("http.response.status_code") is 500L)),
        ("duration ≥ 20 ms", Of(Slow), rows => PlainRows.Count(rows, r => r.Duration >= 20_000_000)),
        ("duration ≥ 20 ms and service", Of(Slow, Service), rows => PlainRows.Count(rows, r => r.Duration >= 20_000_000 && r.Service == "checkout")),
        ($"db.query.text contains '{Text}'", Of(new SpanPredicate(SpanField.Attribute, PredicateOperator.Contains, Text, Key: "db.query.text")),
            rows => PlainRows.Count(rows, r => r.Attributes.GetValueOrDefault("db.query.text") is string text && text.Contains(Text, StringComparison.Ordinal))),
        ("by service", Of() with { By = new MeasureGroup(MeasureField.Service) }, rows => rows.CountBy(r => r.Service).Count()),
        ("p99 of all", Of() with { Durations = true }, rows => PlainRows.Percentiles(rows, _ => "")),
        ("p99 by service", Of() with { By = new MeasureGroup(MeasureField.Service), Durations = true }, rows => PlainRows.Percentiles(rows, r => r.Service)),
        ("p99 by name", Of() with { By = new MeasureGroup(MeasureField.Name), Durations = true }, rows => PlainRows.Percentiles(rows, r => r.Name)),
        ("by db.system.name", Of() with { By = new MeasureGroup(MeasureField.Attribute, "db.system.name") }, rows => rows.CountBy(r => r.Attributes.GetValueOrDefault("db.system.name") as string ?? "").Count()),
        ("client below service", Of(Client) with { Under = new SpanCondition([Service]) }, rows => PlainRows.CountUnder(rows, r => r.Kind == SpanKind.Client, r => r.Service == "checkout")),
        ("any below client", Of() with { Under = new SpanCondition([Client]) }, rows => PlainRows.CountUnder(rows, _ => true, r => r.Kind == SpanKind.Client)),
        ("any below any", Of() with { Under = new SpanCondition([]) }, rows => PlainRows.CountUnder(rows, _ => true, _ => true)),
    ];

    public static async Task RunAsync(ITraceStore store, List<PlainRow>? rows, double seconds, string? only, CancellationToken cancellation)
    {
        var spans = store.GetStatus().Spans;
        Console.WriteLine($"{"count",-40} {"matches",13} {"CPU µs",10} {"G rows/s/core",14} {"ns/row",8} {"wall ms",9} {"plain ns/row",13} {"x plain",8}");
        foreach (var (what, measure, plain) in Questions)
        {
            if (only is not null && !what.Contains(only, StringComparison.Ordinal)) continue;
            var matches = (await store.MeasureAsync(measure, cancellation)).Count;
            var best = double.MaxValue;
            var wall = double.MaxValue;
            var spent = 0.0;
            while (spent < seconds)
            {
                // Whole rounds of at least 20 ms: the clock of CPU time is coarse.
                var (repeats, cpu, clock) = (0, Environment.CpuUsage.TotalTime, System.Diagnostics.Stopwatch.StartNew());
                var used = TimeSpan.Zero;
                while (used < TimeSpan.FromMilliseconds(20))
                {
                    await store.MeasureAsync(measure, cancellation);
                    repeats++;
                    used = Environment.CpuUsage.TotalTime - cpu;
                }
                spent += used.TotalSeconds;
                best = Math.Min(best, used.TotalNanoseconds / repeats / spans);
                wall = Math.Min(wall, clock.Elapsed.TotalMilliseconds / repeats);
            }
            var loop = rows is null ? double.NaN : Loop(rows, plain);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {matches,13:N0} {best * spans / 1_000,10:N0} {1 / best,14:0.00} {best,8:0.000} {wall,9:0.00} {loop,13:0.00} {loop / best,8:0}"));
        }
    }

    /// <summary>Nanoseconds per row, the best of three.</summary>
    private static double Loop(List<PlainRow> rows, Func<List<PlainRow>, long> plain)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            plain(rows);
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / rows.Count);
        }
        return best;
    }

    private static SpanMeasure Of(params SpanPredicate[] predicates) => new() { Where = new SpanCondition([.. predicates]) };

    private static SpanPredicate Attribute(string key, string value) => new(SpanField.Attribute, PredicateOperator.Equal, value, Key: key);
}
