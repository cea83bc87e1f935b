// How finely a clock counts: SDKs send nanoseconds whose last digits are always zero, and those need not be stored.
using System.Runtime.CompilerServices;

namespace Waymark.Storage.Columns;

/// <summary>Codes 0 to 3: times are multiples of 1 ns, 100 ns (.NET), 1 µs (Java, Python), 1 ms (browsers).</summary>
internal static class ClockUnits
{
    public const int Count = 4;

    private static ReadOnlySpan<long> NanosOf => [1, 100, 1_000, 1_000_000];

    private static ReadOnlySpan<byte> Shifts => [0, 7, 10, 20];

    /// <summary>⌈2^(63 + shift) / unit⌉, the shift being the bits of the unit rounded up.</summary>
    private static ReadOnlySpan<ulong> Reciprocals => [1UL << 63, 11_805_916_207_174_113_035, 9_444_732_965_739_290_428, 9_671_406_556_917_033_398];

    public static long Nanos(byte unit) => NanosOf[unit];

    /// <summary>
    /// ⌊time / unit⌋, without a branch or a division, for units follow each other like the services of a trace do: twice the time times the reciprocal, of which the upper half counts. The reciprocal is less
    /// than 1 too large, the time below 2^63, so the quotient is less than 2^−shift ≤ 1 / unit too large: never enough to reach the next. Negative numbers go in and out inverted.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Floor(long nanos, byte unit)
    {
        var sign = nanos >> 63;
        var quotient = Math.BigMul((ulong)(nanos ^ sign) << 1, Reciprocals[unit], out _) >> Shifts[unit];
        return (long)quotient ^ sign;
    }

    /// <summary>The largest unit that divides a time. 0 is a multiple of every unit.</summary>
    public static byte Of(long value)
    {
        if (value % 100 != 0) return 0;
        if (value % 1_000 != 0) return 1;
        return value % 1_000_000 != 0 ? (byte)2 : (byte)3;
    }

    /// <summary>The larger unit of two that divides what either divides: the finer one, for each unit divides the next.</summary>
    public static byte Combine(byte a, byte b) => Math.Min(a, b);
}
