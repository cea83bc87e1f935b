// Heads' rows as the payload of a carry-over record (docs/formats/wal.md, "Carry-over").
using System.Buffers;
using System.Buffers.Binary;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>Collects rows batch by batch; used once.</summary>
internal sealed class CarryWriter : IDisposable
{
    private const int MaxNumberBytes = 10;

    /// <summary>A span's own fields at most, without what it has many of.</summary>
    private const int MaxSpanBytes = TraceId.Bytes + 16 + 2 + (14 * MaxNumberBytes);

    private const int MaxEventBytes = 4 * MaxNumberBytes;
    private const int MaxLinkBytes = TraceId.Bytes + 8 + (4 * MaxNumberBytes);
    private const int MaxAttributeBytes = 2 * MaxNumberBytes;

    private readonly SpanHead[] heads;
    private readonly Known[] known;
    private readonly TextDictionary texts = new();
    private readonly ElementTable resources = new();
    private readonly ElementTable scopes = new();
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int length;
    private int batches;

    public CarryWriter(SpanHead[] heads)
    {
        this.heads = heads;
        known = Array.ConvertAll(heads, h => new Known(h));
    }

    /// <summary>Spans written.</summary>
    public int Spans { get; private set; }

    public void AddBatch(int head, in HeadBatch batch, ReadOnlySpan<int> rows)
    {
        Reserve(3 * MaxNumberBytes);
        Number(batch.Sequence);
        Number((ulong)batch.ReceivedAt.Value);
        Number((ulong)rows.Length);
        foreach (var row in rows) AddSpan(heads[head], known[head], heads[head].Spans[row]);
        batches++;
        Spans += rows.Length;
    }

    /// <summary>The payload so far; the caller's to dispose.</summary>
    public PooledBuffer Finish()
    {
        var payload = new PooledBuffer(length + (64 * 1024));
        NumberStream.WriteVarint(payload, CarryPayload.Version);
        NumberStream.WriteVarint(payload, (ulong)texts.Count);
        for (var code = 0; code < texts.Count; code++) WriteText(payload, texts[code]);
        WriteElements(payload, resources);
        WriteElements(payload, scopes);
        NumberStream.WriteVarint(payload, (ulong)batches);
        payload.Write(bytes.AsSpan(0, length));
        return payload;
    }

    public void Dispose()
    {
        foreach (var head in known) head.Dispose();
        texts.Dispose();
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    private static void WriteElements(PooledBuffer into, ElementTable elements)
    {
        NumberStream.WriteVarint(into, (ulong)elements.Count);
        for (var id = 0; id < elements.Count; id++) WriteText(into, elements[id].Blob);
    }

    private static void WriteText(PooledBuffer into, ReadOnlySpan<byte> text)
    {
        NumberStream.WriteVarint(into, (ulong)text.Length);
        into.Write(text);
    }

    private void AddSpan(SpanHead head, Known codes, in HeadSpan span)
    {
        Reserve(MaxSpanBytes);
        Id(span.TraceId);
        Word((long)span.SpanId.Value);
        Word((long)span.ParentSpanId.Value);
        Number((ulong)span.Start.Value);
        Signed(span.End.Value - span.Start.Value);
        Number(Code(head.Names, codes.Names, span.Name));
        Optional(head.StatusMessages, codes.StatusMessages, span.StatusMessage);
        Optional(head.TraceStates, codes.TraceStates, span.TraceState);
        Number(span.Flags);
        Number(span.DroppedAttributes);
        Number(span.DroppedEvents);
        Number(span.DroppedLinks);
        bytes[length++] = (byte)span.Kind;
        bytes[length++] = (byte)span.Status;
        var (resource, scope) = Context(head, codes, span.Context);
        Number((ulong)resource);
        Number((ulong)scope);
        AddAttributes(head, codes, span.Shape, span.Slots);
        Number((ulong)span.EventCount);
        for (var e = span.FirstEvent; e < span.FirstEvent + span.EventCount; e++)
        {
            ref readonly var entry = ref head.Events[e];
            Reserve(MaxEventBytes);
            Signed(entry.Time.Value - span.Start.Value);
            Number(Code(head.EventNames, codes.EventNames, entry.Name));
            Number(entry.DroppedAttributes);
            AddAttributes(head, codes, entry.Shape, entry.Slots);
        }
        Number((ulong)span.LinkCount);
        for (var l = span.FirstLink; l < span.FirstLink + span.LinkCount; l++)
        {
            ref readonly var link = ref head.Links[l];
            Reserve(MaxLinkBytes);
            Id(link.TraceId);
            Word((long)link.SpanId.Value);
            Optional(head.TraceStates, codes.TraceStates, link.TraceState);
            Number(link.Flags);
            Number(link.DroppedAttributes);
            AddAttributes(head, codes, link.Shape, link.Slots);
        }
    }

    /// <summary>Leaves room for the number that follows them.</summary>
    private void AddAttributes(SpanHead head, Known codes, int shapeId, int slots)
    {
        var shape = head.Shapes[shapeId];
        var columns = shape.Columns;
        Reserve(((columns.Length + 1) * MaxAttributeBytes) + MaxNumberBytes);
        Number((ulong)columns.Length);
        for (var k = 0; k < columns.Length; k++)
        {
            var column = head.Columns[columns[k]];
            var slot = slots + shape.Offsets[k];
            if (column.IsOverflow)
            {
                OverflowValue.Read(column.Texts![head.Slots[slot]], out var type, out var key, out var number, out var content);
                AddAttribute((ulong)texts.Intern(key), type, number, AttributeColumn.HasContent(type) ? (ulong)texts.Intern(content) : 0);
                continue;
            }
            var value = column.Type switch
            {
                AttributeType.Bool => head.Slots[slot],
                AttributeType.Int or AttributeType.Double => (uint)head.Slots[slot] | ((long)head.Slots[slot + 1] << 32),
                _ => 0,
            };
            ref var ownKey = ref codes.Keys[columns[k]];
            if (ownKey == 0) ownKey = texts.Intern(column.Key) + 1;
            AddAttribute((ulong)ownKey - 1, column.Type, value, column.Texts is { } own ? Code(own, codes.ColumnTexts(columns[k], own), head.Slots[slot]) : 0);
        }
    }

    private void AddAttribute(ulong key, AttributeType type, long number, ulong text)
    {
        Number((key << CarryPayload.TypeBits) | (uint)type);
        switch (type)
        {
            case AttributeType.Empty:
                break;
            case AttributeType.Bool:
                bytes[length++] = (byte)number;
                break;
            case AttributeType.Int:
                Signed(number);
                break;
            case AttributeType.Double:
                Word(number);
                break;
            default:
                Number(text);
                break;
        }
    }

    /// <summary>The code here of a code there: a look-up in place of a hash and a comparison for all that repeats.</summary>
    private ulong Code(TextDictionary from, int[] codes, int code)
    {
        ref var own = ref codes[code];
        if (own == 0) own = texts.Intern(from[code]) + 1;
        return (ulong)own - 1;
    }

    private (int Resource, int Scope) Context(SpanHead head, Known codes, int context)
    {
        ref var own = ref codes.Contexts[context];
        if (own.Resource > 0) return (own.Resource - 1, own.Scope);
        var (resource, scope) = head.Contexts[context];
        own = (Element(resources, head.Resources[resource]) + 1, Element(scopes, head.Scopes[scope]));
        return (own.Resource - 1, own.Scope);
    }

    private static int Element(ElementTable table, HeadElement element) => table.Intern(element.Blob, default, hasServiceName: false, identity: null);

    private void Optional(TextDictionary from, int[] codes, int code) => Number(code < 0 ? 0 : Code(from, codes, code) + 1);

    /// <summary>Room for what the methods below then write without asking.</summary>
    private void Reserve(int count)
    {
        if (bytes.Length - length >= count) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length * 2, length + count));
        bytes.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }

    private void Id(TraceId id)
    {
        id.Write(bytes.AsSpan(length, TraceId.Bytes));
        length += TraceId.Bytes;
    }

    private void Word(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(length, 8), value);
        length += 8;
    }

    private void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
    }

    /// <summary>What of one head has been written already: per code there the code here plus one, 0 for none. Pooled.</summary>
    private sealed class Known : IDisposable
    {
        private readonly int[]?[] columnTexts;

        public Known(SpanHead head)
        {
            Names = Rent(head.Names.Count);
            EventNames = Rent(head.EventNames.Count);
            StatusMessages = Rent(head.StatusMessages.Count);
            TraceStates = Rent(head.TraceStates.Count);
            Keys = Rent(head.Columns.Count);
            Contexts = new (int, int)[head.Contexts.Count];
            columnTexts = new int[head.Columns.Count][];
        }

        public int[] Names { get; }
        public int[] EventNames { get; }
        public int[] StatusMessages { get; }
        public int[] TraceStates { get; }

        /// <summary>By column.</summary>
        public int[] Keys { get; }

        /// <summary>The resource plus one, and the scope.</summary>
        public (int Resource, int Scope)[] Contexts { get; }

        public int[] ColumnTexts(int column, TextDictionary texts) => columnTexts[column] ??= Rent(texts.Count);

        public void Dispose()
        {
            foreach (var codes in (ReadOnlySpan<int[]>)[Names, EventNames, StatusMessages, TraceStates, Keys]) ArrayPool<int>.Shared.Return(codes);
            foreach (var codes in columnTexts)
            {
                if (codes is not null) ArrayPool<int>.Shared.Return(codes);
            }
        }

        private static int[] Rent(int count)
        {
            var codes = ArrayPool<int>.Shared.Rent(count);
            codes.AsSpan(0, count).Clear();
            return codes;
        }
    }
}
