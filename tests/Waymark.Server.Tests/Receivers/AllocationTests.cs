// The receive path must not feed the garbage collector: the budget is 20 bytes a span through Kestrel, and the receiver is to need little of it.
using System.Net;
using System.Net.Sockets;
using System.Text;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Server.Hosting;
using Waymark.Server.Tests.Hosting;

namespace Waymark.Server.Tests.Receivers;

/// <summary>Allocation is counted for the whole process: nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    // An SDK's batch: 300 spans of 450 bytes, so that 2,000 bytes are 7 a span. Measured: about 450, with gzip 900.
    private const int BodyBytes = 300 * 450;
    private const int BudgetBytes = 2_000;
    private const int Rounds = 400;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_allocates_less_than_its_share(bool gzip)
    {
        await using var server = await TestServer.StartAsync();
        server.Store.KeepBodies = false;
        var receipt = new WriteReceipt(WriteOutcome.Stored, new DecodeReport { Accepted = 300 });
        server.Store.Answer = _ => receipt;
        var body = new byte[BodyBytes];
        new Random(1).NextBytes(body.AsSpan(0, BodyBytes / 4));
        if (gzip) body = OtlpHttpTests.Gzip(body);
        var encoding = gzip ? "Content-Encoding: gzip\r\n" : "";
        byte[] request = [.. Encoding.ASCII.GetBytes($"POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-protobuf\r\nUser-Agent: x\r\n{encoding}Content-Length: {body.Length}\r\n\r\n"), .. body];
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Url(ListenerRole.OtlpHttp).Port);
        var answer = new byte[1000];
        Send(100);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Send(Rounds);
        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / Rounds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} bytes a request");
        Assert.InRange(each, 0, BudgetBytes);

        // Blocking calls, so that the sender itself allocates nothing.
        void Send(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                socket.Send(request);
                var read = socket.Receive(answer);
                Assert.StartsWith("HTTP/1.1 200 OK", Encoding.ASCII.GetString(answer, 0, 15));
                Assert.True(answer.AsSpan(0, read).EndsWith("\r\n\r\n"u8));
            }
        }
    }
}
