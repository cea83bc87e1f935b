// The protocols' front door for the store: picks the decoder for a body's kind.
using System.Buffers;
using System.Diagnostics;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>Decodes every <see cref="BodyKind"/> there is.</summary>
public sealed class OtlpBodyDecoder : IBodyDecoder
{
    public void Decode<TSink>(BodyKind kind, ReadOnlySpan<byte> body, SpanLimits limits, ref TSink sink, ref DecodeReport report)
        where TSink : struct, ISpanSink
    {
        switch (kind)
        {
            case BodyKind.OtlpProtobuf:
                OtlpProtobufDecoder.Decode(body, limits, ref sink, ref report);
                break;
            case BodyKind.OtlpJson:
                OtlpJsonDecoder.Decode(body, limits, ref sink, ref report);
                break;
            default:
                throw new UnreachableException($"Body kind {kind} has no decoder.");
        }
    }

    public void Reencode(BodyKind kind, ReadOnlySpan<byte> body, SpanLimits limits, IBufferWriter<byte> output)
    {
        using var scratch = new PooledBuffer(Math.Max(4096, body.Length));
        var sink = new OtlpEncodingSink(scratch);
        var report = default(DecodeReport);
        Decode(kind, body, limits, ref sink, ref report);
        Debug.Assert(!report.IsMalformed, "Only bodies that decode are encoded again.");
        sink.Finish(output);
    }
}
