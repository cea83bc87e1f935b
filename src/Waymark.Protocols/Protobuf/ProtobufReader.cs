// The protobuf wire format, read in place: a cursor over one message's bytes. Knows tags, varints and lengths; knows no message type.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    // Three primitive fields, not a span and two more: the whole decode takes 150 to 158 instead of 165 ns a span. Every step forward is preceded by its own check
    // against "rest", in this file.
    private ref byte at;
    private int rest;

    /// <summary>0, or the defect (high half) and the bytes there were left to the end (low half).</summary>
    private long failure;

    public ProtobufReader(ReadOnlySpan<byte> message)
    {
        at = ref MemoryMarshal.GetReference(message);
        rest = message.Length;
    }

    public readonly Malformed Error => (Malformed)(failure >> 32);

    /// <summary>Bytes from the cursor (after a failure: from the defect) to the end of the message.</summary>
    public readonly int Remaining => failure == 0 ? rest : (int)failure;

    private readonly ReadOnlySpan<byte> Rest => MemoryMarshal.CreateReadOnlySpan(ref at, rest);

    /// <summary>The next field's tag (number × 8 + wire type), or 0 at the end of the message and after a failure.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadTag()
    {
        if (rest == 0) return 0;
        uint first = at;
        if (first - 8 < 0x78)
        {
            // One byte, field numbers 1 to 15: nearly every tag of OTLP.
            Advance(1);
            return first;
        }
        var tag = LongVarint(Rest);
        if (tag.Length > 0 && (uint)tag.Value >= 8)
        {
            Advance(tag.Length);
            return (uint)tag.Value;
        }
        Fail(tag.Length > 0 ? Malformed.BadTag : tag.Error);
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarint()
    {
        if (rest > 0 && at < 0x80)
        {
            ulong small = at;
            Advance(1);
            return small;
        }
        var varint = LongVarint(Rest);
        if (varint.Length <= 0) Fail(varint.Error);
        else Advance(varint.Length);
        return varint.Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadFixed64()
    {
        if (rest < sizeof(ulong))
        {
            Fail(Malformed.Truncated);
            return 0;
        }
        var value = BinaryPrimitives.ReadUInt64LittleEndian(Rest);
        Advance(sizeof(ulong));
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadFixed32()
    {
        if (rest < sizeof(uint))
        {
            Fail(Malformed.Truncated);
            return 0;
        }
        var value = BinaryPrimitives.ReadUInt32LittleEndian(Rest);
        Advance(sizeof(uint));
        return value;
    }

    /// <summary>The content of a length-delimited field: a message, text or bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBytes()
    {
        if (rest > 0)
        {
            int small = at;
            if (small < 0x80 && small < rest)
            {
                var content = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref at, 1), small);
                Advance(1 + small);
                return content;
            }
        }
        var prefix = LongLength(Rest);
        if (prefix.Length <= 0)
        {
            Fail(prefix.Error);
            return default;
        }
        var longContent = Rest.Slice(prefix.Length, (int)prefix.Value);
        Advance(prefix.Length + (int)prefix.Value);
        return longContent;
    }

    /// <summary>Passes over the value of a field that is not wanted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(uint tag)
    {
        if ((tag & 7) == 2) _ = ReadBytes();
        else
        {
            var skipped = SkipLength(Rest, tag);
            if (skipped.Length > 0) Advance(skipped.Length);
            else Fail(skipped.Error);
        }
    }

    /// <summary>Passes over all that is left: true when the message is well framed at its top level.</summary>
    public bool SkipAll()
    {
        uint tag;
        while ((tag = ReadTag()) != 0) Skip(tag);
        return failure == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance(int bytes)
    {
        at = ref Unsafe.Add(ref at, bytes);
        rest -= bytes;
    }

    // Inlined like every other member, so that no call takes the reader's address.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Fail(Malformed what)
    {
        failure = ((long)what << 32) | (uint)rest;
        rest = 0;
    }

    /// <summary>A number read and the bytes it took, returned in two registers. A length ≤ 0 is a defect: minus the <see cref="Malformed"/>.</summary>
    private readonly record struct Step(ulong Value, int Length)
    {
        public Malformed Error => (Malformed)(-Length);

        public static Step Failed(Malformed what) => new(0, -(int)what);
    }

    /// <summary>Any varint.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step LongVarint(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80) return new Step(value, i + 1);
        }
        return Step.Failed(bytes.Length < 10 ? Malformed.Truncated : Malformed.BadVarint);
    }

    /// <summary>A length prefix of any size, checked against the bytes that follow it. The step is over the prefix alone.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step LongLength(ReadOnlySpan<byte> bytes)
    {
        // Of spans nearly all have two bytes.
        if (bytes.Length >= 2 && (bytes[0] & 0x80) != 0 && bytes[1] < 0x80)
        {
            var two = (bytes[0] & 0x7F) | (bytes[1] << 7);
            return two > bytes.Length - 2 ? Step.Failed(Malformed.BadLength) : new Step((uint)two, 2);
        }
        var prefix = LongVarint(bytes);
        if (prefix.Length <= 0) return prefix;
        var length = (int)(uint)prefix.Value;
        return length < 0 || length > bytes.Length - prefix.Length ? Step.Failed(Malformed.BadLength) : new Step((uint)length, prefix.Length);
    }

    /// <summary>The step over the value of a field that is not length-delimited, its tag already read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step SkipLength(ReadOnlySpan<byte> bytes, uint tag) => (tag & 7) switch
    {
        0 => LongVarint(bytes),
        1 => bytes.Length < sizeof(ulong) ? Step.Failed(Malformed.Truncated) : new Step(0, sizeof(ulong)),
        3 => GroupLength(bytes, tag >> 3),
        4 => Step.Failed(Malformed.UnbalancedGroup),
        5 => bytes.Length < sizeof(uint) ? Step.Failed(Malformed.Truncated) : new Step(0, sizeof(uint)),
        _ => Step.Failed(Malformed.BadTag),
    };

    /// <summary>The step over a group's content and its end tag. Iterative: nested groups are a stack of field numbers.</summary>
    private static Step GroupLength(ReadOnlySpan<byte> bytes, uint number)
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
                if (open[--depth] != tag >> 3) return Step.Failed(Malformed.UnbalancedGroup);
            }
            else if ((tag & 7) != 3) reader.Skip(tag);
            else if (depth == MaxGroupDepth) return Step.Failed(Malformed.TooDeep);
            else open[depth++] = tag >> 3;
        }
        if (reader.Error != Malformed.None) return Step.Failed(reader.Error);
        return depth > 0 ? Step.Failed(Malformed.UnbalancedGroup) : new Step(0, bytes.Length - reader.Remaining);
    }
}
