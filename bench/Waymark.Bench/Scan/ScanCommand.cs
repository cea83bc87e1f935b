// Questions to a store at rest: counts over all its spans per core, beside memcpy and plain loops in the same run, and the waiting time for traces and lists.
using System.CommandLine;
using System.Globalization;
using Waymark.Bench.Load;

namespace Waymark.Bench.Scan;

internal static class ScanCommand
{
    private static readonly Option<string?> Data = new("--data") { Description = "A directory that keeps the store for the next run; made and filled when it has none. Without it the store is thrown away." };
    private static readonly Option<long> Spans = new("--build-spans") { Description = "Spans of a store that is made.", DefaultValueFactory = _ => 1_000_000 };
    private static readonly Option<int> Lookups = new("--lookups") { Description = "Traces and lists that are asked for.", DefaultValueFactory = _ => 500 };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "CPU seconds that each count is repeated for.", DefaultValueFactory = _ => 1.0 };
    private static readonly Option<string?> Only = new("--only") { Description = "Only counts whose name contains this." };
    private static readonly Option<string?> LookUp = new("--look-up") { Description = "Only look-ups and lists whose name contains this." };
    private static readonly Option<int?> PageCacheMib = new("--page-cache-mib") { Description = "Memory that keeps pages, in MiB; without it the store's default." };
    private static readonly Option<bool> NoBaseline = new("--no-baseline") { Description = "Leave out the plain loops, which hold up to a million spans as objects." };

    public static Command Build()
    {
        var command = new Command("scan", "Counts over a whole store, traces by id, and lists.") { Data, Spans, Lookups, Seconds, Only, LookUp, PageCacheMib, NoBaseline };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var data = arguments.GetValue(Data);
        var directory = data ?? Directory.CreateTempSubdirectory("waymark-scan-").FullName;
        try
        {
            var memcpy = Machine.MeasureMemcpyGigabytesPerSecond();
            await using var store = await ScanStore.OpenAsync(directory, arguments.GetValue(Spans), arguments.GetValue(PageCacheMib), cancellation);
            var status = store.Store.GetStatus();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{status.Spans:N0} spans in {status.Traces:N0} traces, {status.Segments} segments, {(double)status.SegmentBytes / status.Spans:0.0} B/span; {Machine.Describe()}, memcpy {memcpy:0.0} GB/s"));
            var rows = arguments.GetValue(NoBaseline) ? null : await PlainRows.ReadAsync(store.Store, cancellation);
            await ScanCounts.RunAsync(store.Store, rows, arguments.GetValue(Seconds), arguments.GetValue(Only), cancellation);
            await ScanLookups.RunAsync(store, arguments.GetValue(Lookups), arguments.GetValue(LookUp), cancellation);
        }
        finally
        {
            if (data is null) Directory.Delete(directory, recursive: true);
        }
    }
}
