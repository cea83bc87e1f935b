// How the store reaches the decoders without knowing a protocol: Protocols implements this, Server wires it.
using System.Buffers;
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Model.Bodies;

/// <summary>Turns request bodies into calls on a sink: once when they arrive, again when the log is replayed. Stateless and safe for any number of threads.</summary>
public interface IBodyDecoder
{
    /// <summary>
    /// Decodes the whole body into <paramref name="sink"/>. Never throws on bad input: a malformed body leaves <c>report.Malformed</c> set, and the sink in
    /// the middle of whatever it had been sent; the caller rolls it back. Rejected spans are abandoned and counted; decoding goes on.
    /// </summary>
    /// <param name="limits">What to cut. Use <see cref="SpanLimits.None"/> on replay.</param>
    void Decode<TSink>(BodyKind kind, ReadOnlySpan<byte> body, SpanLimits limits, ref TSink sink, ref DecodeReport report)
        where TSink : struct, ISpanSink;

    /// <summary>
    /// Writes what <see cref="Decode"/> would admit of a body that is not malformed, as an <see cref="BodyKind.OtlpProtobuf"/> body which decodes without a rejection or a cut
    /// to the same spans in the same order.
    /// </summary>
    void Reencode(BodyKind kind, ReadOnlySpan<byte> body, SpanLimits limits, IBufferWriter<byte> output);
}
