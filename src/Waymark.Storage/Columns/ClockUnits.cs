// How finely a clock counts: SDKs send nanoseconds whose last digits are always zero, and those need not be stored.
namespace Waymark.Storage.Columns;

/// <summary>Codes 0 to 3: times are multiples of 1 ns, 100 ns (.NET), 1 µs (Java, Python), 1 ms (browsers).</summary>
internal static class ClockUnits
{
    public const int Count = 4;

    private static ReadOnlySpan<long> NanosOf => [1, 100, 1_000, 1_000_000];

    public static long Nanos(byte unit) => NanosOf[unit];

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
