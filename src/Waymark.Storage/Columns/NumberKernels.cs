// Questions put to a page of numbers as it is stored: which rows equal a value, lie in an interval, are in a set. The answer is one bit per row.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>
/// Kernels over encoded pages whose checksum and length have been verified. Packed pages are unpacked and compared in registers, a block at a time; nothing unpacked is written to memory but where
/// the processor has no suitable instruction. Every level gives the same bits; those beyond the page's values are clear. False: the page's bytes contradict themselves, and the bits mean nothing.
/// </summary>
internal static class NumberKernels
{
    private const int BlockWords = BitPacking.BlockValues / 64;

    /// <summary>A set of this many runs of values costs less as intervals than as a table.</summary>
    private const int MaxRuns = 1;

    /// <summary>The rows whose number is <paramref name="value"/>.</summary>
    public static bool Equal(ReadOnlySpan<byte> stored, in PageInfo page, long value, Span<ulong> bits, SimdLevel level) => Between(stored, page, value, value, bits, level);

    /// <summary>The rows whose number lies in [low, high].</summary>
    public static bool Between(ReadOnlySpan<byte> stored, in PageInfo page, long low, long high, Span<ulong> bits, SimdLevel level)
    {
        low = Math.Max(low, page.Min);
        high = Math.Min(high, page.Max);
        if (page.Count == 0 || low > high)
        {
            bits.Clear();
            return true;
        }
        if (low == page.Min && high == page.Max)
        {
            RowBits.Fill(bits, page.Count);
            return true;
        }
        if (CompositeKernels.IsComposite(page.Encoding)) return CompositeKernels.TryAsk(stored, page, new NumberQuestion(low, high, default, hasSet: false), bits, level);
        var width = NumberPage.Width(page.Min, page.Max);
        if (NarrowKernels.CanAsk(page, width, level))
        {
            NarrowKernels.Between(stored, page, width, (byte)(low - page.Min), (byte)(high - low), bits);
            return true;
        }
        if (page.Encoding != PageEncoding.Interleaved) return Decoded(stored, page, new RangeOfLongs(low, high), bits, level);
        var from = unchecked((uint)(low - page.Min));
        var to = unchecked((uint)(high - page.Min));
        if (from == to) Interleaved(stored, page, new EqualSlot(from), bits, level);
        else Interleaved(stored, page, new RangeSlot(from, to - from), bits, level);
        return true;
    }

    /// <summary>The rows whose number lies in [low, high], of numbers that are decoded already.</summary>
    public static void Between(ReadOnlySpan<long> numbers, long low, long high, Span<ulong> bits, SimdLevel level)
    {
        bits[((numbers.Length + 63) / 64)..].Clear();
        new RangeOfLongs(low, high).Test(numbers, bits, level);
    }

    /// <summary>The rows whose number is in a set of numbers that are not negative: bit v of <paramref name="set"/> says whether v is in it, and what lies beyond is not.</summary>
    public static bool InSet(ReadOnlySpan<byte> stored, in PageInfo page, ReadOnlySpan<ulong> set, Span<ulong> bits, SimdLevel level)
    {
        var (runs, low, high) = page.Count == 0 ? default : Runs(set, page.Min, page.Max);
        if (runs == 0)
        {
            bits.Clear();
            return true;
        }
        if (runs == MaxRuns) return Between(stored, page, low, high, bits, level);
        if (CompositeKernels.IsComposite(page.Encoding)) return CompositeKernels.TryAsk(stored, page, new NumberQuestion(0, 0, set, hasSet: true), bits, level);
        var width = NumberPage.Width(page.Min, page.Max);
        if (NarrowKernels.CanAsk(page, width, level))
        {
            NarrowKernels.InSet(stored, page, width, set, bits);
            return true;
        }
        if (page.Encoding != PageEncoding.Interleaved) return Decoded(stored, page, new SetOfLongs(set), bits, level);
        InSetInterleaved(stored, page, set, bits, level);
        return true;
    }

    /// <summary>How many runs of neighbouring values the set has within [min, max], as far as <see cref="MaxRuns"/> + 1, and the bounds of the first.</summary>
    private static (int Runs, long Low, long High) Runs(ReadOnlySpan<ulong> set, long min, long max)
    {
        long low = 0, high = 0;
        var runs = 0;
        var end = Math.Min(max, (set.Length * 64L) - 1);
        for (var at = NextInSet(set, Math.Max(min, 0), inSet: true); at <= end;)
        {
            var after = NextInSet(set, at, inSet: false);
            if (++runs > MaxRuns) break;
            (low, high) = (at, Math.Min(after - 1, end));
            at = NextInSet(set, after, inSet: true);
        }
        return (runs, low, high);
    }

    /// <summary>The first value from <paramref name="from"/> on that is in the set, or not in it; the set's length when there is none.</summary>
    private static long NextInSet(ReadOnlySpan<ulong> set, long from, bool inSet)
    {
        var flip = inSet ? 0 : ulong.MaxValue;
        var length = set.Length * 64L;
        if (from >= length) return length;
        var at = (int)(from / 64);
        var word = (set[at] ^ flip) & (ulong.MaxValue << (int)(from % 64));
        while (word == 0)
        {
            if (++at == set.Length) return length;
            word = set[at] ^ flip;
        }
        return (at * 64L) + System.Numerics.BitOperations.TrailingZeroCount(word);
    }

    private static void InSetInterleaved(ReadOnlySpan<byte> stored, in PageInfo page, ReadOnlySpan<ulong> set, Span<ulong> bits, SimdLevel level)
    {
        var width = NumberPage.Width(page.Min, page.Max);
        // The table of a narrow page's values fits a register or two: 16 words of 32 bits, or 8.
        if (level == SimdLevel.Vector512 && width <= 9 && Avx512F.IsSupported) Interleaved(stored, page, TableSlot.Of(set, page.Min), bits, level);
        else if (level >= SimdLevel.Vector256 && width <= 8 && Avx2.IsSupported) Interleaved(stored, page, TableSlot.Of(set, page.Min), bits, SimdLevel.Vector256);
        else if (level >= SimdLevel.Vector256 && width <= 10 && Avx2.IsSupported) Interleaved(stored, page, WideTableSlot.Of(set, page.Min, width), bits, SimdLevel.Vector256);
        else InSetUnpacked(stored, page, width, set, bits, level);
    }

    [SkipLocalsInit]
    private static void InSetUnpacked(ReadOnlySpan<byte> stored, in PageInfo page, int width, ReadOnlySpan<ulong> set, Span<ulong> bits, SimdLevel level)
    {
        Span<uint> block = stackalloc uint[BitPacking.BlockValues];
        var size = BitPacking.BlockBytes(width);
        var blocks = Blocks(page.Count);
        bits[(blocks * BlockWords)..].Clear();
        for (var b = 0; b < blocks; b++)
        {
            BitPacking.Unpack(stored.Slice(b * size, size), width, 0, block, level);
            var to = bits.Slice(b * BlockWords, BlockWords);
            for (var w = 0; w < BlockWords; w++)
            {
                ulong word = 0;
                for (var i = 0; i < 64; i++)
                {
                    var value = page.Min + block[(w * 64) + i];
                    var at = (ulong)value >> 6;
                    if (at < (ulong)set.Length) word |= (set[(int)at] >> (int)(value & 63) & 1) << i;
                }
                to[w] = word;
            }
        }
        Truncate(bits, page.Count);
    }

    private static void Interleaved<TSlot>(ReadOnlySpan<byte> stored, in PageInfo page, TSlot test, Span<ulong> bits, SimdLevel level)
        where TSlot : struct, ISlotTest
    {
        var width = NumberPage.Width(page.Min, page.Max);
        var size = BitPacking.BlockBytes(width);
        var blocks = Blocks(page.Count);
        bits[(blocks * BlockWords)..].Clear();
        for (var b = 0; b < blocks; b++)
        {
            var block = stored.Slice(b * size, size);
            var to = bits.Slice(b * BlockWords, BlockWords);
            switch (level)
            {
                case SimdLevel.Vector512: Block512(block, width, test, to); break;
                case SimdLevel.Vector256: Block256(block, width, test, to); break;
                case SimdLevel.Vector128: Block128(block, width, test, to); break;
                default: BlockScalar(block, width, test, to); break;
            }
        }
        Truncate(bits, page.Count);
    }

    /// <summary>Padding of the last block may have matched.</summary>
    private static void Truncate(Span<ulong> bits, int count)
    {
        if (count % 64 != 0) bits[count / 64] &= ulong.MaxValue >> (64 - (count % 64));
        var used = (count + 63) / 64;
        bits[used..(Blocks(count) * BlockWords)].Clear();
    }

    private static int Blocks(int count) => (count + BitPacking.BlockValues - 1) / BitPacking.BlockValues;

    private static void Block512<TSlot>(ReadOnlySpan<byte> block, int width, TSlot test, Span<ulong> bits)
        where TSlot : struct, ISlotTest
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        var mask = Vector512.Create(uint.MaxValue >> (32 - width));
        nuint row = 0;
        var shift = 0;
        var word = Vector512.LoadUnsafe(ref source);
        var prepared = test.Prepare512();
        for (var w = 0; w < BlockWords; w++)
        {
            ulong found = 0;
            for (var quarter = 0; quarter < 64; quarter += 16)
            {
                var value = word >>> shift;
                shift += width;
                // After the last slot there is no further row.
                if (shift >= 32 && (w < BlockWords - 1 || quarter < 48))
                {
                    row += BitPacking.Lanes;
                    shift -= 32;
                    word = Vector512.LoadUnsafe(ref source, row);
                    if (shift != 0) value |= word << (width - shift);
                }
                found |= test.Test(value & mask, prepared) << quarter;
            }
            bits[w] = found;
        }
    }

    private static void Block256<TSlot>(ReadOnlySpan<byte> block, int width, TSlot test, Span<ulong> bits)
        where TSlot : struct, ISlotTest
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        var mask = Vector256.Create(uint.MaxValue >> (32 - width));
        nuint row = 0;
        var shift = 0;
        var wordLow = Vector256.LoadUnsafe(ref source);
        var wordHigh = Vector256.LoadUnsafe(ref source, 8);
        var prepared = test.Prepare256();
        for (var w = 0; w < BlockWords; w++)
        {
            ulong found = 0;
            for (var quarter = 0; quarter < 64; quarter += 16)
            {
                var low = wordLow >>> shift;
                var high = wordHigh >>> shift;
                shift += width;
                if (shift >= 32 && (w < BlockWords - 1 || quarter < 48))
                {
                    row += BitPacking.Lanes;
                    shift -= 32;
                    wordLow = Vector256.LoadUnsafe(ref source, row);
                    wordHigh = Vector256.LoadUnsafe(ref source, row + 8);
                    if (shift != 0)
                    {
                        low |= wordLow << (width - shift);
                        high |= wordHigh << (width - shift);
                    }
                }
                found |= (test.Test(low & mask, prepared) | (test.Test(high & mask, prepared) << 8)) << quarter;
            }
            bits[w] = found;
        }
    }

    private static void Block128<TSlot>(ReadOnlySpan<byte> block, int width, TSlot test, Span<ulong> bits)
        where TSlot : struct, ISlotTest
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, uint>(block));
        var mask = Vector128.Create(uint.MaxValue >> (32 - width));
        var prepared = test.Prepare128();
        bits.Clear();
        // Four lanes at a time from top to bottom, as in unpacking.
        for (var lane = 0; lane < BitPacking.Lanes; lane += 4)
        {
            var row = (nuint)lane;
            var shift = 0;
            var word = Vector128.LoadUnsafe(ref source, row);
            for (var w = 0; w < BlockWords; w++)
            {
                ulong found = 0;
                for (var quarter = 0; quarter < 64; quarter += 16)
                {
                    var value = word >>> shift;
                    shift += width;
                    if (shift >= 32 && (w < BlockWords - 1 || quarter < 48))
                    {
                        row += BitPacking.Lanes;
                        shift -= 32;
                        word = Vector128.LoadUnsafe(ref source, row);
                        if (shift != 0) value |= word << (width - shift);
                    }
                    found |= test.Test(value & mask, prepared) << (quarter + lane);
                }
                bits[w] |= found;
            }
        }
    }

    [SkipLocalsInit]
    private static void BlockScalar<TSlot>(ReadOnlySpan<byte> block, int width, TSlot test, Span<ulong> bits)
        where TSlot : struct, ISlotTest
    {
        Span<uint> values = stackalloc uint[BitPacking.BlockValues];
        BitPacking.Unpack(block, width, 0, values, SimdLevel.Scalar);
        for (var w = 0; w < BlockWords; w++)
        {
            ulong found = 0;
            for (var i = 0; i < 64; i++) found |= test.Test(values[(w * 64) + i]) ? 1UL << i : 0;
            bits[w] = found;
        }
    }

    /// <summary>Decodes a block at a time and compares.</summary>
    [SkipLocalsInit]
    private static bool Decoded<TTest>(ReadOnlySpan<byte> stored, in PageInfo page, TTest test, Span<ulong> bits, SimdLevel level)
        where TTest : struct, ILongTest, allows ref struct
    {
        bits[((page.Count + 63) / 64)..].Clear();
        Span<long> block = stackalloc long[BitPacking.BlockValues];
        for (var first = 0; first < page.Count; first += block.Length)
        {
            var part = block[..Math.Min(block.Length, page.Count - first)];
            if (!PointKernels.TryRange(stored, page, first, part, level)) return false;
            test.Test(part, bits.Slice(first / 64, (part.Length + 63) / 64), level);
        }
        return true;
    }
}
