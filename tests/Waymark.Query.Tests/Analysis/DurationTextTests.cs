// Durations in words: digits, units and rounding.
using System.Globalization;
using System.Text.RegularExpressions;
using Waymark.Model.Spans;
using Waymark.Query.Analysis;

namespace Waymark.Query.Tests.Analysis;

public sealed partial class DurationTextTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1 ns")]
    [InlineData(999, "999 ns")]
    [InlineData(1_000, "1.00 µs")]
    [InlineData(1_234, "1.23 µs")]
    [InlineData(9_994, "9.99 µs")]
    [InlineData(9_995, "10.0 µs")]
    [InlineData(12_345, "12.3 µs")]
    [InlineData(99_950, "100 µs")]
    [InlineData(999_499, "999 µs")]
    [InlineData(999_500, "1.00 ms")]
    [InlineData(412_000_000, "412 ms")]
    [InlineData(999_500_000, "1.00 s")]
    [InlineData(1_234_000_000, "1.23 s")]
    [InlineData(59_949_999_999, "59.9 s")]
    [InlineData(59_950_000_000, "1m 00s")]
    [InlineData(65_000_000_000, "1m 05s")]
    [InlineData(3_599_400_000_000, "59m 59s")]
    [InlineData(3_599_500_000_000, "1h 00m")]
    [InlineData(3_720_000_000_000, "1h 02m")]
    [InlineData(183_600_000_000_000, "2d 3h")]
    [InlineData(long.MaxValue, "106752d 0h")]
    public void A_duration_has_three_significant_digits_up_to_a_minute(long nanos, string text) =>
        Assert.Equal(text, DurationText.Format(new DurationNanos(nanos)));

    [Fact]
    public void The_text_is_never_further_from_the_duration_than_half_a_unit_of_its_third_digit()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var nanos = (long)Math.Pow(10, random.NextDouble() * 10.77);
            var text = DurationText.Format(new DurationNanos(nanos));
            if (text.Contains('m', StringComparison.Ordinal) && !text.Contains("ms", StringComparison.Ordinal)) continue;
            var parts = Shape().Match(text);
            Assert.True(parts.Success, text);
            var unit = parts.Groups[2].Value switch { "ns" => 1m, "µs" => 1e3m, "ms" => 1e6m, _ => 1e9m };
            var back = decimal.Parse(parts.Groups[1].Value, CultureInfo.InvariantCulture) * unit;
            Assert.True(Math.Abs(back - nanos) <= nanos / 200m + 0.5m, $"{nanos} → {text}");
            Assert.True(parts.Groups[1].Value.Count(char.IsDigit) == 3 || unit == 1, text);
        }
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(12_300_000, "+12.3 ms")]
    public void An_offset_says_that_it_is_one(long nanos, string text) => Assert.Equal(text, DurationText.FormatOffset(new DurationNanos(nanos)));

    [GeneratedRegex(@"^([0-9.]+) (ns|µs|ms|s)$")]
    private static partial Regex Shape();
}
