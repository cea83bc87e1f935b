// The layout nearly every producer gives an attribute, recognised without a loop.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Reads a <c>KeyValue</c> message that is plain: at most <see cref="AttributeWindow.Bytes"/> long, key, then value, ASCII, and a value of one simple member.
/// <code>0A key-length key 12 value-length (0A text-length text | 10 bool | 18 integer of up to four bytes | 21 double)</code>
/// Anything else, however well-formed, must be read the long way.
/// </summary>
internal static class PlainAttribute
{
    /// <summary>Bytes that must be readable from the message's first on: the window, and what reading a number may touch beyond it.</summary>
    public const int ReadableBytes = AttributeWindow.Bytes + 8;

    /// <summary>An empty key and a boolean.</summary>
    public const int ShortestBytes = 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> readable, int length, out ReadOnlySpan<byte> key, out AttributeValue value)
    {
        ref var start = ref MemoryMarshal.GetReference(readable[..ReadableBytes]);
        key = default;
        value = default;
        var valueTag = 2 + At(ref start, 1);
        var content = valueTag + 3;
        if (start != (1 << 3 | 2) || content >= length || At(ref start, valueTag) != (2 << 3 | 2) || At(ref start, valueTag + 1) != length - valueTag - 2) return false;
        // All bytes above 0x7F of the window at once: which of them matter is a mask, not a branch.
        var high = Vector256.LoadUnsafe(ref start).ExtractMostSignificantBits() | ((ulong)Vector256.LoadUnsafe(ref start, 32).ExtractMostSignificantBits() << 32);
        if ((high & ((1UL << valueTag) - 1)) != 0) return false;
        key = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, 2), valueTag - 2);
        switch (At(ref start, valueTag + 2))
        {
            case 1 << 3 | 2:
                value = AttributeValue.Text(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, content + 1), length - content - 1));
                return At(ref start, content) == length - content - 1 && high << (AttributeWindow.Bytes - length) == 0;
            case 2 << 3 | 0:
                value = AttributeValue.Bool(At(ref start, content) != 0);
                return length == content + 1 && At(ref start, content) <= 1;
            case 3 << 3 | 0:
                return TryReadInt(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, content)), length - content, out value);
            case 4 << 3 | 1:
                value = AttributeValue.Double(BinaryPrimitives.ReadDoubleLittleEndian(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, content), sizeof(double))));
                return length == content + sizeof(double);
            default:
                return false;
        }
    }

    /// <summary>A varint of exactly <paramref name="length"/> bytes, at most four, out of a little-endian word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadInt(uint word, int length, out AttributeValue value)
    {
        if (!BitConverter.IsLittleEndian) word = BinaryPrimitives.ReverseEndianness(word);
        var unused = 32 - 8 * length;
        word &= uint.MaxValue >> unused;
        value = AttributeValue.Int((word & 0x7F) | ((word >> 1) & 0x3F80) | ((word >> 2) & 0x1F_C000) | ((word >> 3) & 0xFE0_0000));
        return length <= 4 && (word & 0x8080_8080) == 0x80_8080u >> unused;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int At(ref byte start, int index) => Unsafe.Add(ref start, index);
}
