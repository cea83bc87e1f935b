// Rule: time lost to attempts that failed and were made again.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>
/// Like siblings one after another of which some in a row failed: two or more, or one that was followed by a last one.
/// Lost is the time from the first failure's start to the start of the attempt that succeeded, or to the end of the last when none did: that of the attempts and of the pauses between them. What others took
/// meanwhile is not: the like call that comes after other work is no second attempt.
/// </summary>
internal static class RetryLoop
{
    private const double MinShare = 0.2;

    /// <summary>Runs of failures that are measured, each at the cost of one look along the path: more than a trace made by programs has, fewer than one made to be slow could.</summary>
    private const int MaxRuns = 1_000;

    public static Finding? Find(TraceFacts facts)
    {
        Run? worst = null;
        foreach (var run in Runs(facts).Take(MaxRuns))
        {
            if (facts.IsAtLeast(run.Lost, MinShare) && (worst is null || run.Lost > worst.Lost)) worst = run;
        }
        return worst is null ? null : Describe(facts, worst);
    }

    private static IEnumerable<Run> Runs(TraceFacts facts)
    {
        foreach (var group in facts.Siblings)
        {
            if (group.Sequential < group.Rows.Length || !group.Rows.Any(facts.IsError)) continue;
            for (var first = 0; first < group.Rows.Length; first++)
            {
                if (!facts.IsError(group.Rows[first])) continue;
                var end = first + 1;
                while (end < group.Rows.Length && facts.IsError(group.Rows[end])) end++;
                if ((end - first > 1 || (first == 0 && end == group.Rows.Length - 1)) && Measure(facts, group, first, end) is { } run) yield return run;
                first = end;
            }
        }
    }

    /// <summary>Attempts [first, end) failed; the one at <paramref name="end"/>, if any, succeeded. Null when too little time passed for it to matter.</summary>
    private static Run? Measure(TraceFacts facts, LikeSiblings group, int first, int end)
    {
        var hasSuccess = end < group.Rows.Length;
        var from = facts.Timeline.Start[group.Rows[first]];
        var to = hasSuccess ? facts.Timeline.Start[group.Rows[end]] : facts.Timeline.End[group.Rows[end - 1]];
        if (!facts.IsAtLeast(to - from, MinShare)) return null;
        var failed = group.Rows[first..end];
        int[] rows = [.. failed.Order()];
        return new Run(failed, hasSuccess ? group.Rows[end] : -1, facts.PathWithin(group.Parent, rows, from, to));
    }

    private static Finding Describe(TraceFacts facts, Run run)
    {
        var why = run.Failed.Select(row => Failure.Message(facts, Failure.Deepest(facts, row))).FirstOrDefault(message => message.Length > 0) ?? "";
        var what = Failure.IsTimeout(why) ? "timed-out" : "failed";
        var sentence = new Sentence().Share(run.Lost, facts.Total)
            .Text($" is lost to {Sentence.Count(run.Failed.Length)} {what} {(run.Failed.Length == 1 ? "attempt" : "attempts")} of ")
            .Of(Target.Of(facts, run.Failed[0]).Name);
        if (why.Length > 0) sentence.Text(" (").Code(why).Text(")");
        sentence.Text(run.Success >= 0 ? " before one succeeded" : ", and none succeeded");
        return new Finding(VerdictKind.RetryLoop, run.Lost, facts.Total, sentence, run.Success >= 0 ? [.. run.Failed, run.Success] : run.Failed);
    }

    /// <param name="Success">The attempt that succeeded at last; −1 when none did.</param>
    private sealed record Run(int[] Failed, int Success, DurationNanos Lost);
}
