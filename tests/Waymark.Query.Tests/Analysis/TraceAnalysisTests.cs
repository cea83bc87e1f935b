// The analysis as a whole: of one trace among several, of the same trace however it came.
using System.Text.Json;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

public sealed class TraceAnalysisTests
{
    [Fact]
    public void A_trace_in_a_block_of_many_is_analysed_as_if_alone()
    {
        var traces = AnalysisTraces.Many(41, 200).Select((spans, number) => spans.ConvertAll(span => span with { TraceId = new TraceId(0, (ulong)number + 1) })).ToList();
        var block = Blocks.From(traces.SelectMany(spans => spans));
        Assert.Equal(traces.Count, block.Traces.Length);
        foreach (var trace in block.Traces)
        {
            var alone = Blocks.From(traces[(int)trace.Id.Low - 1]);
            Assert.Equal(Text(TraceAnalysis.Of(alone, alone.Traces[0])), Text(TraceAnalysis.Of(block, trace)));
        }
    }

    [Fact]
    public void The_order_in_which_spans_arrived_changes_nothing()
    {
        var dice = new Random(42);
        foreach (var spans in AnalysisTraces.Many(43, 300))
        {
            var distinct = spans.DistinctBy(span => span.Identity).ToArray();
            var (one, other) = (Blocks.From(distinct), Blocks.From(Shuffled(distinct, dice)));
            Assert.Equal(Text(TraceAnalysis.Of(one, one.Traces[0])), Text(TraceAnalysis.Of(other, other.Traces[0])));
        }
    }

    [Fact]
    public void Where_children_follow_each_other_self_time_is_time_on_the_path()
    {
        var drawn = DrawnTrace.Of("""
            shop    server GET /   |==========|
              shop  internal one   | ===      |
              shop  internal two   |    ====  |
            """);
        var analysis = TraceAnalysis.Of(drawn.Block, drawn.Trace);
        Assert.Equal(analysis.Self, analysis.CriticalPath.Critical);
    }

    private static NaiveSpan[] Shuffled(NaiveSpan[] spans, Random dice)
    {
        var copy = spans.ToArray();
        dice.Shuffle(copy);
        return copy;
    }

    private static string Text(TraceAnalysis analysis) => JsonSerializer.Serialize(new
    {
        analysis.Timeline.Start,
        analysis.Timeline.End,
        analysis.Timeline.Skew,
        analysis.Self,
        analysis.CriticalPath,
        analysis.Contributors,
        analysis.Verdict,
    });
}
