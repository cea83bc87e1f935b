// Rule: calls made one after another that need not wait for each other.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>
/// Three calls or more by one span, none overlapping, that take 30 % of the critical path, of which 20 % would be saved side by side. Spans don't tell whether one call
/// needs another's result; taken for independent are calls alike (a loop), and calls that only read (GET, HEAD, SELECT). Steps that change something follow each other for a reason.
/// </summary>
internal static class SerialCalls
{
    private const int MinCalls = 3;
    private const double MinShare = 0.3;
    private const double MinSaving = 0.2;

    /// <summary>A call below this share adds nothing but words.</summary>
    private const double MinCallShare = 0.03;

    /// <summary>Calls named in the sentence.</summary>
    private const int MaxNamed = 4;

    private static readonly string[] Reads = ["GET", "HEAD", "SELECT"];

    public static Finding? Find(TraceFacts facts)
    {
        Finding? most = null;
        foreach (var group in facts.Siblings)
        {
            if (group.IsSequential && IsCall(facts, group.Parent, group.Rows[0])) Consider(group.Rows, isAlike: true);
        }
        if (facts.Path.RootRow < 0) Consider(ReadsBelow(facts, -1), isAlike: false);
        for (var row = 0; row < facts.Trace.Count; row++)
        {
            if (facts.MayHaveSeveralChildren(row) && (row == facts.Path.RootRow || facts.IsAtLeast(facts.Below(row), MinShare))) Consider(ReadsBelow(facts, row), isAlike: false);
        }
        return most;

        void Consider(IReadOnlyList<int> calls, bool isAlike)
        {
            if (Judge(facts, calls, isAlike) is { } found && (most is null || found.Time > most.Time)) most = found;
        }
    }

    private static bool IsCall(TraceFacts facts, int parent, int row) =>
        facts.Kind(row) == SpanKind.Client || (parent >= 0 && !Calls.IsSameService(facts.Block, facts.Trace.FirstRow + parent, facts.Trace.FirstRow + row));

    /// <summary>Reading calls of a span that follow each other, in order of start.</summary>
    private static List<int> ReadsBelow(TraceFacts facts, int parent)
    {
        var reads = facts.Children(parent).Where(child => facts.IsAtLeast(facts.Below(child), MinCallShare) && IsCall(facts, parent, child) && IsRead(facts, child))
            .OrderBy(child => facts.Timeline.Start[child]).ToList();
        var until = default(UnixNanos);
        reads.RemoveAll(row =>
        {
            if (facts.Timeline.Start[row] < until) return true;
            until = facts.Timeline.End[row];
            return false;
        });
        return reads;
    }

    private static bool IsRead(TraceFacts facts, int row)
    {
        var name = facts.Operation(row);
        return Array.Exists(Reads, read => name.StartsWith(read, StringComparison.OrdinalIgnoreCase) && (name.Length == read.Length || name[read.Length] == ' '));
    }

    private static Finding? Judge(TraceFacts facts, IReadOnlyList<int> rows, bool isAlike)
    {
        if (rows.Count < MinCalls) return null;
        var (time, longest) = (0L, 0L);
        foreach (var row in rows)
        {
            var below = facts.Below(row).Value;
            time += below;
            longest = Math.Max(longest, below);
        }
        if (!facts.IsAtLeast(new DurationNanos(time), MinShare) || !facts.IsAtLeast(new DurationNanos(time - longest), MinSaving)) return null;
        var sentence = new Sentence().Share(new DurationNanos(time), facts.Total).Text($" goes into {Sentence.Count(rows.Count)} calls one after another: ");
        if (isAlike) sentence.Of(Target.Of(facts, rows[0]).Name);
        for (var at = 0; !isAlike && at < Math.Min(rows.Count, MaxNamed); at++)
        {
            if (at > 0) sentence.Text(", ");
            sentence.Of(Target.Of(facts, rows[at]).Name);
        }
        if (!isAlike && rows.Count > MaxNamed) sentence.Text(" …");
        sentence.Text($"; side by side they could take {DurationText.Format(new DurationNanos(longest))}, if none needs another's result");
        return new Finding(VerdictKind.SerialCalls, new DurationNanos(time), facts.Total, sentence, rows);
    }
}
