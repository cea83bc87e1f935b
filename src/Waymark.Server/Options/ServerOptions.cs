// Everything that can be set, as the code uses it. OptionCatalog says what each may be; this is what came out.
using Waymark.Model.Limits;
using Waymark.Storage;

namespace Waymark.Server.Options;

/// <summary>The server's options, checked.</summary>
internal sealed record ServerOptions
{
    /// <summary>Front page, native API, the dialects under their prefixes, and OTLP/HTTP.</summary>
    public required ListenAddress Http { get; init; }

    /// <summary>OTLP/HTTP alone.</summary>
    public required ListenAddress OtlpHttp { get; init; }

    /// <summary>OTLP/gRPC.</summary>
    public required ListenAddress OtlpGrpc { get; init; }

    public bool AllowAnonymous { get; init; }

    /// <summary>Prefix under which a proxy serves the main port, e.g. <c>/waymark</c>; empty for none.</summary>
    public string PathBase { get; init; } = "";

    /// <summary>Host names by which the main port may be called, besides loopback names and bound addresses.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Origins of web pages that may send OTLP, besides loopback ones.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Limit of a request body, before and after decompression.</summary>
    public int MaxRequestBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of all bodies being received or stored at once.</summary>
    public long MaxInFlightBytes { get; init; } = 256L << 20;

    public SpanLimits SpanLimits { get; init; } = SpanLimits.Default;

    public required StoreOptions Store { get; init; }
}
