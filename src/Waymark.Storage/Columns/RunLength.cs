// Encoding 5: each value once with how often it follows itself, for columns that stay the same over the rows of a trace.
using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary><c>varint runs | stream of values | stream of lengths − 1</c>. The lengths add up to the count of the page.</summary>
internal static class RunLength
{
    /// <summary>How many runs of equal neighbours there are.</summary>
    public static int Count(ReadOnlySpan<long> numbers)
    {
        var equal = 0;
        var i = 1;
        ref var source = ref MemoryMarshal.GetReference(numbers);
        if (Vector256.IsHardwareAccelerated && numbers.Length > Vector256<long>.Count)
        {
            var sum = Vector256<long>.Zero;
            for (; i + Vector256<long>.Count <= numbers.Length; i += Vector256<long>.Count)
            {
                // Equal lanes are all ones, which is −1.
                sum -= Vector256.Equals(Vector256.LoadUnsafe(ref source, (nuint)i - 1), Vector256.LoadUnsafe(ref source, (nuint)i));
            }
            equal = (int)Vector256.Sum(sum);
        }
        for (; i < numbers.Length; i++)
        {
            if (numbers[i - 1] == numbers[i]) equal++;
        }
        return numbers.Length - equal;
    }

    /// <summary>Appends the page. <paramref name="runs"/>: as counted.</summary>
    public static void Write(ReadOnlySpan<long> numbers, int runs, PlanScratch scratch, PooledBuffer into)
    {
        var values = scratch.First(numbers.Length);
        var lengths = scratch.Second(numbers.Length);
        // Without a branch: a run's last row overwrites what its earlier rows wrote.
        var run = 0;
        for (var i = 0; i < numbers.Length - 1; i++)
        {
            values[run] = numbers[i];
            lengths[run] = i;
            run += numbers[i] == numbers[i + 1] ? 0 : 1;
        }
        values[run] = numbers[^1];
        lengths[run] = numbers.Length - 1;
        for (; run > 0; run--) lengths[run] -= lengths[run - 1] + 1;
        NumberStream.WriteVarint(into, (ulong)runs);
        NumberStream.Write(values[..runs], into);
        NumberStream.Write(lengths[..runs], into);
    }

    /// <summary>Opens the two streams of a page of <paramref name="count"/> values: for work on runs instead of rows. Whether the lengths add up only reading them tells.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> stored, int count, out NumberView values, out NumberView lengths)
    {
        lengths = default;
        values = default;
        return NumberStream.TryReadCount(ref stored, 1, count, out var runs) && NumberStream.TryOpen(ref stored, runs, out values) && NumberStream.TryOpen(ref stored, runs, out lengths) && stored.IsEmpty;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, Span<long> into, SimdLevel level)
    {
        if (!TryOpen(stored, into.Length, out var values, out var lengths)) return false;
        var rented = ArrayPool<long>.Shared.Rent(values.Count);
        var decoded = rented.AsSpan(0, values.Count);
        var isDecoded = NumberPage.TryDecode(values.Stored, values.Encoding, values.Min, values.Max, decoded, level) && TryFill(decoded, lengths, into, level);
        ArrayPool<long>.Shared.Return(rented);
        return isDecoded;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, Span<int> into, SimdLevel level)
    {
        if (!TryOpen(stored, into.Length, out var values, out var lengths)) return false;
        var rented = ArrayPool<int>.Shared.Rent(values.Count);
        var decoded = rented.AsSpan(0, values.Count);
        var isDecoded = NumberPage.TryDecode(values.Stored, values.Encoding, values.Min, values.Max, decoded, level) && TryFill(decoded, lengths, into, level);
        ArrayPool<int>.Shared.Return(rented);
        return isDecoded;
    }

    private static bool TryFill<T>(ReadOnlySpan<T> values, in NumberView lengths, Span<T> into, SimdLevel level)
        where T : unmanaged, INumber<T>
    {
        var rented = ArrayPool<int>.Shared.Rent(values.Length);
        var counts = rented.AsSpan(0, values.Length);
        var isFilled = NumberPage.TryDecode(lengths.Stored, lengths.Encoding, lengths.Min, lengths.Max, counts, level) && Fill(values, counts, into);
        ArrayPool<int>.Shared.Return(rented);
        return isFilled;
    }

    private static bool Fill<T>(ReadOnlySpan<T> values, ReadOnlySpan<int> counts, Span<T> into)
        where T : unmanaged, INumber<T>
    {
        var at = 0;
        for (var run = 0; run < values.Length; run++)
        {
            // A count is a length − 1.
            var count = counts[run];
            if ((uint)count >= (uint)(into.Length - at)) return false;
            // Most runs are a few rows: one vector over the end of the run, which the next run overwrites, is quicker than stopping exactly.
            if (count < Vector512<T>.Count && at + Vector512<T>.Count <= into.Length)
            {
                Vector512.Create(values[run]).StoreUnsafe(ref Unsafe.Add(ref MemoryMarshal.GetReference(into), at));
            }
            else
            {
                into.Slice(at, count + 1).Fill(values[run]);
            }
            at += count + 1;
        }
        return at == into.Length;
    }
}
