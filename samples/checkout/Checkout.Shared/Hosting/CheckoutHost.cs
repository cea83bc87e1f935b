// The set-up every service of the shop shares: address, configuration, tracing, and an orderly end.
using Checkout.Shared.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace Checkout.Shared.Hosting;

/// <summary>
/// Configuration, by argument (<c>--port 8080</c>), environment (<c>services__auth=…</c>) or the file that <c>services_file</c> names, which is read
/// again whenever it changes:
/// <list type="bullet">
/// <item><c>port</c>: on 127.0.0.1; 0, the default, takes any free one. The address is printed as <c>listening URL</c>.</item>
/// <item><c>services:NAME</c>: where the service NAME listens.</item>
/// <item><c>release</c>: this service's version, on all of its spans.</item>
/// </list>
/// </summary>
public static class CheckoutHost
{
    private const string FirstRelease = "1.4.0";

    public static WebApplicationBuilder CreateBuilder(string service, string[] args)
    {
        Telemetry.SwitchOnServerTags();
        var builder = WebApplication.CreateSlimBuilder(args);
        if (builder.Configuration["services_file"] is { } file) builder.Configuration.AddJsonFile(file, optional: false, reloadOnChange: true);
        builder.WebHost.UseUrls($"http://127.0.0.1:{builder.Configuration["port"] ?? "0"}");
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(static options => options.SingleLine = true);
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(3));
        var release = builder.Configuration["release"] ?? FirstRelease;
        builder.Services.AddSingleton(_ => Telemetry.Start(service, release));
        builder.Services.AddSingleton(static _ => new HttpClient { Timeout = TimeSpan.FromSeconds(30) });
        builder.Services.AddSingleton<ServiceCaller>();
        builder.Services.AddSingleton(TimeProvider.System);
        if (Lifeline.IsWanted) builder.Services.AddSingleton<IHostLifetime, Lifeline>();
        return builder;
    }

    /// <summary>Builds the application with what comes first in its pipeline.</summary>
    public static WebApplication BuildService(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var app = builder.Build();
        app.Use(ServerSpanMiddleware.InvokeAsync);
        app.MapGet("/health", static () => Results.Ok());
        return app;
    }

    /// <summary>Runs until the process is told to stop. Spans still in the queue are sent when the container is disposed, after the last request.</summary>
    public static async Task RunServiceAsync(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        await using (app)
        {
            // Before the first hosted service starts, so that its spans are recorded too.
            app.Services.GetRequiredService<TracerProvider>();
            await app.StartAsync();
            await Console.Out.WriteLineAsync($"listening {app.Urls.First()}");
            await app.WaitForShutdownAsync();
        }
    }
}
