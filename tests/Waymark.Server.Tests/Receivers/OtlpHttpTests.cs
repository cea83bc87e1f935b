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
}
