// Encoding 7: bit-packed as if the few values that lie far off were not there, and those in a list: row distances, sizes, codes with a rare one.
using System.Buffers;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// <c>varint exceptions | stream of all rows | stream of the exceptions' positions, each less the one before | stream of their values</c>, streams in encodings 0 to 3. What the first stream holds at the
/// position of an exception means nothing.
/// </summary>
internal static class Patched
{
    /// <summary>Appends the page. Rows from <paramref name="low"/> to low + <paramref name="span"/> are packed, and there are others.</summary>
    public static void Write(ReadOnlySpan<long> numbers, long low, ulong span, long fill, PlanScratch scratch, PooledBuffer into)
    {
        var rows = scratch.Third(numbers.Length);
        var positions = scratch.Fourth(numbers.Length);
        var values = scratch.Fifth(numbers.Length);
        var count = 0;
        for (var i = 0; i < numbers.Length; i++)
        {
            // Without a branch: where there is no exception the next one overwrites it.
            var number = numbers[i];
            var isOutside = unchecked((ulong)number - (ulong)low) > span;
            rows[i] = isOutside ? fill : number;
            positions[count] = i;
            values[count] = number;
            count += isOutside ? 1 : 0;
        }
        for (var i = count - 1; i > 0; i--) positions[i] -= positions[i - 1];
        NumberStream.WriteVarint(into, (ulong)count);
        NumberStream.WritePacked(rows, into);
        NumberStream.WritePacked(positions[..count], into);
        NumberStream.WritePacked(values[..count], into);
    }

    public static bool TryOpen(ReadOnlySpan<byte> stored, int count, out NumberView rows, out NumberView positions, out NumberView values)
    {
        rows = positions = values = default;
        return NumberStream.TryReadCount(ref stored, 1, count, out var exceptions) && NumberStream.TryOpen(ref stored, count, out rows) && NumberStream.TryOpen(ref stored, exceptions, out positions)
            && NumberStream.TryOpen(ref stored, exceptions, out values) && stored.IsEmpty
            && rows.Encoding != PageEncoding.Patched && positions.Encoding != PageEncoding.Patched && values.Encoding != PageEncoding.Patched;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, Span<long> into, SimdLevel level)
    {
        if (!TryOpen(stored, into.Length, out var rows, out var positions, out var values)) return false;
        NumberPage.Decode(rows.Stored, rows.Encoding, rows.Min, rows.Max, into, level);
        var rented = ArrayPool<long>.Shared.Rent(2 * values.Count);
        var isPatched = TryReadExceptions(positions, values, into.Length, rented, level, out var at, out var numbers);
        for (var i = 0; isPatched && i < at.Length; i++) into[(int)at[i]] = numbers[i];
        ArrayPool<long>.Shared.Return(rented);
        return isPatched;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, Span<int> into, SimdLevel level) => TryDecode(stored, into.Length, 0, into, level);

    /// <summary>Rows <paramref name="from"/> (a multiple of 1,024) and on of a page of <paramref name="count"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> stored, int count, int from, Span<int> into, SimdLevel level)
    {
        if (!TryOpen(stored, count, out var rows, out var positions, out var values) || !rows.TryDecode(from, into, level)) return false;
        var rented = ArrayPool<long>.Shared.Rent(2 * values.Count);
        var isPatched = TryReadExceptions(positions, values, count, rented, level, out var at, out var numbers);
        for (var i = 0; isPatched && i < at.Length; i++)
        {
            var position = (int)at[i] - from;
            if ((uint)position < (uint)into.Length) into[position] = unchecked((int)numbers[i]);
        }
        ArrayPool<long>.Shared.Return(rented);
        return isPatched;
    }

    /// <summary>Positions, ascending and inside the page, and values. <paramref name="room"/> has space for both.</summary>
    public static bool TryReadExceptions(in NumberView positions, in NumberView values, int count, Span<long> room, SimdLevel level, out ReadOnlySpan<long> at, out ReadOnlySpan<long> numbers)
    {
        var first = room[..positions.Count];
        var second = room.Slice(positions.Count, values.Count);
        at = first;
        numbers = second;
        NumberPage.Decode(positions.Stored, positions.Encoding, positions.Min, positions.Max, first, level);
        NumberPage.Decode(values.Stored, values.Encoding, values.Min, values.Max, second, level);
        var position = -1L;
        for (var i = 0; i < first.Length; i++)
        {
            // Each step is checked alone first: a sum of wild steps could wrap.
            var step = i == 0 ? first[0] + 1 : first[i];
            if (step < 1 || step > count - 1 - position) return false;
            position += step;
            first[i] = position;
        }
        return true;
    }
}
