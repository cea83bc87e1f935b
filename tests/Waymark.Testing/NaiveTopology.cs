// Who is whose parent, and in which order rows stand: the rules of Model's TraceTopology once more, written so that they can be read off.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Testing;

/// <summary>One row of a trace in pre-order. <paramref name="ParentRow"/> and <paramref name="SubtreeEnd"/> count from the trace's first row.</summary>
public sealed record NaiveRow(NaiveSpan Span, int ParentRow, int SubtreeEnd, SpanMarks Marks);

/// <summary>The independent oracle of a trace's structure.</summary>
public static class NaiveTopology
{
    private static readonly Comparer<string> ByUtf8 = Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    /// <summary>Drops spans whose identity was there before; the first arrival stays.</summary>
    public static List<NaiveSpan> Distinct(IEnumerable<NaiveSpan> arrivals) => [.. arrivals.DistinctBy(s => s.Identity)];

    /// <summary>The rows of one trace, from its distinct spans in order of arrival.</summary>
    public static List<NaiveRow> Rows(IReadOnlyList<NaiveSpan> spans)
    {
        var count = spans.Count;
        var parent = new int[count];
        var marks = new SpanMarks[count];
        var byId = Enumerable.Range(0, count).ToLookup(i => spans[i].SpanId);
        for (var i = 0; i < count; i++)
        {
            parent[i] = ParentOf(i, spans, byId);
            if (parent[i] < 0 && !spans[i].ParentSpanId.IsZero) marks[i] |= spans[i].ParentSpanId == spans[i].SpanId ? SpanMarks.CycleCut : SpanMarks.Orphan;
            if (byId[spans[i].SpanId].Count() > 1) marks[i] |= SpanMarks.SharedId;
            if (spans[i].End < spans[i].Start) marks[i] |= SpanMarks.EndsBeforeStart;
        }
        CutCycles(spans, parent, marks);

        // Siblings, and each group of the top level: by (start, span id, kind, service).
        var ordered = Enumerable.Range(0, count).OrderBy(i => spans[i].Start).ThenBy(i => spans[i].SpanId).ThenBy(i => spans[i].Kind).ThenBy(i => spans[i].Service, ByUtf8).ToList();
        var children = ordered.ToLookup(i => parent[i]);
        var top = children[-1].Where(i => spans[i].ParentSpanId.IsZero).Concat(children[-1].Where(i => !spans[i].ParentSpanId.IsZero));

        var order = new List<int>();
        var stack = new Stack<int>(top.Reverse());
        while (stack.TryPop(out var i))
        {
            order.Add(i);
            foreach (var child in children[i].Reverse()) stack.Push(child);
        }

        var rowOf = new int[count];
        for (var row = 0; row < count; row++) rowOf[order[row]] = row;
        var end = new int[count];
        for (var row = count - 1; row >= 0; row--)
        {
            end[row] = Math.Max(end[row], row + 1);
            var up = parent[order[row]];
            if (up >= 0) end[rowOf[up]] = Math.Max(end[rowOf[up]], end[row]);
        }
        return [.. order.Select((i, row) => new NaiveRow(spans[i], parent[i] < 0 ? -1 : rowOf[parent[i]], end[row], marks[i]))];
    }

    /// <summary>Among the other spans with the parent's id, in order (start, kind, service): the last that starts no later than the child, else the first; −1 when there is none.</summary>
    private static int ParentOf(int child, IReadOnlyList<NaiveSpan> spans, ILookup<SpanId, int> byId)
    {
        var id = spans[child].ParentSpanId;
        if (id.IsZero) return -1;
        var candidates = byId[id].Where(i => i != child).OrderBy(i => spans[i].Start).ThenBy(i => spans[i].Kind).ThenBy(i => spans[i].Service, ByUtf8).ToList();
        if (candidates.Count == 0) return -1;
        var before = candidates.FindLastIndex(i => spans[i].Start <= spans[child].Start);
        return candidates[Math.Max(before, 0)];
    }

    /// <summary>Each cycle loses the parent link of its member with the earliest start (then smaller span id, kind, service).</summary>
    private static void CutCycles(IReadOnlyList<NaiveSpan> spans, int[] parent, SpanMarks[] marks)
    {
        var done = new bool[spans.Count];
        for (var i = 0; i < spans.Count; i++)
        {
            var path = new List<int>();
            var onPath = new HashSet<int>();
            var at = i;
            while (at >= 0 && !done[at] && onPath.Add(at))
            {
                path.Add(at);
                at = parent[at];
            }
            if (at >= 0 && !done[at])
            {
                var cycle = path.Skip(path.IndexOf(at));
                var cut = cycle.OrderBy(m => spans[m].Start).ThenBy(m => spans[m].SpanId).ThenBy(m => spans[m].Kind).ThenBy(m => spans[m].Service, ByUtf8).First();
                parent[cut] = -1;
                marks[cut] |= SpanMarks.CycleCut;
            }
            foreach (var member in path) done[member] = true;
        }
    }
}
