// Rule: all are done but one.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>Of three like siblings or more side by side, one takes three times the median and a fifth of the critical path.</summary>
internal static class Straggler
{
    private const int MinSiblings = 3;
    private const int MinRatio = 3;
    private const double MinShare = 0.2;

    public static Finding? Find(TraceFacts facts)
    {
        Finding? most = null;
        foreach (var group in facts.Siblings)
        {
            if (group.Rows.Length < MinSiblings || !group.IsParallel) continue;
            var slowest = group.Rows.MaxBy(facts.Timeline.Duration);
            var time = facts.Below(slowest);
            if (!facts.IsAtLeast(time, MinShare) || time.Value <= (most?.Time.Value ?? 0)) continue;
            var durations = Array.ConvertAll(group.Rows, row => facts.Timeline.Duration(row).Value);
            Array.Sort(durations);
            var median = durations[(durations.Length - 1) / 2];
            if (durations[^1] / MinRatio < median) continue;
            var sentence = new Sentence().Share(time, facts.Total)
                .Text($" waits for the slowest of {Sentence.Count(group.Rows.Length)} calls side by side: ").Of(Target.Of(facts, slowest).Name)
                .Text($" took {DurationText.Format(new DurationNanos(durations[^1]))}, the median {DurationText.Format(new DurationNanos(median))}");
            most = new Finding(VerdictKind.Straggler, time, facts.Total, sentence, [slowest]);
        }
        return most;
    }
}
