// The real server as a child process on ports of the system's choosing: started, asked, killed, started again on the same data.
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Waymark.Process.Tests.Harness;

/// <summary>One data folder and the server over it. Restarting takes new ports: read the addresses anew each time.</summary>
internal sealed class WaymarkProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder? ownFolder;
    private readonly string[] options;
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(60) };
    private ChildProcess? child;
    private volatile Addresses? addresses;

    private WaymarkProcess(string? dataFolder, string[] options)
    {
        if (dataFolder is null) ownFolder = new TemporaryFolder();
        DataFolder = dataFolder ?? Path.Combine(ownFolder!.Path, "data");
        this.options = options;
    }

    public string DataFolder { get; }

    public ChildProcess Child => child ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>Front page and APIs.</summary>
    public Uri Http => Current.Http;

    public Uri OtlpHttp => Current.OtlpHttp;

    public Uri OtlpGrpc => Current.OtlpGrpc;

    /// <summary>Null while the server is down.</summary>
    public Uri? OtlpHttpIfUp => addresses?.OtlpHttp;

    /// <summary>From the start of the process to the first 200 of /ready, last time it was started.</summary>
    public TimeSpan TimeToReady { get; private set; }

    private Addresses Current => addresses ?? throw new InvalidOperationException("The server is not up.");

    /// <param name="dataFolder">By default a temporary one, deleted with this object.</param>
    public static async Task<WaymarkProcess> Start(string? dataFolder = null, params string[] options)
    {
        var server = new WaymarkProcess(dataFolder, options);
        try
        {
            await server.Start();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The arguments of a server over this folder on ports of the system's choosing.</summary>
    public static string[] Arguments(string dataFolder, params string[] options) =>
    [
        "serve", "--data", dataFolder, "--http", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", .. options,
    ];

    public async Task Start()
    {
        var clock = Stopwatch.StartNew();
        child = ChildProcess.Start(Repository.Waymark, Arguments(DataFolder, options), ownFolder?.Path ?? Path.GetTempPath());
        var http = new Uri(await child.WaitForLine("listening http ", StartLimit));
        var otlpHttp = new Uri(await child.WaitForLine("listening otlp-http ", StartLimit));
        var otlpGrpc = new Uri(await child.WaitForLine("listening otlp-grpc ", StartLimit));
        while (!await IsReady(http))
        {
            if (child.HasExited) throw new InvalidOperationException($"The server ended before it was ready.\n{child.Output}\n{child.Errors}");
            if (clock.Elapsed > StartLimit) throw new TimeoutException($"/ready was not 200 within {StartLimit.TotalSeconds} s.\n{child.Output}\n{child.Errors}");
            await Task.Delay(5);
        }

        TimeToReady = clock.Elapsed;
        addresses = new Addresses(http, otlpHttp, otlpGrpc);
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        addresses = null;
        await Child.Kill();
        await child!.DisposeAsync();
        child = null;
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> Stop()
    {
        addresses = null;
        Child.Terminate();
        var code = await Child.WaitForExit(StopLimit);
        await child!.DisposeAsync();
        child = null;
        return code;
    }

    /// <summary>Sends one OTLP request body and returns the answer, whatever it is.</summary>
    public Task<HttpResponseMessage> Send(byte[] body, string contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return client.PostAsync(new Uri(OtlpHttp, "/v1/traces"), content);
    }

    /// <summary>The trace as Tempo's v2 endpoint answers it, or null for 404.</summary>
    public async Task<StoredTrace?> GetTrace(string traceId)
    {
        using var reader = new WaymarkReader(Http);
        return await reader.GetTrace(traceId);
    }

    /// <summary>Asks until the trace satisfies <paramref name="isWhole"/>; throws with what is there when the time is up.</summary>
    public async Task<StoredTrace> WaitForTrace(string traceId, Func<StoredTrace, bool> isWhole, double seconds = 20)
    {
        using var reader = new WaymarkReader(Http);
        return await reader.WaitForTrace(traceId, isWhole, seconds, () => Child.Errors);
    }

    public async ValueTask DisposeAsync()
    {
        addresses = null;
        if (child is not null) await child.DisposeAsync();
        client.Dispose();
        ownFolder?.Dispose();
    }

    private async Task<bool> IsReady(Uri http)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(http, "/ready"));
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private sealed record Addresses(Uri Http, Uri OtlpHttp, Uri OtlpGrpc);
}
