// Slow, stalled, half-closed and idle connections: they get nowhere, and nobody else notices.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Waymark.Server.Hosting;
using Waymark.Server.SelfTelemetry;
using Waymark.Server.Tests.Hosting;
using static Waymark.Server.Tests.Receivers.OtlpHttpTests;

namespace Waymark.Server.Tests.Receivers;

public sealed class SlowClientTests
{
    private static async Task<Socket> ConnectAsync(TestServer server, ListenerRole role = ListenerRole.OtlpHttp)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Url(role).Port);
        return socket;
    }

    private static Task<int> SendAsync(Socket socket, string text) => socket.SendAsync(Encoding.ASCII.GetBytes(text));

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, timeout.Token);
            if (read == 0) return text.ToString();
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
    }

    private static async Task AssertServedAsync(TestServer server)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
        {
            using var answer = await server.Client.SendAsync(Post("/v1/traces", new byte[10_000], Protobuf));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public async Task A_thousand_idle_connections_do_not_keep_others_from_being_served()
    {
        await using var server = await TestServer.StartAsync();
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < 1000; i++) idle.Add(await ConnectAsync(server, i % 2 == 0 ? ListenerRole.OtlpHttp : ListenerRole.OtlpGrpc));
            await AssertServedAsync(server);
        }
        finally
        {
            idle.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Two_hundred_stalled_bodies_do_not_keep_others_from_being_served_and_hold_only_what_they_sent()
    {
        await using var server = await TestServer.StartAsync();
        var stalled = new List<Socket>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var socket = await ConnectAsync(server);
                stalled.Add(socket);
                await SendAsync(socket, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000000\r\n\r\n{\"resourceSpans\":");
            }

            await Eventually.TrueAsync(() => server.Host.Services.InFlight().Used == 200 * 17);
            await AssertServedAsync(server);
        }
        finally
        {
            stalled.ForEach(static socket => socket.Dispose());
        }

        await Eventually.TrueAsync(() => server.Host.Services.InFlight().Used == 0);
        var outcomes = server.Host.Counters.Snapshot().Protocols.Single(static p => p.Protocol == IngestProtocol.OtlpHttpJson).Requests;
        Assert.Equal(200, outcomes.GetValueOrDefault(RequestOutcome.Aborted) + outcomes.GetValueOrDefault(RequestOutcome.TurnedAway));
    }

    [Fact]
    public async Task A_body_that_stalls_is_ended_by_the_server()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await ConnectAsync(server);
        await SendAsync(socket, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");
        var answer = await ReadToEndAsync(socket);
        Assert.StartsWith("HTTP/1.1 503 ", answer);
        Assert.Contains("\r\nRetry-After: 1\r\n", answer);
        Assert.Contains("\"message\":\"The body arrived too slowly.", answer);
        Assert.Empty(server.Store.Written);
    }

    [Fact]
    public async Task A_body_cut_off_by_half_closing_is_not_stored_and_a_whole_one_is_and_nobody_else_notices()
    {
        await using var server = await TestServer.StartAsync();
        using (var cut = await ConnectAsync(server))
        {
            await SendAsync(cut, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{}");
            cut.Shutdown(SocketShutdown.Send);
            await Eventually.TrueAsync(() => server.Host.Counters.Snapshot().Protocols.Count == 1);
        }

        Assert.Empty(server.Store.Written);
        using var whole = await ConnectAsync(server);
        await SendAsync(whole, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        await Eventually.TrueAsync(() => server.Store.Written.Count == 1);
        whole.Shutdown(SocketShutdown.Send);
        Assert.Equal("{}"u8.ToArray(), server.Store.Written.Single().Body);
        await AssertServedAsync(server);
    }

    [Fact]
    public async Task Broken_chunks_are_400_with_a_status_body()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await ConnectAsync(server);
        await SendAsync(socket, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
        var answer = await ReadToEndAsync(socket);
        Assert.StartsWith("HTTP/1.1 400 ", answer);
        Assert.Contains("\"code\":3", answer);
    }

    [Fact]
    public async Task Expect_100_continue_is_answered_before_the_body_is_sent()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await ConnectAsync(server);
        await SendAsync(socket, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        var buffer = new byte[100];
        var read = await socket.ReceiveAsync(buffer);
        Assert.StartsWith("HTTP/1.1 100 Continue", Encoding.ASCII.GetString(buffer, 0, read));
        await SendAsync(socket, "{}");
        Assert.StartsWith("HTTP/1.1 200 OK", await ReadToEndAsync(socket));
    }
}
