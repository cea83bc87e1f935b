// The bars of the waterfall: which cells an interval paints.
using Waymark.Model.Spans;
using Waymark.Server.Terminal;

namespace Waymark.Server.Tests.Terminal;

public sealed class BarTests
{
    [Theory]
    [InlineData(0, 80, "██████████")]
    [InlineData(0, 40, "█████     ")]
    [InlineData(40, 80, "     █████")]
    [InlineData(0, 44, "█████▌    ")]
    [InlineData(20, 40, "  ▐██     ")]
    [InlineData(0, 1, "▏         ")]
    [InlineData(79, 80, "         ▕")]
    [InlineData(80, 80, "         ▕")]
    [InlineData(40, 40, "     ▏    ")]
    public void A_solid_bar_is_drawn_to_the_eighth(long from, long to, string picture) => Assert.Equal(picture, Paint(isSolid: true, (from, to)));

    [Theory]
    [InlineData(0, 80, "▒▒▒▒▒▒▒▒▒▒")]
    [InlineData(0, 43, "▒▒▒▒▒     ")]
    [InlineData(0, 44, "▒▒▒▒▒▒    ")]
    [InlineData(22, 40, "   ▒▒     ")]
    [InlineData(40, 42, "     ▎    ")]
    public void A_shaded_bar_is_drawn_to_the_cell_but_never_vanishes(long from, long to, string picture) => Assert.Equal(picture, Paint(isSolid: false, (from, to)));

    [Fact]
    public void Several_intervals_share_one_picture() => Assert.Equal("██  ▒".Replace('▒', '█') + "    █", Paint(isSolid: true, (0, 16), (32, 40), (72, 80)));

    [Fact]
    public void Part_of_a_bar_may_be_solid()
    {
        var bar = new Bar(TraceSample.Start, new DurationNanos(80), 10);
        var span = new SpanModel { SpanId = "1", Start = TraceSample.Start, Duration = new DurationNanos(80) };
        Assert.Equal("▒▒████▒▒▒▒", bar.Paint([span], [(TraceSample.Start + new DurationNanos(20), TraceSample.Start + new DurationNanos(51))]));
    }

    [Fact]
    public void In_a_trace_without_length_everything_is_at_the_left()
    {
        var bar = new Bar(TraceSample.Start, default, 5);
        Assert.Equal("▏    ", bar.Paint([new SpanModel { SpanId = "1", Start = TraceSample.Start }], [(TraceSample.Start, TraceSample.Start)]));
    }

    [Fact]
    public void Any_interval_leaves_a_mark_inside_the_picture()
    {
        var random = new Random(3);
        for (var round = 0; round < 5_000; round++)
        {
            var length = random.NextInt64(1, long.MaxValue / 4);
            var from = random.NextInt64(length + 1);
            var bar = new Bar(new UnixNanos(5), new DurationNanos(length), random.Next(1, 60));
            var span = new SpanModel { SpanId = "1", Start = new UnixNanos(5 + from), Duration = new DurationNanos(random.NextInt64(length - from + 1)) };
            var picture = bar.Paint([span], random.Next(2) == 0 ? [(span.Start, span.End)] : []);
            Assert.Equal(bar.Cells, picture.Length);
            Assert.NotEqual("", picture.Trim());
        }
    }

    /// <summary>Ten cells for a trace of 80 ns: one nanosecond is one eighth.</summary>
    private static string Paint(bool isSolid, params (long From, long To)[] intervals)
    {
        var bar = new Bar(TraceSample.Start, new DurationNanos(80), 10);
        var spans = intervals.Select(i => new SpanModel { SpanId = "1", Start = TraceSample.Start + new DurationNanos(i.From), Duration = new DurationNanos(i.To - i.From) }).ToList();
        return bar.Paint(spans, isSolid ? spans.Select(span => (span.Start, span.End)) : []);
    }
}
