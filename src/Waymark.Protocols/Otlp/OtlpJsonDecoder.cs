// OTLP's JSON mapping of an export request, turned into calls on a sink: where a span sent as JSON enters.
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Decodes <c>ExportTraceServiceRequest</c> in OTLP's JSON mapping (OTLP 1.x, "JSON Protobuf Encoding": protobuf JSON, but with ids in hex).
/// <para>Members may come in any order; unknown ones are ignored at every level; <c>null</c> means absent; the .proto spelling of names (<c>trace_id</c>) is taken too.
/// Of a member given twice the last counts, except that lists go on. Escapes and bytes that are no text become U+FFFD. Nothing is allocated per span.</para>
/// </summary>
public static class OtlpJsonDecoder
{
    /// <summary>As <see cref="IBodyDecoder.Decode"/>: never throws on bad input.</summary>
    public static void Decode<TSink>(ReadOnlySpan<byte> body, SpanLimits limits, ref TSink sink, ref DecodeReport report)
        where TSink : struct, ISpanSink
    {
        using var scratch = new PooledBuffer();
        var reader = new OtlpJsonReader<TSink>(body, limits, new JsonScratch(scratch), ref sink, ref report);
        reader.ReadRequest();
    }
}
