// Rows of one page as a bit each: what conditions leave of it.
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Row i of a page is bit i mod 64 of word i / 64. Bits beyond the page's last row are 0.</summary>
internal static class Selection
{
    /// <summary>Words for the largest page.</summary>
    public const int MaxWords = SegmentFormat.PageRows / 64;

    public static int Words(int rows) => (rows + 63) / 64;

    /// <summary>Sets the first <paramref name="rows"/> bits and clears the others.</summary>
    public static void Fill(Span<ulong> bits, int rows)
    {
        bits.Clear();
        SetRange(bits, 0, rows);
    }

    /// <summary>Sets bits [from, to).</summary>
    public static void SetRange(Span<ulong> bits, int from, int to)
    {
        if (from >= to) return;
        var (first, last) = (from / 64, (to - 1) / 64);
        var low = ulong.MaxValue << (from % 64);
        var high = ulong.MaxValue >> (63 - ((to - 1) % 64));
        if (first == last)
        {
            bits[first] |= low & high;
            return;
        }
        bits[first] |= low;
        bits[(first + 1)..last].Fill(ulong.MaxValue);
        bits[last] |= high;
    }

    /// <summary>Clears bits [from, to) and says whether one of them was set.</summary>
    public static bool TakeRange(Span<ulong> bits, int from, int to)
    {
        ulong taken = 0;
        for (var word = from / 64; word * 64 < to; word++)
        {
            var mask = ulong.MaxValue;
            if (word * 64 < from) mask &= ulong.MaxValue << (from % 64);
            if ((word + 1) * 64 > to) mask &= ulong.MaxValue >> (64 - (to % 64));
            taken |= bits[word] & mask;
            bits[word] &= ~mask;
        }
        return taken != 0;
    }

    /// <summary>Whether any bit is left.</summary>
    public static bool Any(ReadOnlySpan<ulong> bits) => bits.ContainsAnyExcept(0ul);

    public static int Count(ReadOnlySpan<ulong> bits)
    {
        var count = 0;
        foreach (var word in bits) count += BitOperations.PopCount(word);
        return count;
    }

    public static void And(Span<ulong> bits, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < bits.Length; i++) bits[i] &= other[i];
    }

    public static void Or(Span<ulong> bits, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < bits.Length; i++) bits[i] |= other[i];
    }

    /// <summary>
    /// Values stand for the set bits of <paramref name="presence"/>, in order: sets in <paramref name="into"/> the rows whose value is set in <paramref name="values"/>. One deposit instruction moves a
    /// word's values to their rows.
    /// </summary>
    public static void OrExpanded(ReadOnlySpan<ulong> values, ReadOnlySpan<ulong> presence, Span<ulong> into)
    {
        var at = 0;
        for (var i = 0; i < presence.Length; i++)
        {
            var rows = presence[i];
            if (rows == 0) continue;
            var (word, shift) = (at / 64, at % 64);
            var next = values[word] >> shift;
            if (shift != 0 && word + 1 < values.Length) next |= values[word + 1] << (64 - shift);
            into[i] |= Deposit(next, rows);
            at += BitOperations.PopCount(rows);
        }
    }

    /// <summary>Adds to <paramref name="rows"/> the indexes of set bits, ascending, and returns how many.</summary>
    public static int Indexes(ReadOnlySpan<ulong> bits, Span<ushort> rows)
    {
        ref var to = ref MemoryMarshal.GetReference(rows);
        var count = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            for (var word = bits[i]; word != 0; word &= word - 1) System.Runtime.CompilerServices.Unsafe.Add(ref to, count++) = (ushort)((i * 64) + BitOperations.TrailingZeroCount(word));
        }
        return count;
    }

    private static ulong Deposit(ulong value, ulong mask)
    {
        if (Bmi2.X64.IsSupported) return Bmi2.X64.ParallelBitDeposit(value, mask);
        ulong result = 0;
        for (; mask != 0; mask &= mask - 1, value >>= 1)
        {
            if ((value & 1) != 0) result |= mask & (~mask + 1);
        }
        return result;
    }
}
