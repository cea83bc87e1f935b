// Rule: one span takes much of the time, and nothing below it says more.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>
/// A span that has 40 % of the critical path to itself, and either has no children or is the caller's side of a call. A parent with such a share is a <see cref="Gap"/>;
/// the root on its own is nothing to point at.
/// </summary>
internal static class DominantSpan
{
    private const double MinShare = 0.4;

    public static Finding? Find(TraceFacts facts)
    {
        var most = -1;
        for (var row = 0; row < facts.Trace.Count; row++)
        {
            if (!facts.IsAtLeast(facts.Path.Critical[row], MinShare)) continue;
            if (facts.IsLeaf(row) ? row == facts.Path.RootRow : facts.Kind(row) is not (SpanKind.Client or SpanKind.Producer)) continue;
            if (most < 0 || facts.Path.Critical[row] > facts.Path.Critical[most]) most = row;
        }
        if (most < 0) return null;
        var time = facts.Path.Critical[most];
        var sentence = new Sentence().Share(time, facts.Total);
        var server = facts.ServerOf(most);
        if (server >= 0) BetweenTwo(facts, most, server, sentence);
        else Alone(facts, most, sentence);
        return new Finding(VerdictKind.DominantSpan, time, facts.Total, sentence, server >= 0 ? [most, server] : [most]);
    }

    /// <summary>The request was under way, or the server had not begun to handle it: both sides have spans, and the time is neither's work.</summary>
    private static void BetweenTwo(TraceFacts facts, int client, int server, Sentence sentence) => sentence
        .Text(" passes between ").Service(facts.Service(client)).Text(" and ").Of(facts.Name(server))
        .Text(": on the network, waiting for a connection, or before the server took it up (the server itself needs ")
        .Text(DurationText.Format(facts.Timeline.Duration(server))).Text(")");

    private static void Alone(TraceFacts facts, int row, Sentence sentence)
    {
        var target = Target.Of(facts, row);
        if (target.IsPeer) sentence.Text(" waits for ").Of(target.Name).Text(", called by ").Service(facts.Service(row));
        else if (facts.Kind(row) is SpanKind.Client) sentence.Text(" waits for the answer to ").Operation(target.Name.Operation).Text(", called by ").Service(target.Name.Service);
        else if (target.IsElsewhere && facts.Path.RootRow >= 0) sentence.Text(" waits for ").Of(target.Name);
        else sentence.Text(" is spent in ").Of(target.Name);
        if (facts.IsError(row) && Failure.IsTimeout(Failure.Message(facts, row))) sentence.Text(", until it times out");
    }
}
