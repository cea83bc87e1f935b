// The tree of a trace: who is whose child, what lies on the critical path, what is alike.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.Terminal;

/// <summary>
/// Children, order and critical path of a trace's spans, by index. No recursion: a trace may be as deep as it is long.
/// </summary>
internal sealed class SpanForest
{
    private readonly List<int>[] children;
    private readonly int[] parents;

    public SpanForest(TraceModel trace)
    {
        var spans = trace.Spans;
        Spans = spans;
        parents = CutCycles(spans);
        children = new List<int>[spans.Count];
        for (var index = 0; index < spans.Count; index++)
        {
            if (parents[index] < 0) Tops.Add(index);
            else (children[parents[index]] ??= []).Add(index);
        }
        Tops.Sort(ByStart);
        foreach (var siblings in children) siblings?.Sort(ByStart);
        PreOrder = Walk();
        Sizes = Measure();
        Root = FindRoot();
        Critical = CriticalBySpan(trace);
        PathTime = SumUp();
        IsMainPath = new bool[spans.Count];
        for (var at = MostOnPath(Tops); at >= 0; at = MostOnPath(Children(at))) IsMainPath[at] = true;
    }

    public IReadOnlyList<SpanModel> Spans { get; }

    /// <summary>Spans without a parent in the trace, by start.</summary>
    public List<int> Tops { get; } = [];

    /// <summary>Every span, a parent before its children.</summary>
    public int[] PreOrder { get; }

    /// <summary>Spans in the subtree of each span, itself included.</summary>
    public int[] Sizes { get; }

    /// <summary>Per span its stretches of the critical path, in order of time; null for none.</summary>
    public List<(UnixNanos From, UnixNanos To)>?[] Critical { get; }

    /// <summary>Time on the critical path of each span and all below it.</summary>
    public long[] PathTime { get; }

    /// <summary>The chain from the top that always goes on into the child with the most time on the path.</summary>
    public bool[] IsMainPath { get; }

    /// <summary>The span that names the trace: the first root, or without any the orphan that ends last; −1 in an empty trace.</summary>
    public int Root { get; }

    /// <summary>Indexes of the children of a span, by start.</summary>
    public IReadOnlyList<int> Children(int span) => children[span] ?? (IReadOnlyList<int>)[];

    public bool IsOrphan(int span) => parents[span] < 0 && Spans[span].ParentSpanId.Length > 0 && (Spans[span].Marks & SpanMarks.CycleCut) == 0;

    /// <summary>Equal for spans with the same service, name and error flag, whose children are alike one by one.</summary>
    public int[] Likeness()
    {
        var known = new Dictionary<(string Service, string Name, bool IsError, string Children), int>();
        var likeness = new int[Spans.Count];
        for (var at = PreOrder.Length - 1; at >= 0; at--)
        {
            var index = PreOrder[at];
            var span = Spans[index];
            var below = children[index] is { } list ? string.Join(',', list.Select(child => likeness[child])) : "";
            var key = (span.Service, span.Name, span.IsError, below);
            if (!known.TryGetValue(key, out var number)) known[key] = number = known.Count;
            likeness[index] = number;
        }
        return likeness;
    }

    private int ByStart(int left, int right)
    {
        var byStart = Spans[left].Start.CompareTo(Spans[right].Start);
        return byStart != 0 ? byStart : left.CompareTo(right);
    }

    /// <summary>The parents as given, but −1 where following them would never end: the server cuts cycles already, an older one may not.</summary>
    private static int[] CutCycles(IReadOnlyList<SpanModel> spans)
    {
        var cut = new int[spans.Count];
        var state = new byte[spans.Count];
        for (var index = 0; index < spans.Count; index++) cut[index] = spans[index].Parent;
        for (var index = 0; index < spans.Count; index++)
        {
            var at = index;
            while (at >= 0 && state[at] == 0)
            {
                state[at] = 1;
                if (cut[at] >= 0 && state[cut[at]] == 1) cut[at] = -1;
                at = cut[at];
            }
            for (at = index; at >= 0 && state[at] == 1; at = cut[at]) state[at] = 2;
        }
        return cut;
    }

    private int[] Walk()
    {
        var order = new List<int>(Spans.Count);
        var open = new Stack<int>();
        for (var top = Tops.Count - 1; top >= 0; top--) open.Push(Tops[top]);
        while (open.TryPop(out var index))
        {
            order.Add(index);
            if (children[index] is not { } list) continue;
            for (var child = list.Count - 1; child >= 0; child--) open.Push(list[child]);
        }
        return [.. order];
    }

    private int[] Measure()
    {
        var sizes = new int[Spans.Count];
        for (var at = PreOrder.Length - 1; at >= 0; at--)
        {
            var index = PreOrder[at];
            sizes[index]++;
            if (parents[index] >= 0) sizes[parents[index]] += sizes[index];
        }
        return sizes;
    }

    private static List<(UnixNanos From, UnixNanos To)>?[] CriticalBySpan(TraceModel trace)
    {
        var critical = new List<(UnixNanos From, UnixNanos To)>?[trace.Spans.Count];
        foreach (var segment in trace.Path) (critical[segment.Span] ??= []).Add((segment.From, segment.To));
        return critical;
    }

    private long[] SumUp()
    {
        var sums = new long[Spans.Count];
        for (var at = PreOrder.Length - 1; at >= 0; at--)
        {
            var index = PreOrder[at];
            foreach (var (from, to) in Critical[index] ?? []) sums[index] += (to - from).Value;
            if (parents[index] >= 0) sums[parents[index]] += sums[index];
        }
        return sums;
    }

    /// <summary>−1 when none has any.</summary>
    private int MostOnPath(IReadOnlyList<int> candidates)
    {
        var most = -1;
        foreach (var candidate in candidates)
        {
            if (PathTime[candidate] > (most < 0 ? 0 : PathTime[most])) most = candidate;
        }
        return most;
    }

    private int FindRoot()
    {
        foreach (var top in Tops)
        {
            if (!IsOrphan(top)) return top;
        }
        return EndsLast(Tops);
    }

    private int EndsLast(IReadOnlyList<int> candidates)
    {
        var last = -1;
        foreach (var candidate in candidates)
        {
            if (last < 0 || Spans[candidate].End > Spans[last].End) last = candidate;
        }
        return last;
    }
}
