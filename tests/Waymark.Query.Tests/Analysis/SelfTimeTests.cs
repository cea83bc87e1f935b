// Self time against counting nanosecond by nanosecond.
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
        for (var round = 0; round < 300; round++)
        {
            var spans = new List<NaiveSpan>();
            for (var i = 1; i <= 8; i++)
            {
                var start = dice.Next(0, 40);
                spans.Add(new NaiveSpan
                {
                    TraceId = new TraceId(0, 1),
                    SpanId = new SpanId((ulong)i),
                    ParentSpanId = new SpanId((ulong)dice.Next(0, i)),
                    Start = new UnixNanos(start),
                    End = new UnixNanos(start + dice.Next(-3, 40)),
                });
            }
            var block = Blocks.From(spans);
            var self = SelfTime.Of(block, block.Traces[0]);
            for (var row = 0; row < block.Count; row++)
            {
                var children = Enumerable.Range(0, block.Count).Where(c => block.ParentRow[c] == row).ToList();
                var expected = 0;
                for (var t = block.Start[row].Value; t < block.End[row].Value; t++)
                {
                    if (!children.Exists(c => block.Start[c].Value <= t && t < block.End[c].Value)) expected++;
                }
                Assert.Equal(expected, self[row].Value);
            }
        }
    }
}
