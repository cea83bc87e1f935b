// OTLP/gRPC over real sockets: through a stock gRPC client, and by hand over HTTP/2, where frames and trailers can be seen.
using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using Waymark.Ingest.Admission;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Server.Hosting;
using Waymark.Server.SelfTelemetry;
using Waymark.Server.Tests.Hosting;

namespace Waymark.Server.Tests.Receivers;

public sealed class OtlpGrpcTests
{
    private const string TraceService = "opentelemetry.proto.collector.trace.v1.TraceService";

    private static readonly Marshaller<byte[]> Bytes = new(static bytes => bytes, static bytes => bytes);

    private static GrpcChannel Channel(TestServer server) => GrpcChannel.ForAddress(server.Url(ListenerRole.OtlpGrpc));

    private static AsyncUnaryCall<byte[]> Export(GrpcChannel channel, byte[] message, string service = TraceService, string method = "Export", Metadata? headers = null, DateTime? deadline = null) =>
        channel.CreateCallInvoker().AsyncUnaryCall(new Method<byte[], byte[]>(MethodType.Unary, service, method, Bytes, Bytes), null, new CallOptions(headers, deadline), message);

    private static byte[] Frame(byte[] message, byte flag = 0, int? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>A request as bytes, sent with HTTP/2 prior knowledge.</summary>
    private static Task<HttpResponseMessage> SendAsync(TestServer server, byte[] body, string? encoding = null, string type = "application/grpc", string path = $"/{TraceService}/Export", HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Post, new Uri(server.Url(ListenerRole.OtlpGrpc), path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.TE.Add(new("trailers"));
        if (encoding is not null) request.Headers.Add("grpc-encoding", encoding);
        return server.Client.SendAsync(request);
    }

    /// <summary>Checks that a failure came as trailers only: status in the one header block, nothing after it. Returns the decoded message.</summary>
    private static async Task<string> ReadFailureAsync(HttpResponseMessage answer, StatusCode code)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.Empty(answer.TrailingHeaders);
        Assert.Equal(((int)code).ToString(), answer.Headers.GetValues("grpc-status").Single());
        Assert.Equal(code == StatusCode.Unavailable, answer.Headers.Contains("grpc-status-details-bin"));
        return Uri.UnescapeDataString(answer.Headers.GetValues("grpc-message").Single());
    }

    [Fact]
    public async Task A_stock_client_is_answered_with_an_empty_message_and_ok()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = Channel(server);
        byte[] message = [1, 2, 3, 4];
        using var call = Export(channel, message, deadline: DateTime.MaxValue);
        Assert.Empty(await call);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        var written = server.Store.Written.Single();
        Assert.Equal(message, written.Body);
        Assert.Equal(message, written.AsReceived);
        Assert.Equal(BodyKind.OtlpProtobuf, written.Kind);
        Assert.Equal(1, server.Host.Counters.Snapshot().Protocols.Single(p => p.Protocol == IngestProtocol.OtlpGrpc).Requests[RequestOutcome.Accepted]);
    }

    [Fact]
    public async Task A_stock_client_that_compresses_is_understood_also_for_large_messages()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = Channel(server);
        var message = new byte[5_000_000];
        new Random(1).NextBytes(message.AsSpan(0, 2_000_000));
        using var call = Export(channel, message, headers: new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        Assert.Empty(await call);
        var written = server.Store.Written.Single();
        Assert.Equal(BodyCodec.Gzip, written.Codec);
        Assert.Equal(message, written.Body);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    public async Task Success_is_a_frame_of_no_bytes_and_a_trailer(string type)
    {
        await using var server = await TestServer.StartAsync();
        using var answer = await SendAsync(server, Frame([9, 9]), type: type);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(new byte[5], await answer.Content.ReadAsByteArrayAsync());
        Assert.False(answer.Headers.Contains("grpc-status"));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_gzip_frame_and_an_uncompressed_one_under_gzip_are_both_taken()
    {
        await using var server = await TestServer.StartAsync();
        byte[] message = [5, 6, 7];
        foreach (var (body, codec) in new[] { (Frame(OtlpHttpTests.Gzip(message), flag: 1), BodyCodec.Gzip), (Frame(message), BodyCodec.None) })
        {
            using var answer = await SendAsync(server, body, "gzip");
            await answer.Content.ReadAsByteArrayAsync();
            Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
            Assert.True(server.Store.Written.TryDequeue(out var written));
            Assert.Equal(codec, written.Codec);
            Assert.Equal(message, written.Body);
            Assert.Equal(body[5..], written.AsReceived);
        }
    }

    [Fact]
    public async Task Rejected_spans_are_a_partial_success()
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ =>
        {
            var report = new DecodeReport { Accepted = 1 };
            report.Count(Reject.SpanIdZero);
            return new(WriteOutcome.Stored, report);
        };
        using var channel = Channel(server);
        using var call = Export(channel, [1]);
        var partial = ProtoFields.Parse(await call).Message(1);
        Assert.Equal(1, partial.Number(1));
        Assert.Equal("Rejected 1 span with an all-zero span id.", partial.Text(2));
    }

    [Theory]
    [InlineData("opentelemetry.proto.collector.logs.v1.LogsService")]
    [InlineData("opentelemetry.proto.collector.metrics.v1.MetricsService")]
    [InlineData("opentelemetry.proto.collector.profiles.v1development.ProfilesService")]
    public async Task Other_signals_succeed_with_the_message_that_only_traces_are_stored(string service)
    {
        await using var server = await TestServer.StartAsync();
        using var channel = Channel(server);
        using var call = Export(channel, new byte[100_000], service);
        Assert.StartsWith("Waymark stores traces only", ProtoFields.Parse(await call).Message(1).Text(2));
        Assert.Empty(server.Store.Written);
    }

    [Fact]
    public async Task A_store_that_can_not_take_a_request_now_is_unavailable_with_retry_info()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var refusal in Enum.GetValues<Refusal>().Where(static r => r != Refusal.None))
        {
            server.Store.Answer = _ => new(WriteOutcome.Refused, default, refusal);
            using var channel = Channel(server);
            using var call = Export(channel, [1]);
            var failure = await Assert.ThrowsAsync<RpcException>(async () => await call);
            Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
            var status = ProtoFields.Parse(failure.Trailers.GetValueBytes("grpc-status-details-bin"));
            Assert.Equal(14, status.Number(1));
            Assert.Equal("type.googleapis.com/google.rpc.RetryInfo", status.Message(3).Text(1));
            Assert.InRange(status.Message(3).Message(2).Message(1).Number(1), 1, 5);
        }
    }

    [Fact]
    public async Task A_malformed_message_is_an_invalid_argument_with_its_offset()
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ => new(WriteOutcome.Malformed, new DecodeReport { Malformed = Malformed.BadLength, MalformedAt = 3 });
        using var answer = await SendAsync(server, Frame([1]));
        Assert.Contains("(byte 3)", await ReadFailureAsync(answer, StatusCode.InvalidArgument));
    }

    [Fact]
    public async Task Bodies_that_are_not_exactly_one_frame_are_invalid_arguments()
    {
        await using var server = await TestServer.StartAsync();
        byte[][] bodies = [[], [0, 0, 0], Frame([1, 2], length: 3), Frame([1, 2], length: 1), Frame([1, 2], flag: 2), [.. Frame([1]), .. Frame([2])]];
        foreach (var body in bodies)
        {
            using var answer = await SendAsync(server, body);
            await ReadFailureAsync(answer, StatusCode.InvalidArgument);
        }

        Assert.Empty(server.Store.Written);
    }

    [Fact]
    public async Task Compression_is_checked()
    {
        await using var server = await TestServer.StartAsync();
        using var unknown = await SendAsync(server, Frame([1], flag: 1), "zstd");
        await ReadFailureAsync(unknown, StatusCode.Unimplemented);
        Assert.Equal("identity,gzip", unknown.Headers.GetValues("grpc-accept-encoding").Single());
        using var unnamed = await SendAsync(server, Frame([1], flag: 1));
        await ReadFailureAsync(unnamed, StatusCode.Internal);
        using var corrupt = await SendAsync(server, Frame(OtlpHttpTests.Gzip(new byte[1000])[..^6], flag: 1), "gzip");
        await ReadFailureAsync(corrupt, StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task Messages_over_the_limit_exhaust_resources_and_are_not_to_be_retried()
    {
        await using var server = await TestServer.StartAsync(static o => o with { MaxRequestBytes = 10_000 });
        using var plain = await SendAsync(server, Frame(new byte[10_001]));
        Assert.Contains("10000 bytes", await ReadFailureAsync(plain, StatusCode.ResourceExhausted));
        using var announced = await SendAsync(server, [0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
        Assert.Contains("10000 bytes", await ReadFailureAsync(announced, StatusCode.ResourceExhausted));
        using var bomb = await SendAsync(server, Frame(OtlpHttpTests.Gzip(new byte[1_000_000]), flag: 1), "gzip");
        await ReadFailureAsync(bomb, StatusCode.ResourceExhausted);
        using var fits = await SendAsync(server, Frame(new byte[10_000]));
        await fits.Content.ReadAsByteArrayAsync();
        Assert.Equal("0", fits.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task An_unknown_method_is_unimplemented()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = Channel(server);
        using var call = Export(channel, [1], method: "Import");
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
        Assert.Contains("/Import", failure.Status.Detail);
    }

    [Fact]
    public async Task Requests_that_are_not_grpc_are_told_so_by_http_status()
    {
        await using var server = await TestServer.StartAsync();
        using var type = await SendAsync(server, [1], type: "application/x-protobuf");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, type.StatusCode);
        Assert.Contains("application/grpc", type.Headers.GetValues("grpc-message").Single());
        using var method = await SendAsync(server, [], method: HttpMethod.Put);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Equal(("12", "Send OTLP with POST."), (method.Headers.GetValues("grpc-status").Single(), method.Headers.GetValues("grpc-message").Single()));
        Assert.Equal(1, server.Host.Counters.Snapshot().TurnedAwayRequests[TransportRefusal.Method]);
    }

    [Fact]
    public async Task Many_calls_share_a_connection()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = Channel(server);
        var calls = Enumerable.Range(0, 300).Select(async i =>
        {
            using var call = Export(channel, new byte[1000 + i]);
            return await call;
        });
        Assert.All(await Task.WhenAll(calls), Assert.Empty);
        Assert.Equal(Enumerable.Range(1000, 300), server.Store.Written.Select(static w => w.Body.Length).Order());
    }
}
