// How people and programs write durations and points in time in a query string.
using System.Globalization;
using Waymark.Model.Spans;

namespace Waymark.Server.Api.Native;

/// <summary>Parses a duration: a decimal number with a unit (ns, us, µs, ms, s, m, h, d, w), or whole nanoseconds without one.</summary>
internal static class DurationText
{
    public const string Expected = "a duration such as 1.5ms, 300us, 2s, 15m, or whole nanoseconds";

    private static readonly (string Unit, long Nanos)[] Units =
    [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
        ("w", 604_800_000_000_000),
    ];

    public static bool TryParse(ReadOnlySpan<char> text, out DurationNanos duration)
    {
        duration = default;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole))
        {
            duration = new DurationNanos(whole);
            return true;
        }
        var digits = text.LastIndexOfAnyInRange('0', '9') + 1;
        if (digits == 0 || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        foreach (var (unit, nanos) in Units)
        {
            if (!text[digits..].SequenceEqual(unit)) continue;
            if (number > long.MaxValue / nanos) return false;
            duration = new DurationNanos((long)Math.Round(number * nanos));
            return true;
        }
        return false;
    }
}

/// <summary>
/// Parses a point in time: Unix time in seconds, milliseconds, microseconds or nanoseconds, told apart by size
/// (below 1e11, 1e14, 1e17: to the year 5138 in seconds, from 1973 in the others);
/// RFC 3339 with up to nine fractional digits; or <c>now</c>, <c>now-15m</c>, <c>now+1h</c>.
/// </summary>
internal static class TimeText
{
    public const string Expected = "Unix time in s, ms, µs or ns, an RFC 3339 time such as 2026-01-31T12:00:00Z, or now-15m";

    public static bool TryParse(string text, UnixNanos now, out UnixNanos time)
    {
        time = default;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return TryFromNumber(number, out time);
        return text.StartsWith("now", StringComparison.Ordinal) ? TryRelative(text.AsSpan(3), now, out time) : TryRfc3339(text, out time);
    }

    private static bool TryFromNumber(long number, out UnixNanos time)
    {
        var nanosPerUnit = number switch
        {
            < 100_000_000_000 => 1_000_000_000L,
            < 100_000_000_000_000 => 1_000_000L,
            < 100_000_000_000_000_000 => 1_000L,
            _ => 1L,
        };
        time = default;
        if (number > long.MaxValue / nanosPerUnit) return false;
        time = new UnixNanos(number * nanosPerUnit);
        return true;
    }

    private static bool TryRelative(ReadOnlySpan<char> rest, UnixNanos now, out UnixNanos time)
    {
        time = now;
        if (rest.IsEmpty) return true;
        // A plus sign in a query string arrives as a space unless it was escaped.
        if (rest[0] is not ('-' or '+' or ' ') || !DurationText.TryParse(rest[1..], out var distance)) return false;
        var nanos = rest[0] == '-' ? Math.Max(0, now.Value - distance.Value) : now.Value + Math.Min(distance.Value, long.MaxValue - now.Value);
        time = new UnixNanos(nanos);
        return true;
    }

    private static bool TryRfc3339(string text, out UnixNanos time)
    {
        time = default;
        const int SecondsEnd = 19; // "2026-01-31T12:00:00"
        if (text.Length <= SecondsEnd) return false;
        var head = text.AsSpan(0, SecondsEnd);
        if (!DateTime.TryParseExact(head, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var seconds)) return false;

        var rest = text.AsSpan(SecondsEnd);
        var nanos = 0L;
        if (rest[0] == '.')
        {
            var end = 1 + rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (end is < 2 or > 10) return false;
            for (var i = 1; i < 10; i++) nanos = (nanos * 10) + (i < end ? rest[i] - '0' : 0);
            rest = rest[end..];
        }
        if (!TryOffset(rest, out var offset)) return false;
        var unixSeconds = (decimal)((seconds.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - offset;
        var total = (unixSeconds * 1_000_000_000) + nanos;
        if (total is < 0 or > long.MaxValue) return false;
        time = new UnixNanos((long)total);
        return true;
    }

    /// <summary>"Z" or "+hh:mm", in seconds.</summary>
    private static bool TryOffset(ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        if (text is "Z" or "z") return true;
        if (text.Length != 6 || text[0] is not ('+' or '-' or ' ') || text[3] != ':') return false;
        if (!int.TryParse(text[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || hours > 23) return false;
        if (!int.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || minutes > 59) return false;
        seconds = ((hours * 60) + minutes) * 60 * (text[0] == '-' ? -1 : 1);
        return true;
    }
}
