// Self time against counting nanosecond by nanosecond, on corrected clocks.
using Waymark.Model.Spans;
using Waymark.Query.Analysis;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

public sealed class SelfTimeTests
{
    [Fact]
    public void Self_time_is_what_no_child_covers()
    {
        var dice = new Random(5);
        for (var round = 0; round < 500; round++)
        {
            var spans = AnalysisTraces.Dense(dice);
            if (spans[0].Start.Value > 1_000_000) continue;
            var block = Blocks.From(spans);
            var timeline = TraceTimeline.Of(block, block.Traces[0]);
            var self = SelfTime.Of(block, block.Traces[0], timeline);
            for (var row = 0; row < block.Count; row++)
            {
                var children = Enumerable.Range(0, block.Count).Where(c => block.ParentRow[c] == row).ToList();
                var expected = 0;
                for (var t = timeline.Start[row].Value; t < timeline.End[row].Value; t++)
                {
                    if (!children.Exists(c => timeline.Start[c].Value <= t && t < timeline.End[c].Value)) expected++;
                }
                Assert.Equal(expected, self[row].Value);
            }
        }
    }

    [Fact]
    public void A_child_moved_by_its_clock_is_counted_where_it_was_moved_to()
    {
        var drawn = DrawnTrace.Of("""
            shop      client fan out  |==========|
              pay     server first    | ==       |  clock+50
              shop    middle          |    ==    |
            """);
        var timeline = TraceTimeline.Of(drawn.Block, drawn.Trace);
        // Moved to the middle, where the other child is: both cover the same 200 ms.
        Assert.Equal(new DurationNanos(800_000_000), SelfTime.Of(drawn.Block, drawn.Trace, timeline)[drawn.Row("fan out")]);
    }
}
