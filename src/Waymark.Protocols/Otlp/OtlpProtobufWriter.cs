using System.Buffers;
using Waymark.Model.Stores;

namespace Waymark.Protocols.Otlp;

/// <summary>Writes a stored trace as OTLP protobuf.</summary>
public static class OtlpProtobufWriter
{
    /// <summary>
    /// Writes one trace of a block (with all <see cref="SpanParts"/>) as the fields of a <c>TracesData</c> message (repeated <c>ResourceSpans</c> = 1), which is also the wire form of
    /// <c>ExportTraceServiceRequest</c> and of Tempo's <c>Trace</c>. Spans are grouped by resource, then scope, in the order of their first row.
    /// </summary>
    public static void WriteTrace(SpanBlock block, int trace, IBufferWriter<byte> output) => throw new System.Diagnostics.UnreachableException();
}
