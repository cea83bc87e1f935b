// Which addresses may be listened on, and what to say when one can't be.
using System.Net;
using System.Net.Sockets;
using Waymark.Server.Options;

namespace Waymark.Server.Hosting;

/// <summary>Binding an address failed.</summary>
internal sealed class ListenException(IPEndPoint endpoint, SocketException cause) : Exception(cause.Message, cause)
{
    public IPEndPoint Endpoint => endpoint;
    public SocketError Error => cause.SocketErrorCode;
}

/// <summary>The rules and the sentences about listening.</summary>
internal static class ListenRules
{
    /// <summary>Loopback by default; more than that must be asked for. Throws <see cref="StartException"/>.</summary>
    public static void Check(ServerOptions options)
    {
        foreach (var (flag, address) in Addresses(options))
        {
            if (address.IsLoopback || options.AllowAnonymous) continue;
            throw new StartException(
                $"{flag} {address} could be reached from other machines, and Waymark has no authentication: anyone there could read and write traces. "
                + "Listen on 127.0.0.1, or say --allow-anonymous (server.allow_anonymous: true) if that is intended.");
        }
    }

    /// <summary>One sentence for a failure to listen; null for any other exception.</summary>
    public static string? Explain(Exception exception, ServerOptions options)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is ListenException listen) return Explain(listen, options);
        }

        return null;
    }

    private static string Explain(ListenException exception, ServerOptions options)
    {
        var flag = "";
        foreach (var (name, address) in Addresses(options))
        {
            if (address.Address.Equals(exception.Endpoint.Address) && address.Port == exception.Endpoint.Port) flag = name;
        }

        return exception.Error switch
        {
            SocketError.AddressAlreadyInUse => $"Port {exception.Endpoint.Port} on {exception.Endpoint.Address} is in use by another program. Choose another with {flag} HOST:PORT (port 0 takes any free one).",
            SocketError.AccessDenied => $"Listening on {exception.Endpoint} is not permitted; ports below 1024 usually need privileges. Choose another with {flag} HOST:PORT.",
            SocketError.AddressNotAvailable => $"This machine has no address {exception.Endpoint.Address}. Choose another with {flag} HOST:PORT.",
            _ => $"Could not listen on {exception.Endpoint} ({flag}): {exception.Message}.",
        };
    }

    private static (string Flag, ListenAddress Address)[] Addresses(ServerOptions options) =>
        [("--http", options.Http), ("--otlp-http", options.OtlpHttp), ("--otlp-grpc", options.OtlpGrpc)];
}
