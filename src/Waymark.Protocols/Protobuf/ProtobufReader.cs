// The protobuf wire format, read in place: a cursor over one message's bytes. Knows tags, varints and lengths; knows no message type.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Waymark.Model.Limits;

namespace Waymark.Protocols.Protobuf;

/// <summary>
/// Reads the fields of one message. Never throws on bad bytes: the first defect is kept in <see cref="Error"/>, whatever was being read is 0 or empty, and
/// <see cref="ReadTag"/> then answers 0 as at the end, so a loop over tags ends by itself and looks at <see cref="Error"/> once.
/// <para>What counts as a defect is what Google's parsers refuse: field number 0, wire types 6 and 7, an end-group tag without its start, a varint longer
/// than ten bytes or cut off, a length that is negative or leads beyond the message. Bits of a varint beyond the width of its field are dropped, as they do.</para>
/// </summary>
internal ref struct ProtobufReader
{
    /// <summary>Groups within groups beyond which <see cref="Skip"/> gives up: no producer of OTLP writes even one.</summary>
    public const int MaxGroupDepth = 100;

    private ReadOnlySpan<byte> rest;
    private int failedRest;
    private Malformed error;

    public ProtobufReader(ReadOnlySpan<byte> message) => rest = message;

    public readonly Malformed Error => error;

    /// <summary>Bytes from the cursor (after a failure: from the defect) to the end of the message.</summary>
    public readonly int Remaining => error == Malformed.None ? rest.Length : failedRest;

    /// <summary>The next field's tag (number × 8 + wire type), or 0 at the end of the message and after a failure.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadTag()
    {
        if (rest.IsEmpty) return 0;
        uint first = rest[0];
        if (first - 8 < 0x78)
        {
            // One byte, field numbers 1 to 15: nearly every tag of OTLP.
            rest = rest[1..];
            return first;
        }
        var tag = (uint)LongVarint(rest, out var length);
        if (length > 0 && tag >= 8)
        {
            rest = rest[length..];
            return tag;
        }
        Fail(length > 0 ? Malformed.BadTag : VarintError(length));
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarint()
    {
        if (!rest.IsEmpty && rest[0] < 0x80)
        {
            ulong small = rest[0];
            rest = rest[1..];
            return small;
        }
        var value = LongVarint(rest, out var length);
        if (length <= 0)
        {
            Fail(VarintError(length));
            return 0;
        }
        rest = rest[length..];
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadFixed64()
    {
        if (rest.Length < 8)
        {
            Fail(Malformed.Truncated);
            return 0;
        }
        var value = BinaryPrimitives.ReadUInt64LittleEndian(rest);
        rest = rest[8..];
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadFixed32()
    {
        if (rest.Length < 4)
        {
            Fail(Malformed.Truncated);
            return 0;
        }
        var value = BinaryPrimitives.ReadUInt32LittleEndian(rest);
        rest = rest[4..];
        return value;
    }

    /// <summary>The content of a length-delimited field: a message, text or bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBytes()
    {
        if (!rest.IsEmpty)
        {
            int small = rest[0];
            if (small < 0x80 && small < rest.Length)
            {
                var content = rest.Slice(1, small);
                rest = rest[(small + 1)..];
                return content;
            }
        }
        var prefix = LongLength(rest, out var length, out var bad);
        if (bad != Malformed.None)
        {
            Fail(bad);
            return default;
        }
        var longContent = rest.Slice(prefix, length);
        rest = rest[(prefix + length)..];
        return longContent;
    }

    /// <summary>Passes over the value of a field that is not wanted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(uint tag)
    {
        var length = SkipLength(rest, tag, out var bad);
        if (bad == Malformed.None) rest = rest[length..];
        else Fail(bad);
    }

    /// <summary>Passes over all that is left: true when the message is well framed at its top level.</summary>
    public bool SkipAll()
    {
        uint tag;
        while ((tag = ReadTag()) != 0) Skip(tag);
        return error == Malformed.None;
    }

    private void Fail(Malformed what)
    {
        error = what;
        failedRest = rest.Length;
        rest = default;
    }

    private static Malformed VarintError(int length) => length == 0 ? Malformed.Truncated : Malformed.BadVarint;

    /// <summary>Any varint. <paramref name="length"/>: bytes used; 0 when the bytes end within it; −1 when it is longer than ten bytes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong LongVarint(ReadOnlySpan<byte> bytes, out int length)
    {
        ulong value = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i == 10)
            {
                length = -1;
                return 0;
            }
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                length = i + 1;
                return value;
            }
        }
        length = bytes.Length >= 10 ? -1 : 0;
        return 0;
    }

    /// <summary>A length prefix of any size, checked against the bytes that follow it. Returns the bytes of the prefix.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LongLength(ReadOnlySpan<byte> bytes, out int length, out Malformed bad)
    {
        length = (int)(uint)LongVarint(bytes, out var prefix);
        bad = prefix <= 0 ? VarintError(prefix) : length < 0 || length > bytes.Length - prefix ? Malformed.BadLength : Malformed.None;
        return prefix;
    }

    /// <summary>Bytes of a field's value, its tag already read.</summary>
    private static int SkipLength(ReadOnlySpan<byte> bytes, uint tag, out Malformed bad)
    {
        bad = Malformed.None;
        switch (tag & 7)
        {
            case 0:
                LongVarint(bytes, out var varint);
                if (varint <= 0) bad = VarintError(varint);
                return varint;
            case 1:
                if (bytes.Length < 8) bad = Malformed.Truncated;
                return 8;
            case 2:
                var prefix = LongLength(bytes, out var length, out bad);
                return prefix + length;
            case 3:
                return GroupLength(bytes, tag >> 3, out bad);
            case 4:
                bad = Malformed.UnbalancedGroup;
                return 0;
            case 5:
                if (bytes.Length < 4) bad = Malformed.Truncated;
                return 4;
            default:
                bad = Malformed.BadTag;
                return 0;
        }
    }

    /// <summary>Bytes of a group's content and its end tag. Iterative: nested groups are a stack of field numbers.</summary>
    private static int GroupLength(ReadOnlySpan<byte> bytes, uint number, out Malformed bad)
    {
        Span<uint> open = stackalloc uint[MaxGroupDepth];
        open[0] = number;
        var depth = 1;
        var reader = new ProtobufReader(bytes);
        while (depth > 0)
        {
            var tag = reader.ReadTag();
            if (tag == 0) break;
            if ((tag & 7) == 4)
            {
                if (open[--depth] == tag >> 3) continue;
                bad = Malformed.UnbalancedGroup;
                return 0;
            }
            if ((tag & 7) != 3)
            {
                reader.Skip(tag);
                continue;
            }
            if (depth == MaxGroupDepth)
            {
                bad = Malformed.TooDeep;
                return 0;
            }
            open[depth++] = tag >> 3;
        }
        bad = reader.Error != Malformed.None ? reader.Error : depth > 0 ? Malformed.UnbalancedGroup : Malformed.None;
        return bytes.Length - reader.Remaining;
    }
}
