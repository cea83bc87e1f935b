// Encoding 13: doubles that were decimal numbers of a few places before they became binary: prices, percentages, coordinates.
using System.Buffers.Binary;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// <c>u8 places | u8 exceptions | exceptions × (varint row, u64 bits) | stream of n</c>: the value of a row is the double nearest to n / 10^places, bit for bit, unless the row is an exception
/// (its n is 0). Only numbers for which that division gives the very bits back are stored so.
/// </summary>
internal static class DecimalPage
{
    private const int MaxPlaces = 9;
    private const int MaxExceptions = 32;

    /// <summary>Beyond it a double does not hold every whole number.</summary>
    private const double MaxWhole = 1L << 53;

    /// <summary>Rows looked at to see how many places there are.</summary>
    private const int Sample = 32;

    private static ReadOnlySpan<double> PowerOfTen => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>Appends the page when that is possible; false: nothing was appended.</summary>
    public static bool TryEncode(ReadOnlySpan<long> bits, PooledBuffer into)
    {
        var places = Places(bits);
        if (places < 0) return false;
        var start = into.Length;
        var numbers = PlanScratch.Current.Lists(bits.Length);
        into.Write([(byte)places, 0]);
        var exceptions = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            if (TryScale(bits[i], places, out numbers[i])) continue;
            if (++exceptions > MaxExceptions)
            {
                into.Truncate(start);
                return false;
            }
            NumberStream.WriteVarint(into, (ulong)i);
            BinaryPrimitives.WriteInt64LittleEndian(into.GetSpan(8), bits[i]);
            into.Advance(8);
        }
        into.Written[start + 1] = (byte)exceptions;
        NumberStream.Write(numbers, into);
        return true;
    }

    /// <summary>Reads the bits of as many doubles as <paramref name="bits"/> has room for. False when the page contradicts itself.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> stored, Span<long> bits) => TryRange(stored, bits.Length, 0, bits, BitPacking.Best);

    /// <summary>The same of the rows from <paramref name="first"/> on, of a page with <paramref name="count"/>.</summary>
    public static bool TryRange(ReadOnlySpan<byte> stored, int count, int first, Span<long> bits, SimdLevel level)
    {
        if (stored.Length < 2 || stored[0] > MaxPlaces || stored[1] > MaxExceptions) return false;
        var (places, exceptions) = (stored[0], stored[1]);
        var list = stored = stored[2..];
        for (var e = 0; e < exceptions; e++)
        {
            if (!NumberStream.TryReadVarint(ref stored, out var row) || row >= (ulong)count || stored.Length < 8) return false;
            stored = stored[8..];
        }
        if (!NumberStream.TryOpen(ref stored, count, out var numbers) || !stored.IsEmpty) return false;
        if (!PointKernels.TryRange(numbers.Stored, CompositeKernels.InfoOf(numbers), first, bits, level)) return false;
        var power = PowerOfTen[places];
        for (var i = 0; i < bits.Length; i++) bits[i] = BitConverter.DoubleToInt64Bits(bits[i] / power);
        for (var e = 0; e < exceptions; e++)
        {
            if (!NumberStream.TryReadVarint(ref list, out var row)) return false;
            var at = (long)row - first;
            if (at >= 0 && at < bits.Length) bits[(int)at] = BinaryPrimitives.ReadInt64LittleEndian(list);
            list = list[8..];
        }
        return true;
    }

    /// <summary>The fewest places that a sample of the values has; −1 when it has more than <see cref="MaxPlaces"/>.</summary>
    private static int Places(ReadOnlySpan<long> bits)
    {
        var places = 0;
        var misfits = 0;
        var step = Math.Max(1, bits.Length / Sample);
        for (var i = 0; i < bits.Length; i += step)
        {
            var own = places;
            while (own <= MaxPlaces && !TryScale(bits[i], own, out _)) own++;
            if (own <= MaxPlaces) places = own;
            else if (++misfits > 1) return -1;
        }
        return places;
    }

    private static bool TryScale(long bits, int places, out long number)
    {
        number = 0;
        var value = BitConverter.Int64BitsToDouble(bits);
        var scaled = Math.Round(value * PowerOfTen[places]);
        if (!(Math.Abs(scaled) < MaxWhole)) return false;
        if (BitConverter.DoubleToInt64Bits((long)scaled / PowerOfTen[places]) != bits) return false;
        number = (long)scaled;
        return true;
    }
}
