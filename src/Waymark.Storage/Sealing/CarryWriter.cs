// Heads' rows as the payload of a carry-over record (docs/formats/wal.md, "Carry-over").
using System.Buffers;
using System.Buffers.Binary;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>Collects rows batch by batch; used once.</summary>
internal sealed class CarryWriter(SpanHead[] heads) : IDisposable
{
    private readonly TextDictionary texts = new();

    // The code here of each code there, plus one: a look-up in place of a hash and a comparison for all that repeats. Pooled.
    private readonly Dictionary<TextDictionary, int[]> codes = [];
    private readonly Dictionary<AttributeColumn, ulong> keys = [];
    private readonly ElementTable resources = new();
    private readonly ElementTable scopes = new();
    private readonly PooledBuffer batches = new(64 * 1024);
    private int count;

    /// <summary>Spans written.</summary>
    public int Spans { get; private set; }

    public void AddBatch(int head, in HeadBatch batch, ReadOnlySpan<int> rows)
    {
        Number(batches, batch.Sequence);
        Number(batches, (ulong)batch.ReceivedAt.Value);
        Number(batches, (ulong)rows.Length);
        foreach (var row in rows) AddSpan(heads[head], heads[head].Spans[row]);
        count++;
        Spans += rows.Length;
    }

    /// <summary>The payload so far; the caller's to dispose.</summary>
    public PooledBuffer Finish()
    {
        var payload = new PooledBuffer(batches.Length + (64 * 1024));
        Number(payload, CarryPayload.Version);
        Number(payload, (ulong)texts.Count);
        for (var code = 0; code < texts.Count; code++) Text(payload, texts[code]);
        Elements(payload, resources);
        Elements(payload, scopes);
        Number(payload, (ulong)count);
        payload.Write(batches.WrittenSpan);
        return payload;
    }

    public void Dispose()
    {
        foreach (var known in codes.Values) ArrayPool<int>.Shared.Return(known);
        codes.Clear();
        texts.Dispose();
        batches.Dispose();
    }

    private static void Elements(PooledBuffer into, ElementTable elements)
    {
        Number(into, (ulong)elements.Count);
        for (var id = 0; id < elements.Count; id++) Text(into, elements[id].Blob);
    }

    private void AddSpan(SpanHead head, in HeadSpan span)
    {
        span.TraceId.Write(batches.GetSpan(TraceId.Bytes));
        batches.Advance(TraceId.Bytes);
        Word((long)span.SpanId.Value);
        Word((long)span.ParentSpanId.Value);
        Number(batches, (ulong)span.Start.Value);
        Signed(span.End.Value - span.Start.Value);
        Number(batches, Code(head.Names, span.Name));
        Optional(head.StatusMessages, span.StatusMessage);
        Optional(head.TraceStates, span.TraceState);
        Number(batches, span.Flags);
        Number(batches, span.DroppedAttributes);
        Number(batches, span.DroppedEvents);
        Number(batches, span.DroppedLinks);
        batches.Write([(byte)span.Kind, (byte)span.Status]);
        var (resource, scope) = head.Contexts[span.Context];
        Number(batches, (ulong)Element(resources, head.Resources[resource]));
        Number(batches, (ulong)Element(scopes, head.Scopes[scope]));
        AddAttributes(head, span.Shape, span.Slots);
        Number(batches, (ulong)span.EventCount);
        for (var e = span.FirstEvent; e < span.FirstEvent + span.EventCount; e++)
        {
            ref readonly var entry = ref head.Events[e];
            Signed(entry.Time.Value - span.Start.Value);
            Number(batches, Code(head.EventNames, entry.Name));
            Number(batches, entry.DroppedAttributes);
            AddAttributes(head, entry.Shape, entry.Slots);
        }
        Number(batches, (ulong)span.LinkCount);
        for (var l = span.FirstLink; l < span.FirstLink + span.LinkCount; l++)
        {
            ref readonly var link = ref head.Links[l];
            link.TraceId.Write(batches.GetSpan(TraceId.Bytes));
            batches.Advance(TraceId.Bytes);
            Word((long)link.SpanId.Value);
            Optional(head.TraceStates, link.TraceState);
            Number(batches, link.Flags);
            Number(batches, link.DroppedAttributes);
            AddAttributes(head, link.Shape, link.Slots);
        }
    }

    private void AddAttributes(SpanHead head, int shapeId, int slots)
    {
        var shape = head.Shapes[shapeId];
        Number(batches, (ulong)shape.Columns.Length);
        for (var k = 0; k < shape.Columns.Length; k++)
        {
            var column = head.Columns[shape.Columns[k]];
            var slot = slots + shape.Offsets[k];
            if (column.IsOverflow)
            {
                OverflowValue.Read(column.Texts![head.Slots[slot]], out var type, out var key, out var number, out var content);
                AddAttribute(Code(key), type, number, AttributeColumn.HasContent(type) ? Code(content) : 0);
                continue;
            }
            var value = column.Type switch
            {
                AttributeType.Bool => head.Slots[slot],
                AttributeType.Int or AttributeType.Double => (uint)head.Slots[slot] | ((long)head.Slots[slot + 1] << 32),
                _ => 0,
            };
            AddAttribute(Key(column), column.Type, value, column.Texts is { } own ? Code(own, head.Slots[slot]) : 0);
        }
    }

    private void AddAttribute(ulong key, AttributeType type, long number, ulong text)
    {
        Number(batches, (key << CarryPayload.TypeBits) | (uint)type);
        switch (type)
        {
            case AttributeType.Empty:
                break;
            case AttributeType.Bool:
                batches.Write([(byte)number]);
                break;
            case AttributeType.Int:
                Signed(number);
                break;
            case AttributeType.Double:
                Word(number);
                break;
            default:
                Number(batches, text);
                break;
        }
    }

    private ulong Code(ReadOnlySpan<byte> text) => (ulong)texts.Intern(text);

    private ulong Code(TextDictionary from, int code)
    {
        if (!codes.TryGetValue(from, out var known))
        {
            codes[from] = known = ArrayPool<int>.Shared.Rent(from.Count);
            known.AsSpan(0, from.Count).Clear();
        }
        ref var own = ref known[code];
        if (own == 0) own = texts.Intern(from[code]) + 1;
        return (ulong)own - 1;
    }

    private ulong Key(AttributeColumn column)
    {
        if (!keys.TryGetValue(column, out var code)) keys[column] = code = Code(column.Key);
        return code;
    }

    private static int Element(ElementTable table, HeadElement element) => table.Intern(element.Blob, default, hasServiceName: false, identity: null);

    private void Optional(TextDictionary from, int code) => Number(batches, code < 0 ? 0 : Code(from, code) + 1);

    private void Word(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(batches.GetSpan(8), value);
        batches.Advance(8);
    }

    private void Signed(long value) => Number(batches, (ulong)((value << 1) ^ (value >> 63)));

    private static void Text(PooledBuffer into, ReadOnlySpan<byte> text)
    {
        Number(into, (ulong)text.Length);
        into.Write(text);
    }

    private static void Number(PooledBuffer into, ulong value)
    {
        var bytes = into.GetSpan(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7) bytes[at++] = (byte)(value | 0x80);
        bytes[at++] = (byte)value;
        into.Advance(at);
    }
}
