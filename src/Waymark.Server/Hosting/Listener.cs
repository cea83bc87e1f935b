// The sockets Waymark listens on, and how a request learns through which of them it came.
namespace Waymark.Server.Hosting;

/// <summary>What a socket is for.</summary>
internal enum ListenerRole
{
    /// <summary>UI, APIs and OTLP/HTTP.</summary>
    Http,

    /// <summary>OTLP/HTTP alone.</summary>
    OtlpHttp,

    /// <summary>OTLP/gRPC alone.</summary>
    OtlpGrpc,
}

/// <summary>Set on every connection: which listener took it.</summary>
internal sealed record ListenerFeature(ListenerRole Role);

/// <summary>A socket that is listening.</summary>
/// <param name="Url">With the port that was really chosen, e.g. <c>http://127.0.0.1:7070</c>.</param>
internal sealed record BoundListener(ListenerRole Role, string Url)
{
    /// <summary>The role as it stands in the <c>listening</c> lines: <c>http</c>, <c>otlp-http</c> or <c>otlp-grpc</c>.</summary>
    public string Name => Role switch
    {
        ListenerRole.Http => "http",
        ListenerRole.OtlpHttp => "otlp-http",
        _ => "otlp-grpc",
    };
}
