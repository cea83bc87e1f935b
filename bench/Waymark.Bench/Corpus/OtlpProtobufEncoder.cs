// Corpus spans as ExportTraceServiceRequest in protobuf (opentelemetry/proto/trace/v1/trace.proto), as client libraries write it.
using System.Buffers.Binary;
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;

namespace Waymark.Bench.Corpus;

internal static class OtlpProtobufEncoder
{
    /// <summary>Trace flags "sampled" and "parent known to be local", as SDKs send them.</summary>
    private const uint Flags = 0x101;

    /// <summary>All spans are of one instance; they are grouped by scope.</summary>
    public static void Write(List<CorpusSpan> spans, PooledBuffer output)
    {
        var instance = spans[0].Instance;
        var resourceSpans = Begin(output, 1);
        var resource = Begin(output, 1);
        foreach (var attribute in instance.Resource) WriteAttribute(output, 1, attribute);
        End(output, resource);
        foreach (var group in spans.GroupBy(span => span.Scope))
        {
            var scopeSpans = Begin(output, 2);
            var scope = Begin(output, 1);
            WriteText(output, 1, group.Key);
            WriteText(output, 2, instance.ScopeVersion);
            End(output, scope);
            foreach (var span in group) WriteSpan(output, span);
            End(output, scopeSpans);
        }

        End(output, resourceSpans);
    }

    private static void WriteSpan(PooledBuffer output, CorpusSpan span)
    {
        var message = Begin(output, 2);
        WriteTag(output, 1, 2);
        WriteVarint(output, 16);
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(16), span.TraceHigh);
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(16)[8..], span.TraceLow);
        output.Advance(16);
        WriteId(output, 2, span.SpanId);
        if (span.ParentSpanId != 0) WriteId(output, 4, span.ParentSpanId);
        WriteText(output, 5, span.Name);
        WriteTag(output, 6, 0);
        WriteVarint(output, (ulong)span.Kind);
        WriteFixed64(output, 7, (ulong)span.Start);
        WriteFixed64(output, 8, (ulong)span.End);
        foreach (var attribute in span.Attributes) WriteAttribute(output, 9, attribute);
        if (span.Exception is { } exception)
        {
            var @event = Begin(output, 11);
            WriteFixed64(output, 1, (ulong)exception.Time);
            WriteText(output, 2, exception.Name);
            foreach (var attribute in exception.Attributes) WriteAttribute(output, 3, attribute);
            End(output, @event);
        }

        if (span.Status != StatusCode.Unset)
        {
            var status = Begin(output, 15);
            WriteText(output, 2, span.StatusMessage);
            WriteTag(output, 3, 0);
            WriteVarint(output, (ulong)span.Status);
            End(output, status);
        }

        WriteTag(output, 16, 5);
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), Flags);
        output.Advance(4);
        End(output, message);
    }

    private static void WriteAttribute(PooledBuffer output, int field, in CorpusAttribute attribute)
    {
        var pair = Begin(output, field);
        WriteText(output, 1, attribute.Key);
        var value = Begin(output, 2);
        switch (attribute.Type)
        {
            case AttributeType.Text:
                WriteText(output, 1, attribute.Text);
                break;
            case AttributeType.Bool:
                WriteTag(output, 2, 0);
                WriteVarint(output, (ulong)attribute.Number);
                break;
            case AttributeType.Int:
                WriteTag(output, 3, 0);
                WriteVarint(output, (ulong)attribute.Number);
                break;
            default:
                WriteFixed64(output, 4, (ulong)attribute.Number);
                break;
        }

        End(output, value);
        End(output, pair);
    }

    private static void WriteText(PooledBuffer output, int field, string text)
    {
        WriteTag(output, field, 2);
        WriteVarint(output, (ulong)Encoding.UTF8.GetByteCount(text));
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    private static void WriteId(PooledBuffer output, int field, ulong id)
    {
        WriteTag(output, field, 2);
        WriteVarint(output, 8);
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(8), id);
        output.Advance(8);
    }

    private static void WriteFixed64(PooledBuffer output, int field, ulong value)
    {
        WriteTag(output, field, 1);
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    /// <summary>Opens a message with one byte for its length; <see cref="End"/> makes room when it takes more.</summary>
    private static int Begin(PooledBuffer output, int field)
    {
        WriteTag(output, field, 2);
        output.GetSpan(1)[0] = 0;
        output.Advance(1);
        return output.Length;
    }

    private static void End(PooledBuffer output, int start)
    {
        var length = output.Length - start;
        var more = 0;
        for (var rest = length >> 7; rest > 0; rest >>= 7) more++;
        if (more > 0)
        {
            output.GetSpan(more);
            output.Advance(more);
            output.Written.Slice(start, length).CopyTo(output.Written[(start + more)..]);
        }

        var at = start - 1;
        for (; length >= 0x80; length >>= 7) output.Written[at++] = (byte)(length | 0x80);
        output.Written[at] = (byte)length;
    }

    private static void WriteTag(PooledBuffer output, int field, int wireType) => WriteVarint(output, (ulong)((field << 3) | wireType));

    private static void WriteVarint(PooledBuffer output, ulong value)
    {
        var span = output.GetSpan(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7) span[at++] = (byte)(value | 0x80);
        span[at++] = (byte)value;
        output.Advance(at);
    }
}
