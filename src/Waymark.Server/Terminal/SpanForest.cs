// The tree of a trace: who is whose child, what lies on the longest branch, what is alike.
using Waymark.Model.Stores;

namespace Waymark.Server.Terminal;

/// <summary>
/// Children, order and longest branch of a trace's spans, by index. No recursion: a trace may be as deep as it is long.
/// <para>The longest branch starts at the root and always goes on into the child that ends last (of two that end together: the longer), down to a span without children.
/// With several roots it starts at the earliest; without any, at the orphan that ends last.</para>
/// </summary>
internal sealed class SpanForest
{
    private readonly List<int>[] children;
    private readonly int[] parents;

    public SpanForest(IReadOnlyList<SpanModel> spans)
    {
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
        OnBranch = new bool[spans.Count];
        Root = FindRoot();
        for (var at = Root; at >= 0; at = EndsLast(Children(at))) OnBranch[at] = true;
    }

    public IReadOnlyList<SpanModel> Spans { get; }

    /// <summary>Spans without a parent in the trace, by start.</summary>
    public List<int> Tops { get; } = [];

    /// <summary>Every span, a parent before its children.</summary>
    public int[] PreOrder { get; }

    /// <summary>Spans in the subtree of each span, itself included.</summary>
    public int[] Sizes { get; }

    public bool[] OnBranch { get; }

    /// <summary>Where the longest branch starts; −1 in an empty trace.</summary>
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
