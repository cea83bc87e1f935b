// OTLP protobuf, in: the first step in the life of most spans. One pass over the request's bytes, straight into a sink.
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Decodes <c>ExportTraceServiceRequest</c> (opentelemetry-proto v1; equally <c>TracesData</c>, which has the same wire form). Contract: <see cref="IBodyDecoder.Decode"/>.
/// <para>Accepts what Google's parsers accept, and merges as they do: of a scalar that occurs twice the last counts, messages that occur twice are joined, a known field
/// number with another wire type is an unknown field, unknown fields are passed over. Two deliberate differences: groups may nest 100 deep wherever they stand, and values may
/// nest deeper than a parser's recursion limit, because what lies below the depth that is kept is not read.</para>
/// <para>A span's ids and times are judged at its end, not where they stand: a later occurrence may replace a bad one.</para>
/// </summary>
public static class OtlpProtobufDecoder
{
    public static void Decode<TSink>(ReadOnlySpan<byte> body, SpanLimits limits, ref TSink sink, ref DecodeReport report)
        where TSink : struct, ISpanSink
    {
        var request = new OtlpProtobufRequest<TSink>(body, limits, ref sink, ref report);
        try
        {
            request.Read();
        }
        finally
        {
            request.Dispose();
        }
    }
}
