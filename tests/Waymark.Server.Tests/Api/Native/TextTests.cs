// How durations and times are read.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Server.Api.Native;

namespace Waymark.Server.Tests.Api.Native;

public sealed class TextTests
{
    private static readonly UnixNanos Now = new(1_767_225_610_000_000_000);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1500", 1500)]
    [InlineData("7ns", 7)]
    [InlineData("300us", 300_000)]
    [InlineData("300µs", 300_000)]
    [InlineData("1.5ms", 1_500_000)]
    [InlineData("2s", 2_000_000_000)]
    [InlineData("0.001s", 1_000_000)]
    [InlineData("15m", 900_000_000_000)]
    [InlineData("1h", 3_600_000_000_000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_duration_is_a_number_with_a_unit_or_nanoseconds(string text, long nanos)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(nanos, duration.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ms")]
    [InlineData("-1s")]
    [InlineData("1.5")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1e3s")]
    [InlineData("9223372036854775808")]
    [InlineData("1000000000000h")]
    [InlineData("99999999999999999999999999999999999h")]
    [InlineData("1s1")]
    public void Anything_else_is_no_duration(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("1767225610", 1_767_225_610_000_000_000)]
    [InlineData("1767225610123", 1_767_225_610_123_000_000)]
    [InlineData("1767225610123456", 1_767_225_610_123_456_000)]
    [InlineData("1767225610123456789", 1_767_225_610_123_456_789)]
    [InlineData("0", 0)]
    [InlineData("now", 1_767_225_610_000_000_000)]
    [InlineData("now-15m", 1_767_224_710_000_000_000)]
    [InlineData("now 1s", 1_767_225_611_000_000_000)]
    [InlineData("now-9999w", 0)]
    [InlineData("2026-01-01T00:00:10Z", 1_767_225_610_000_000_000)]
    [InlineData("2026-01-01T00:00:10.123456789Z", 1_767_225_610_123_456_789)]
    [InlineData("2026-01-01T00:00:10.5z", 1_767_225_610_500_000_000)]
    [InlineData("2026-01-01T02:30:10+02:30", 1_767_225_610_000_000_000)]
    [InlineData("2026-01-01T02:30:10 02:30", 1_767_225_610_000_000_000)]
    [InlineData("2025-12-31T23:00:10-01:00", 1_767_225_610_000_000_000)]
    public void A_time_is_unix_time_of_any_unit_rfc_3339_or_relative(string text, long nanos)
    {
        Assert.True(TimeText.TryParse(text, Now, out var time), text);
        Assert.Equal(nanos, time.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("now-")]
    [InlineData("now*1s")]
    [InlineData("-5")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01T00:00:10")]
    [InlineData("2026-01-01T00:00:10.Z")]
    [InlineData("2026-01-01T00:00:10.1234567890Z")]
    [InlineData("2026-01-01T00:00:10.5")]
    [InlineData("2026-13-01T00:00:10Z")]
    [InlineData("2026-01-01T00:00:10+99:00")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("2263-01-01T00:00:00Z")]
    [InlineData("9999999999999999999999")]
    public void Anything_else_is_no_time(string text) => Assert.False(TimeText.TryParse(text, Now, out _), text);

    [Fact]
    public void Every_whole_second_reads_as_what_it_prints_as()
    {
        var random = new Random(3);
        for (var i = 0; i < 1000; i++)
        {
            var seconds = random.NextInt64(0, 9_000_000_000);
            var text = DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            Assert.True(TimeText.TryParse(text, Now, out var time));
            Assert.Equal(seconds * 1_000_000_000, time.Value);
        }
    }

    [Theory]
    [InlineData("servce", "service")]
    [InlineData("Limits", "limit")]
    [InlineData("min", "minDuration")]
    [InlineData("durationMin", null)]
    [InlineData("zzz", null)]
    public void A_misspelt_name_is_suggested_only_when_it_is_close(string given, string? expected) =>
        Assert.Equal(expected, Spelling.Closest(given, ["service", "operation", "limit", "minDuration"]));
}
