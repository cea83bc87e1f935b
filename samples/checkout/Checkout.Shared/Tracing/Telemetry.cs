// The stock OpenTelemetry SDK with the sources that .NET itself brings; no instrumentation package.
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Checkout.Shared.Tracing;

/// <summary>Where to and how often is the environment's to say: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, <c>OTEL_BSP_SCHEDULE_DELAY</c> and their like.</summary>
public static class Telemetry
{
    /// <summary>Makes ASP.NET Core put method, path, scheme and address on its spans. Read once by the framework, so this comes before any host.</summary>
    public static void SwitchOnServerTags() => AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", isEnabled: false);

    /// <summary>Disposing sends what is left.</summary>
    public static TracerProvider Start(string service, string release) =>
        Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource
                .AddService(service, serviceNamespace: "checkout", serviceVersion: release)
                .AddAttributes([new("deployment.environment.name", "demo"), new("process.pid", (long)Environment.ProcessId)]))
            .SetSampler(new ParentBasedSampler(new QuietPathSampler()))
            .AddSource(Spans.SourceName, "Microsoft.AspNetCore", "System.Net.Http")
            // Port 4318 speaks HTTP; the SDK's own default would be gRPC.
            .AddOtlpExporter(options => options.Protocol = OtlpExportProtocol.HttpProtobuf)
            .Build();
}
