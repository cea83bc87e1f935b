// The sockets Waymark listens on, and how a request learns through which of them it came.
using System.Globalization;
using System.Net;

namespace Waymark.Server.Hosting;

/// <summary>What a socket is for.</summary>
internal enum ListenerRole
{
    /// <summary>Front page, APIs and OTLP/HTTP.</summary>
    Http,

    /// <summary>OTLP/HTTP alone.</summary>
    OtlpHttp,

    /// <summary>OTLP/gRPC alone.</summary>
    OtlpGrpc,
}

/// <summary>Set on every connection: which listener took it.</summary>
internal sealed record ListenerFeature(ListenerRole Role);

/// <summary>A role that a listening socket has taken.</summary>
/// <param name="Endpoint">With the port that was really chosen.</param>
internal sealed record BoundListener(ListenerRole Role, IPEndPoint Endpoint)
{
    /// <summary>For programs: a concrete address that can be connected to, e.g. <c>http://127.0.0.1:7070</c>; of a wildcard, the loopback of its family.</summary>
    public string Url => "http://" + new IPEndPoint(Connectable(Endpoint.Address), Endpoint.Port);

    /// <summary>For people: a wildcard is shown as <c>localhost</c>.</summary>
    public string ClickableUrl => IsWildcard(Endpoint.Address) ? string.Create(CultureInfo.InvariantCulture, $"http://localhost:{Endpoint.Port}") : Url;

    /// <summary>The role as it stands in the <c>listening</c> lines: <c>http</c>, <c>otlp-http</c> or <c>otlp-grpc</c>.</summary>
    public string Name => Role switch
    {
        ListenerRole.Http => "http",
        ListenerRole.OtlpHttp => "otlp-http",
        _ => "otlp-grpc",
    };

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress Connectable(IPAddress address) =>
        address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
}
