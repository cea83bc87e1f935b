// Requests of the fault tests, with the spans a plain decoder sees in them: the truth every answer is held against.
using System.IO.Compression;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

/// <summary>A request and what its client knows of it.</summary>
internal sealed class SentRequest
{
    public static readonly OtlpBodyDecoder Decoder = new();

    private SentRequest(string name, BodyKind kind, byte[] body, bool isCompressed = false)
    {
        Name = name;
        Request = new WriteRequest(kind, body, isCompressed ? BodyCodec.Gzip : BodyCodec.None, isCompressed ? Compress(body) : body, SpanLimits.Default);
        var sink = new NaiveSink();
        var report = default(DecodeReport);
        Decoder.Decode(kind, body, SpanLimits.Default, ref sink, ref report);
        Spans = report.IsMalformed ? [] : sink.Spans;
    }

    public string Name { get; }
    public WriteRequest Request { get; }

    /// <summary>What it stores; nothing for a malformed one.</summary>
    public IReadOnlyList<NaiveSpan> Spans { get; }

    public bool IsSent { get; set; }
    public bool IsAcknowledged { get; set; }

    public static SentRequest Protobuf(string name, IEnumerable<NaiveSpan> spans) => new(name, BodyKind.OtlpProtobuf, Body(spans));

    public static SentRequest Gzip(string name, IEnumerable<NaiveSpan> spans) => new(name, BodyKind.OtlpProtobuf, Body(spans), isCompressed: true);

    /// <summary>One span of a trace of its own, in JSON.</summary>
    public static SentRequest Json(string name, ulong id) => new(
        name,
        BodyKind.OtlpJson,
        System.Text.Encoding.UTF8.GetBytes(
            $$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{id:x32}}","spanId":"{{id:x16}}","name":"json","kind":2,"startTimeUnixNano":"1767225600000000007","endTimeUnixNano":"1767225600000000009"}]}]}]}"""));

    /// <summary>The spans, and one that is rejected: logged as encoded again.</summary>
    public static SentRequest WithRejected(string name, IReadOnlyList<NaiveSpan> spans) => new(name, BodyKind.OtlpProtobuf, Body([spans[0] with { SpanId = default }, .. spans]));

    public static SentRequest Malformed(string name, IEnumerable<NaiveSpan> spans) => new(name, BodyKind.OtlpProtobuf, Body(spans)[..^3]);

    public override string ToString() => $"{Name} ({Spans.Count} spans)";

    private static byte[] Body(IEnumerable<NaiveSpan> spans)
    {
        using var scratch = new PooledBuffer();
        using var body = new PooledBuffer();
        var sink = new OtlpEncodingSink(scratch);
        NaiveSender.Send(spans, ref sink);
        sink.Finish(body);
        return body.WrittenSpan.ToArray();
    }

    private static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(body);
        return compressed.ToArray();
    }
}
