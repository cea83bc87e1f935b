// Every port takes OTLP in either form: gRPC on the HTTP ports, HTTP/1.1 and HTTP/2 everywhere.
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Waymark.Server.Hosting;
using Waymark.Server.Tests.Hosting;
using static Waymark.Server.Tests.Receivers.OtlpHttpTests;

namespace Waymark.Server.Tests.Receivers;

public sealed class BothProtocolsTests
{
    private static readonly Marshaller<byte[]> Bytes = new(static bytes => bytes, static bytes => bytes);
    private static readonly Method<byte[], byte[]> Export = new(MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", Bytes, Bytes);

    [Fact]
    public async Task Grpc_is_taken_on_every_port()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var listener in server.Host.Listeners)
        {
            using var channel = GrpcChannel.ForAddress(listener.Url);
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(Export, null, default, [1, 2]);
            Assert.Empty(await call);
            Assert.True(server.Store.Written.TryDequeue(out _));
        }
    }

    [Fact]
    public async Task Otlp_over_http_is_taken_on_every_port_in_either_version()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var listener in server.Host.Listeners)
        {
            foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
            {
                var request = Post(listener.Url + "/v1/traces", "{}"u8.ToArray(), Json);
                request.Version = version;
                request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
                using var answer = await server.Client.SendAsync(request);
                Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version));
                Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
            }
        }
    }

    [Fact]
    public async Task A_preface_that_comes_in_pieces_or_breaks_off_harms_nobody()
    {
        await using var server = await TestServer.StartAsync();
        using var pieces = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await pieces.ConnectAsync(IPAddress.Loopback, server.Url(ListenerRole.OtlpHttp).Port);
        foreach (var b in "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray())
        {
            await pieces.SendAsync(new[] { b });
            await Task.Delay(2);
        }

        // An empty SETTINGS frame; the server answers with its own.
        await pieces.SendAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });
        var frame = new byte[9];
        Assert.Equal(9, await pieces.ReceiveAsync(frame));
        Assert.Equal(4, frame[3]);

        using var broken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await broken.ConnectAsync(IPAddress.Loopback, server.Url(ListenerRole.OtlpHttp).Port);
        await broken.SendAsync("PRI * HT"u8.ToArray());
        broken.Dispose();
        using var answer = await server.Client.SendAsync(Post("/v1/traces", [1], Protobuf));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Connections_that_never_said_anything_do_not_delay_the_stop()
    {
        var server = await TestServer.StartAsync();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(IPAddress.Loopback, server.Url(ListenerRole.Http).Port);
        await Task.Delay(100);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await server.DisposeAsync();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 3);
    }
}
