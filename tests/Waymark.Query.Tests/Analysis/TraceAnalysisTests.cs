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
    public async Task A_trace_loaded_with_what_the_analysis_needs_is_analysed_as_if_loaded_whole()
    {
        var dice = new Random(44);
        var store = new NaiveStore();
        foreach (var (number, spans) in AnalysisTraces.Many(45, 300).Index())
        {
            var id = new TraceId(7, (ulong)number + 1);
            store.Add(spans.Select(span => Explained(span with { TraceId = id }, dice)));
            var (all, some) = (await store.FindTraceAsync(id, default), await store.FindTraceAsync(id, TraceAnalysis.Needs, default));
            Assert.Equal(Text(TraceAnalysis.Of(all!, all!.Traces[0])), Text(TraceAnalysis.Of(some!, some!.Traces[0])));
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

    /// <summary>Gives a span what rules look for in attributes and events, and what they don't.</summary>
    private static NaiveSpan Explained(NaiveSpan span, Random dice) => span with
    {
        Attributes =
        [
            NaiveAttribute.Text("unrelated", "x"),
            .. Some(dice, "peer.service", "bank"), .. Some(dice, "db.system.name", "sqlite"), .. Some(dice, "db.system", "mysql"), .. Some(dice, "messaging.system", "rabbitmq"),
            .. Some(dice, "server.address", "host"), .. Some(dice, "net.peer.name", "peer"), .. Some(dice, "error.type", "timeout"),
        ],
        Events = [new NaiveEvent(span.Start, "exception", [.. Some(dice, "exception.message", "no"), .. Some(dice, "exception.type", "Oh"), .. Some(dice, "exception.stacktrace", "at")])],
    };

    private static NaiveAttribute[] Some(Random dice, string key, string value) => dice.Next(3) == 0 ? [NaiveAttribute.Text(key, value)] : [];

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
