// Bits of any number one after the other: the parts of times that no code can foretell.
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>Appends values of 0 to 63 bits to a string of bits, least significant bit of each byte first.</summary>
internal ref struct ResidualWriter(Span<byte> into)
{
    private readonly Span<byte> into = into;
    private ulong pending;
    private int at;
    private int bits;

    /// <summary>Bits written so far.</summary>
    public readonly long Length => (at * 8L) + bits;

    /// <summary>Appends a value below 2^width.</summary>
    public void Write(ulong value, int width)
    {
        pending |= value << bits;
        bits += width;
        if (bits < 64) return;
        BinaryPrimitives.WriteUInt64LittleEndian(into[at..], pending);
        at += 8;
        bits -= 64;
        // Less than 64 bits were there before, so at least one of this value was written.
        pending = bits == 0 ? 0 : value >> (width - bits);
    }

    /// <summary>Writes the last bits and returns the number of bytes.</summary>
    public int Finish()
    {
        for (; bits > 0; bits -= 8, pending >>= 8) into[at++] = (byte)pending;
        return at;
    }
}

/// <summary>Reading at any bit; bits beyond the end are zeros.</summary>
internal static class ResidualBits
{
    /// <summary>The <paramref name="width"/> bits from <paramref name="position"/> on, 0 to 63 of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ReadOnlySpan<byte> bytes, long position, int width)
    {
        var at = (int)(position >> 3);
        var shift = (int)(position & 7);
        // One load holds what starts up to seven bits into it.
        if (at > bytes.Length - 8 || width > 57) return ReadSlowly(bytes, position, width);
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), at));
        if (!BitConverter.IsLittleEndian) word = BinaryPrimitives.ReverseEndianness(word);
        return (word >> shift) & ~(ulong.MaxValue << width);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ReadSlowly(ReadOnlySpan<byte> bytes, long position, int width)
    {
        ulong value = 0;
        for (var got = 0; got < width;)
        {
            var at = (position + got) >> 3;
            var shift = (int)((position + got) & 7);
            if (at >= bytes.Length) break;
            value |= (ulong)(bytes[(int)at] >> shift) << got;
            got += 8 - shift;
        }
        return value & ~(ulong.MaxValue << width);
    }
}
