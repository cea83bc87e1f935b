// Rule: a loop that asks for one thing at a time.
namespace Waymark.Query.Analysis.Verdicts;

/// <summary>Ten like siblings or more, four of five of them one after another, that take a fifth of the critical path.</summary>
internal static class NPlusOne
{
    public const int MinSiblings = 10;
    private const double MinShare = 0.2;

    public static Finding? Find(TraceFacts facts)
    {
        var group = facts.Siblings.Where(group => group.Rows.Length >= MinSiblings && group.IsSequential && facts.IsAtLeast(group.Time, MinShare)).MaxBy(group => group.Time);
        if (group is null) return null;
        var target = Target.Of(facts, group.Rows[0]);
        // A database is no service of the trace's: what asks it is named, unless that is the root's own.
        var service = target.IsPeer && !facts.IsHome(group.Rows[0]) ? facts.Service(group.Rows[0]) : target.Name.Service;
        var sentence = new Sentence().Share(group.Time, facts.Total);
        if (target.IsElsewhere) sentence.Text(" waits for ").Service(service).Text(" · ");
        else sentence.Text(" goes into ");
        sentence.Text($"{Sentence.Count(group.Rows.Length)} sequential ").Operation(target.Name.Operation).Text(" (N+1)");
        return new Finding(VerdictKind.NPlusOne, group.Time, facts.Total, sentence, group.Rows);
    }
}
