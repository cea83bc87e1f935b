// Bits of any number one after the other: the parts of times that no code can foretell.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Waymark.Storage.Columns;

/// <summary>Appends values of 0 to 63 bits to a string of bits, least significant bit of each byte first. There must be eight bytes of room behind the last.</summary>
internal ref struct ResidualWriter(Span<byte> into)
{
    private const int Narrow = 56;
    private readonly Span<byte> into = into;
    private ulong pending;
    private int at;
    private int bits;

    /// <summary>Bits written so far.</summary>
    public readonly long Length => (at * 8L) + bits;

    /// <summary>Appends a value below 2^width.</summary>
    public void Write(ulong value, int width)
    {
        if (width > Narrow)
        {
            Append(value & uint.MaxValue, 32);
            (value, width) = (value >> 32, width - 32);
        }
        Append(value, width);
    }

    /// <summary>Writes the last bits and returns the number of bytes.</summary>
    public readonly int Finish() => at + (bits > 0 ? 1 : 0);

    /// <summary>Stores eight bytes every time and moves on by the whole ones: widths follow no pattern that a branch could be foretold by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(ulong value, int width)
    {
        pending |= value << bits;
        bits += width;
        BinaryPrimitives.WriteUInt64LittleEndian(into[at..], pending);
        at += bits >> 3;
        pending >>= bits & ~7;
        bits &= 7;
    }
}

/// <summary>
/// Reading 0 to 63 bits at any bit. Without a bound in the loop: a block's bits are copied to where even its widest rows could not leave, so that no call for the last bytes
/// keeps the rest of the loop out of registers (3.3 ns per value before, 3.0 after; starts 3.6 and 3.0).
/// </summary>
internal static class ResidualBits
{
    /// <summary>What one load of eight bytes holds of a value that starts up to seven bits into it.</summary>
    public const int Narrow = 57;

    /// <summary>Room for a block of 1,024 values, its first bit anywhere in the first byte, and the load of the last.</summary>
    public const int BlockBytes = (BitPacking.BlockValues * 8) + 16;

    /// <summary>Copies the bits from <paramref name="bit"/> on, zeros after the last, and returns the bit of the copy at which they begin.</summary>
    public static long Copy(ReadOnlySpan<byte> residuals, long bit, Span<byte> room)
    {
        var from = residuals[(int)(bit >> 3)..];
        if (from.Length > BlockBytes) from = from[..BlockBytes];
        from.CopyTo(room);
        room[from.Length..].Clear();
        return bit & 7;
    }

    /// <summary>The <paramref name="width"/> bits from <paramref name="bit"/> on, up to <see cref="Narrow"/>; eight bytes are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(ref byte first, long bit, int width)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, (nint)(bit >> 3)));
        if (!BitConverter.IsLittleEndian) word = BinaryPrimitives.ReverseEndianness(word);
        return (word >> (int)(bit & 7)) & ~(ulong.MaxValue << width);
    }

    /// <summary>The same for widths over <see cref="Narrow"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LoadWide(ref byte first, long bit, int width) => Load(ref first, bit, 32) | (Load(ref first, bit + 32, width - 32) << 32);

    /// <summary>One value of up to <see cref="Narrow"/> bits, wherever it lies.</summary>
    public static ulong At(ReadOnlySpan<byte> residuals, long bit, int width)
    {
        var from = residuals[(int)(bit >> 3)..];
        ulong word = 0;
        if (from.Length >= 8) word = BinaryPrimitives.ReadUInt64LittleEndian(from);
        else for (var i = 0; i < from.Length; i++) word |= (ulong)from[i] << (8 * i);
        return word >> (int)(bit & 7) & ((1UL << width) - 1);
    }
}
