// The critical path: as pictures, against an oracle, and on traces of every shape and size.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

public sealed class CriticalPathTests
{
    [Fact]
    public void Time_belongs_to_the_deepest_span_that_was_waited_for() => Check("""
        shop        server GET /checkout  |##--------##|
          shop      client POST           |  #------#  |
            pay     server POST /charge   |   ###--#   |
              pay   bank                  |      ##    |
        """);

    [Fact]
    public void Of_parallel_children_the_one_that_ends_last_counts() => Check("""
        shop  GET /  |#------#|
          a   one    | ----   |
          b   two    |  ---   |
          c   three  | ###### |
        """);

    [Fact]
    public void A_child_that_started_before_the_last_one_has_the_part_before_it() => Check("""
        shop  GET /  |#-------#|
          a   one    | ####-   |
          b   two    |     ### |
        """);

    [Fact]
    public void Children_of_a_child_cut_short_are_cut_short_too() => Check("""
        shop  GET /    |#--------#|
          a   one      | #-----   |
            a in it    |  ###-    |
          b   two      |     #### |
        """);

    [Fact]
    public void Work_left_behind_by_a_parent_is_not_waited_for() => Check("""
        shop    GET /  |######   |
          shop  audit  |  -------|
          shop  cache  |  !      |
        """);

    [Fact]
    public void An_end_noted_up_to_a_tenth_of_the_child_late_is_no_work_left_behind() => Check("""
        shop    GET /  |##------------------   |
          shop  slow   |  ##################-- |
        """, cellNanos: 100_000);

    [Fact]
    public void An_end_later_than_that_is() => Check("""
        shop    GET /  |####################   |
          shop  slow   |   --------------------|
        """, cellNanos: 100_000);

    [Fact]
    public void Nor_is_more_than_a_millisecond_of_a_long_child_noted_late() => Check("""
        shop    GET /  |####################  |
          shop  slow   |  --------------------|
        """, cellNanos: 600_000);

    [Fact]
    public void A_server_is_waited_for_until_its_caller_gives_up() => Check("""
        shop      server GET /  |#------#    |
          shop    client POST   | #-----     |
            pay   server POST   |  #####-----|
        """);

    [Fact]
    public void Nobody_waits_for_the_taker_of_a_message() => Check("""
        shop        server POST /orders  |##-####   |
          shop      producer send        |  #       |
            worker  consumer take        |   ---    |
            worker  consumer later       |      ----|
        """);

    [Fact]
    public void A_span_whose_parent_is_missing_counts_below_the_only_root_it_ran_within() => Check("""
        shop    GET /          |##---##   |
        cart    load           |  ###     |  orphan
        worker  consumer take  |   -      |  orphan
        late    reply          |     -----|  orphan
        """);

    [Fact]
    public void Without_a_root_the_path_spans_the_trace_and_time_without_spans_is_nobodys()
    {
        var path = Check("""
            a    one    |##-#      |  orphan=1
              a  two    |  #       |
            b    three  |      ####|  orphan=2
            """);
        Assert.Equal(-1, path.RootRow);
        Assert.Equal([0, 1, 0, -1, 2], path.Segments.Select(segment => segment.Row));
    }

    [Fact]
    public void With_several_roots_the_path_spans_them_all_and_what_outlives_them() => Check("""
        a      server first   |##-       |
          a    producer send  |  #       |
            w  consumer take  |       ###|
        b      server second  |   ##     |
        """);

    [Fact]
    public void A_clock_that_is_off_does_not_bend_the_path() => Check("""
        shop      server GET /  |##------##|
          shop    client POST   |  #----#  |
            pay   server POST   |   #--#   |  clock-5000
              pay sql           |    ##    |
        """);

    [Fact]
    public void A_trace_of_no_length_has_a_path_of_no_length()
    {
        var drawn = DrawnTrace.Of("""
            shop  GET /  |!|
              a   one    |!|
            """);
        var path = CriticalPath.Of(drawn.Block, drawn.Trace, TraceTimeline.Of(drawn.Block, drawn.Trace));
        Assert.Empty(path.Segments);
        Assert.Equal(0, path.Duration.Value);
    }

    [Fact]
    public void The_path_is_that_of_the_oracle()
    {
        foreach (var spans in AnalysisTraces.Many(1, 3_000))
        {
            var (block, timeline, path) = Analyse(spans);
            Assert.Equal(NaiveCriticalPath.Of(block, timeline), path.Segments);
        }
    }

    [Fact]
    public void Segments_tile_the_roots_duration_and_lie_within_their_spans()
    {
        foreach (var spans in AnalysisTraces.Many(2, 3_000))
        {
            var (block, timeline, path) = Analyse(spans);
            var at = path.From;
            foreach (var segment in path.Segments)
            {
                Assert.Equal(at, segment.From);
                Assert.True(segment.To > segment.From);
                at = segment.To;
                if (segment.Row >= 0) Assert.True(timeline.Start[segment.Row] <= segment.From && segment.To <= timeline.End[segment.Row]);
                else Assert.DoesNotContain(Enumerable.Range(0, block.Count), row => timeline.Duration(row).Value > 0 && timeline.Start[row] < segment.To && timeline.End[row] > segment.From);
            }
            Assert.Equal(path.To, at);
            var covered = path.Segments.Where(segment => segment.Row >= 0).Sum(segment => segment.Duration.Value);
            Assert.Equal(covered, path.Critical.Sum(time => time.Value));
            var roots = Enumerable.Range(0, block.Count).Where(row => block.ParentSpanIds[row].IsZero).ToList();
            if (roots.Count == 1) Assert.Equal((block.Duration(roots[0]).Value, covered), (path.Duration.Value, path.Duration.Value));
            else Assert.Equal((timeline.From, timeline.To), (path.From, path.To));
        }
    }

    [Fact]
    public void A_row_never_has_more_time_on_the_path_than_it_lasts()
    {
        foreach (var spans in AnalysisTraces.Many(3, 1_000))
        {
            var (block, timeline, path) = Analyse(spans);
            for (var row = 0; row < block.Count; row++) Assert.InRange(path.Critical[row].Value, 0, timeline.Duration(row).Value);
        }
    }

    [Theory]
    [InlineData("wide")]
    [InlineData("deep")]
    [InlineData("overhanging")]
    [InlineData("orphans")]
    public void A_hundred_thousand_spans_are_no_matter_of_patience(string shape)
    {
        var block = LargeTraces.Of(shape, 100_000);
        var started = TimeProvider.System.GetTimestamp();
        var analysis = TraceAnalysis.Of(block, block.Traces[0]);
        // Far above what it takes (see the decision's figures), far below what anything quadratic would.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 10);
        Assert.Equal(analysis.CriticalPath.Duration.Value, analysis.Contributors.Sum(contributor => contributor.Time.Value));
    }

    private static (SpanBlock Block, TraceTimeline Timeline, CriticalPath Path) Analyse(List<NaiveSpan> spans)
    {
        var block = Blocks.From(spans);
        var timeline = TraceTimeline.Of(block, block.Traces[0]);
        return (block, timeline, CriticalPath.Of(block, block.Traces[0], timeline));
    }

    private static CriticalPath Check(string drawing, long cellNanos = 100_000_000)
    {
        var drawn = DrawnTrace.Of(drawing, cellNanos);
        var timeline = TraceTimeline.Of(drawn.Block, drawn.Trace);
        var path = CriticalPath.Of(drawn.Block, drawn.Trace, timeline);
        Assert.Equal(drawn.Bars, drawn.Draw(row => (timeline.Start[row], timeline.End[row]), path.Segments.Select(segment => (segment.Row, segment.From, segment.To))));
        return path;
    }
}
