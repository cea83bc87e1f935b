// Request bodies out of plain spans, in every encoding a store is sent.
using System.IO.Compression;
using System.Text.Json;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

internal static class Requests
{
    /// <summary>An OTLP protobuf request with the spans in their order.</summary>
    public static WriteRequest Protobuf(params IEnumerable<NaiveSpan> spans) => Plain(BodyKind.OtlpProtobuf, ProtobufBody(spans));

    /// <summary>An OTLP JSON request with the spans of one trace, each once, grouped by resource and scope.</summary>
    public static WriteRequest Json(params IEnumerable<NaiveSpan> spans) => Plain(BodyKind.OtlpJson, JsonBody(spans));

    /// <summary>The same request as it comes compressed.</summary>
    public static WriteRequest Gzip(WriteRequest request)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(request.Body.Span);
        return request with { Codec = BodyCodec.Gzip, AsReceived = compressed.ToArray() };
    }

    public static WriteRequest Plain(BodyKind kind, byte[] body) => new(kind, body, BodyCodec.None, body, SpanLimits.Default);

    public static byte[] ProtobufBody(IEnumerable<NaiveSpan> spans)
    {
        using var scratch = new PooledBuffer();
        using var body = new PooledBuffer();
        var sink = new OtlpEncodingSink(scratch);
        NaiveSender.Send(spans, ref sink);
        sink.Finish(body);
        return body.WrittenSpan.ToArray();
    }

    private static byte[] JsonBody(IEnumerable<NaiveSpan> spans)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WritePropertyName("resourceSpans"u8);
            OtlpJsonWriter.WriteResourceSpans(Blocks.From(spans), 0, json, OtlpJsonForm.Otlp);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
