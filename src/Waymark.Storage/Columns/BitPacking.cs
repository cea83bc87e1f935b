// Encoding 2: blocks of 1,024 unsigned values of 1 to 32 bits, interleaved over 16 lanes so that one instruction unpacks 16, 8 or 4 neighbours.
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Waymark.Storage.Columns;

/// <summary>Vector width of a kernel. Every level gives the same bytes and values.</summary>
internal enum SimdLevel
{
    Scalar = 0,
    Vector128 = 1,
    Vector256 = 2,
    Vector512 = 3,
}

/// <summary>The lane-interleaved bit packing of docs/formats/segment.md. Lengths are the caller's duty: a block is 1,024 values and 128 · width bytes.</summary>
internal static class BitPacking
{
    public const int BlockValues = 1_024;
    public const int Lanes = 16;
    public const int MaxWidth = 32;
    private const int Slots = BlockValues / Lanes;
    private const int RowBytes = Lanes * sizeof(uint);

    /// <summary>The widest level this processor runs natively.</summary>
    public static readonly SimdLevel Best =
        !BitConverter.IsLittleEndian ? SimdLevel.Scalar
        : Vector512.IsHardwareAccelerated ? SimdLevel.Vector512
        : Vector256.IsHardwareAccelerated ? SimdLevel.Vector256
        : Vector128.IsHardwareAccelerated ? SimdLevel.Vector128
        : SimdLevel.Scalar;

    public static int BlockBytes(int width) => width * BlockValues / 8;

    /// <summary>Packs one block. Values must be below 2^width.</summary>
    public static void Pack(ReadOnlySpan<uint> values, int width, Span<byte> block, SimdLevel level)
    {
        Debug.Assert(values.Length == BlockValues && block.Length == BlockBytes(width) && width is >= 1 and <= MaxWidth);
        if (level >= SimdLevel.Vector256) PackVector256(values, width, block);
        else PackScalar(values, width, block);
    }

    /// <summary>Unpacks one block and adds <paramref name="add"/> to each value, wrapping.</summary>
    public static void Unpack(ReadOnlySpan<byte> block, int width, uint add, Span<uint> values, SimdLevel level)
    {
        Debug.Assert(values.Length == BlockValues && block.Length == BlockBytes(width) && width is >= 1 and <= MaxWidth);
        switch (level)
        {
            case SimdLevel.Vector512: UnpackVector512(block, width, add, values); break;
            case SimdLevel.Vector256: UnpackVector256(block, width, add, values); break;
            case SimdLevel.Vector128: UnpackVector128(block, width, add, values); break;
            default: UnpackScalar(block, width, add, values); break;
        }
    }

    private static uint Mask(int width) => uint.MaxValue >> (32 - width);

    private static void PackScalar(ReadOnlySpan<uint> values, int width, Span<byte> block)
    {
        block.Clear();
        for (var i = 0; i < BlockValues; i++)
        {
            var bit = i / Lanes * width;
            var at = (bit / 32 * RowBytes) + (i % Lanes * sizeof(uint));
            var shifted = (ulong)values[i] << (bit % 32);
            Or(block[at..], (uint)shifted);
            if ((bit % 32) + width > 32) Or(block[(at + RowBytes)..], (uint)(shifted >> 32));
        }

        static void Or(Span<byte> word, uint bits) =>
            BinaryPrimitives.WriteUInt32LittleEndian(word, BinaryPrimitives.ReadUInt32LittleEndian(word) | bits);
    }

    private static void UnpackScalar(ReadOnlySpan<byte> block, int width, uint add, Span<uint> values)
    {
        var mask = Mask(width);
        for (var i = 0; i < BlockValues; i++)
        {
            var bit = i / Lanes * width;
            var at = (bit / 32 * RowBytes) + (i % Lanes * sizeof(uint));
            ulong word = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
            if ((bit % 32) + width > 32) word |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(block[(at + RowBytes)..]) << 32;
            values[i] = ((uint)(word >> (bit % 32)) & mask) + add;
        }
    }

    private static void PackVector256(ReadOnlySpan<uint> values, int width, Span<byte> block)
    {
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        var low = Vector256<uint>.Zero;
        var high = Vector256<uint>.Zero;
        nuint row = 0;
        var shift = 0;
        for (nuint slot = 0; slot < Slots; slot++)
        {
            var valueLow = Vector256.LoadUnsafe(ref source, slot * Lanes);
            var valueHigh = Vector256.LoadUnsafe(ref source, (slot * Lanes) + 8);
            low |= valueLow << shift;
            high |= valueHigh << shift;
            shift += width;
            if (shift < 32) continue;
            low.StoreUnsafe(ref target, row);
            high.StoreUnsafe(ref target, row + 8);
            row += Lanes;
            shift -= 32;
            // What did not fit. A shift by 32 would shift by nothing, hence the case of its own.
            low = shift == 0 ? Vector256<uint>.Zero : valueLow >>> (width - shift);
            high = shift == 0 ? Vector256<uint>.Zero : valueHigh >>> (width - shift);
        }
    }

    private static void UnpackVector512(ReadOnlySpan<byte> block, int width, uint add, Span<uint> values)
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        ref var target = ref MemoryMarshal.GetReference(values);
        var mask = Vector512.Create(Mask(width));
        var offset = Vector512.Create(add);
        nuint row = 0;
        var shift = 0;
        var word = Vector512.LoadUnsafe(ref source);
        for (nuint slot = 0; slot < Slots; slot++)
        {
            var value = word >>> shift;
            shift += width;
            if (shift >= 32 && slot < Slots - 1)
            {
                row += Lanes;
                shift -= 32;
                word = Vector512.LoadUnsafe(ref source, row);
                if (shift != 0) value |= word << (width - shift);
            }
            ((value & mask) + offset).StoreUnsafe(ref target, slot * Lanes);
        }
    }

    private static void UnpackVector256(ReadOnlySpan<byte> block, int width, uint add, Span<uint> values)
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        ref var target = ref MemoryMarshal.GetReference(values);
        var mask = Vector256.Create(Mask(width));
        var offset = Vector256.Create(add);
        nuint row = 0;
        var shift = 0;
        var wordLow = Vector256.LoadUnsafe(ref source);
        var wordHigh = Vector256.LoadUnsafe(ref source, 8);
        for (nuint slot = 0; slot < Slots; slot++)
        {
            var low = wordLow >>> shift;
            var high = wordHigh >>> shift;
            shift += width;
            if (shift >= 32 && slot < Slots - 1)
            {
                row += Lanes;
                shift -= 32;
                wordLow = Vector256.LoadUnsafe(ref source, row);
                wordHigh = Vector256.LoadUnsafe(ref source, row + 8);
                if (shift != 0)
                {
                    low |= wordLow << (width - shift);
                    high |= wordHigh << (width - shift);
                }
            }
            ((low & mask) + offset).StoreUnsafe(ref target, slot * Lanes);
            ((high & mask) + offset).StoreUnsafe(ref target, (slot * Lanes) + 8);
        }
    }

    private static void UnpackVector128(ReadOnlySpan<byte> block, int width, uint add, Span<uint> values)
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        ref var target = ref MemoryMarshal.GetReference(values);
        var mask = Vector128.Create(Mask(width));
        var offset = Vector128.Create(add);
        // Four lanes at a time from top to bottom: the state of all sixteen would not fit the registers of every processor.
        for (nuint lane = 0; lane < Lanes; lane += 4)
        {
            var row = lane;
            var shift = 0;
            var word = Vector128.LoadUnsafe(ref source, row);
            for (nuint slot = 0; slot < Slots; slot++)
            {
                var value = word >>> shift;
                shift += width;
                if (shift >= 32 && slot < Slots - 1)
                {
                    row += Lanes;
                    shift -= 32;
                    word = Vector128.LoadUnsafe(ref source, row);
                    if (shift != 0) value |= word << (width - shift);
                }
                ((value & mask) + offset).StoreUnsafe(ref target, (slot * Lanes) + lane);
            }
        }
    }
}
