// Runs of rows within a page's bits, and rows as numbers: what counting needs beyond comparing.
using System.Numerics;
using System.Runtime.InteropServices;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>On bits as <see cref="Columns.RowBits"/> has them.</summary>
internal static class Selection
{
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
}
