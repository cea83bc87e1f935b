// Where a listener listens: an IP address and a port.
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Waymark.Server.Options;

/// <summary>An address to bind. Port 0 lets the system choose.</summary>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    public const string Forms = "HOST:PORT with an IP address, localhost or * as HOST ([::1]:4317 for IPv6), or a PORT alone, which means 127.0.0.1";

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    public bool IsAny => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    /// <summary>Reads any of the <see cref="Forms"/>. A missing host (<c>:4317</c>) is the loopback: opening up takes a word.</summary>
    public static ListenAddress? TryParse(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        var portText = text[(colon + 1)..];
        if (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort) return null;
        return ParseHost(host) is { } address ? new(address, port) : null;
    }

    public override string ToString() => new IPEndPoint(Address, Port).ToString();

    private static IPAddress? ParseHost(string host)
    {
        if (host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return IPAddress.Loopback;
        if (host == "*") return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        if (host[0] == '[') return host[^1] == ']' && IPAddress.TryParse(host[1..^1], out var six) && six.AddressFamily == AddressFamily.InterNetworkV6 ? six : null;
        // IPAddress also reads "1" and "127.1": only the four-part form is meant.
        return host.Count(static c => c == '.') == 3 && IPAddress.TryParse(host, out var four) && four.AddressFamily == AddressFamily.InterNetwork ? four : null;
    }
}
