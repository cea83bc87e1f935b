// What a code of a time page stands for: the bucket of a duration in ticks of a clock, and the step from one start to the next.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;

namespace Waymark.Storage.Columns;

/// <summary>
/// The multiples of a clock unit within a bucket of <see cref="LogBuckets"/>. With unit u: first = ⌈lower / u⌉ · u, count = ⌊upper / u⌋ − ⌈lower / u⌉ + 1, width = bits of count − 1 (0 where count is 0 or 1).
/// A duration d of that bucket is tick number (d − first) / u.
/// </summary>
internal readonly struct BucketTicks
{
    /// <summary>Buckets per unit in the table, a power of two over <see cref="LogBuckets.Count"/>.</summary>
    private const int Stride = 2_048;

    private static readonly BucketTicks[] Table = Build();

    private static readonly ExactDivisor[] Divisors = [.. Enumerable.Range(0, ClockUnits.Count).Select(unit => new ExactDivisor((ulong)ClockUnits.Nanos((byte)unit)))];

    private BucketTicks(int bucket, long nanos)
    {
        var (lower, upper) = (LogBuckets.Lower(bucket), LogBuckets.Upper(bucket));
        var first = lower % nanos == 0 ? lower / nanos : (lower / nanos) + 1;
        First = first * nanos;
        Count = (ulong)Math.Max(0, (upper / nanos) - first + 1);
        Width = Count < 2 ? 0 : NumberPage.Width(0, (long)Count - 1);
        Nanos = (int)nanos;
    }

    /// <summary>The smallest multiple not below the bucket.</summary>
    public long First { get; }

    /// <summary>How many multiples the bucket has.</summary>
    public ulong Count { get; }

    /// <summary>Bits of a tick number.</summary>
    public int Width { get; }

    /// <summary>Nanoseconds of a tick.</summary>
    public int Nanos { get; }

    /// <summary>For units 0 to 3 and buckets that there are, as the caller has made sure of; the table has a place for every other bucket below 2,048 too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly BucketTicks Of(byte unit, int bucket) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Table), ((unit & (ClockUnits.Count - 1)) * Stride) + (bucket & (Stride - 1)));

    /// <summary>The number of ticks in a difference; beyond any count where it is no multiple of the unit or negative.</summary>
    public static ulong Divide(ulong difference, byte unit) => Divisors[unit].Divide(difference);

    private static BucketTicks[] Build()
    {
        var table = new BucketTicks[ClockUnits.Count * Stride];
        for (byte unit = 0; unit < ClockUnits.Count; unit++)
        {
            for (var bucket = 0; bucket < LogBuckets.Count; bucket++) table[(unit * Stride) + bucket] = new BucketTicks(bucket, ClockUnits.Nanos(unit));
        }
        return table;
    }
}

/// <summary>
/// Steps between starts, in ticks: code 0 is no step; a step of n bits (its absolute value being 2^(n−1) or more, and below 2^n) has code 2n − 1 forwards, 2n backwards, and leaves n − 1 bits open.
/// </summary>
internal readonly struct StepCodes
{
    /// <summary>Codes of all steps of 0 to 64 bits.</summary>
    public const int Count = 129;

    private static readonly StepCodes[] Table = [.. Enumerable.Range(0, Count).Select(code => new StepCodes(code))];

    private readonly long leading;
    private readonly long sign;

    private StepCodes(int code)
    {
        var bits = (code + 1) / 2;
        Width = Math.Max(0, bits - 1);
        leading = bits == 0 ? 0 : unchecked((long)(1UL << (bits - 1)));
        sign = code > 0 && code % 2 == 0 ? -1 : 0;
    }

    /// <summary>Bits that the code leaves open, 0 to 63.</summary>
    public int Width { get; }

    /// <summary>For codes that there are, as the caller has made sure of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly StepCodes At(int code) => ref Table[code];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Step(ulong residual) => unchecked(((leading | (long)residual) ^ sign) - sign);

    public static int Of(long step)
    {
        var bits = 64 - BitOperations.LeadingZeroCount(Magnitude(step));
        return (2 * bits) - (step > 0 ? 1 : 0);
    }

    /// <summary>The bits that the code leaves open: all but the leading one.</summary>
    public static ulong Residual(long step)
    {
        var magnitude = Magnitude(step);
        return magnitude == 0 ? 0 : magnitude ^ (1UL << BitOperations.Log2(magnitude));
    }

    private static ulong Magnitude(long step) => step < 0 ? unchecked(0UL - (ulong)step) : (ulong)step;
}
