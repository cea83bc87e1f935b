// A page's rows as bits: what kernels produce and filters combine.
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Waymark.Storage.Columns;

/// <summary>
/// Sets of rows of a page: 8,192 bits in 128 words, row <c>r</c> in bit <c>r % 64</c> of word <c>r / 64</c>. Every operation takes spans of exactly <see cref="Words"/> words.
/// </summary>
internal static class RowBits
{
    /// <summary>Rows of a page.</summary>
    public const int Rows = 8_192;
    public const int Words = Rows / 64;

    /// <summary>The first <paramref name="count"/> rows and no others.</summary>
    public static void Fill(Span<ulong> bits, int count)
    {
        var whole = count / 64;
        bits[..whole].Fill(ulong.MaxValue);
        bits[whole..].Clear();
        if (count % 64 != 0) bits[whole] = ulong.MaxValue >> (64 - (count % 64));
    }

    /// <summary>Adds the rows [first, end), at least one.</summary>
    public static void Set(Span<ulong> bits, int first, int end)
    {
        var (low, high) = (first / 64, (end - 1) / 64);
        var fromFirst = ulong.MaxValue << (first % 64);
        var toLast = ulong.MaxValue >> (63 - ((end - 1) % 64));
        if (low == high)
        {
            bits[low] |= fromFirst & toLast;
            return;
        }
        bits[low] |= fromFirst;
        if (high - low > 1) bits[(low + 1)..high].Fill(ulong.MaxValue);
        bits[high] |= toLast;
    }

    public static void And(Span<ulong> bits, ReadOnlySpan<ulong> other)
    {
        ref var to = ref MemoryMarshal.GetReference(bits[..Words]);
        ref var from = ref MemoryMarshal.GetReference(other[..Words]);
        for (nuint i = 0; i < Words; i += 4) (Vector256.LoadUnsafe(ref to, i) & Vector256.LoadUnsafe(ref from, i)).StoreUnsafe(ref to, i);
    }

    public static void Or(Span<ulong> bits, ReadOnlySpan<ulong> other)
    {
        ref var to = ref MemoryMarshal.GetReference(bits[..Words]);
        ref var from = ref MemoryMarshal.GetReference(other[..Words]);
        for (nuint i = 0; i < Words; i += 4) (Vector256.LoadUnsafe(ref to, i) | Vector256.LoadUnsafe(ref from, i)).StoreUnsafe(ref to, i);
    }

    /// <summary>Takes the other's rows out.</summary>
    public static void AndNot(Span<ulong> bits, ReadOnlySpan<ulong> other)
    {
        ref var to = ref MemoryMarshal.GetReference(bits[..Words]);
        ref var from = ref MemoryMarshal.GetReference(other[..Words]);
        for (nuint i = 0; i < Words; i += 4) Vector256.AndNot(Vector256.LoadUnsafe(ref to, i), Vector256.LoadUnsafe(ref from, i)).StoreUnsafe(ref to, i);
    }

    public static bool IsEmpty(ReadOnlySpan<ulong> bits) => !bits.ContainsAnyExcept(0UL);

    public static int Count(ReadOnlySpan<ulong> bits)
    {
        var count = 0;
        foreach (var word in bits) count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>How many of the rows before <paramref name="row"/> are in the set.</summary>
    public static int CountBefore(ReadOnlySpan<ulong> bits, int row)
    {
        var count = Count(bits[..(row / 64)]);
        return row % 64 == 0 ? count : count + BitOperations.PopCount(bits[row / 64] & (ulong.MaxValue >> (64 - (row % 64))));
    }

    public static bool Contains(ReadOnlySpan<ulong> bits, int row) => (bits[row / 64] >> (row % 64) & 1) != 0;

    /// <summary>True when a row in [first, end) is in the set.</summary>
    public static bool AnyIn(ReadOnlySpan<ulong> bits, int first, int end)
    {
        if (first >= end) return false;
        var (low, high) = (first / 64, (end - 1) / 64);
        var fromFirst = ulong.MaxValue << (first % 64);
        var toLast = ulong.MaxValue >> (63 - ((end - 1) % 64));
        if (low == high) return (bits[low] & fromFirst & toLast) != 0;
        return (bits[low] & fromFirst) != 0 || (bits[high] & toLast) != 0 || bits[(low + 1)..high].ContainsAnyExcept(0UL);
    }

    /// <summary>The first row of the set from <paramref name="row"/> on; −1 when there is none.</summary>
    public static int Next(ReadOnlySpan<ulong> bits, int row)
    {
        if (row >= Rows) return -1;
        var at = row / 64;
        var word = bits[at] & (ulong.MaxValue << (row % 64));
        while (word == 0)
        {
            if (++at == Words) return -1;
            word = bits[at];
        }
        return (at * 64) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>The last row of the set up to and including <paramref name="row"/>; −1 when there is none.</summary>
    public static int Previous(ReadOnlySpan<ulong> bits, int row)
    {
        if (row < 0) return -1;
        var at = row / 64;
        var word = bits[at] & (ulong.MaxValue >> (63 - (row % 64)));
        while (word == 0)
        {
            if (--at < 0) return -1;
            word = bits[at];
        }
        return (at * 64) + 63 - BitOperations.LeadingZeroCount(word);
    }

    /// <summary>Goes through the rows of a set in ascending order: <c>foreach (var row in RowBits.Enumerate(bits))</c>.</summary>
    public static Enumerator Enumerate(ReadOnlySpan<ulong> bits) => new(bits);

    /// <summary>
    /// From values to rows: bit k of <paramref name="values"/> goes to the k-th row of <paramref name="presence"/>. A column that has values for some rows only is judged value by value and
    /// spread to its rows by this.
    /// </summary>
    public static void Expand(ReadOnlySpan<ulong> values, ReadOnlySpan<ulong> presence, Span<ulong> rows) => Expand(values, presence, rows, Bmi2.X64.IsSupported);

    /// <param name="deposit">Use the processor's bit deposit, which must be there.</param>
    internal static void Expand(ReadOnlySpan<ulong> values, ReadOnlySpan<ulong> presence, Span<ulong> rows, bool deposit)
    {
        Debug.Assert(values.Length == Words && presence.Length == Words && rows.Length == Words);
        var at = 0;
        for (var w = 0; w < Words; w++)
        {
            var present = presence[w];
            if (present == 0)
            {
                rows[w] = 0;
                continue;
            }
            var word = values[at / 64] >> (at % 64);
            if (at % 64 != 0 && (at / 64) + 1 < Words) word |= values[(at / 64) + 1] << (64 - (at % 64));
            rows[w] = deposit ? Bmi2.X64.ParallelBitDeposit(word, present) : Deposit(word, present);
            at += BitOperations.PopCount(present);
        }
    }

    /// <summary>What the processor's instruction does: the lowest bits of a word to the places that are set in a mask.</summary>
    private static ulong Deposit(ulong word, ulong mask)
    {
        ulong result = 0;
        for (; mask != 0 && word != 0; mask &= mask - 1, word >>= 1)
        {
            if ((word & 1) != 0) result |= mask & (0 - mask);
        }
        return result;
    }

    public ref struct Enumerator(ReadOnlySpan<ulong> bits)
    {
        private readonly ReadOnlySpan<ulong> bits = bits;
        private ulong word;
        private int at = -1;

        public int Current { get; private set; }

        public readonly Enumerator GetEnumerator() => this;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            while (word == 0)
            {
                if (++at >= bits.Length) return false;
                word = bits[at];
            }
            Current = (at * 64) + BitOperations.TrailingZeroCount(word);
            word &= word - 1;
            return true;
        }
    }
}
