// Encoding 12: the differences to the smallest value divided by what divides them all: milliseconds sent as nanoseconds, sizes in whole blocks.
using System.Numerics;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary><c>varint divisor (2 or more) | stream of (value − min) / divisor</c>.</summary>
internal static class Scaled
{
    /// <summary>Appends the page; the divisor divides the difference of every value to <paramref name="min"/>.</summary>
    public static void Write(ReadOnlySpan<long> numbers, long min, ulong divisor, PlanScratch scratch, PooledBuffer into)
    {
        var quotients = scratch.First(numbers.Length);
        var exact = new ExactDivisor(divisor);
        for (var i = 0; i < numbers.Length; i++) quotients[i] = (long)exact.Divide(unchecked((ulong)numbers[i] - (ulong)min));
        NumberStream.WriteVarint(into, divisor);
        NumberStream.Write(quotients, into);
    }

    /// <summary>The largest number that divides all differences to min, below <paramref name="least"/>: 0. <paramref name="sample"/>: some of the numbers, to give up early.</summary>
    public static ulong CommonDivisor(ReadOnlySpan<long> numbers, ReadOnlySpan<long> sample, long min, ulong least)
    {
        ulong divisor = 0;
        foreach (var number in sample)
        {
            divisor = Gcd(divisor, unchecked((ulong)number - (ulong)min));
            if (divisor != 0 && divisor < least) return 0;
        }
        if (divisor < 2) return 0;
        var exact = new ExactDivisor(divisor);
        foreach (var number in numbers)
        {
            var difference = unchecked((ulong)number - (ulong)min);
            if (exact.Divides(difference)) continue;
            divisor = Gcd(divisor, difference);
            if (divisor < least) return 0;
            exact = new ExactDivisor(divisor);
        }
        return divisor;
    }

    public static bool TryOpen(ReadOnlySpan<byte> stored, int count, out ulong divisor, out NumberView quotients)
    {
        quotients = default;
        return NumberStream.TryReadVarint(ref stored, out divisor) && divisor > 1 && NumberStream.TryOpen(ref stored, count, out quotients) && stored.IsEmpty;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, long min, Span<long> into, SimdLevel level)
    {
        if (!TryOpen(stored, into.Length, out var divisor, out var quotients) || !NumberPage.TryDecode(quotients.Stored, quotients.Encoding, quotients.Min, quotients.Max, into, level)) return false;
        for (var i = 0; i < into.Length; i++) into[i] = unchecked((into[i] * (long)divisor) + min);
        return true;
    }

    public static bool TryDecode(ReadOnlySpan<byte> stored, long min, Span<int> into, SimdLevel level)
    {
        if (!TryOpen(stored, into.Length, out var divisor, out var quotients) || !NumberPage.TryDecode(quotients.Stored, quotients.Encoding, quotients.Min, quotients.Max, into, level)) return false;
        for (var i = 0; i < into.Length; i++) into[i] = unchecked((into[i] * (int)divisor) + (int)min);
        return true;
    }

    private static ulong Gcd(ulong a, ulong b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}

/// <summary>
/// Division by a number that is known to divide, as one multiplication: by the inverse of its odd part modulo 2^64, and a rotation by its power of two. What it does not divide becomes larger than any
/// quotient can be. (Hacker's Delight, chapter 10.)
/// </summary>
internal readonly struct ExactDivisor
{
    private readonly ulong inverse;
    private readonly ulong largest;
    private readonly int shift;

    public ExactDivisor(ulong divisor)
    {
        shift = BitOperations.TrailingZeroCount(divisor);
        largest = ulong.MaxValue / divisor;
        var odd = divisor >> shift;
        // Right in 5 bits, and each step doubles that: 10, 20, 40, 80.
        inverse = (3 * odd) ^ 2;
        for (var i = 0; i < 4; i++) inverse = unchecked(inverse * (2 - (odd * inverse)));
    }

    /// <summary>The quotient; a number beyond all quotients where there is a remainder.</summary>
    public ulong Divide(ulong value) => BitOperations.RotateRight(unchecked(value * inverse), shift);

    public bool Divides(ulong value) => Divide(value) <= largest;
}
