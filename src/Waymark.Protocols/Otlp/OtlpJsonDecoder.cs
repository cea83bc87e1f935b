using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

public static class OtlpJsonDecoder
{
    public static void Decode<TSink>(ReadOnlySpan<byte> body, SpanLimits limits, ref TSink sink, ref DecodeReport report)
        where TSink : struct, ISpanSink => throw new System.Diagnostics.UnreachableException();
}
