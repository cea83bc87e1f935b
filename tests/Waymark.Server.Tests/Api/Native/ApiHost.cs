// The native API on a real socket over the naive store.
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Server.Api.Native;
using Waymark.Server.SelfTelemetry;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Native;

/// <summary>An in-process Kestrel on a free port. The clock stands at <see cref="Now"/>.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    /// <summary>2026-01-01T00:00:10Z.</summary>
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 10, TimeSpan.Zero);

    private readonly WebApplication server;

    private ApiHost(WebApplication server) => this.server = server;

    public NaiveStore Store => (NaiveStore)server.Services.GetRequiredService<ITraceStore>();
    public HttpClient Http { get; } = new();
    public IEnumerable<RouteEndpoint> Endpoints => server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    public static async Task<ApiHost> StartAsync(IngestCounters? counters = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var time = new StoppedClock(Now);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<ITraceStore>(new NaiveStore(time: time));
        if (counters is not null) builder.Services.AddSingleton(counters);
        var app = builder.Build();
        app.MapNativeApi();
        await app.StartAsync();
        var host = new ApiHost(app);
        host.Http.BaseAddress = new Uri(app.Urls.Single());
        return host;
    }

    /// <summary>Counters that have seen one request of twelve accepted spans and a rejected one.</summary>
    public static IngestCounters SomeCounts()
    {
        var counters = new IngestCounters(new StoppedClock(Now));
        var report = new DecodeReport { Accepted = 12 };
        report.Count(Reject.TraceIdZero);
        counters.Count(IngestProtocol.OtlpHttpJson, new WriteReceipt(WriteOutcome.Stored, report), wire: 100, body: 300);
        return counters;
    }

    /// <summary>A 200 with a JSON body.</summary>
    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode} {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(body)!;
    }

    /// <summary>A problem with the given status.</summary>
    public async Task<JsonNode> FailAsync(string path, HttpStatusCode status)
    {
        using var response = await Http.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{path}: {response.StatusCode} {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(body)!;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await server.StopAsync();
        await server.DisposeAsync();
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
