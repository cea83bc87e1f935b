// Attributes and their values, as the OTLP protobuf decoder reads them: admitted as they are when plain, encoded again in canonical form when nested.
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Protobuf;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// What one decode knows apart from its sink: the limits, the report, and how to read and admit texts and values. Fields of opentelemetry-proto v1, common.proto:
/// <code>
/// KeyValue     key = 1, value = 2
/// AnyValue     one of: string_value = 1, bool_value = 2, int_value = 3, double_value = 4, array_value = 5, kvlist_value = 6, bytes_value = 7
/// ArrayValue   values = 1 (AnyValue)
/// KeyValueList values = 1 (KeyValue)
/// </code>
/// Merging is exact: of a oneof's members the last wins, but an array (or list) after an array is appended to it, as if their bytes were one message.
/// A canonical nested value leaves out what says nothing: an empty key, and the value of a key whose value is empty. The members of an array are never left out.
/// <para>Methods that answer bool answer false when the body is malformed; the report then says where.</para>
/// </summary>
internal ref struct AnyValueReader
{
    /// <summary>Values within values beyond which an empty one is put, whatever <see cref="SpanLimits.MaxNesting"/> allows: the reader recurses, and the stack is finite.</summary>
    public const int MaxNesting = 100;

    private readonly ReadOnlySpan<byte> body;
    private readonly ref DecodeReport report;
    private readonly int maxTextBytes;
    private readonly int maxNesting;
    private PooledBuffer? scratch;
    private int joinedAt;

    public AnyValueReader(ReadOnlySpan<byte> body, SpanLimits limits, ref DecodeReport report)
    {
        this.body = body;
        this.report = ref report;
        maxTextBytes = limits.MaxTextBytes;
        maxNesting = Math.Min(limits.MaxNesting, MaxNesting);
    }

    /// <summary>A value as it is being merged: the last member seen and its raw bytes.</summary>
    public ref struct RawValue
    {
        public AttributeType Type;
        public long Number;
        public ReadOnlySpan<byte> Content;

        /// <summary>Where <see cref="Content"/> lives once it was put together from several pieces; null before.</summary>
        public ArrayBufferWriter<byte>? Joined;
    }

    public readonly void Dispose() => scratch?.Dispose();

    /// <summary>Notes that the body is malformed where the reader of <paramref name="message"/> stopped, <paramref name="remaining"/> bytes before its end. Always false.</summary>
    public readonly bool Fail(ReadOnlySpan<byte> message, Malformed error, int remaining)
    {
        if (report.IsMalformed) return false;
        report.Malformed = error;
        // Bytes joined from pieces lie outside the body: then the last place they came from is named.
        report.MalformedAt = body.Overlaps(message, out var offset) ? offset + message.Length - remaining : joinedAt;
        return false;
    }

    /// <summary>
    /// Appends one more piece of a message that occurs several times: parsing the pieces one after another equals parsing them joined, once each is known to be well framed.
    /// <paramref name="joined"/> is null until the second piece that holds anything.
    /// </summary>
    public bool Join(ref ReadOnlySpan<byte> content, ref ArrayBufferWriter<byte>? joined, ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty) return true;
        if (content.IsEmpty)
        {
            content = piece;
            return true;
        }
        if (body.Overlaps(piece, out var offset)) joinedAt = offset;
        if (joined is null)
        {
            if (!IsFramed(content)) return false;
            joined = new ArrayBufferWriter<byte>(content.Length + piece.Length);
            joined.Write(content);
        }
        if (!IsFramed(piece)) return false;
        joined.Write(piece);
        content = joined.WrittenSpan;
        return true;
    }

    private readonly bool IsFramed(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        return reader.SkipAll() || Fail(message, reader.Error, reader.Remaining);
    }

    /// <summary>Text as it is stored: valid and within the limit. Most is both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ReadOnlySpan<byte> Text(ReadOnlySpan<byte> raw) =>
        raw.IsEmpty || (raw.Length <= maxTextBytes && Utf8Text.IsValid(raw)) ? raw : MendedText(raw);

    private readonly ReadOnlySpan<byte> MendedText(ReadOnlySpan<byte> raw)
    {
        if (!Utf8Text.IsValid(raw))
        {
            report.Count(Cut.InvalidUtf8);
            raw = Utf8Text.Repair(raw);
        }
        if (raw.Length <= maxTextBytes) return raw;
        report.Count(Cut.TextTooLong);
        return Utf8Text.Cut(raw, maxTextBytes);
    }

    private readonly ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> raw)
    {
        if (raw.Length <= maxTextBytes) return raw;
        report.Count(Cut.TextTooLong);
        return raw[..maxTextBytes];
    }

    /// <summary>Reads a <c>KeyValue</c> and hands it to the sink.</summary>
    // Not inlined: a loop of its own size keeps its variables in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool ReadAttribute<TSink>(ReadOnlySpan<byte> message, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        if (maxTextBytes < 0x80) return ReadAnyAttribute(message, ref sink);
        if (!TryGetWindow(message, out var window)) return SendLongPlainText(message, ref sink) || ReadAnyAttribute(message, ref sink);
        if (sink.TryAttribute(window, message.Length)) return true;
        if (!PlainAttribute.TryRead(window, message.Length, out var key, out var value)) return ReadAnyAttribute(message, ref sink);
        sink.Attribute(key, value, window, message.Length);
        return true;
    }

    /// <summary>A short message as part of a window of bytes that can be read, whatever they are; false for a long one, and at the very end of the body.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool TryGetWindow(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> window)
    {
        ref var start = ref MemoryMarshal.GetReference(message);
        // Unsigned: bytes joined from pieces lie outside the body, before it or after.
        var offset = (nuint)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(body), ref start);
        if ((uint)(message.Length - PlainAttribute.ShortestBytes) > (uint)(AttributeWindow.Bytes - PlainAttribute.ShortestBytes)
            || body.Length < PlainAttribute.ReadableBytes || offset > (nuint)(body.Length - PlainAttribute.ReadableBytes))
        {
            window = default;
            return false;
        }
        window = MemoryMarshal.CreateReadOnlySpan(ref start, PlainAttribute.ReadableBytes);
        return true;
    }

    /// <summary>A plain attribute (see <see cref="PlainAttribute"/>) too long for a window, its lengths still of one byte: always a text.</summary>
    private static bool SendLongPlainText<TSink>(ReadOnlySpan<byte> message, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        if (message.Length < PlainAttribute.ShortestBytes || message[0] != (1 << 3 | 2) || message[1] >= 0x80) return false;
        var valueTag = message[1] + 2;
        if (valueTag + 3 >= message.Length || message[valueTag] != (2 << 3 | 2) || message[valueTag + 1] != message.Length - valueTag - 2 || message[valueTag + 1] >= 0x80) return false;
        if (message[valueTag + 2] != (1 << 3 | 2) || message[valueTag + 3] != message.Length - valueTag - 4 || !Ascii.IsValid(message)) return false;
        sink.Attribute(message[2..valueTag], AttributeValue.Text(message[(valueTag + 4)..]));
        return true;
    }

    private bool ReadAnyAttribute<TSink>(ReadOnlySpan<byte> message, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        var value = default(RawValue);
        if (!ReadKeyValue(message, out var key, ref value, depth: 0)) return false;
        switch (value.Type)
        {
            case AttributeType.Text:
                sink.Attribute(Text(key), AttributeValue.Text(Text(value.Content)));
                return true;
            case AttributeType.Int:
                sink.Attribute(Text(key), AttributeValue.Int(value.Number));
                return true;
            case AttributeType.Bool:
                sink.Attribute(Text(key), AttributeValue.Bool(value.Number != 0));
                return true;
            case AttributeType.Double:
                sink.Attribute(Text(key), AttributeValue.Double(BitConverter.Int64BitsToDouble(value.Number)));
                return true;
            case AttributeType.Bytes:
                sink.Attribute(Text(key), AttributeValue.Bytes(Bytes(value.Content)));
                return true;
            case AttributeType.Empty:
                sink.Attribute(Text(key), AttributeValue.Empty);
                return true;
            default:
                return ReadNestedAttribute(key, value, ref sink);
        }
    }

    private bool ReadNestedAttribute<TSink>(scoped ReadOnlySpan<byte> key, scoped in RawValue value, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        scratch ??= new PooledBuffer();
        var start = scratch.Length;
        if (!WriteNested(scratch, value.Type, value.Content, depth: 0)) return false;
        var content = scratch.WrittenSpan[start..];
        sink.Attribute(Text(key), value.Type == AttributeType.Array ? AttributeValue.Array(content) : AttributeValue.KeyValues(content));
        scratch.Truncate(start);
        return true;
    }

    /// <summary>Reads a <c>KeyValue</c> that is not wanted: only to know whether it is well-formed.</summary>
    public bool CheckAttribute(ReadOnlySpan<byte> message)
    {
        var value = default(RawValue);
        return ReadKeyValue(message, out _, ref value, depth: 0) && Discard(value, depth: 0);
    }

    private bool ReadKeyValue(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> key, ref RawValue value, int depth)
    {
        key = default;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2:
                    key = reader.ReadBytes();
                    break;
                case 2 << 3 | 2:
                    if (!ReadValue(reader.ReadBytes(), ref value, depth)) return false;
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
        return reader.Error == Malformed.None || Fail(message, reader.Error, reader.Remaining);
    }

    /// <summary>Merges an <c>AnyValue</c> message into <paramref name="value"/>. Nested values stay raw: they are read when they are written.</summary>
    private bool ReadValue(ReadOnlySpan<byte> message, ref RawValue value, int depth)
    {
        if (depth > maxNesting)
        {
            if (!message.IsEmpty) report.Count(Cut.NestingTooDeep);
            return true;
        }
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            var good = true;
            switch (tag)
            {
                case 1 << 3 | 2:
                    good = Replace(ref value, AttributeType.Text, 0, reader.ReadBytes(), depth);
                    break;
                case 2 << 3 | 0:
                    good = Replace(ref value, AttributeType.Bool, reader.ReadVarint() == 0 ? 0 : 1, default, depth);
                    break;
                case 3 << 3 | 0:
                    good = Replace(ref value, AttributeType.Int, (long)reader.ReadVarint(), default, depth);
                    break;
                case 4 << 3 | 1:
                    good = Replace(ref value, AttributeType.Double, (long)reader.ReadFixed64(), default, depth);
                    break;
                case 5 << 3 | 2:
                    good = Append(ref value, AttributeType.Array, reader.ReadBytes(), depth);
                    break;
                case 6 << 3 | 2:
                    good = Append(ref value, AttributeType.KeyValues, reader.ReadBytes(), depth);
                    break;
                case 7 << 3 | 2:
                    good = Replace(ref value, AttributeType.Bytes, 0, reader.ReadBytes(), depth);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
            if (!good) return false;
        }
        return reader.Error == Malformed.None || Fail(message, reader.Error, reader.Remaining);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Replace(ref RawValue value, AttributeType type, long number, ReadOnlySpan<byte> content, int depth)
    {
        if (value.Type is AttributeType.Array or AttributeType.KeyValues && !Discard(value, depth)) return false;
        value.Type = type;
        value.Number = number;
        value.Content = content;
        return true;
    }

    private bool Append(ref RawValue value, AttributeType type, ReadOnlySpan<byte> piece, int depth)
    {
        if (value.Type == type) return Join(ref value.Content, ref value.Joined, piece);
        value.Joined = null;
        return Replace(ref value, type, 0, piece, depth);
    }

    /// <summary>A nested value that another one replaces, or that is not wanted, must be well-formed all the same.</summary>
    private bool Discard(in RawValue value, int depth)
    {
        if (value.Type is not (AttributeType.Array or AttributeType.KeyValues)) return true;
        scratch ??= new PooledBuffer();
        var start = scratch.Length;
        var cuts = report.Cuts;
        var good = WriteNested(scratch, value.Type, value.Content, depth);
        report.Cuts = cuts;
        scratch.Truncate(start);
        return good;
    }

    /// <summary>Writes the content of an <c>ArrayValue</c> or <c>KeyValueList</c> at <paramref name="depth"/> in canonical form.</summary>
    private bool WriteNested(PooledBuffer output, AttributeType type, ReadOnlySpan<byte> message, int depth)
    {
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            if (tag != (1 << 3 | 2))
            {
                reader.Skip(tag);
                continue;
            }
            var element = reader.ReadBytes();
            var start = output.BeginMessage(tag);
            var value = default(RawValue);
            if (type == AttributeType.Array)
            {
                if (!ReadValue(element, ref value, depth + 1) || !WriteValue(output, value, depth + 1)) return false;
            }
            else
            {
                if (!ReadKeyValue(element, out var key, ref value, depth + 1)) return false;
                if (!key.IsEmpty) output.WriteBytesField(1 << 3 | 2, Text(key));
                if (value.Type != AttributeType.Empty)
                {
                    var valueStart = output.BeginMessage(2 << 3 | 2);
                    if (!WriteValue(output, value, depth + 1)) return false;
                    output.EndMessage(valueStart);
                }
            }
            output.EndMessage(start);
        }
        return reader.Error == Malformed.None || Fail(message, reader.Error, reader.Remaining);
    }

    private bool WriteValue(PooledBuffer output, in RawValue value, int depth)
    {
        switch (value.Type)
        {
            case AttributeType.Text:
                AnyValueWriter.Write(output, AttributeValue.Text(Text(value.Content)));
                return true;
            case AttributeType.Bytes:
                AnyValueWriter.Write(output, AttributeValue.Bytes(Bytes(value.Content)));
                return true;
            case AttributeType.Array or AttributeType.KeyValues:
                var start = output.BeginMessage(AnyValueWriter.Tag(value.Type));
                if (!WriteNested(output, value.Type, value.Content, depth)) return false;
                output.EndMessage(start);
                return true;
            default:
                AnyValueWriter.WriteNumber(output, value.Type, value.Number);
                return true;
        }
    }
}
