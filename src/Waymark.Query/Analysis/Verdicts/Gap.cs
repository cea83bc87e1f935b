// Rule: time that no span explains.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>30 % of the critical path that belongs to a span with children, but to none of them; or, in a trace without a single root, to no span at all.</summary>
internal static class Gap
{
    private const double MinShare = 0.3;

    public static Finding? Find(TraceFacts facts)
    {
        var (most, covered) = (-1, 0L);
        for (var row = 0; row < facts.Trace.Count; row++)
        {
            covered += facts.Path.Critical[row].Value;
            if (facts.IsLeaf(row) && (row != facts.Path.RootRow || !facts.Children(row).Any())) continue;
            if (facts.Kind(row) is SpanKind.Client or SpanKind.Producer) continue;
            if (most < 0 || facts.Path.Critical[row] > facts.Path.Critical[most]) most = row;
        }
        var nobodys = new DurationNanos(facts.Total.Value - covered);
        if (facts.IsAtLeast(nobodys, MinShare) && (most < 0 || nobodys >= facts.Path.Critical[most]))
        {
            var sentence = new Sentence().Share(nobodys, facts.Total).Text(" is covered by no span: what ran then sends none, or they have not arrived");
            return new Finding(VerdictKind.Gap, nobodys, facts.Total, sentence, []);
        }
        return most >= 0 && facts.IsAtLeast(facts.Path.Critical[most], MinShare) ? Within(facts, most) : null;
    }

    private static Finding Within(TraceFacts facts, int row)
    {
        var children = facts.Children(row).Count();
        var sentence = new Sentence().Share(facts.Path.Critical[row], facts.Total)
            .Text(facts.Path.RootRow < 0 || facts.IsHome(row) ? " is spent in " : " waits for ").Of(facts.Name(row))
            .Text(children == 1 ? ", outside its one child span: no span says on what" : $", outside its {Sentence.Count(children)} child spans: no span says on what");
        return new Finding(VerdictKind.Gap, facts.Path.Critical[row], facts.Total, sentence, [row]);
    }
}
