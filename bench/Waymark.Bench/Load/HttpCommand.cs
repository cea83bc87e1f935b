// "http": how many spans a second of server CPU time OTLP over HTTP takes, and what they cost in memory and on disk.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Waymark.Bench.Corpus;

namespace Waymark.Bench.Load;

internal static class HttpCommand
{
    private static readonly Option<long> Spans = new("--spans") { Description = "Spans to send while measuring.", DefaultValueFactory = _ => 500_000 };
    private static readonly Option<long> WarmUp = new("--warm-up") { Description = "Spans to send before measuring: enough for the run-time to have compiled the hot paths in full.", DefaultValueFactory = _ => 500_000 };
    private static readonly Option<int> Connections = new("--connections") { Description = "Connections that send at the same time.", DefaultValueFactory = _ => 4 };
    private static readonly Option<CorpusEncoding> Encoding = new("--encoding") { Description = "Protobuf or Json.", DefaultValueFactory = _ => CorpusEncoding.Protobuf };
    private static readonly Option<bool> Gzip = new("--gzip") { Description = "Send gzip bodies." };
    private static readonly Option<int> Seed = new("--seed") { Description = "Of the corpus.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> Settle = new("--settle") { Description = "Seconds to wait at most for the data folder to come to rest.", DefaultValueFactory = _ => 20 };
    private static readonly Option<string?> Data = new("--data") { Description = "Data folder; by default a temporary one, deleted afterwards." };
    private static readonly Option<Uri?> Server = AddressOption.Create("--server", "A running server's main address, instead of starting one; takes --pid.");
    private static readonly Option<int> Pid = new("--pid") { Description = "Process id of --server." };
    private static readonly Option<string> Program = new("--program") { Description = "The published server.", DefaultValueFactory = _ => "artifacts/waymark/waymark" };
    private static readonly Argument<string[]> ServerOptions = new("options") { Description = "After --, options for \"waymark serve\".", Arity = ArgumentArity.ZeroOrMore };

    public static Command Build()
    {
        var command = new Command("http", "Sends the corpus over OTLP/HTTP and reports spans per second of server CPU time.")
        {
            Spans, WarmUp, Connections, Encoding, Gzip, Seed, Settle, Data, Server, Pid, Program, ServerOptions,
        };
        command.SetAction((arguments, _) => Run(arguments));
        return command;
    }

    private static async Task Run(ParseResult arguments)
    {
        var (encoding, gzip, seed) = (arguments.GetValue(Encoding), arguments.GetValue(Gzip), arguments.GetValue(Seed));
        var memcpy = Machine.MeasureMemcpyGigabytesPerSecond();
        var statistics = new CorpusStatistics();
        // The warm-up is sent as if just before; both end about now, so that nothing is too old to keep.
        var start = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 3600) * 1_000_000_000;
        Console.Error.WriteLine("making and encoding the corpus ...");
        var warmUp = HttpLoad.Prepare(arguments.GetValue(WarmUp), seed + 1, start - 1_800_000_000_000, encoding, gzip, null);
        var requests = HttpLoad.Prepare(arguments.GetValue(Spans), seed, start, encoding, gzip, statistics);

        await using var server = arguments.GetValue(Server) is { } address
            ? BenchServer.Attach(address, arguments.GetValue(Pid), arguments.GetValue(Data))
            : await BenchServer.Start(arguments.GetValue(Program)!, arguments.GetValue(Data), arguments.GetValue(ServerOptions) ?? []);
        var load = new HttpLoad(server.OtlpHttp, encoding, gzip);
        var connections = arguments.GetValue(Connections);
        var before = await load.Send(warmUp, connections);
        // What the warm-up left for the background is finished first.
        await WaitUntilAtRest(server, TimeSpan.FromSeconds(5));

        var allocated = await server.GetAllocatedBytes();
        var cpu = ProcessFigures.CpuSeconds(server.ProcessId);
        var result = await load.Send(requests, connections);
        cpu = ProcessFigures.CpuSeconds(server.ProcessId) - cpu;
        allocated = await server.GetAllocatedBytes() - allocated;
        var cpuWithRest = ProcessFigures.CpuSeconds(server.ProcessId);
        await WaitUntilAtRest(server, TimeSpan.FromSeconds(arguments.GetValue(Settle)));
        cpuWithRest = cpu + ProcessFigures.CpuSeconds(server.ProcessId) - cpuWithRest;

        var figures = new Dictionary<string, object?>
        {
            ["bench"] = "otlp-http",
            ["encoding"] = encoding.ToString(),
            ["gzip"] = gzip,
            ["connections"] = connections,
            ["durability"] = server.Durability,
            ["server_options"] = string.Join(' ', arguments.GetValue(ServerOptions) ?? []),
            ["spans"] = result.Spans,
            ["requests"] = result.Requests,
            ["retries"] = result.Retries,
            ["body_bytes_per_span"] = Round((double)result.Bytes / result.Spans),
            ["wall_s"] = Round(result.Wall.TotalSeconds),
            ["spans_per_s"] = Math.Round(result.Spans / result.Wall.TotalSeconds),
            ["server_cpu_s"] = Round(cpu),
            ["spans_per_server_cpu_s"] = Math.Round(result.Spans / cpu),
            ["spans_per_server_cpu_s_at_rest"] = Math.Round(result.Spans / cpuWithRest),
            ["server_allocated_bytes_per_span"] = allocated is { } bytes ? Round((double)bytes / result.Spans) : null,
            ["server_peak_resident_bytes"] = ProcessFigures.PeakResidentBytes(server.ProcessId),
            ["disk_bytes_per_span"] = server.DataFolder is null ? null : Round((double)server.DiskBytes().Values.Sum() / (result.Spans + before.Spans)),
            ["disk_bytes"] = server.DiskBytes(),
            ["corpus_floor_bytes_per_span"] = Round(statistics.FloorBytesPerSpan),
            ["memcpy_gb_per_s"] = Round(memcpy),
            ["cores"] = Machine.Cores,
            ["cpu"] = Machine.CpuModel,
        };
        Console.WriteLine(JsonSerializer.Serialize(figures));
        PrintForPeople(figures, statistics);
    }

    private static void PrintForPeople(Dictionary<string, object?> figures, CorpusStatistics statistics)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{figures["spans_per_server_cpu_s"]:N0} spans per second of server CPU ({figures["spans_per_server_cpu_s_at_rest"]:N0} with the background work that followed), {figures["spans_per_s"]:N0} spans/s by the clock; {figures["server_allocated_bytes_per_span"] ?? "unknown"} B allocated, {figures["disk_bytes_per_span"] ?? "unknown"} B on disk per span (log included); peak {(long)figures["server_peak_resident_bytes"]! / (1 << 20)} MiB"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{figures["encoding"]}, gzip {figures["gzip"]}, {figures["connections"]} connections, durability {figures["durability"]}; {Machine.Describe()}, memcpy {figures["memcpy_gb_per_s"]} GB/s"));
        Console.WriteLine(statistics.Describe());
    }

    /// <summary>Until the data folder has not changed and the server has done nothing for a second and a half.</summary>
    private static async Task WaitUntilAtRest(BenchServer server, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var quiet = 0;
        var (bytes, cpu) = (server.DiskBytes().Values.Sum(), ProcessFigures.CpuSeconds(server.ProcessId));
        while (quiet < 3 && clock.Elapsed < limit)
        {
            await Task.Delay(500);
            var (bytesNow, cpuNow) = (server.DiskBytes().Values.Sum(), ProcessFigures.CpuSeconds(server.ProcessId));
            quiet = bytesNow == bytes && cpuNow - cpu < 0.03 ? quiet + 1 : 0;
            (bytes, cpu) = (bytesNow, cpuNow);
        }
    }

    private static double Round(double value) => Math.Round(value, 2);
}
