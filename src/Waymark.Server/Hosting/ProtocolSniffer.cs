// Lets every plain port speak both HTTP/1.1 and HTTP/2: Kestrel takes one of them without TLS, so the first bytes of a connection decide which of two pipelines gets it.
using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Waymark.Server.Hosting;

/// <summary>
/// Hands a connection that opens with HTTP/2's preface (RFC 9113 §3.4) to an HTTP/2 pipeline and any other to an HTTP/1.1 one. The pipelines are Kestrel's own, taken from the
/// listeners that were set up for either protocol. One instance serves all listeners of a server.
/// </summary>
internal sealed class ProtocolSniffer(TimeProvider time)
{
    // As Kestrel's keep-alive timeout: a connection on which nothing ever comes is closed.
    private static readonly TimeSpan FirstBytesTimeout = TimeSpan.FromSeconds(130);

    private ConnectionDelegate? http1;
    private ConnectionDelegate? http2;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>The middleware of a listener whose own pipeline (<paramref name="next"/>) speaks HTTP/2 or else HTTP/1.1.</summary>
    public ConnectionDelegate Wrap(ConnectionDelegate next, bool isHttp2)
    {
        if (isHttp2) http2 = next;
        else http1 = next;
        return ServeAsync;
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        if (await StartsWithPrefaceAsync(connection) is not { } isHttp2) return;
        // Null only while the server is still binding its other listeners; the sender comes again.
        if ((isHttp2 ? http2 : http1) is { } pipeline) await pipeline(connection);
    }

    /// <summary>Null when the connection ended, or was to end, before it said anything. Consumes nothing.</summary>
    private async Task<bool?> StartsWithPrefaceAsync(ConnectionContext connection)
    {
        using var timeout = new CancellationTokenSource(FirstBytesTimeout, time);
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(giveUp.Token);
                var buffer = read.Buffer;
                var isPreface = Compare(buffer);
                var isDecided = isPreface is not null || read.IsCompleted;
                input.AdvanceTo(buffer.Start, isDecided ? buffer.Start : buffer.End);
                if (isDecided) return buffer.IsEmpty ? null : isPreface ?? false;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Nobody there, or time to go: the connection closes when this returns.
            return null;
        }
    }

    /// <summary>Null while the bytes are only a beginning of the preface.</summary>
    private static bool? Compare(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        if (!start[..length].SequenceEqual(Preface[..length])) return false;
        return length == Preface.Length ? true : null;
    }
}
