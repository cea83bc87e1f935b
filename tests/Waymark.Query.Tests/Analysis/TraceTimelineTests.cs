// Clock correction: what is moved, where to, and what is left alone.
using Waymark.Model.Spans;
using Waymark.Query.Analysis;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

public sealed class TraceTimelineTests
{
    [Fact]
    public void A_server_outside_its_caller_is_moved_to_its_middle_and_all_below_moves_along() => CorrectedAsDrawn("""
        shop         server GET /   |==========|
          shop       client POST    |  ======  |
            pay      server POST    |   ====   |  clock+9000
              pay    work           |    ==    |
              pay    client SELECT  |   ==     |
        """, skewed: 3);

    [Fact]
    public void Shifts_add_up_down_the_tree() => CorrectedAsDrawn("""
        shop         client GET /   |==========|
          pay        server POST    | ======== |  clock-100
            pay      client GET     |  ======  |
              bank   server GET     |   ====   |  clock+7
        """, skewed: 3);

    [Fact]
    public void A_call_back_into_the_first_process_goes_by_its_own_clock() => CorrectedAsDrawn("""
        shop         client GET /   |==========|
          pay        server POST    | ======== |  clock-100
            pay      client GET     |  ======  |
              shop   server GET     |   ==     |  clock+100
        """, skewed: 2);

    [Fact]
    public void A_server_that_lies_within_its_caller_is_left_alone() => CorrectedAsDrawn("""
        shop         client GET /   |==========|
          pay        server POST    |======    |
        """, skewed: 0);

    [Fact]
    public void A_server_that_outlasts_its_caller_is_left_alone_when_it_starts_within_it() => CorrectedAsDrawn("""
        shop         client GET /   |=====     |
          pay        server POST    | =========|
        """, skewed: 0);

    [Fact]
    public void A_server_that_outlasts_its_caller_and_starts_elsewhere_is_moved_to_its_start() => CorrectedAsDrawn("""
        shop         client GET /   |=====     |
          pay        server POST    |==========|  clock+60
        """, skewed: 1);

    [Fact]
    public void A_message_may_be_taken_long_after_it_was_sent() => CorrectedAsDrawn("""
        shop         producer send  |=               |
          worker     consumer take  |             ===|
        """, skewed: 0);

    [Fact]
    public void A_message_can_not_be_taken_before_it_was_sent() => CorrectedAsDrawn("""
        shop         producer send  |====  |
          worker     consumer take  |======|  clock-2
            worker   work           | ==   |
        """, skewed: 2);

    [Fact]
    public void Within_one_process_nothing_is_moved() => Correct("""
        shop         client GET /   |===       |
          shop       server GET /   |     ==   |
        """, skewed: 0);

    [Fact]
    public void The_same_service_on_another_host_has_another_clock() => CorrectedAsDrawn("""
        shop         client GET /   | ====     |  host=one
          shop       server GET /   |  ==      |  host=two  clock+6
        """, skewed: 1);

    [Fact]
    public void Only_where_a_call_arrives_can_clocks_meet() => Correct("""
        shop         internal a     |===       |
          pay        server b       |     ==   |
          pay        internal c     |     ==   |
        """, skewed: 0);

    [Theory]
    [InlineData(1_000_000, 0)]
    [InlineData(1_000_001, -1_500_001)]
    public void A_server_may_note_its_end_up_to_a_millisecond_after_its_caller(long after, long skew)
    {
        var client = new NaiveSpan
        {
            TraceId = new TraceId(0, 1), SpanId = new SpanId(1), Kind = SpanKind.Client, Start = new UnixNanos(10_000_000), End = new UnixNanos(20_000_000), Resource = NaiveResource.Of("shop"),
        };
        var server = client with
        {
            SpanId = new SpanId(2), ParentSpanId = new SpanId(1), Kind = SpanKind.Server, Start = new UnixNanos(12_000_000), End = new UnixNanos(20_000_000 + after), Resource = NaiveResource.Of("pay"),
        };
        var block = Blocks.From([client, server]);
        Assert.Equal(skew, TraceTimeline.Of(block, block.Traces[0]).Skew[1].Value);
    }

    [Fact]
    public void A_span_that_ends_before_it_starts_lasts_no_time()
    {
        var block = Blocks.From([new NaiveSpan { TraceId = new TraceId(0, 1), SpanId = new SpanId(1), Start = new UnixNanos(100), End = new UnixNanos(50) }]);
        var timeline = TraceTimeline.Of(block, block.Traces[0]);
        Assert.Equal((100, 100, 0L), (timeline.Start[0].Value, timeline.End[0].Value, timeline.Extent.Value));
    }

    [Fact]
    public void Corrected_times_are_the_times_sent_plus_the_skew_and_stay_in_range_for_absurd_ones()
    {
        var dice = new Random(11);
        long[] absurd = [0, 1, long.MaxValue / 2, long.MaxValue - 1, long.MaxValue];
        foreach (var spans in AnalysisTraces.Many(12, 2_000))
        {
            var wild = spans.Select(span => dice.Next(3) > 0 ? span : span with { Start = new UnixNanos(absurd[dice.Next(5)]), End = new UnixNanos(absurd[dice.Next(5)]) });
            var block = Blocks.From(wild);
            var timeline = TraceTimeline.Of(block, block.Traces[0]);
            for (var row = 0; row < block.Count; row++)
            {
                Assert.Equal(timeline.Start[row].Value, block.Start[row].Value + timeline.Skew[row].Value);
                Assert.InRange(timeline.Start[row].Value, 0, long.MaxValue);
                Assert.True(timeline.End[row] >= timeline.Start[row]);
                Assert.True(timeline.Duration(row) <= block.Duration(row));
            }
            Assert.Equal(timeline.Skew.Count(skew => skew.Value != 0), timeline.SkewedSpans);
            Assert.Equal((timeline.Start.Min(), timeline.End.Max()), (timeline.From, timeline.To));
            Assert.Equal(TraceAnalysis.Of(block, block.Traces[0]).CriticalPath.Duration.Value, TraceAnalysis.Of(block, block.Traces[0]).Contributors.Sum(c => c.Time.Value));
        }
    }

    [Fact]
    public void Every_server_ends_up_where_it_can_have_been_called_from()
    {
        foreach (var spans in AnalysisTraces.Many(13, 2_000))
        {
            var block = Blocks.From(spans);
            var timeline = TraceTimeline.Of(block, block.Traces[0]);
            for (var row = 0; row < block.Count; row++)
            {
                var parent = block.ParentRow[row];
                if (parent < 0 || block.Kind[row] != SpanKind.Server || block.Kind[parent] != SpanKind.Client) continue;
                if (Blocks.ToSpans(block)[row].Service == Blocks.ToSpans(block)[parent].Service) continue;
                Assert.True(timeline.Start[row] >= timeline.Start[parent] && timeline.Start[row] <= timeline.End[parent]);
                if (timeline.Duration(row) <= timeline.Duration(parent)) Assert.True((timeline.End[row] - timeline.End[parent]).Value <= 1_000_000);
            }
        }
    }

    /// <summary>The corrected times are those drawn.</summary>
    private static void CorrectedAsDrawn(string drawing, int skewed) => Assert.Equal(DrawnTrace.Of(drawing).Bars.Replace('=', '-'), Correct(drawing, skewed));

    private static string Correct(string drawing, int skewed)
    {
        var drawn = DrawnTrace.Of(drawing);
        var timeline = TraceTimeline.Of(drawn.Block, drawn.Trace);
        Assert.Equal(skewed, timeline.SkewedSpans);
        return drawn.Draw(row => (timeline.Start[row], timeline.End[row]), []);
    }
}
