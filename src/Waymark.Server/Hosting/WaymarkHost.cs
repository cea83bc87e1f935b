// The composition: options and a store become listeners, receivers and APIs. Everything the server is made of is named here.
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Waymark.Ingest.Admission;
using Waymark.Model.Stores;
using Waymark.Server.Api;
using Waymark.Server.Api.Native;
using Waymark.Server.Api.Tempo;
using Waymark.Server.Options;
using Waymark.Server.Pages;
using Waymark.Server.Receivers;
using Waymark.Server.SelfTelemetry;

namespace Waymark.Server.Hosting;

/// <summary>
/// A server on a store. Build, start, stop, dispose; store and logging stay the caller's.
/// <para>Services to inject: <see cref="ServerOptions"/>, <see cref="ITraceStore"/>, <see cref="ISpanWriter"/>, <see cref="IngestCounters"/>, <see cref="InFlightBytes"/>, <see cref="TimeProvider"/>, and this host.</para>
/// </summary>
internal sealed class WaymarkHost : IAsyncDisposable
{
    /// <summary>Seconds that running requests get to finish once a stop begins. With closing the store, well within ten.</summary>
    private const int StopSeconds = 6;

    // The APIs' bodies are queries and settings. OTLP has its own limit.
    private const long ApiBodyBytes = 4 << 20;

    private readonly ServerOptions options;
    private readonly List<(ListenerRole Role, ListenOptions Bound)> listeners = [];
    private readonly ProtocolSniffer sniffer;
    private readonly WebApplication app;

    private WaymarkHost(ServerOptions options, ITraceStore store, ISpanWriter writer, TimeProvider time, ILoggerFactory logging, Action<WebApplication>? mapApis, string? pagesFolder)
    {
        this.options = options;
        sniffer = new ProtocolSniffer(time);
        // The empty builder reads no configuration of its own: what Waymark does is decided by its options alone, and the start is quick.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "waymark" });
        builder.Services.AddSingleton(logging);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new LargeBlockPoolFactory());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureKestrel);
        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.CreateBoundListenSocket = BindSocket);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(StopSeconds));
        // Signals are the serve command's business.
        builder.Services.AddSingleton<IHostLifetime, UnattendedLifetime>();
        builder.Services.AddRouting();
        AddServices(builder.Services, store, writer, time);
        builder.Services.AddSingleton(PageFolder.Read(pagesFolder ?? PageFolder.BesideTheProgram, options.PathBase));
        app = builder.Build();
        Compose(mapApis);
    }

    /// <summary>Counts since the start.</summary>
    public IngestCounters Counters => app.Services.GetRequiredService<IngestCounters>();

    public IServiceProvider Services => app.Services;

    /// <summary>The listeners with the ports they got; empty before <see cref="StartAsync"/> has completed.</summary>
    public IReadOnlyList<BoundListener> Listeners { get; private set; } = [];

    /// <summary>Puts a server together without listening yet.</summary>
    /// <param name="logging">Stays the caller's.</param>
    /// <param name="mapApis">Further routes, for tests; the product's own are named in <see cref="Compose"/>.</param>
    /// <param name="pagesFolder">Where the built web UI lies; by default beside the program.</param>
    public static WaymarkHost Build(ServerOptions options, ITraceStore store, ISpanWriter writer, TimeProvider time, ILoggerFactory logging, Action<WebApplication>? mapApis = null, string? pagesFolder = null) =>
        new(options, store, writer, time, logging, mapApis, pagesFolder);

    /// <summary>Starts listening. Throws <see cref="StartException"/> when an address is not available or not allowed.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        ListenRules.Check(options);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception exception) when (ListenRules.Explain(exception, options) is { } sentence)
        {
            throw new StartException(sentence, exception);
        }

        var bound = listeners.ToDictionary(static l => l.Role, static l => l.Bound.IPEndPoint!);
        // One address for both is one socket in two roles.
        bound.TryAdd(ListenerRole.OtlpHttp, bound[ListenerRole.Http]);
        Listeners = [.. bound.OrderBy(static l => l.Key).Select(static l => new BoundListener(l.Key, l.Value))];
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(ServerLog.Category);
        foreach (var (_, listener) in listeners)
        {
            if (!IPAddress.IsLoopback(listener.IPEndPoint!.Address)) ServerLog.ReachableWithoutAuthentication(logger, listener.IPEndPoint.ToString());
        }
    }

    /// <summary>Stops accepting, lets running requests finish for a few seconds, then cuts them off.</summary>
    public Task StopAsync(CancellationToken cancellation) => app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private void AddServices(IServiceCollection services, ITraceStore store, ISpanWriter writer, TimeProvider time)
    {
        services.AddSingleton(this);
        services.AddSingleton(options);
        // Instances given to the container are not disposed by it: the store's owner closes it after the last request.
        services.AddSingleton(store);
        services.AddSingleton(writer);
        services.AddSingleton(time);
        services.AddSingleton(new IngestCounters(time));
        // A gzip body holds its compressed and its decompressed bytes: one of the largest must fit.
        services.AddSingleton(new InFlightBytes(options.MaxInFlightBytes, Math.Max(options.MaxInFlightBytes / 2, 2L * options.MaxRequestBytes)));
        services.AddSingleton(new IngestService(writer, options.SpanLimits));
        services.AddSingleton(new CorsPolicy(options.CorsOrigins));
        services.AddSingleton(s => new OtlpHttpReceiver(
            s.GetRequiredService<IngestService>(),
            s.GetRequiredService<InFlightBytes>(),
            s.GetRequiredService<IngestCounters>(),
            s.GetRequiredService<CorsPolicy>(),
            options.MaxRequestBytes,
            s.GetRequiredService<ILoggerFactory>().CreateLogger(ServerLog.Category)));
        services.AddSingleton(s => new OtlpGrpcReceiver(
            s.GetRequiredService<IngestService>(),
            s.GetRequiredService<InFlightBytes>(),
            s.GetRequiredService<IngestCounters>(),
            options.MaxRequestBytes,
            s.GetRequiredService<ILoggerFactory>().CreateLogger(ServerLog.Category)));
    }

    /// <summary>What a request passes, in order.</summary>
    private void Compose(Action<WebApplication>? mapApis)
    {
        if (options.PathBase.Length > 0) app.UsePathBase(options.PathBase);
        app.UseMiddleware<ReceiverMiddleware>();
        app.UseMiddleware<MainPortGuard>();
        app.UseMiddleware<PagesMiddleware>();
        app.UseMiddleware<QueryGate>();
        app.UseRouting();
        app.MapNativeApi();
        app.MapGroup("/tempo").MapTempoApi();
        app.MapFrontPage();
        mapApis?.Invoke(app);
    }

    private void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = ApiBodyBytes;
        Listen(kestrel, options.Http, ListenerRole.Http);
        // One address for both is one listener: the main port takes OTLP anyway.
        if (options.OtlpHttp.Port == 0 || options.OtlpHttp != options.Http) Listen(kestrel, options.OtlpHttp, ListenerRole.OtlpHttp);
        Listen(kestrel, options.OtlpGrpc, ListenerRole.OtlpGrpc);
    }

    private void Listen(KestrelServerOptions kestrel, ListenAddress address, ListenerRole role)
    {
        var feature = new ListenerFeature(role);
        kestrel.Listen(address.Address, address.Port, listen =>
        {
            // Without TLS there is no negotiation and a pipeline speaks one version; the sniffer picks the pipeline.
            listen.Protocols = role == ListenerRole.OtlpGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Features.Set(feature);
                return next(connection);
            });
            listen.Use(next => sniffer.Wrap(next, role == ListenerRole.OtlpGrpc));
            listeners.Add((role, listen));
        });
    }

    private static Socket BindSocket(EndPoint endpoint)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException exception)
        {
            // The socket's own exception does not say which address it was.
            throw new ListenException((IPEndPoint)endpoint, exception);
        }
    }

    /// <summary>Neither waits for nor reacts to anything: <see cref="StopAsync"/> is called by whoever started the host.</summary>
    private sealed class UnattendedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
