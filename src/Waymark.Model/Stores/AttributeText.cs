// When a typed attribute value equals what a person typed: one definition for every store and the executor.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>
/// Compares attribute values with text: text by its bytes; an integer or double when the text is a number of the same value ("3", "3.0", "0.3e1");
/// a boolean with <c>true</c> / <c>false</c>. Arrays, key-value lists, bytes and empty values equal no text.
/// </summary>
public sealed class AttributeText
{
    private readonly byte[] utf8;

    public AttributeText(string text)
    {
        utf8 = Encoding.UTF8.GetBytes(text);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) Int = whole;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)) Double = real;
        if (Int is null && real == Math.Floor(real) && Math.Abs(real) < 1L << 53 && Double is not null) Int = (long)real;
        Bool = text switch { "true" => true, "false" => false, _ => null };
    }

    public ReadOnlySpan<byte> Utf8 => utf8;

    /// <summary>The integer that equals the text; null when none does.</summary>
    public long? Int { get; }

    /// <summary>The number that equals the text; null when none does.</summary>
    public double? Double { get; }

    /// <summary>The truth value that equals the text; null when none does.</summary>
    public bool? Bool { get; }

    /// <summary>
    /// The text of a value that is text, a number or a boolean, such that <see cref="Matches"/> finds it again: a number in the shortest form that reads back as the same one, so that 3 and 3.0 are one text.
    /// Null for all others.
    /// </summary>
    /// <inheritdoc cref="Matches"/>
    public static string? Of(AttributeType type, long number, ReadOnlySpan<byte> content) => type switch
    {
        AttributeType.Text => Encoding.UTF8.GetString(content),
        AttributeType.Int => number.ToString(CultureInfo.InvariantCulture),
        AttributeType.Double => BitConverter.Int64BitsToDouble(number).ToString("R", CultureInfo.InvariantCulture),
        AttributeType.Bool => number != 0 ? "true" : "false",
        _ => null,
    };

    /// <param name="number">As in <see cref="AttributeValue.Number"/>.</param>
    /// <param name="content">As in <see cref="AttributeValue.Content"/>.</param>
    public bool Matches(AttributeType type, long number, ReadOnlySpan<byte> content) => type switch
    {
        AttributeType.Text => content.SequenceEqual(utf8),
        AttributeType.Int => number == Int,
        AttributeType.Double => Double is { } real && BitConverter.Int64BitsToDouble(number).Equals(real),
        AttributeType.Bool => Bool is { } truth && (number != 0) == truth,
        _ => false,
    };
}
