// Lengths of time as a person reads them.
using System.Globalization;
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis;

/// <summary>Formats durations.</summary>
public static class DurationText
{
    private const long Microsecond = 1_000;
    private const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;

    /// <summary>Three significant digits with the unit below 60 s ("1.23 s", "45.6 µs", "7 ns"), then "1m 05s", "1h 02m", "2d 3h". Zero is "0". Rounded half up; what rounds up to the next unit takes that unit.</summary>
    public static string Format(DurationNanos duration)
    {
        var nanos = duration.Value;
        if (nanos == 0) return "0";
        if (nanos < Microsecond) return Text($"{nanos} ns");
        return ThreeDigits(nanos, Microsecond, "µs")
            ?? ThreeDigits(nanos, Millisecond, "ms")
            ?? ThreeDigits(nanos, Second, "s")
            ?? Long(nanos);
    }

    /// <summary>A distance from the start of the trace: "+12.3 ms", "0".</summary>
    public static string FormatOffset(DurationNanos offset) => offset.Value == 0 ? "0" : "+" + Format(offset);

    /// <summary>Null when the rounded number has no place in this unit: 1,000 of it, or 60 s.</summary>
    private static string? ThreeDigits(long nanos, long unit, string name)
    {
        var most = unit == Second ? 60 : 1000;
        if (nanos / unit >= most) return null;
        var (scale, decimals) = nanos switch
        {
            _ when Rounded(nanos, unit / 100) < 1000 => (unit / 100, 2),
            _ when Rounded(nanos, unit / 10) < 1000 => (unit / 10, 1),
            _ => (unit, 0),
        };
        var scaled = Rounded(nanos, scale);
        var perUnit = unit / scale;
        if (scaled >= most * perUnit) return null;
        return decimals switch
        {
            2 => Text($"{scaled / 100}.{scaled % 100:00} {name}"),
            1 => Text($"{scaled / 10}.{scaled % 10} {name}"),
            _ => Text($"{scaled} {name}"),
        };
    }

    private static string Long(long nanos)
    {
        var seconds = Rounded(nanos, Second);
        if (seconds < 3600) return Text($"{seconds / 60}m {seconds % 60:00}s");
        var minutes = Rounded(nanos, Minute);
        if (minutes < 24 * 60) return Text($"{minutes / 60}h {minutes % 60:00}m");
        var hours = Rounded(nanos, Hour);
        return Text($"{hours / 24}d {hours % 24}h");
    }

    private static long Rounded(long nanos, long unit) => nanos / unit + (nanos % unit >= (unit + 1) / 2 ? 1 : 0);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
