// Which OTLP signal a path is for.
using Waymark.Protocols.Otlp;

namespace Waymark.Server.Receivers;

/// <summary>What a request to an OTLP path wants.</summary>
internal enum OtlpSignal
{
    /// <summary>Not an OTLP path.</summary>
    None,

    Traces,
    Metrics,
    Logs,
    Profiles,

    /// <summary>The bare root: traces, when the content type is OTLP's. Senders whose endpoint is a bare URL post there.</summary>
    Root,
}

/// <summary>OTLP's paths and names.</summary>
internal static class OtlpRoute
{
    /// <summary>The signal of an HTTP path. A trailing slash, or a doubled one in front, is forgiven: endpoints are often pasted together.</summary>
    public static OtlpSignal OfPath(string? path)
    {
        if (string.IsNullOrEmpty(path) || path == "/") return OtlpSignal.Root;
        var name = path.AsSpan();
        if (name.StartsWith("//")) name = name[1..];
        if (name[^1] == '/') name = name[..^1];
        return name switch
        {
            "/v1/traces" => OtlpSignal.Traces,
            "/v1/metrics" => OtlpSignal.Metrics,
            "/v1/logs" => OtlpSignal.Logs,
            "/v1development/profiles" => OtlpSignal.Profiles,
            _ => OtlpSignal.None,
        };
    }

    /// <summary>The signal of a gRPC method.</summary>
    public static OtlpSignal OfGrpcMethod(string? path) => path switch
    {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => OtlpSignal.Traces,
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => OtlpSignal.Metrics,
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => OtlpSignal.Logs,
        "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export" => OtlpSignal.Profiles,
        _ => OtlpSignal.None,
    };

    /// <summary>JSON name of the count of rejected items in a signal's partial success.</summary>
    public static string RejectedName(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Metrics => "rejectedDataPoints",
        OtlpSignal.Logs => "rejectedLogRecords",
        OtlpSignal.Profiles => "rejectedProfiles",
        _ => "rejectedSpans",
    };

    /// <summary>What senders of other signals are told.</summary>
    public static string TracesOnlyMessage(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Metrics => "Waymark stores traces only: these metrics were not kept. Switch the metrics exporter off (OTEL_METRICS_EXPORTER=none) or send them elsewhere.",
        OtlpSignal.Profiles => "Waymark stores traces only: these profiles were not kept.",
        _ => "Waymark stores traces only: these logs were not kept. Switch the logs exporter off (OTEL_LOGS_EXPORTER=none) or send them elsewhere.",
    };

    /// <summary>The encoding a Content-Type names; null when it is neither. Parameters such as charset are passed over.</summary>
    public static OtlpEncoding? EncodingOf(string? contentType)
    {
        if (contentType is null) return null;
        var type = contentType.AsSpan();
        var parameters = type.IndexOf(';');
        if (parameters >= 0) type = type[..parameters];
        type = type.Trim();
        if (type.Equals("application/x-protobuf", StringComparison.OrdinalIgnoreCase) || type.Equals("application/protobuf", StringComparison.OrdinalIgnoreCase))
            return OtlpEncoding.Protobuf;
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) ? OtlpEncoding.Json : null;
    }
}
