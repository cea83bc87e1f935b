// How each kind of option is read, written and bounded.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Waymark.Server.Options;

/// <summary>The form of an option's values, whatever their type.</summary>
/// <param name="unit">What a bare value means, in a word or two; empty when there is nothing to say.</param>
/// <param name="bounds">What is allowed, in a few words, for a table.</param>
/// <param name="expected">What is allowed, completing the sentence "it takes …".</param>
internal abstract class OptionKind(string name, string unit, string bounds, string expected)
{
    /// <summary>E.g. <c>duration</c>.</summary>
    public string Name => name;
    public string Unit => unit;
    public string Bounds => bounds;
    public string Expected => expected;
}

/// <summary>The form of one option's values.</summary>
internal abstract class OptionKind<T>(string name, string unit, string bounds, string expected) : OptionKind(name, unit, bounds, expected)
{
    /// <summary>Reads a value; false when it is not of this form or out of bounds.</summary>
    public abstract bool TryParse(string text, [MaybeNullWhen(false)] out T value);

    /// <summary>Writes a value so that <see cref="TryParse"/> reads it again.</summary>
    public abstract string Format(T value);
}

/// <summary>Whole numbers.</summary>
internal sealed class IntegerKind(int min, int max) : OptionKind<int>("integer", "", string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"),
    string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"))
{
    public override bool TryParse(string text, out int value) =>
        int.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;

    public override string Format(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A share of a whole.</summary>
internal sealed class ShareKind(double min, double max) : OptionKind<double>("share", "of 1", string.Create(CultureInfo.InvariantCulture, $"{min} to {max}, or per cent"),
    string.Create(CultureInfo.InvariantCulture, $"a share from {min} to {max}, or per cent such as 50%"))
{
    public override bool TryParse(string text, out double value)
    {
        var perCent = text.EndsWith('%');
        if (!double.TryParse(perCent ? text[..^1].TrimEnd() : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)) return false;
        if (perCent) value /= 100;
        return value >= min && value <= max;
    }

    public override string Format(double value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Numbers of bytes: <c>64MiB</c>, <c>50GB</c>, <c>1.5GiB</c>, <c>4096</c>.</summary>
internal sealed class BytesKind(long min, long max) : OptionKind<long>("bytes", "bytes", $"{Text(min)} to {Text(max)}",
    $"a number of bytes, with a unit such as MiB or GB or without, from {Text(min)} to {Text(max)}")
{
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    public override bool TryParse(string text, out long value)
    {
        value = 0;
        var number = text;
        var unit = 1L;
        foreach (var (name, bytes) in Units)
        {
            if (!text.EndsWith(name, StringComparison.OrdinalIgnoreCase)) continue;
            number = text[..^name.Length].TrimEnd();
            unit = bytes;
            break;
        }

        if (!decimal.TryParse(number.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || count > long.MaxValue / unit) return false;
        value = (long)(count * unit);
        return value >= min && value <= max;
    }

    public override string Format(long value) => Text(value);

    /// <summary>The shortest exact form: of the units that divide the value, the one that leaves the smallest number.</summary>
    internal static string Text(long value)
    {
        var (unit, size) = value == 0 ? ("B", 1) : Units.Where(u => value % u.Bytes == 0).MaxBy(static u => u.Bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{value / size}{unit}");
    }
}

/// <summary>Bytes, or <c>auto</c> (null) for what the store works out itself.</summary>
internal sealed class AutoBytesKind(BytesKind bytes, string auto) : OptionKind<long?>("bytes", "bytes", $"auto ({auto}), or {bytes.Bounds}",
    $"auto ({auto}), or {bytes.Expected}")
{
    public override bool TryParse(string text, out long? value)
    {
        value = null;
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase)) return true;
        if (!bytes.TryParse(text, out var parsed)) return false;
        value = parsed;
        return true;
    }

    public override string Format(long? value) => value is null ? "auto" : bytes.Format(value.Value);
}

/// <summary>Lengths of time: <c>200ms</c>, <c>30s</c>, <c>10m</c>, <c>12h</c>, <c>7d</c>, <c>1h30m</c>. A unit is required.</summary>
internal sealed class DurationKind(TimeSpan min, TimeSpan max) : OptionKind<TimeSpan>("duration", "ms, s, m, h, d", $"{Text(min)} to {Text(max)}",
    $"a duration with its unit (ms, s, m, h or d), from {Text(min)} to {Text(max)}")
{
    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789.");

    private static readonly (string Name, TimeSpan Length)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1))];

    public override bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
            rest = rest[digits..];
            var unit = TimeSpan.Zero;
            foreach (var (name, length) in Units)
            {
                if (!rest.StartsWith(name, StringComparison.Ordinal)) continue;
                unit = length;
                rest = rest[name.Length..].TrimStart();
                break;
            }

            if (unit == TimeSpan.Zero || count > max.Ticks / (decimal)unit.Ticks) return false;
            value += TimeSpan.FromTicks((long)(count * unit.Ticks));
        }

        return value >= min && value <= max;
    }

    public override string Format(TimeSpan value) => Text(value);

    internal static string Text(TimeSpan value)
    {
        foreach (var (name, length) in (ReadOnlySpan<(string, TimeSpan)>)[Units[1], Units[2], Units[3], Units[4]])
        {
            if (value >= length && value.Ticks % length.Ticks == 0) return string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / length.Ticks}{name}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms");
    }
}

/// <summary>Yes or no.</summary>
internal sealed class SwitchKind() : OptionKind<bool>("switch", "", "true or false", "true or false")
{
    public override bool TryParse(string text, out bool value) => bool.TryParse(text, out value);

    public override string Format(bool value) => value ? "true" : "false";
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceKind<TEnum>() : OptionKind<TEnum>("choice", "", Words(", "), Words(" or "))
    where TEnum : struct, Enum
{
    public override bool TryParse(string text, out TEnum value)
    {
        // Enum.TryParse also takes numbers.
        value = default;
        return text.Length > 0 && char.IsLetter(text[0]) && Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);
    }

    public override string Format(TEnum value) => Word(value.ToString());

    /// <summary>The words, the last one after <paramref name="last"/>.</summary>
    private static string Words(string last)
    {
        string[] words = [.. Enum.GetNames<TEnum>().Select(Word)];
        return string.Join(", ", words[..^1]) + last + words[^1];
    }

    private static string Word(string name) => name.ToLowerInvariant();
}

/// <summary>An address to listen on.</summary>
internal sealed class AddressKind() : OptionKind<ListenAddress>("address", "host:port", "HOST:PORT, or PORT on 127.0.0.1", ListenAddress.Forms)
{
    public override bool TryParse(string text, [MaybeNullWhen(false)] out ListenAddress value)
    {
        value = ListenAddress.TryParse(text);
        return value is not null;
    }

    public override string Format(ListenAddress value) => value.ToString();
}

/// <summary>Text that must satisfy a rule.</summary>
internal sealed class TextKind(string name, string bounds, Func<string, bool> isAllowed) : OptionKind<string>(name, "", bounds, bounds)
{
    public override bool TryParse(string text, out string value)
    {
        value = text;
        return isAllowed(text);
    }

    public override string Format(string value) => value;
}

/// <summary>Several texts: a list in YAML, separated by commas elsewhere.</summary>
internal sealed class ListKind(string bounds, Func<string, bool> isAllowed) : OptionKind<IReadOnlyList<string>>("list", "comma-separated", bounds, $"a list of {bounds}")
{
    public override bool TryParse(string text, [MaybeNullWhen(false)] out IReadOnlyList<string> value)
    {
        value = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return value.All(isAllowed);
    }

    public override string Format(IReadOnlyList<string> value) => string.Join(",", value);
}
