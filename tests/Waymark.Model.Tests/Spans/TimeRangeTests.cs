// Ranges of time: half-open, except that the last nanosecond is no bound.
using Waymark.Model.Spans;

namespace Waymark.Model.Tests.Spans;

public sealed class TimeRangeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue - 1)]
    [InlineData(long.MaxValue)]
    public void All_time_contains_every_time(long time) => Assert.True(TimeRange.All.Contains(new UnixNanos(time)));

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(19, true)]
    [InlineData(20, false)]
    [InlineData(long.MaxValue, false)]
    public void A_range_contains_its_start_and_not_its_end(long time, bool isInside) =>
        Assert.Equal(isInside, new TimeRange(new UnixNanos(10), new UnixNanos(20)).Contains(new UnixNanos(time)));
}
