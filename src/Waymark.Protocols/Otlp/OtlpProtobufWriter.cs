// OTLP protobuf, out: a stored trace as a client or another backend reads it.
using System.Buffers;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Protobuf;

namespace Waymark.Protocols.Otlp;

/// <summary>Writes a stored trace as OTLP protobuf. Field numbers: <see cref="OtlpProtobufRequest{TSink}"/> and <see cref="AnyValueReader"/>.</summary>
public static class OtlpProtobufWriter
{
    /// <summary>
    /// Writes one trace of a block (with all <see cref="SpanParts"/>) as the fields of a <c>TracesData</c> message (repeated <c>ResourceSpans</c> = 1), which is also the wire form of
    /// <c>ExportTraceServiceRequest</c> and of Tempo's <c>Trace</c>. Spans are grouped by resource, then scope, in the order of their first row.
    /// </summary>
    public static void WriteTrace(SpanBlock block, int trace, IBufferWriter<byte> output)
    {
        using var buffer = new PooledBuffer();
        var slice = block.Traces[trace];
        foreach (var resource in GroupRows(slice.FirstRow, slice.Count, row => block.Resource[row]))
        {
            var resourceSpans = buffer.BeginMessage(1 << 3 | 2);
            WriteResource(buffer, block, block.Resources[block.Resource[resource[0]]]);
            foreach (var scope in GroupRows(0, resource.Count, index => block.Scope[resource[index]]))
            {
                var scopeSpans = buffer.BeginMessage(2 << 3 | 2);
                var entry = block.Scopes[block.Scope[resource[scope[0]]]];
                WriteScope(buffer, block, entry);
                foreach (var index in scope) WriteSpan(buffer, block, slice.Id, resource[index]);
                WriteText(buffer, 3 << 3 | 2, block.Texts.Utf8(entry.SchemaUrl));
                buffer.EndMessage(scopeSpans);
            }
            WriteText(buffer, 3 << 3 | 2, block.Texts.Utf8(block.Resources[block.Resource[resource[0]]].SchemaUrl));
            buffer.EndMessage(resourceSpans);
        }
        output.Write(buffer.WrittenSpan);
    }

    /// <summary>The numbers [first, first + count) in groups of equal key, groups in the order of their first number, numbers ascending within.</summary>
    private static List<List<int>> GroupRows(int first, int count, Func<int, int> key)
    {
        var groups = new List<List<int>>();
        var byKey = new Dictionary<int, List<int>>();
        for (var number = first; number < first + count; number++)
        {
            var of = key(number);
            if (!byKey.TryGetValue(of, out var group))
            {
                group = [];
                byKey.Add(of, group);
                groups.Add(group);
            }
            group.Add(number);
        }
        return groups;
    }

    private static void WriteResource(PooledBuffer buffer, SpanBlock block, ResourceEntry resource)
    {
        var message = buffer.BeginMessage(1 << 3 | 2);
        WriteAttributes(buffer, 1 << 3 | 2, block.Texts, resource.Attributes);
        WriteCount(buffer, 2 << 3 | 0, resource.DroppedAttributes);
        buffer.EndMessage(message);
    }

    private static void WriteScope(PooledBuffer buffer, SpanBlock block, ScopeEntry scope)
    {
        var message = buffer.BeginMessage(1 << 3 | 2);
        WriteText(buffer, 1 << 3 | 2, block.Texts.Utf8(scope.Name));
        WriteText(buffer, 2 << 3 | 2, block.Texts.Utf8(scope.Version));
        WriteAttributes(buffer, 3 << 3 | 2, block.Texts, scope.Attributes);
        WriteCount(buffer, 4 << 3 | 0, scope.DroppedAttributes);
        buffer.EndMessage(message);
    }

    private static void WriteSpan(PooledBuffer buffer, SpanBlock block, TraceId trace, int row)
    {
        var texts = block.Texts;
        var message = buffer.BeginMessage(2 << 3 | 2);
        WriteSpanScalars(buffer, new SpanFields
        {
            TraceId = trace,
            SpanId = block.SpanIds[row],
            ParentSpanId = block.ParentSpanIds[row],
            Start = block.Start[row],
            End = block.End[row],
            Name = texts.Utf8(block.Name[row]),
            TraceState = texts.Utf8(block.TraceState[row]),
            StatusMessage = texts.Utf8(block.StatusMessage[row]),
            Flags = block.Flags[row],
            DroppedAttributes = block.DroppedAttributes[row],
            DroppedEvents = block.DroppedEvents[row],
            DroppedLinks = block.DroppedLinks[row],
            Kind = block.Kind[row],
            Status = block.Status[row],
        });
        WriteAttributes(buffer, 9 << 3 | 2, texts, block.Attributes.Of(row));
        var events = block.Events;
        var (first, end) = events.Of(row);
        for (var i = first; i < end; i++)
        {
            var inner = buffer.BeginMessage(11 << 3 | 2);
            WriteEventScalars(buffer, events.Time[i], texts.Utf8(events.Name[i]), events.DroppedAttributes[i]);
            WriteAttributes(buffer, 3 << 3 | 2, texts, events.Attributes.Of(i));
            buffer.EndMessage(inner);
        }
        var links = block.Links;
        (first, end) = links.Of(row);
        for (var i = first; i < end; i++)
        {
            var inner = buffer.BeginMessage(13 << 3 | 2);
            WriteLinkScalars(buffer, new LinkFields
            {
                TraceId = links.TraceIds[i],
                SpanId = links.SpanIds[i],
                TraceState = texts.Utf8(links.TraceState[i]),
                Flags = links.Flags[i],
                DroppedAttributes = links.DroppedAttributes[i],
            });
            WriteAttributes(buffer, 4 << 3 | 2, texts, links.Attributes.Of(i));
            buffer.EndMessage(inner);
        }
        buffer.EndMessage(message);
    }

    /// <summary>Writes every field of a <c>Span</c> but its attributes, events and links.</summary>
    internal static void WriteSpanScalars(PooledBuffer buffer, scoped in SpanFields span)
    {
        Span<byte> id = stackalloc byte[TraceId.Bytes];
        span.TraceId.Write(id);
        buffer.WriteBytesField(1 << 3 | 2, id);
        WriteSpanId(buffer, 2 << 3 | 2, span.SpanId);
        WriteText(buffer, 3 << 3 | 2, span.TraceState);
        if (!span.ParentSpanId.IsZero) WriteSpanId(buffer, 4 << 3 | 2, span.ParentSpanId);
        WriteText(buffer, 5 << 3 | 2, span.Name);
        WriteCount(buffer, 6 << 3 | 0, (uint)span.Kind);
        WriteTime(buffer, 7 << 3 | 1, span.Start);
        WriteTime(buffer, 8 << 3 | 1, span.End);
        WriteCount(buffer, 10 << 3 | 0, span.DroppedAttributes);
        WriteCount(buffer, 12 << 3 | 0, span.DroppedEvents);
        WriteCount(buffer, 14 << 3 | 0, span.DroppedLinks);
        if (span.Status != StatusCode.Unset || !span.StatusMessage.IsEmpty)
        {
            var status = buffer.BeginMessage(15 << 3 | 2);
            WriteText(buffer, 2 << 3 | 2, span.StatusMessage);
            WriteCount(buffer, 3 << 3 | 0, (uint)span.Status);
            buffer.EndMessage(status);
        }
        if (span.Flags != 0) buffer.WriteFixed32Field(16 << 3 | 5, span.Flags);
    }

    /// <summary>Writes every field of an <c>Event</c> but its attributes.</summary>
    internal static void WriteEventScalars(PooledBuffer buffer, UnixNanos time, ReadOnlySpan<byte> name, uint droppedAttributes)
    {
        WriteTime(buffer, 1 << 3 | 1, time);
        WriteText(buffer, 2 << 3 | 2, name);
        WriteCount(buffer, 4 << 3 | 0, droppedAttributes);
    }

    /// <summary>Writes every field of a <c>Link</c> but its attributes. Ids that are zero are left out.</summary>
    internal static void WriteLinkScalars(PooledBuffer buffer, scoped in LinkFields link)
    {
        if (!link.TraceId.IsZero)
        {
            Span<byte> id = stackalloc byte[TraceId.Bytes];
            link.TraceId.Write(id);
            buffer.WriteBytesField(1 << 3 | 2, id);
        }
        if (!link.SpanId.IsZero) WriteSpanId(buffer, 2 << 3 | 2, link.SpanId);
        WriteText(buffer, 3 << 3 | 2, link.TraceState);
        WriteCount(buffer, 5 << 3 | 0, link.DroppedAttributes);
        if (link.Flags != 0) buffer.WriteFixed32Field(6 << 3 | 5, link.Flags);
    }

    private static void WriteAttributes(PooledBuffer buffer, uint tag, TextTable texts, ReadOnlySpan<AttributeEntry> attributes)
    {
        foreach (var attribute in attributes)
        {
            AnyValueWriter.WriteKeyValue(buffer, tag, texts.Utf8(attribute.Key), attribute.Type, attribute.Number, texts.Utf8(attribute.Content));
        }
    }

    private static void WriteSpanId(PooledBuffer buffer, uint tag, SpanId id)
    {
        Span<byte> bytes = stackalloc byte[SpanId.Bytes];
        id.Write(bytes);
        buffer.WriteBytesField(tag, bytes);
    }

    private static void WriteText(PooledBuffer buffer, uint tag, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty) buffer.WriteBytesField(tag, text);
    }

    private static void WriteCount(PooledBuffer buffer, uint tag, uint count)
    {
        if (count != 0) buffer.WriteVarintField(tag, count);
    }

    private static void WriteTime(PooledBuffer buffer, uint tag, UnixNanos time)
    {
        if (time.Value != 0) buffer.WriteFixed64Field(tag, (ulong)time.Value);
    }
}
