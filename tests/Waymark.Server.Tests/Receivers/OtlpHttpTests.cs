// OTLP/HTTP over real sockets: success and partial success, in both encodings, by every way a body can come.
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Server.Hosting;
using Waymark.Server.SelfTelemetry;
using Waymark.Server.Tests.Hosting;

namespace Waymark.Server.Tests.Receivers;

public sealed class OtlpHttpTests
{
    internal const string Protobuf = "application/x-protobuf";
    internal const string Json = "application/json";

    internal static byte[] Gzip(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(body);
        return compressed.ToArray();
    }

    internal static HttpRequestMessage Post(string path, byte[] body, string? type, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return new(HttpMethod.Post, path) { Content = content };
    }

    private static byte[] Body(int bytes = 1000)
    {
        var body = new byte[bytes];
        new Random(bytes).NextBytes(body);
        return body;
    }

    [Theory]
    [InlineData("/v1/traces", Protobuf, BodyKind.OtlpProtobuf)]
    [InlineData("/v1/traces", "application/protobuf", BodyKind.OtlpProtobuf)]
    [InlineData("/v1/traces", Json, BodyKind.OtlpJson)]
    [InlineData("/v1/traces", "Application/JSON; charset=utf-8", BodyKind.OtlpJson)]
    [InlineData("/v1/traces/", Protobuf, BodyKind.OtlpProtobuf)]
    [InlineData("//v1/traces", Protobuf, BodyKind.OtlpProtobuf)]
    [InlineData("/", Protobuf, BodyKind.OtlpProtobuf)]
    [InlineData("/", Json, BodyKind.OtlpJson)]
    public async Task A_body_reaches_the_store_as_sent_on_either_port_and_the_answer_is_an_empty_response(string path, string type, BodyKind kind)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var role in new[] { ListenerRole.OtlpHttp, ListenerRole.Http })
        {
            var body = Body();
            // The path is appended as text: a Uri would fold the doubled slash.
            using var answer = await server.Client.SendAsync(Post(server.Host.Listeners.Single(l => l.Role == role).Url + path, body, type));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var isJson = kind == BodyKind.OtlpJson;
            Assert.Equal(isJson ? Json : Protobuf, answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(isJson ? "{}" : "", await answer.Content.ReadAsStringAsync());
            Assert.True(server.Store.Written.TryDequeue(out var written));
            Assert.Equal(kind, written.Kind);
            Assert.Equal(BodyCodec.None, written.Codec);
            Assert.Equal(body, written.Body);
            Assert.Equal(body, written.AsReceived);
        }
    }

    [Theory]
    [InlineData(Protobuf)]
    [InlineData(Json)]
    public async Task A_gzip_body_reaches_the_store_decompressed_together_with_the_bytes_as_received(string type)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var size in new[] { 0, 1, 1000, 300_000, 3_000_000 })
        {
            var body = Body(size);
            var compressed = Gzip(body);
            using var answer = await server.Client.SendAsync(Post("/v1/traces", compressed, type, "gzip"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(server.Store.Written.TryDequeue(out var written));
            // What .NET makes of nothing is nothing, not a gzip of nothing.
            Assert.Equal(size == 0 ? BodyCodec.None : BodyCodec.Gzip, written.Codec);
            Assert.Equal(body, written.Body);
            Assert.Equal(compressed, written.AsReceived);
        }
    }

    [Fact]
    public async Task A_chunked_body_without_a_length_is_taken_compressed_or_not()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var encoding in new[] { null, "identity", "gzip" })
        {
            var body = Body(200_000);
            var request = Post("/v1/traces", encoding == "gzip" ? Gzip(body) : body, Protobuf, encoding);
            request.Headers.TransferEncodingChunked = true;
            using var answer = await server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(server.Store.Written.TryDequeue(out var written));
            Assert.Equal(body, written.Body);
        }
    }

    [Fact]
    public async Task An_empty_request_is_a_success()
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ => new(WriteOutcome.NothingToStore, default);
        using var answer = await server.Client.SendAsync(Post("/v1/traces", [], Protobuf));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Rejected_spans_are_a_partial_success_that_names_each_reason_and_count()
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ =>
        {
            var report = new DecodeReport { Accepted = 5 };
            report.Count(Reject.TraceIdZero);
            report.Count(Reject.TraceIdZero);
            report.Count(Reject.TimeOutOfRange);
            report.Count(Cut.TextTooLong);
            return new(WriteOutcome.Stored, report);
        };
        const string Expected = "Rejected 3 spans: 2 with an all-zero trace id, 1 with a time beyond the year 2262. Stored with changes: 1 over-long text cut (limits.text_bytes).";

        using var protobuf = await server.Client.SendAsync(Post("/v1/traces", Body(), Protobuf));
        var partial = ProtoFields.Parse(await protobuf.Content.ReadAsByteArrayAsync()).Message(1);
        Assert.Equal(HttpStatusCode.OK, protobuf.StatusCode);
        Assert.Equal(3, partial.Number(1));
        Assert.Equal(Expected, partial.Text(2));

        using var json = await server.Client.SendAsync(Post("/v1/traces", Body(), Json));
        Assert.Equal("{\"partialSuccess\":{\"rejectedSpans\":\"3\",\"errorMessage\":\"" + Expected + "\"}}", await json.Content.ReadAsStringAsync());

        var counts = server.Host.Counters.Snapshot();
        Assert.Equal(10, counts.AcceptedSpans);
        Assert.Equal(4, counts.RejectedSpans[Reject.TraceIdZero]);
        Assert.Equal(2, counts.RejectedSpans[Reject.TimeOutOfRange]);
        Assert.Equal(2, counts.Cuts[Cut.TextTooLong]);
        Assert.Equal(1, counts.Protocols.Single(p => p.Protocol == IngestProtocol.OtlpHttpJson).Requests[RequestOutcome.Partial]);
    }

    [Fact]
    public async Task Cuts_alone_are_a_warning_that_rejects_nothing()
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ =>
        {
            var report = new DecodeReport { Accepted = 1 };
            report.Count(Cut.TooManyAttributes);
            return new(WriteOutcome.Stored, report);
        };
        using var protobuf = await server.Client.SendAsync(Post("/v1/traces", Body(), Protobuf));
        var partial = ProtoFields.Parse(await protobuf.Content.ReadAsByteArrayAsync()).Message(1);
        Assert.False(partial.Has(1));
        Assert.Contains("limits.attributes", partial.Text(2));
        using var json = await server.Client.SendAsync(Post("/v1/traces", Body(), Json));
        using var document = JsonDocument.Parse(await json.Content.ReadAsStringAsync());
        Assert.False(document.RootElement.GetProperty("partialSuccess").TryGetProperty("rejectedSpans", out _));
    }

    [Theory]
    [InlineData("/v1/logs", "logs")]
    [InlineData("/v1/metrics", "metrics")]
    [InlineData("/v1development/profiles", "profiles")]
    public async Task Other_signals_succeed_with_the_message_that_only_traces_are_stored(string path, string name)
    {
        await using var server = await TestServer.StartAsync();
        using var protobuf = await server.Client.SendAsync(Post(path, Gzip(Body(100_000)), Protobuf, "gzip"));
        var partial = ProtoFields.Parse(await protobuf.Content.ReadAsByteArrayAsync()).Message(1);
        Assert.Equal(HttpStatusCode.OK, protobuf.StatusCode);
        Assert.False(partial.Has(1));
        Assert.StartsWith($"Waymark stores traces only: these {name} were not kept.", partial.Text(2));
        using var json = await server.Client.SendAsync(Post(path, "{}"u8.ToArray(), Json));
        using var document = JsonDocument.Parse(await json.Content.ReadAsStringAsync());
        Assert.StartsWith("Waymark stores traces only", document.RootElement.GetProperty("partialSuccess").GetProperty("errorMessage").GetString());
        Assert.Empty(server.Store.Written);
        Assert.Equal(1, server.Host.Counters.Snapshot().Protocols.Single(p => p.Protocol == IngestProtocol.OtlpHttpJson).Requests[RequestOutcome.TracesOnly]);
    }

    [Fact]
    public async Task Retries_of_stored_requests_are_acknowledged_and_their_spans_not_counted_again()
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ => new(WriteOutcome.AlreadyStored, new DecodeReport { Accepted = 7 });
        using var answer = await server.Client.SendAsync(Post("/v1/traces", Body(), Protobuf));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var counts = server.Host.Counters.Snapshot();
        Assert.Equal(0, counts.AcceptedSpans);
        Assert.Equal(1, counts.Protocols.Single().Requests[RequestOutcome.AlreadyStored]);
    }
}
