// Senders that came to the wrong address: recognised so that they are told, and their owner can see, what would be right.
namespace Waymark.Server.Receivers;

/// <summary>Judges requests to paths that take no OTLP.</summary>
internal static class StraySender
{
    /// <summary>Characters of a path that are quoted.</summary>
    private const int MaxPath = 120;

    private static readonly string[] ZipkinPaths = ["/api/v1/spans", "/api/v2/spans"];
    private static readonly string[] JaegerPaths = ["/api/traces"];
    private static readonly string[] BinaryTypes = ["application/x-protobuf", "application/protobuf", "application/x-thrift", "application/vnd.apache.thrift.binary"];

    /// <summary>True on the main port for what only a sender of spans would do: post a binary encoding anywhere, or anything to a path that is nearly OTLP's or another protocol's.</summary>
    public static bool IsOne(HttpRequest request)
    {
        if (!SendsSomething(request)) return false;
        var path = request.Path.Value ?? "";
        var type = request.ContentType.AsSpan();
        if (type.IndexOf(';') is >= 0 and var end) type = type[..end];
        foreach (var binary in BinaryTypes)
        {
            if (type.Trim().Equals(binary, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return path.StartsWith("/v1/", StringComparison.OrdinalIgnoreCase)
            || path.Contains("/v1/trace", StringComparison.OrdinalIgnoreCase) && !path.StartsWith("/api/", StringComparison.OrdinalIgnoreCase)
            || path.Contains("/otlp", StringComparison.OrdinalIgnoreCase)
            || Is(path, ZipkinPaths)
            || Is(path, JaegerPaths);
    }

    /// <summary>Not merely a look, as a browser takes one.</summary>
    public static bool SendsSomething(HttpRequest request) => HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method);

    /// <summary>What was asked for, and what was probably meant.</summary>
    public static string Hint(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var sent = $"This was {request.Method} {PathOf(request)}";
        if (Is(path, ZipkinPaths)) return sent + ", which is Zipkin's: use an OTLP exporter.";
        if (Is(path, JaegerPaths)) return sent + ", which is Jaeger's: use an OTLP exporter.";
        if (path.StartsWith("/opentelemetry.proto.", StringComparison.Ordinal)) return sent + ", a gRPC method, but not over HTTP/2.";
        if (path.Contains("/v1/traces/v1/traces", StringComparison.OrdinalIgnoreCase)) return sent + ": exporters append /v1/traces to OTEL_EXPORTER_OTLP_ENDPOINT themselves; leave it out there.";
        return sent + ".";
    }

    /// <summary>The path as it was escaped for the wire, shortened; never the query string, where people put keys.</summary>
    public static string PathOf(HttpRequest request)
    {
        var path = request.Path.ToUriComponent();
        return path.Length <= MaxPath ? path : path[..MaxPath] + "…";
    }

    private static bool Is(string path, string[] paths) => paths.Contains(path.TrimEnd('/'), StringComparer.OrdinalIgnoreCase);
}
