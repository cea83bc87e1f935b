// Pages made of several streams of numbers (run length, page dictionary, patched, scaled): questions and short ranges without decoding the page.
using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>A question about numbers: in an interval, or, where there is a set, in it.</summary>
internal readonly ref struct NumberQuestion(long low, long high, ReadOnlySpan<ulong> set, bool hasSet)
{
    private readonly ReadOnlySpan<ulong> set = set;

    public long Low { get; } = low;
    public long High { get; } = high;
    public bool HasSet { get; } = hasSet;

    public bool Holds(long value)
    {
        if (!HasSet) return value >= Low && value <= High;
        return value >= 0 && value >> 6 < set.Length && (set[(int)(value >> 6)] >> (int)(value & 63) & 1) != 0;
    }

    /// <summary>Asks a stream as if it were a page of its own.</summary>
    public bool TryAsk(in NumberView view, Span<ulong> bits, SimdLevel level)
    {
        var info = CompositeKernels.InfoOf(view);
        return HasSet ? NumberKernels.InSet(view.Stored, info, set, bits, level) : NumberKernels.Between(view.Stored, info, Low, High, bits, level);
    }
}

/// <summary>Kernels over encodings 5, 6, 7 and 12. False: the page's bytes contradict themselves, and what was written means nothing.</summary>
internal static class CompositeKernels
{
    public static bool IsComposite(PageEncoding encoding) => encoding is PageEncoding.RunLength or PageEncoding.PageDictionary or PageEncoding.Patched or PageEncoding.Scaled;

    public static PageInfo InfoOf(in NumberView view) => new(view.Count, view.Min, view.Max, view.Encoding, view.Stored.Length, 0, 0);

    /// <summary>The rows for which the question holds; it is about the page's values and not all or none of them.</summary>
    public static bool TryAsk(ReadOnlySpan<byte> stored, in PageInfo page, in NumberQuestion question, Span<ulong> bits, SimdLevel level) => page.Encoding switch
    {
        PageEncoding.RunLength => TryRuns(stored, page, question, bits, level),
        PageEncoding.PageDictionary => TryCodes(stored, page, question, bits, level),
        PageEncoding.Patched => TryPatched(stored, page, question, bits, level),
        _ => TryScaled(stored, page, question, bits, level),
    };

    /// <summary>The numbers from <paramref name="first"/> on, as many as there is room for.</summary>
    public static bool TryRange(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into, SimdLevel level) => page.Encoding switch
    {
        PageEncoding.RunLength => TryRangeOfRuns(stored, page, first, into, level),
        PageEncoding.PageDictionary => TryRangeOfCodes(stored, page, first, into, level),
        PageEncoding.Patched => TryRangeOfPatched(stored, page, first, into, level),
        _ => TryRangeOfScaled(stored, page, first, into, level),
    };

    /// <summary>Asks each run once and spreads the answer over its rows.</summary>
    private static bool TryRuns(ReadOnlySpan<byte> stored, in PageInfo page, in NumberQuestion question, Span<ulong> bits, SimdLevel level)
    {
        Span<ulong> runs = stackalloc ulong[RowBits.Words];
        if (!RunLength.TryOpen(stored, page.Count, out var values, out var lengths) || !question.TryAsk(values, runs, level)) return false;
        var rented = ArrayPool<int>.Shared.Rent(lengths.Count);
        var counts = rented.AsSpan(0, lengths.Count);
        var isRead = NumberPage.TryDecode(lengths.Stored, lengths.Encoding, lengths.Min, lengths.Max, counts, level) && TrySpread(runs, counts, page.Count, bits);
        ArrayPool<int>.Shared.Return(rented);
        return isRead;
    }

    private static bool TrySpread(ReadOnlySpan<ulong> runs, Span<int> counts, int rows, Span<ulong> bits)
    {
        bits.Clear();
        if (!TrySumUp(counts, rows)) return false;
        // Neighbouring runs that match are set at once.
        for (var run = RowBits.Next(runs, 0); run >= 0 && run < counts.Length;)
        {
            var last = run;
            while (last + 1 < counts.Length && RowBits.Contains(runs, last + 1)) last++;
            RowBits.Set(bits, run == 0 ? 0 : counts[run - 1], counts[last]);
            run = RowBits.Next(runs, last + 1);
        }
        return true;
    }

    /// <summary>From lengths − 1 to the row behind each run; false when they don't add up to the page.</summary>
    private static bool TrySumUp(Span<int> counts, int rows)
    {
        var (run, row) = (0, 0);
        if (Vector256.IsHardwareAccelerated)
        {
            ref var first = ref MemoryMarshal.GetReference(counts);
            for (; run + 8 <= counts.Length; run += 8)
            {
                var ends = Vector256.LoadUnsafe(ref first, (nuint)run);
                // None negative or far beyond a page, so that the sum can't wrap.
                if ((ends & Vector256.Create(~0x3FFF)) != Vector256<int>.Zero) return false;
                ends += Vector256<int>.One;
                ends += Vector256.Shuffle(ends, Vector256.Create(8, 0, 1, 2, 3, 4, 5, 6));
                ends += Vector256.Shuffle(ends, Vector256.Create(8, 8, 0, 1, 2, 3, 4, 5));
                ends += Vector256.Shuffle(ends, Vector256.Create(8, 8, 8, 8, 0, 1, 2, 3));
                ends += Vector256.Create(row);
                ends.StoreUnsafe(ref first, (nuint)run);
                row = ends[7];
                if (row > rows) return false;
            }
        }
        for (; run < counts.Length; run++)
        {
            if ((uint)counts[run] >= (uint)(rows - row)) return false;
            counts[run] = row += counts[run] + 1;
        }
        return row == rows;
    }

    /// <summary>Values ascend with their codes: an interval of values is one of codes, a set of values a set of codes.</summary>
    private static bool TryCodes(ReadOnlySpan<byte> stored, in PageInfo page, in NumberQuestion question, Span<ulong> bits, SimdLevel level)
    {
        if (!PageDictionary.TryOpen(stored, page.Count, out var steps, out var codes)) return false;
        var rented = ArrayPool<long>.Shared.Rent(steps.Count + 1);
        var values = rented.AsSpan(0, steps.Count + 1);
        Span<ulong> set = stackalloc ulong[PageDictionary.MaxDistinct / 64];
        set.Clear();
        var isRead = PageDictionary.TryReadValues(steps, page.Min, values, level);
        for (var code = 0; isRead && code < values.Length; code++)
        {
            if (question.Holds(values[code])) set[code / 64] |= 1UL << (code % 64);
        }
        ArrayPool<long>.Shared.Return(rented);
        return isRead && NumberKernels.InSet(codes.Stored, InfoOf(codes), set, bits, level);
    }

    /// <summary>What is packed is asked as it stands; each exception then has the last word on its row.</summary>
    private static bool TryPatched(ReadOnlySpan<byte> stored, in PageInfo page, in NumberQuestion question, Span<ulong> bits, SimdLevel level)
    {
        if (!Patched.TryOpen(stored, page.Count, out var rows, out var positions, out var values) || !question.TryAsk(rows, bits, level)) return false;
        var rented = ArrayPool<long>.Shared.Rent(2 * values.Count);
        var isRead = Patched.TryReadExceptions(positions, values, page.Count, rented, level, out var at, out var numbers);
        for (var i = 0; isRead && i < at.Length; i++)
        {
            var (word, bit) = ((int)at[i] / 64, 1UL << (int)(at[i] % 64));
            bits[word] = question.Holds(numbers[i]) ? bits[word] | bit : bits[word] & ~bit;
        }
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }

    private static bool TryScaled(ReadOnlySpan<byte> stored, in PageInfo page, in NumberQuestion question, Span<ulong> bits, SimdLevel level)
    {
        if (question.HasSet) return TryDecoded(stored, page, question, bits, level);
        if (!Scaled.TryOpen(stored, page.Count, out var divisor, out var quotients)) return false;
        var (low, high) = (unchecked((ulong)question.Low - (ulong)page.Min), unchecked((ulong)question.High - (ulong)page.Min));
        var from = (low / divisor) + (low % divisor == 0 ? 0UL : 1UL);
        return new NumberQuestion((long)from, (long)(high / divisor), default, hasSet: false).TryAsk(quotients, bits, level);
    }

    private static bool TryDecoded(ReadOnlySpan<byte> stored, in PageInfo page, in NumberQuestion question, Span<ulong> bits, SimdLevel level)
    {
        var rented = ArrayPool<long>.Shared.Rent(page.Count);
        var numbers = rented.AsSpan(0, page.Count);
        var isDecoded = NumberPage.TryDecode(stored, page.Encoding, page.Min, page.Max, numbers, level);
        bits.Clear();
        for (var r = 0; isDecoded && r < numbers.Length; r++)
        {
            if (question.Holds(numbers[r])) bits[r / 64] |= 1UL << (r % 64);
        }
        ArrayPool<long>.Shared.Return(rented);
        return isDecoded;
    }

    private static bool TryRangeOfRuns(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into, SimdLevel level)
    {
        if (!RunLength.TryOpen(stored, page.Count, out var values, out var lengths)) return false;
        var rented = ArrayPool<int>.Shared.Rent(lengths.Count);
        var counts = rented.AsSpan(0, lengths.Count);
        var isRead = NumberPage.TryDecode(lengths.Stored, lengths.Encoding, lengths.Min, lengths.Max, counts, level) && TryFill(values, counts, first, into, level);
        ArrayPool<int>.Shared.Return(rented);
        return isRead;
    }

    private static bool TryFill(in NumberView values, ReadOnlySpan<int> counts, int first, Span<long> into, SimdLevel level)
    {
        // The run that the first row lies in.
        var run = 0;
        long row = 0;
        for (; run < counts.Length && counts[run] >= 0 && row + counts[run] < first; run++) row += counts[run] + 1L;
        var filled = 0;
        Span<long> some = stackalloc long[64];
        for (var read = 0; filled < into.Length; run++, read--)
        {
            if (run >= counts.Length || counts[run] < 0) return false;
            if (read == 0)
            {
                read = Math.Min(Math.Min(some.Length, counts.Length - run), into.Length - filled);
                if (!PointKernels.TryRange(values.Stored, InfoOf(values), run, some[^read..], level)) return false;
            }
            var end = (int)Math.Min(row + counts[run] + 1 - first, into.Length);
            into[filled..end].Fill(some[^read]);
            filled = end;
            row += counts[run] + 1L;
        }
        return true;
    }

    private static bool TryRangeOfCodes(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into, SimdLevel level)
    {
        if (!PageDictionary.TryOpen(stored, page.Count, out var steps, out var codes) || !PointKernels.TryRange(codes.Stored, InfoOf(codes), first, into, level)) return false;
        var rented = ArrayPool<long>.Shared.Rent(steps.Count + 1);
        var values = rented.AsSpan(0, steps.Count + 1);
        var isRead = PageDictionary.TryReadValues(steps, page.Min, values, level);
        for (var i = 0; isRead && i < into.Length; i++)
        {
            isRead = (ulong)into[i] < (ulong)values.Length;
            if (isRead) into[i] = values[(int)into[i]];
        }
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }

    private static bool TryRangeOfPatched(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into, SimdLevel level)
    {
        if (!Patched.TryOpen(stored, page.Count, out var rows, out var positions, out var values) || !PointKernels.TryRange(rows.Stored, InfoOf(rows), first, into, level)) return false;
        var rented = ArrayPool<long>.Shared.Rent(2 * values.Count);
        var isRead = Patched.TryReadExceptions(positions, values, page.Count, rented, level, out var at, out var numbers);
        for (var i = 0; isRead && i < at.Length; i++)
        {
            if (at[i] >= first && at[i] - first < into.Length) into[(int)at[i] - first] = numbers[i];
        }
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }

    private static bool TryRangeOfScaled(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into, SimdLevel level)
    {
        if (!Scaled.TryOpen(stored, page.Count, out var divisor, out var quotients) || !PointKernels.TryRange(quotients.Stored, InfoOf(quotients), first, into, level)) return false;
        foreach (ref var number in into) number = unchecked((number * (long)divisor) + page.Min);
        return true;
    }
}
