// What a seal leaves out of its segment, as the log keeps it: spans of heads as bytes, and back into any sink (docs/formats/wal.md, "Carry-over").
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>Takes the end of one request's spans: everything sent to the sink since the last call.</summary>
internal delegate void CarryBatchHandler(ulong sequence, UnixNanos receivedAt);

/// <summary>Reads the payload of a carry-over record.</summary>
internal static class CarryPayload
{
    public const int Version = 1;

    /// <summary>Bits of an attribute's head that hold its <see cref="AttributeType"/>; the key's index is above them.</summary>
    public const int TypeBits = 3;

    /// <summary>Sends the spans to a sink in the order of arrival; false when the bytes contradict themselves, and then what was sent is to be thrown away.</summary>
    public static bool TryRead<TSink>(ReadOnlySpan<byte> payload, ref TSink sink, CarryBatchHandler onBatch)
        where TSink : struct, ISpanSink
    {
        var reader = new CarryReader(payload);
        if (reader.Number() != Version) return false;
        var texts = reader.Table();
        var resources = reader.Table();
        var scopes = reader.Table();
        var body = new CarrySpans(texts, resources, scopes);
        try
        {
            for (var batches = reader.Count(); batches > 0 && !reader.IsBroken; batches--)
            {
                var (sequence, receivedAt) = (reader.Number(), reader.Time());
                for (var spans = reader.Count(); spans > 0 && !reader.IsBroken; spans--) body.Read(ref reader, ref sink);
                if (!reader.IsBroken) onBatch(sequence, receivedAt);
            }
        }
        catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException)
        {
            // A resource or scope that does not add up.
            return false;
        }
        return !reader.IsBroken && reader.IsAtEnd;
    }
}

/// <summary>Sends spans to a sink, one at a time, entering resource and scope when they change.</summary>
internal ref struct CarrySpans(CarryTable texts, CarryTable resources, CarryTable scopes)
{
    private readonly CarryTable texts = texts;
    private readonly CarryTable resources = resources;
    private readonly CarryTable scopes = scopes;
    private int resource = -1;
    private int scope = -1;

    public void Read<TSink>(ref CarryReader reader, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        var span = new SpanFields { TraceId = reader.Trace(), SpanId = reader.Span(), ParentSpanId = reader.Span(), Start = reader.Time() };
        span.End = reader.TimeFrom(span.Start);
        span.Name = reader.Text(texts);
        span.StatusMessage = reader.OptionalText(texts);
        span.TraceState = reader.OptionalText(texts);
        span.Flags = reader.Small();
        span.DroppedAttributes = reader.Small();
        span.DroppedEvents = reader.Small();
        span.DroppedLinks = reader.Small();
        span.Kind = (SpanKind)reader.Byte();
        span.Status = (StatusCode)reader.Byte();
        Enter(reader.Index(resources), reader.Index(scopes), reader.IsBroken, ref sink);
        if (reader.IsBroken) return;
        sink.BeginSpan();
        ReadAttributes(ref reader, ref sink);
        for (var events = reader.Count(); events > 0 && !reader.IsBroken; events--)
        {
            sink.BeginEvent();
            var fields = new EventFields { Time = reader.TimeFrom(span.Start), Name = reader.Text(texts), DroppedAttributes = reader.Small() };
            ReadAttributes(ref reader, ref sink);
            sink.EndEvent(fields);
        }
        for (var links = reader.Count(); links > 0 && !reader.IsBroken; links--)
        {
            sink.BeginLink();
            var fields = new LinkFields { TraceId = reader.Trace(), SpanId = reader.Span(), TraceState = reader.OptionalText(texts), Flags = reader.Small(), DroppedAttributes = reader.Small() };
            ReadAttributes(ref reader, ref sink);
            sink.EndLink(fields);
        }
        if (reader.IsBroken) sink.AbandonSpan();
        else sink.EndSpan(span);
    }

    private readonly void ReadAttributes<TSink>(ref CarryReader reader, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        for (var count = reader.Count(); count > 0; count--)
        {
            var head = reader.Number();
            var key = reader.TextAt(texts, head >> CarryPayload.TypeBits);
            var value = Value(ref reader, (AttributeType)(head & ((1 << CarryPayload.TypeBits) - 1)));
            if (reader.IsBroken) return;
            sink.Attribute(key, value);
        }
    }

    private readonly AttributeValue Value(ref CarryReader reader, AttributeType type) => type switch
    {
        AttributeType.Text => AttributeValue.Text(reader.Text(texts)),
        AttributeType.Bool => AttributeValue.Bool(reader.Byte() != 0),
        AttributeType.Int => AttributeValue.Int(reader.Signed()),
        AttributeType.Double => AttributeValue.Double(BitConverter.Int64BitsToDouble(reader.Word())),
        AttributeType.Array => AttributeValue.Array(reader.Text(texts)),
        AttributeType.KeyValues => AttributeValue.KeyValues(reader.Text(texts)),
        AttributeType.Bytes => AttributeValue.Bytes(reader.Text(texts)),
        _ => AttributeValue.Empty,
    };

    private void Enter<TSink>(int nextResource, int nextScope, bool isBroken, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        if (isBroken || (nextResource == resource && nextScope == scope)) return;
        // Within one payload the index says which it is.
        Span<byte> identity = stackalloc byte[4];
        if (nextResource != resource)
        {
            BinaryPrimitives.WriteInt32LittleEndian(identity, nextResource);
            var blob = new ElementBlob.Reader(resources[nextResource]);
            blob.Number();
            var schemaUrl = blob.Text();
            if (!sink.TryEnterResource(identity, schemaUrl))
            {
                sink.BeginResource();
                var dropped = blob.Number();
                SendAttributes(ref blob, ref sink);
                sink.EndResource(identity, schemaUrl, dropped);
            }
        }
        (resource, scope) = (nextResource, nextScope);
        BinaryPrimitives.WriteInt32LittleEndian(identity, nextScope);
        var scopeBlob = new ElementBlob.Reader(scopes[nextScope]);
        scopeBlob.Number();
        var scopeUrl = scopeBlob.Text();
        if (sink.TryEnterScope(identity, scopeUrl)) return;
        var fields = new ScopeFields { Name = scopeBlob.Text(), Version = scopeBlob.Text(), DroppedAttributes = scopeBlob.Number() };
        sink.BeginScope();
        SendAttributes(ref scopeBlob, ref sink);
        sink.EndScope(identity, scopeUrl, fields);
    }

    private static void SendAttributes<TSink>(ref ElementBlob.Reader blob, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        for (var count = blob.Number(); count > 0; count--)
        {
            blob.Attribute(out var key, out var type, out var number, out var content);
            sink.Attribute(key, type switch
            {
                AttributeType.Text => AttributeValue.Text(content),
                AttributeType.Bool => AttributeValue.Bool(number != 0),
                AttributeType.Int => AttributeValue.Int(number),
                AttributeType.Double => AttributeValue.Double(BitConverter.Int64BitsToDouble(number)),
                AttributeType.Array => AttributeValue.Array(content),
                AttributeType.KeyValues => AttributeValue.KeyValues(content),
                AttributeType.Bytes => AttributeValue.Bytes(content),
                _ => AttributeValue.Empty,
            });
        }
    }
}

/// <summary>Byte strings of a payload, by index.</summary>
internal readonly ref struct CarryTable(ReadOnlySpan<byte> payload, int[] starts, int[] lengths)
{
    private readonly ReadOnlySpan<byte> payload = payload;

    public int Count => starts.Length;

    public ReadOnlySpan<byte> this[int index] => payload.Slice(starts[index], lengths[index]);
}

/// <summary>A cursor over a payload. Once something does not fit it is broken, and reads zeros.</summary>
internal ref struct CarryReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> payload = payload;
    private int at;

    public bool IsBroken { get; private set; }
    public readonly bool IsAtEnd => at == payload.Length;

    /// <summary>Seven bits a byte, the low ones first, the eighth bit says that more follow.</summary>
    public ulong Number()
    {
        ulong number = 0;
        for (var shift = 0; shift < 64 && at < payload.Length && !IsBroken; shift += 7)
        {
            var next = payload[at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return number;
        }
        return Break();
    }

    /// <summary>A signed number: 0, −1, 1, −2, …</summary>
    public long Signed()
    {
        var number = Number();
        return (long)(number >> 1) ^ -(long)(number & 1);
    }

    public uint Small()
    {
        var number = Number();
        return (uint)(number <= uint.MaxValue ? number : Break());
    }

    /// <summary>A number of things that follow, each of a byte at least.</summary>
    public int Count()
    {
        var number = Number();
        return (int)(number <= (ulong)(payload.Length - at) ? number : Break());
    }

    public int Index(CarryTable table)
    {
        var number = Number();
        return (int)(number < (ulong)table.Count ? number : Break());
    }

    public ReadOnlySpan<byte> Text(CarryTable texts) => TextAt(texts, Number());

    /// <summary>0 for none, which is an empty one.</summary>
    public ReadOnlySpan<byte> OptionalText(CarryTable texts)
    {
        var number = Number();
        return number == 0 ? default : TextAt(texts, number - 1);
    }

    public ReadOnlySpan<byte> TextAt(CarryTable texts, ulong index)
    {
        if (!IsBroken && index < (ulong)texts.Count) return texts[(int)index];
        Break();
        return default;
    }

    public UnixNanos Time() => InTime((long)Number());

    public UnixNanos TimeFrom(UnixNanos start) => InTime(unchecked(start.Value + Signed()));

    public byte Byte() => Take(1) is { IsEmpty: false } bytes ? bytes[0] : (byte)0;

    public long Word() => Take(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public TraceId Trace() => Take(TraceId.Bytes) is { IsEmpty: false } bytes ? TraceId.Read(bytes) : default;

    public SpanId Span() => new((ulong)Word());

    /// <summary>A count, and as many byte strings behind their lengths.</summary>
    public CarryTable Table()
    {
        var starts = new int[Count()];
        var lengths = new int[starts.Length];
        for (var k = 0; k < starts.Length && !IsBroken; k++)
        {
            lengths[k] = Count();
            starts[k] = at;
            at += lengths[k];
        }
        return new CarryTable(payload, starts, lengths);
    }

    private UnixNanos InTime(long nanos) => new(nanos >= 0 ? nanos : (long)Break());

    private ReadOnlySpan<byte> Take(int count)
    {
        if (IsBroken || payload.Length - at < count)
        {
            Break();
            return default;
        }
        at += count;
        return payload.Slice(at - count, count);
    }

    private ulong Break()
    {
        IsBroken = true;
        return 0;
    }
}
