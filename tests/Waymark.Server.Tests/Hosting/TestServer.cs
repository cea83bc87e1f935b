// A real server over real sockets on a fake store.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Server.Hosting;
using Waymark.Server.Options;
using Waymark.Storage;

namespace Waymark.Server.Tests.Hosting;

internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(FakeStore store, WaymarkHost host)
    {
        Store = store;
        Host = host;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri((host.Listeners.FirstOrDefault(static l => l.Role == ListenerRole.OtlpHttp) ?? host.Listeners[0]).Url), Timeout = TimeSpan.FromSeconds(20) };
    }

    public FakeStore Store { get; }
    public WaymarkHost Host { get; }

    /// <summary>Based at the OTLP/HTTP port.</summary>
    public HttpClient Client { get; }

    public static ServerOptions Options { get; } = new()
    {
        Http = ListenAddress.TryParse("127.0.0.1:0")!,
        OtlpHttp = ListenAddress.TryParse("127.0.0.1:0")!,
        OtlpGrpc = ListenAddress.TryParse("127.0.0.1:0")!,
        Store = new StoreOptions { Directory = "/nowhere" },
    };

    public static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null, Action<Microsoft.AspNetCore.Builder.WebApplication>? mapApis = null, string? pagesFolder = null)
    {
        var store = new FakeStore();
        var host = WaymarkHost.Build(change is null ? Options : change(Options), store, store, TimeProvider.System, NullLoggerFactory.Instance, mapApis, pagesFolder ?? "/nowhere");
        await host.StartAsync(CancellationToken.None);
        return new(store, host);
    }

    public Uri Url(ListenerRole role) => new(Host.Listeners.Single(l => l.Role == role).Url);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.StopAsync(CancellationToken.None);
        await Host.DisposeAsync();
    }
}
