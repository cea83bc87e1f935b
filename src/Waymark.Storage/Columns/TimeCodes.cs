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

    /// <summary>Apart, for only encoding asks.</summary>
    private static readonly ulong[] Counts = BuildCounts();

    /// <summary>Apart too: whoever skips rows adds up widths alone.</summary>
    private static readonly byte[] Widths = [.. Table.Select(t => (byte)t.Width)];

    private static readonly ExactDivisor[] Divisors = [.. Enumerable.Range(0, ClockUnits.Count).Select(unit => new ExactDivisor((ulong)ClockUnits.Nanos((byte)unit)))];

    private BucketTicks(int bucket, long nanos)
    {
        var (first, count) = Multiples(bucket, nanos);
        Lowest = first * nanos;
        Width = count < 2 ? 0 : NumberPage.Width(0, count - 1);
        Nanos = (int)nanos;
    }

    /// <summary>The smallest multiple not below the bucket.</summary>
    public long Lowest { get; }

    /// <summary>Bits of a tick number, 0 to 57.</summary>
    public int Width { get; }

    /// <summary>Nanoseconds of a tick.</summary>
    public int Nanos { get; }

    /// <summary>How many multiples a bucket has.</summary>
    public static ulong Count(byte unit, int bucket) => Counts[(unit * Stride) + bucket];

    /// <summary>Bits that some rows take together; units and buckets as in <see cref="Of"/>.</summary>
    public static long WidthOf(ReadOnlySpan<int> buckets, ReadOnlySpan<byte> units)
    {
        ref var widths = ref MemoryMarshal.GetArrayDataReference(Widths);
        ref var unit = ref MemoryMarshal.GetReference(units[..buckets.Length]);
        ref var bucket = ref MemoryMarshal.GetReference(buckets);
        var sum = 0;
        for (nint i = 0; i < buckets.Length; i++)
            sum += Unsafe.Add(ref widths, (nint)(((Unsafe.Add(ref unit, i) & (ClockUnits.Count - 1u)) * Stride) + ((uint)Unsafe.Add(ref bucket, i) & (Stride - 1))));
        return sum;
    }

    /// <summary>The table's first entry.</summary>
    public static ref BucketTicks First => ref MemoryMarshal.GetArrayDataReference(Table);

    /// <summary>The entry of a unit from 0 to 3 and a bucket; there is an entry for whatever is asked, also where there is no such bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BucketTicks Of(ref BucketTicks first, byte unit, uint bucket) => Unsafe.Add(ref first, (nint)(((unit & (ClockUnits.Count - 1u)) * Stride) + (bucket & (Stride - 1))));

    /// <summary>The number of ticks in a difference; beyond any count where it is no multiple of the unit or negative.</summary>
    public static ulong Divide(ulong difference, byte unit) => Divisors[unit].Divide(difference);

    private static (long First, long Count) Multiples(int bucket, long nanos)
    {
        var (lower, upper) = (LogBuckets.Lower(bucket), LogBuckets.Upper(bucket));
        var first = lower % nanos == 0 ? lower / nanos : (lower / nanos) + 1;
        return (first, Math.Max(0, (upper / nanos) - first + 1));
    }

    private static ulong[] BuildCounts()
    {
        var counts = new ulong[ClockUnits.Count * Stride];
        for (byte unit = 0; unit < ClockUnits.Count; unit++)
        {
            for (var bucket = 0; bucket < LogBuckets.Count; bucket++) counts[(unit * Stride) + bucket] = (ulong)Multiples(bucket, ClockUnits.Nanos(unit)).Count;
        }
        return counts;
    }

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

    /// <summary>The table's first entry, of <see cref="Count"/>.</summary>
    public static ref StepCodes First => ref MemoryMarshal.GetArrayDataReference(Table);

    public static int WidthOf(int code) => Table[code].Width;

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
