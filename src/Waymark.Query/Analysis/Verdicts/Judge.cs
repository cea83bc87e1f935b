// Chooses among the rules and puts the verdict into words.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>
/// The rules by priority. The first that applies counts, with three exceptions, so that the sentence says what helps most:
/// <list type="number">
/// <item>A queue's delay that is most of the trace comes first: the rest of the trace is not where its length comes from.</item>
/// <item>A straggler that has the share of a dominant span comes before that rule: it says more about the same span.</item>
/// <item>A rule further down counts when it explains twice as much time.</item>
/// </list>
/// </summary>
internal static class Judge
{
    /// <summary>The share of the whole trace from which on a queue's delay comes first.</summary>
    private const double MostOfTheTrace = 0.5;

    /// <summary>The share of the path from which on a straggler is named as such, as in <see cref="DominantSpan"/>.</summary>
    private const double Dominant = 0.4;

    public static Verdict Of(TraceFacts facts)
    {
        var failed = facts.Trace.Count == 0 ? -1 : Failure.Origin(facts);
        var survived = facts.Trace.Count == 0 || failed >= 0 ? -1 : Failure.Survived(facts);
        var found = facts.Total.Value == 0 ? null : Choose(facts);
        if (found is null) return Nothing(facts, failed, survived);
        var rows = new List<int>(found.Rows);
        if (failed >= 0) AddFailure(facts, failed, failed == facts.Path.RootRow ? "; the trace fails" : "; the trace fails in ", found.Sentence, rows);
        // A retry loop has told of its own attempts.
        else if (survived >= 0 && !(found.Kind == VerdictKind.RetryLoop && rows.Exists(row => row <= survived && survived < facts.SubtreeEnd(row))))
            AddFailure(facts, survived, "; with an error in ", found.Sentence, rows);
        return Verdict(found.Kind, found.Time, found.Share, found.Sentence, rows);
    }

    private static Finding? Choose(TraceFacts facts)
    {
        var queue = QueueDelay.Find(facts);
        if (queue?.Share >= MostOfTheTrace) return queue;
        var straggler = Straggler.Find(facts);
        var early = straggler?.Share >= Dominant ? straggler : null;
        Finding? chosen = null;
        foreach (var found in (ReadOnlySpan<Finding?>)[RetryLoop.Find(facts), NPlusOne.Find(facts), early, DominantSpan.Find(facts), SerialCalls.Find(facts), Gap.Find(facts)])
        {
            if (found is not null && (chosen is null || found.Time.Value / 2 >= chosen.Time.Value)) chosen = found;
        }
        return chosen ?? queue ?? straggler;
    }

    /// <summary>Says where the failure began; without repeating the names when the sentence ends with them already.</summary>
    private static void AddFailure(TraceFacts facts, int origin, string beginning, Sentence sentence, List<int> rows)
    {
        var message = Failure.Message(facts, origin);
        if (rows.Count == 1 && rows[0] == origin)
        {
            sentence.Text(message.Length > 0 ? ", and fails: " : ", and fails");
        }
        else
        {
            sentence.Text(beginning);
            if (origin != facts.Path.RootRow) sentence.Of(facts.Name(origin));
            if (message.Length > 0) sentence.Text(": ");
            if (!rows.Contains(origin)) rows.Add(origin);
        }
        if (message.Length > 0) sentence.Code(message);
    }

    private static Verdict Nothing(TraceFacts facts, int failed, int survived)
    {
        var sentence = new Sentence();
        var rows = new List<int>();
        if (Math.Max(failed, survived) is >= 0 and var origin)
        {
            sentence.Strong(failed >= 0 ? "Fails" : "Error").Text(" in ").Of(facts.Name(origin));
            var message = Failure.Message(facts, origin);
            if (message.Length > 0) sentence.Text(": ").Code(message);
            sentence.Text(message.AsSpan().TrimEnd().EndsWith('.') ? " " : ". ");
            rows.Add(origin);
        }
        sentence.Text("Nothing stands out");
        var top = Contributors.Of(facts.Block, facts.Trace, facts.Path).FirstOrDefault(contributor => contributor.Kind == ContributorKind.Operation);
        if (facts.Trace.Count == 1) sentence.Text(": the trace is a single span");
        else if (facts.Total.Value == 0) sentence.Text(": the trace takes no time");
        else if (top is not null) AddLargest(facts, top, sentence);
        return Verdict(VerdictKind.Nothing, default, 0, sentence, rows);
    }

    /// <summary>The time that calls have to themselves is not their caller's work.</summary>
    private static void AddLargest(TraceFacts facts, Contributor top, Sentence sentence)
    {
        var isBetweenTwo = facts.ServerOf(top.Row) >= 0;
        sentence.Text(": the largest part, ").Text(Sentence.Percent(top.Time, facts.Total)).Text(isBetweenTwo ? ", passes in calls " : ", is spent in ")
            .Of((top.Service, top.Operation));
        if (isBetweenTwo) sentence.Text(" before and after the service called works");
    }

    private static Verdict Verdict(VerdictKind kind, DurationNanos time, double share, Sentence sentence, List<int> rows)
    {
        rows.Sort();
        return new Verdict(kind, time, share, sentence.Parts, [.. rows.Take(Analysis.Verdict.MaxRows)], rows.Count);
    }
}
