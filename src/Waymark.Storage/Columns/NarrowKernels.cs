// Questions to packed numbers of up to eight bits, which most codes are: unpacked to bytes, 32 of them are compared by one instruction.
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>A test of 32 bytes, counted from the page's smallest number; a byte of all ones where it holds.</summary>
internal interface IByteTest
{
    Vector256<byte> Test(Vector256<byte> values);
}

/// <summary>Of pages in encodings 2 and 3 whose length has been verified. Bits beyond the page's values are clear.</summary>
internal static class NarrowKernels
{
    private const int MaxWidth = 8;
    private const int BlockWords = BitPacking.BlockValues / 64;

    /// <summary>Whether a page is one for these kernels.</summary>
    public static bool CanAsk(in PageInfo page, int width, SimdLevel level) =>
        width is >= 1 and <= MaxWidth && Avx2.IsSupported && Bmi2.X64.IsSupported
        && ((page.Encoding == PageEncoding.Interleaved && level == SimdLevel.Vector256) || (page.Encoding == PageEncoding.Sequential && level >= SimdLevel.Vector256));

    /// <summary>The rows whose number lies from <paramref name="from"/> on and at most <paramref name="length"/> further, counted from the smallest.</summary>
    public static void Between(ReadOnlySpan<byte> stored, in PageInfo page, int width, byte from, byte length, Span<ulong> bits)
    {
        if (length == 0) Ask(stored, page, width, new EqualByte(from), bits);
        else Ask(stored, page, width, new RangeByte(from, length), bits);
    }

    /// <summary>The rows whose number is in a set.</summary>
    public static void InSet(ReadOnlySpan<byte> stored, in PageInfo page, int width, ReadOnlySpan<ulong> set, Span<ulong> bits) =>
        Ask(stored, page, width, TableByte.Of(set, page.Min, width), bits);

    private static void Ask<TTest>(ReadOnlySpan<byte> stored, in PageInfo page, int width, TTest test, Span<ulong> bits)
        where TTest : struct, IByteTest
    {
        if (page.Encoding == PageEncoding.Interleaved) Interleaved(stored, page.Count, width, test, bits);
        else if (width == 1) SingleBits(stored, page.Count, test, bits);
        else Sequential(stored, page.Count, width, test, bits);
        var used = (page.Count + 63) / 64;
        if (page.Count % 64 != 0) bits[used - 1] &= ulong.MaxValue >> (64 - (page.Count % 64));
        bits[used..].Clear();
    }

    private static void Interleaved<TTest>(ReadOnlySpan<byte> stored, int count, int width, TTest test, Span<ulong> bits)
        where TTest : struct, IByteTest
    {
        var size = BitPacking.BlockBytes(width);
        for (var b = 0; b * BitPacking.BlockValues < count; b++) Block(stored.Slice(b * size, size), width, test, bits.Slice(b * BlockWords, BlockWords));
    }

    /// <summary>
    /// Four slots at a time, 64 numbers: of each lane the 32 bits that begin with its four numbers, these spread to its four bytes, the bytes compared, and the answers brought from lanes into the order of the rows.
    /// </summary>
    private static void Block<TTest>(ReadOnlySpan<byte> block, int width, TTest test, Span<ulong> bits)
        where TTest : struct, IByteTest
    {
        Debug.Assert(block.Length == BitPacking.BlockBytes(width) && bits.Length == BlockWords);
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        var spread = new Spread(width);
        var thirtyTwo = Vector256.Create(32u);
        var bytesOfSlot = Vector256.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        var inOrder = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);
        for (var w = 0; w < BlockWords; w++)
        {
            var bit = w * 4 * width;
            // Behind the last row there is none, and nothing of it is needed.
            var (row, next) = ((nuint)(bit / 32 * BitPacking.Lanes), (nuint)(Math.Min((bit / 32) + 1, (2 * width) - 1) * BitPacking.Lanes));
            var right = Vector256.Create((uint)(bit % 32));
            var left = thirtyTwo - right;
            var low = Avx2.ShiftRightLogicalVariable(Vector256.LoadUnsafe(ref source, row), right) | Avx2.ShiftLeftLogicalVariable(Vector256.LoadUnsafe(ref source, next), left);
            var high = Avx2.ShiftRightLogicalVariable(Vector256.LoadUnsafe(ref source, row + 8), right) | Avx2.ShiftLeftLogicalVariable(Vector256.LoadUnsafe(ref source, next + 8), left);
            var lowFound = Avx2.Shuffle(test.Test(spread.Bytes(low)), bytesOfSlot).AsInt32();
            var highFound = Avx2.Shuffle(test.Test(spread.Bytes(high)), bytesOfSlot).AsInt32();
            var first = Avx2.PermuteVar8x32(Avx2.UnpackLow(lowFound, highFound), inOrder).AsByte().ExtractMostSignificantBits();
            var second = Avx2.PermuteVar8x32(Avx2.UnpackHigh(lowFound, highFound), inOrder).AsByte().ExtractMostSignificantBits();
            bits[w] = first | ((ulong)second << 32);
        }
    }

    /// <summary>Eight numbers take as many bytes as each has bits; the processor's deposit spreads them to eight bytes.</summary>
    private static void Sequential<TTest>(ReadOnlySpan<byte> stored, int count, int width, TTest test, Span<ulong> bits)
        where TTest : struct, IByteTest
    {
        var places = 0x0101_0101_0101_0101UL * ((1UL << width) - 1);
        Span<ulong> eights = stackalloc ulong[8];
        for (var first = 0; first < count; first += 64)
        {
            var from = stored[(first / 8 * width)..];
            for (var e = 0; e < eights.Length; e++)
            {
                var at = e * width;
                eights[e] = Bmi2.X64.ParallelBitDeposit(at + 8 <= from.Length ? BinaryPrimitives.ReadUInt64LittleEndian(from[at..]) : Tail(from, at), places);
            }
            ulong low = test.Test(Vector256.Create<ulong>(eights).AsByte()).ExtractMostSignificantBits();
            ulong high = test.Test(Vector256.Create<ulong>(eights[4..]).AsByte()).ExtractMostSignificantBits();
            bits[first / 64] = low | (high << 32);
        }
    }

    /// <summary>The bits themselves, those of the other value, all or none.</summary>
    private static void SingleBits<TTest>(ReadOnlySpan<byte> stored, int count, TTest test, Span<ulong> bits)
        where TTest : struct, IByteTest
    {
        var zeros = test.Test(Vector256<byte>.Zero)[0] != 0 ? ulong.MaxValue : 0;
        var ones = test.Test(Vector256.Create((byte)1))[0] != 0 ? ulong.MaxValue : 0;
        for (var first = 0; first < count; first += 64)
        {
            var at = first / 8;
            var word = at + 8 <= stored.Length ? BinaryPrimitives.ReadUInt64LittleEndian(stored[at..]) : Tail(stored, at);
            bits[first / 64] = (word & ones) | (~word & zeros);
        }
    }

    /// <summary>What is left from a place on, zeros behind it.</summary>
    private static ulong Tail(ReadOnlySpan<byte> stored, int at)
    {
        ulong word = 0;
        for (var i = at; i < stored.Length; i++) word |= (ulong)stored[i] << ((i - at) * 8);
        return word;
    }

    /// <summary>From four numbers in the lowest bits of a lane to one in each of its bytes: first apart in two halves, then each half in two bytes.</summary>
    private readonly struct Spread
    {
        private readonly Vector256<uint> toHalf;
        private readonly Vector256<uint> toByte;
        private readonly Vector256<uint> lower;
        private readonly Vector256<uint> upper;

        public Spread(int width)
        {
            toHalf = Vector256.Create((uint)(16 - (2 * width)));
            toByte = Vector256.Create((uint)(8 - width));
            lower = Vector256.Create(0x0001_0001u * ((1u << width) - 1));
            upper = lower << 8;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<byte> Bytes(Vector256<uint> lanes)
        {
            var halves = Avx2.Blend(lanes.AsUInt16(), Avx2.ShiftLeftLogicalVariable(lanes, toHalf).AsUInt16(), 0b1010_1010).AsUInt32();
            return ((halves & lower) | (Avx2.ShiftLeftLogicalVariable(halves, toByte) & upper)).AsByte();
        }
    }
}

/// <summary>Equal to one value.</summary>
internal readonly struct EqualByte(byte wanted) : IByteTest
{
    private readonly Vector256<byte> wanted = Vector256.Create(wanted);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Test(Vector256<byte> values) => Vector256.Equals(values, wanted);
}

/// <summary>From a value on, this much further.</summary>
internal readonly struct RangeByte(byte from, byte length) : IByteTest
{
    private readonly Vector256<byte> from = Vector256.Create(from);
    private readonly Vector256<byte> length = Vector256.Create(length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Test(Vector256<byte> values)
    {
        var shifted = values - from;
        return Vector256.Equals(Vector256.Min(shifted, length), shifted);
    }
}

/// <summary>In a table of 256 bits: the lower half of a value finds a row of 16 bits in two registers, the upper half a bit of it.</summary>
internal readonly struct TableByte : IByteTest
{
    private readonly Vector256<byte> low;
    private readonly Vector256<byte> high;

    private TableByte(Vector128<byte> low, Vector128<byte> high)
    {
        this.low = Vector256.Create(low, low);
        this.high = Vector256.Create(high, high);
    }

    /// <summary>The part of a set from <paramref name="min"/> on, for values of so many bits.</summary>
    public static TableByte Of(ReadOnlySpan<ulong> set, long min, int width)
    {
        Span<byte> rows = stackalloc byte[32];
        rows.Clear();
        for (var first = 0; first < 1 << width; first += 32)
        {
            for (var word = WideTableSlot.Word(set, min + first); word != 0; word &= word - 1)
            {
                var value = first + System.Numerics.BitOperations.TrailingZeroCount(word);
                rows[(value & 15) + (value >= 128 ? 16 : 0)] |= (byte)(1 << (value >> 4 & 7));
            }
        }
        return new TableByte(Vector128.Create<byte>(rows), Vector128.Create<byte>(rows[16..]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Test(Vector256<byte> values)
    {
        var nibble = Vector256.Create((byte)15);
        var bitOf = Vector256.Create(0x8040_2010_0804_0201UL).AsByte();
        var row = Avx2.BlendVariable(Avx2.Shuffle(low, values & nibble), Avx2.Shuffle(high, values & nibble), values);
        var bit = Avx2.Shuffle(bitOf, (values.AsUInt16() >>> 4).AsByte() & nibble);
        return Vector256.Equals(row & bit, bit);
    }
}
