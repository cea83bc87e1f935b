// Children of one span that do the same: what loops, retries and fan-outs look like.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>
/// Two or more siblings alike: same service, operation and kind, and for calls the same callee. (HTTP clients name their spans "GET", whoever they talk to.)
/// </summary>
/// <param name="Parent">Their parent's row; −1 for spans that miss the same parent.</param>
/// <param name="Rows">In order of corrected start.</param>
/// <param name="Time">Theirs on the critical path, with all below them.</param>
internal sealed record LikeSiblings(int Parent, int[] Rows, DurationNanos Time)
{
    /// <summary>Parents that account for less of the path can hold nothing of interest: the smallest share any rule asks for.</summary>
    private const double MinParentShare = 0.2;

    /// <summary>Those that start when all before them have ended.</summary>
    public int Sequential { get; private init; }

    /// <summary>At least four of five run one after another.</summary>
    public bool IsSequential => Sequential * 5L >= Rows.Length * 4L;

    /// <summary>Most start while another one runs.</summary>
    public bool IsParallel => Sequential * 2L <= Rows.Length;

    public static List<LikeSiblings> Of(TraceFacts facts)
    {
        var all = new List<LikeSiblings>();
        if (facts.Path.RootRow < 0) Collect(facts, -1, all);
        for (var row = 0; row < facts.Trace.Count; row++)
        {
            if (facts.MayHaveSeveralChildren(row) && (row == facts.Path.RootRow || facts.IsAtLeast(facts.Below(row), MinParentShare))) Collect(facts, row, all);
        }
        return all;
    }

    private static void Collect(TraceFacts facts, int parent, List<LikeSiblings> all)
    {
        var groups = new Dictionary<Likeness, List<int>>();
        foreach (var child in facts.Children(parent))
        {
            if (parent < 0 && facts.Block.ParentSpanIds[facts.Trace.FirstRow + child].IsZero) continue;
            var key = LikenessOf(facts, child);
            if (groups.TryGetValue(key, out var group)) group.Add(child);
            else groups[key] = [child];
        }
        foreach (var group in groups.Values)
        {
            if (group.Count > 1) all.Add(From(facts, parent, [.. group]));
        }
    }

    private static LikeSiblings From(TraceFacts facts, int parent, int[] rows)
    {
        Array.Sort(rows, (a, b) => facts.Timeline.Start[a] != facts.Timeline.Start[b] ? facts.Timeline.Start[a].CompareTo(facts.Timeline.Start[b]) : a.CompareTo(b));
        var (time, sequential, until) = (0L, 0, default(UnixNanos));
        foreach (var row in rows)
        {
            time += facts.Below(row).Value;
            if (facts.Timeline.Start[row] >= until) sequential++;
            if (facts.Timeline.End[row] > until) until = facts.Timeline.End[row];
        }
        return new LikeSiblings(parent, rows, new DurationNanos(time)) { Sequential = sequential };
    }

    private static Likeness LikenessOf(TraceFacts facts, int row)
    {
        var server = facts.ServerOf(row);
        var callee = server >= 0 ? facts.Name(server) : (facts.Peer(row), "");
        return new Likeness(facts.Service(row), facts.Operation(row), facts.Kind(row), callee, facts.Block.ParentSpanIds[facts.Trace.FirstRow + row]);
    }

    /// <param name="Parent">Tells apart adopted spans that miss different parents.</param>
    private readonly record struct Likeness(string Service, string Operation, SpanKind Kind, (string Service, string Operation) Callee, SpanId Parent);
}
