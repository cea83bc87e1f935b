// Encoding 6: the distinct values of the page and a narrow code per row, for few values that lie far apart (ports, sizes, flags).
using System.Buffers;
using System.Runtime.InteropServices;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// <c>varint distinct | stream of distinct − 1 differences between ascending neighbours | stream of codes</c>. The smallest value is the page's min; a code is a position in the ascending values, so that an
/// interval of values is an interval of codes.
/// </summary>
internal static class PageDictionary
{
    /// <summary>Beyond it the values themselves are most of the page, and sorting them most of the work.</summary>
    public const int MaxDistinct = 4_096;

    /// <summary>
    /// Gives every row a code in the order of first appearance and returns how many there are; 0 as soon as there are more than <paramref name="most"/>, or after a few rows if it looks like it.
    /// </summary>
    public static int Collect(ReadOnlySpan<long> numbers, int most, PlanScratch scratch)
    {
        var distinct = scratch.First(MaxDistinct);
        var rows = scratch.Second(numbers.Length);
        var slots = scratch.Slots(most, out var shift);
        var mask = slots.Length - 1;
        var count = 0;
        var early = EarlyLimit(numbers.Length, most);
        for (var i = 0; i < numbers.Length; i++)
        {
            if (i == EarlyRows && count > early) return 0;
            var number = numbers[i];
            var slot = (int)(((ulong)number * 0x9E3779B97F4A7C15) >> shift);
            while (true)
            {
                int code = slots[slot];
                if (code == 0)
                {
                    if (count == most) return 0;
                    distinct[count++] = number;
                    slots[slot] = (ushort)count;
                    rows[i] = count - 1;
                    break;
                }
                if (distinct[code - 1] == number)
                {
                    rows[i] = code - 1;
                    break;
                }
                slot = (slot + 1) & mask;
            }
        }
        return count;
    }

    private const int EarlyRows = 256;

    /// <summary>How many distinct values the first rows may have: what <paramref name="most"/> equally frequent ones in random order would give, and a few.</summary>
    private static int EarlyLimit(int count, int most) => count < 2 * EarlyRows ? int.MaxValue : (int)(most * (1 - Math.Exp(-(double)EarlyRows / most))) + 5;

    /// <summary>Appends the page whose codes and values <see cref="Collect"/> left in the scratch; at least two distinct ones.</summary>
    public static void Write(int count, int distinct, PlanScratch scratch, PooledBuffer into)
    {
        var values = scratch.First(MaxDistinct)[..distinct];
        var rows = scratch.Second(count);
        var order = scratch.Order(distinct);
        var ranks = scratch.Ranks(distinct);
        for (var i = 0; i < distinct; i++) order[i] = i;
        values.Sort(order);
        for (var i = 0; i < distinct; i++) ranks[order[i]] = i;
        for (var i = 0; i < count; i++) rows[i] = ranks[(int)rows[i]];
        for (var i = distinct - 1; i > 0; i--) values[i] = unchecked(values[i] - values[i - 1]);
        NumberStream.WriteVarint(into, (ulong)distinct);
        NumberStream.Write(values[1..], into);
        NumberStream.WritePacked(rows, into);
    }

    /// <summary>Opens a page of <paramref name="count"/> values. <paramref name="steps"/>: the differences, one fewer than there are distinct values.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> stored, int count, out NumberView steps, out NumberView codes)
    {
        steps = default;
        codes = default;
        return NumberStream.TryReadCount(ref stored, 2, Math.Min(count, MaxDistinct), out var distinct) && NumberStream.TryOpen(ref stored, distinct - 1, out steps)
            && NumberStream.TryOpen(ref stored, count, out codes) && stored.IsEmpty && codes.Min >= 0 && codes.Max < distinct;
    }

    /// <summary>The distinct values, ascending: one more than there are steps.</summary>
    public static bool TryReadValues(in NumberView steps, long min, Span<long> values, SimdLevel level)
    {
        values[0] = min;
        if (!NumberPage.TryDecode(steps.Stored, steps.Encoding, steps.Min, steps.Max, values[1..], level)) return false;
        for (var i = 1; i < values.Length; i++)
        {
            values[i] = unchecked(values[i] + values[i - 1]);
            if (values[i] <= values[i - 1]) return false;
        }
        return true;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, long min, Span<long> into, SimdLevel level)
    {
        if (!TryOpen(stored, into.Length, out var steps, out var codes)) return false;
        var rented = ArrayPool<long>.Shared.Rent(steps.Count + 1);
        var values = rented.AsSpan(0, steps.Count + 1);
        // The codes go to the upper half of the target: row i is written after code i was read, and never over a later code.
        var rows = MemoryMarshal.Cast<long, int>(into)[into.Length..];
        var isDecoded = TryReadValues(steps, min, values, level) && NumberPage.TryDecode(codes.Stored, codes.Encoding, codes.Min, codes.Max, rows, level) && Map(values, rows, into);
        ArrayPool<long>.Shared.Return(rented);
        return isDecoded;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, long min, Span<int> into, SimdLevel level)
    {
        if (!TryOpen(stored, into.Length, out var steps, out var codes)) return false;
        var rented = ArrayPool<long>.Shared.Rent(steps.Count + 1);
        var values = rented.AsSpan(0, steps.Count + 1);
        var isDecoded = TryReadValues(steps, min, values, level) && NumberPage.TryDecode(codes.Stored, codes.Encoding, codes.Min, codes.Max, into, level) && Map(values, into);
        ArrayPool<long>.Shared.Return(rented);
        return isDecoded;
    }

    private static bool Map(ReadOnlySpan<long> values, ReadOnlySpan<int> codes, Span<long> into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            var code = codes[i];
            if ((uint)code >= (uint)values.Length) return false;
            into[i] = values[code];
        }
        return true;
    }

    private static bool Map(ReadOnlySpan<long> values, Span<int> codes)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            var code = codes[i];
            if ((uint)code >= (uint)values.Length) return false;
            codes[i] = unchecked((int)values[code]);
        }
        return true;
    }
}
