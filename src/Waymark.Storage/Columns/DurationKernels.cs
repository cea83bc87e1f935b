// Durations of a few rows of a page in encoding 8: those that other conditions have left.
using System.Buffers;
using Waymark.Model.Spans;

namespace Waymark.Storage.Columns;

/// <summary>Beside <see cref="TimePage"/>, which asks whole pages.</summary>
internal static class DurationKernels
{
    /// <summary>
    /// Takes out of <paramref name="bits"/> the rows whose bucket has no duration in [low, high], and puts into <paramref name="open"/> those left whose bucket has others as well, for
    /// <see cref="TimePage.TryDecide"/>. A bound is not negative, but for a low one that excludes nothing. Null: the codes have no place for each row, and the page is asked as a whole; false: it contradicts itself.
    /// </summary>
    public static bool? Narrow(ReadOnlySpan<byte> stored, int count, long low, long high, Span<ulong> bits, Span<ulong> open, SimdLevel level)
    {
        if (!TimeView.TryOpen(stored, count, hasRestarts: false, out var view)) return false;
        var codes = CompositeKernels.InfoOf(view.Codes);
        if (!PointKernels.IsPlaced(codes.Encoding)) return null;
        Span<ulong> asked = stackalloc ulong[RowBits.Words];
        bits.CopyTo(asked);
        open.Clear();
        var (first, last) = (low <= 0 ? 0 : LogBuckets.Of(low), LogBuckets.Of(high));
        var (splitByLow, splitByHigh) = (low > LogBuckets.Lower(first) ? first : -1, high < LogBuckets.Upper(last) ? last : -1);
        foreach (var row in RowBits.Enumerate(asked))
        {
            var code = PointKernels.At(view.Codes.Stored, codes, row);
            var bit = 1UL << (row % 64);
            if (code < first || code > last) bits[row / 64] &= ~bit;
            else if (code == splitByLow || code == splitByHigh) open[row / 64] |= bit;
        }
        return view.Exceptions == 0 || TryNarrowExceptions(view, count, low, high, asked, bits, open, level);
    }

    /// <summary>What a row's code says of an exception means nothing.</summary>
    private static bool TryNarrowExceptions(in TimeView view, int count, long low, long high, ReadOnlySpan<ulong> asked, Span<ulong> bits, Span<ulong> open, SimdLevel level)
    {
        var rented = ArrayPool<long>.Shared.Rent(2 * view.Exceptions);
        var isRead = Patched.TryReadExceptions(view.Positions, view.Values, count, rented, level, out var at, out var numbers);
        for (var i = 0; isRead && i < at.Length; i++)
        {
            var (word, bit) = ((int)at[i] / 64, 1UL << (int)(at[i] % 64));
            open[word] &= ~bit;
            bits[word] = numbers[i] >= low && numbers[i] <= high ? bits[word] | (asked[word] & bit) : bits[word] & ~bit;
        }
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }
}
