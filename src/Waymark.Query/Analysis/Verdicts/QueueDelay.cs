// Rule: a message waited before anyone took it.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>From a producer's end to its consumer's start passes 30 % of the trace, first start to last end: nobody waits for a consumer, so the critical path of the root has no such time in it.</summary>
internal static class QueueDelay
{
    private const double MinShare = 0.3;

    public static Finding? Find(TraceFacts facts)
    {
        var (block, timeline, first) = (facts.Block, facts.Timeline, facts.Trace.FirstRow);
        var (most, delay) = (-1, 0L);
        for (var row = 0; row < facts.Trace.Count; row++)
        {
            var parent = block.ParentRow[first + row];
            if (parent < 0 || block.Kind[parent] != SpanKind.Producer || block.Kind[first + row] != SpanKind.Consumer) continue;
            var waited = (timeline.Start[row] - timeline.End[parent - first]).Value;
            if (waited > delay) (most, delay) = (row, waited);
        }
        if (most < 0 || delay < MinShare * timeline.Extent.Value) return null;
        var producer = block.ParentRow[first + most] - first;
        var sentence = new Sentence().Share(new DurationNanos(delay), timeline.Extent)
            .Text(" passes before ").Of(facts.Name(most)).Text(" takes the message that ").Service(facts.Service(producer)).Text(" sent");
        return new Finding(VerdictKind.QueueDelay, new DurationNanos(delay), timeline.Extent, sentence, [producer, most]);
    }
}
