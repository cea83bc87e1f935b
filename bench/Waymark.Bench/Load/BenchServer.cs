// The server under load: the published program on its own data folder, or one that is running already.
using System.Diagnostics;
using System.Text.Json;

namespace Waymark.Bench.Load;

internal sealed class BenchServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly System.Diagnostics.Process? process;
    private readonly string? ownFolder;
    private readonly HttpClient client = new();

    private BenchServer(System.Diagnostics.Process? process, int processId, Uri http, Uri otlpHttp, string? dataFolder, string? ownFolder, string durability)
    {
        Durability = durability;
        this.process = process;
        this.ownFolder = ownFolder;
        ProcessId = processId;
        Http = http;
        OtlpHttp = otlpHttp;
        DataFolder = dataFolder;
    }

    public int ProcessId { get; }
    public Uri Http { get; }
    public Uri OtlpHttp { get; }

    /// <summary>As its start-up text says: sync, interval or os; "unknown" for a server that was running already.</summary>
    public string Durability { get; }

    /// <summary>Null for a running server whose folder was not given.</summary>
    public string? DataFolder { get; }

    /// <summary>A server that somebody else started: everything on one port.</summary>
    public static BenchServer Attach(Uri address, int processId, string? dataFolder) => new(null, processId, address, address, dataFolder, null, "unknown");

    /// <param name="dataFolder">By default a temporary one, deleted afterwards.</param>
    /// <param name="options">More arguments of "waymark serve".</param>
    public static async Task<BenchServer> Start(string program, string? dataFolder, IEnumerable<string> options)
    {
        var temporary = dataFolder is null ? Directory.CreateTempSubdirectory("waymark-bench-").FullName : null;
        var folder = dataFolder ?? Path.Combine(temporary!, "data");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["serve", "--data", folder, "--http", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", .. options]) start.ArgumentList.Add(argument);
        var started = System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        try
        {
            var startText = new List<string>();
            var http = await ReadAddress(started, "listening http ", startText);
            var otlpHttp = await ReadAddress(started, "listening otlp-http ", startText);
            // Read on to the end, or the server would one day block on a full pipe.
            _ = started.StandardOutput.ReadToEndAsync();
            var server = new BenchServer(started, started.Id, http, otlpHttp, folder, temporary, DurabilityIn(startText));
            await server.WaitUntilReady();
            return server;
        }
        catch
        {
            started.Kill();
            started.Dispose();
            if (temporary is not null) Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    /// <summary>The document of /api/v1/status, or null when there is none.</summary>
    public async Task<JsonDocument?> GetStatus()
    {
        using var response = await client.GetAsync(new Uri(Http, "/api/v1/status"));
        if (!response.IsSuccessStatusCode) return null;
        await using var body = await response.Content.ReadAsStreamAsync();
        return await JsonDocument.ParseAsync(body);
    }

    /// <summary>Managed bytes allocated since the server started (<c>process.allocatedBytes</c>), or null when it does not say.</summary>
    public async Task<long?> GetAllocatedBytes()
    {
        using var status = await GetStatus();
        return status is not null && status.RootElement.TryGetProperty("process", out var figures) && figures.TryGetProperty("allocatedBytes", out var bytes) ? bytes.GetInt64() : null;
    }

    public async Task<bool> IsReady()
    {
        try
        {
            using var response = await client.GetAsync(new Uri(Http, "/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Bytes of every file in the data folder, by top-level name.</summary>
    public SortedDictionary<string, long> DiskBytes()
    {
        var bytes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (DataFolder is null) return bytes;
        foreach (var file in new DirectoryInfo(DataFolder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(DataFolder, file.FullName).Split('/')[0];
            bytes[name] = bytes.GetValueOrDefault(name) + file.Length;
        }

        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        if (ownFolder is not null) Directory.Delete(ownFolder, recursive: true);
    }

    private static async Task<Uri> ReadAddress(System.Diagnostics.Process process, string prefix, List<string> startText)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(StartLimit) is { } line)
        {
            startText.Add(line);
            if (line.StartsWith(prefix, StringComparison.Ordinal)) return new Uri(line[prefix.Length..]);
        }

        throw new InvalidOperationException($"The server ended before it printed \"{prefix}\".");
    }

    private static string DurabilityIn(List<string> startText)
    {
        const string Words = "(durability ";
        var line = startText.Find(line => line.Contains(Words, StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(Words, StringComparison.Ordinal) + Words.Length)..].TrimEnd(')');
    }

    private async Task WaitUntilReady()
    {
        var clock = Stopwatch.StartNew();
        while (!await IsReady())
        {
            if (clock.Elapsed > StartLimit) throw new TimeoutException($"/ready is not 200 after {StartLimit.TotalSeconds} s.");
            await Task.Delay(10);
        }
    }
}
