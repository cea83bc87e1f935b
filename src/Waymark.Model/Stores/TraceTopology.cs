// The shape of one trace: which span is whose child, in what order the rows stand. One function for every store, at seal and on read.
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>
/// Orders the spans of one trace. A reusable workspace: not thread-safe, grows to the largest trace it has seen.
/// <list type="bullet">
/// <item>Identity: of spans equal in (span id, kind, service, start) the first to arrive is kept, the others are left out.</item>
/// <item>Parent: among the other spans with the wanted id, in order (start, kind, service), the last that starts no later than the child, else the first. None: an orphan.</item>
/// <item>A span that names itself as its parent is a cycle of one.</item>
/// <item>Cycles are cut at the member with the earliest start (then smaller span id, kind, service).</item>
/// <item>Rows: pre-order; siblings by (start, span id, kind, service); at the top, spans that name no parent come before orphans and cut ones.</item>
/// </list>
/// Services are in the order of their names' bytes. So the shape depends on nothing but the identities and their parents: pieces of a trace give the same whole however they came to be stored.
/// </summary>
public sealed class TraceTopology
{
    private ulong[] sortedIds = [];
    private long[] sortedStarts = [];
    private int[] byId = [];
    private int[] parent = [];
    private int[] groupOf = [];
    private int[] groupEnd = [];
    private bool[] kept = [];
    private byte[] colour = [];
    private SpanMarks[] marks = [];
    private int[] firstChild = [];
    private int[] nextSibling = [];
    private int[] sorted = [];
    private int tops;
    private SortKey[] keys = [];
    private int[] rowOf = [];
    private int[] order = [];
    private int[] parentRow = [];
    private int[] subtreeEnd = [];
    private int[] stack = [];
    private SpanMarks[] rowMarks = [];

    /// <summary>Spans kept: the length of every result.</summary>
    public int Count { get; private set; }

    /// <summary>Spans left out because their identity was there already.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Index into the input per row.</summary>
    public ReadOnlySpan<int> Order => order.AsSpan(0, Count);

    /// <summary>Row of the parent, −1 at the top.</summary>
    public ReadOnlySpan<int> ParentRow => parentRow.AsSpan(0, Count);

    /// <summary>Row after the last descendant.</summary>
    public ReadOnlySpan<int> SubtreeEnd => subtreeEnd.AsSpan(0, Count);

    /// <summary>Orphan, cycle and shared-id marks per row.</summary>
    public ReadOnlySpan<SpanMarks> Marks => rowMarks.AsSpan(0, Count);

    /// <summary>Computes the order of spans given in the order of their arrival. Time O(n log n), no recursion.</summary>
    /// <param name="services">Any number that is equal for spans of one service.</param>
    /// <param name="byServiceName">Compares two of those numbers by the names' UTF-8 bytes. Asked only about spans that are equal in id, kind and start.</param>
    public void Build(
        ReadOnlySpan<SpanId> ids, ReadOnlySpan<SpanId> parents, ReadOnlySpan<UnixNanos> starts, ReadOnlySpan<SpanKind> kinds, ReadOnlySpan<int> services, IComparer<int> byServiceName)
    {
        var n = ids.Length;
        Reserve(n);
        var input = new Input(ids, parents, starts, kinds, services, byServiceName);
        GroupById(input);
        MarkDuplicates(input);
        FindParents(input);
        CutCycles(input);
        LinkChildren(input);
        Emit(n);
    }

    private void Reserve(int n)
    {
        if (byId.Length >= n) return;
        // Exactly, the first time: a reader of one trace needs no more. A second growth is the sign of many traces to come.
        var size = byId.Length == 0 ? n : (int)Math.Min(Array.MaxLength, Math.Max(64, n * 2L));
        sortedIds = new ulong[size];
        sortedStarts = new long[size];
        byId = new int[size];
        parent = new int[size];
        groupOf = new int[size];
        groupEnd = new int[size];
        kept = new bool[size];
        colour = new byte[size];
        marks = new SpanMarks[size];
        firstChild = new int[size];
        nextSibling = new int[size];
        sorted = new int[size];
        rowOf = new int[size];
        order = new int[size];
        parentRow = new int[size];
        subtreeEnd = new int[size];
        stack = new int[size];
        rowMarks = new SpanMarks[size];
    }

    /// <summary>Sorts indexes by (id, start, kind, service, arrival).</summary>
    private void GroupById(in Input input)
    {
        var n = input.Ids.Length;
        for (var i = 0; i < n; i++)
        {
            sortedIds[i] = input.Ids[i].Value;
            byId[i] = i;
            kept[i] = true;
            marks[i] = SpanMarks.None;
        }
        Array.Sort(sortedIds, byId, 0, n);
        for (var first = 0; first < n;)
        {
            var end = first + 1;
            while (end < n && sortedIds[end] == sortedIds[first]) end++;
            if (end - first > 1) SortIndexes(input, byId.AsSpan(first, end - first), sameId: true);
            for (var k = first; k < end; k++) groupOf[k] = first;
            groupEnd[first] = end;
            first = end;
        }
    }

    private void MarkDuplicates(in Input input)
    {
        var n = input.Ids.Length;
        Duplicates = 0;
        for (var first = 0; first < n;)
        {
            var end = groupEnd[first];
            if (end - first > 1) groupEnd[first] = first + MarkDuplicates(input, byId.AsSpan(first, end - first));
            first = end;
        }
        Count = n - Duplicates;
    }

    /// <summary>Moves the kept spans of a group of equal ids to its front, order unchanged, and returns their number.</summary>
    private int MarkDuplicates(in Input input, Span<int> group)
    {
        var distinct = 0;
        foreach (var i in group)
        {
            // Equal ones stand side by side, the first to arrive in front.
            if (distinct > 0 && CompareContent(input, group[distinct - 1], i) == 0)
            {
                kept[i] = false;
                Duplicates++;
                continue;
            }
            group[distinct++] = i;
        }
        if (distinct > 1)
        {
            foreach (var i in group[..distinct]) marks[i] |= SpanMarks.SharedId;
        }
        return distinct;
    }

    private void FindParents(in Input input)
    {
        var n = input.Ids.Length;
        for (var i = 0; i < n; i++)
        {
            parent[i] = -1;
            if (!kept[i] || input.Parents[i].IsZero) continue;
            parent[i] = FindParent(input, i);
            // A span that names itself is a cycle of one.
            if (parent[i] < 0) marks[i] |= input.Parents[i] == input.Ids[i] ? SpanMarks.CycleCut : SpanMarks.Orphan;
        }
    }

    private int FindParent(in Input input, int child)
    {
        var n = input.Ids.Length;
        var at = Array.BinarySearch(sortedIds, 0, n, input.Parents[child].Value);
        if (at < 0) return -1;
        var first = groupOf[at];
        // The last candidate that starts no later than the child: binary search, as one id may be shared by very many spans.
        var low = first;
        var high = groupEnd[first];
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (input.Starts[byId[middle]] <= input.Starts[child]) low = middle + 1;
            else high = middle;
        }
        for (var k = low - 1; k >= first; k--)
        {
            if (byId[k] != child) return byId[k];
        }
        for (var k = low; k < groupEnd[first]; k++)
        {
            if (byId[k] != child) return byId[k];
        }
        return -1;
    }

    private void CutCycles(in Input input)
    {
        const byte unseen = 0, onPath = 1, done = 2;
        var n = input.Ids.Length;
        Array.Clear(colour, 0, n);
        for (var i = 0; i < n; i++)
        {
            if (!kept[i] || colour[i] != unseen) continue;
            var at = i;
            while (at >= 0 && colour[at] == unseen)
            {
                colour[at] = onPath;
                at = parent[at];
            }
            if (at >= 0 && colour[at] == onPath) CutCycle(input, at);
            for (at = i; at >= 0 && colour[at] == onPath; at = parent[at]) colour[at] = done;
        }
    }

    private void CutCycle(in Input input, int member)
    {
        var earliest = member;
        for (var at = parent[member]; at != member; at = parent[at])
        {
            if (Compare(input, at, earliest) < 0) earliest = at;
        }
        // The path walk above stops at the cut, so colour the whole cycle here.
        for (var at = parent[member]; at != member; at = parent[at]) colour[at] = 2;
        colour[member] = 2;
        parent[earliest] = -1;
        marks[earliest] |= SpanMarks.CycleCut;
    }

    private void LinkChildren(in Input input)
    {
        var n = input.Ids.Length;
        var count = 0;
        for (var i = 0; i < n; i++)
        {
            firstChild[i] = -1;
            nextSibling[i] = -1;
            if (kept[i]) sorted[count++] = i;
        }
        SortByStart(input, sorted.AsSpan(0, count));
        // Linking from the last to the first leaves every list in ascending order.
        for (var k = count - 1; k >= 0; k--)
        {
            var i = sorted[k];
            if (parent[i] < 0) continue;
            nextSibling[i] = firstChild[parent[i]];
            firstChild[parent[i]] = i;
        }
        // Tops that name no parent first.
        var top = 0;
        for (var k = 0; k < count; k++)
        {
            if (parent[sorted[k]] < 0 && input.Parents[sorted[k]].IsZero) stack[top++] = sorted[k];
        }
        for (var k = 0; k < count; k++)
        {
            if (parent[sorted[k]] < 0 && !input.Parents[sorted[k]].IsZero) stack[top++] = sorted[k];
        }
        stack.AsSpan(0, top).Reverse();
        tops = top;
    }

    private void Emit(int n)
    {
        var depth = tops;
        var row = 0;
        while (depth > 0)
        {
            var i = stack[--depth];
            // A visited span gives way to its next sibling before its children are pushed, so the stack never holds more than one entry per level.
            if (parent[i] >= 0 && nextSibling[i] >= 0) stack[depth++] = nextSibling[i];
            order[row] = i;
            rowOf[i] = row;
            parentRow[row] = parent[i] < 0 ? -1 : rowOf[parent[i]];
            subtreeEnd[row] = row + 1;
            rowMarks[row] = marks[i];
            row++;
            if (firstChild[i] >= 0) stack[depth++] = firstChild[i];
        }
        System.Diagnostics.Debug.Assert(row == Count && row <= n, "Every kept span has exactly one row.");
        for (var r = row - 1; r >= 0; r--)
        {
            if (parentRow[r] >= 0 && subtreeEnd[parentRow[r]] < subtreeEnd[r]) subtreeEnd[parentRow[r]] = subtreeEnd[r];
        }
    }

    /// <summary>Sorts by (start, span id, kind, service, arrival). Plain numbers sort several times faster than what a comparer must be asked about, and few spans start at one nanosecond.</summary>
    private void SortByStart(in Input input, Span<int> indexes)
    {
        var starts = sortedStarts.AsSpan(0, indexes.Length);
        for (var k = 0; k < indexes.Length; k++) starts[k] = input.Starts[indexes[k]].Value;
        starts.Sort(indexes);
        for (var first = 0; first < indexes.Length;)
        {
            var end = first + 1;
            while (end < indexes.Length && starts[end] == starts[first]) end++;
            if (end - first > 1) SortIndexes(input, indexes[first..end], sameId: false);
            first = end;
        }
    }

    private static int Compare(in Input input, int a, int b)
    {
        var content = CompareContent(input, a, b);
        return content != 0 ? content : a.CompareTo(b);
    }

    /// <summary>By (start, span id, kind, service): 0 for spans of one identity.</summary>
    private static int CompareContent(in Input input, int a, int b)
    {
        var start = input.Starts[a].Value.CompareTo(input.Starts[b].Value);
        if (start != 0) return start;
        var id = input.Ids[a].Value.CompareTo(input.Ids[b].Value);
        if (id != 0) return id;
        var kind = input.Kinds[a].CompareTo(input.Kinds[b]);
        if (kind != 0) return kind;
        return input.Services[a] == input.Services[b] ? 0 : input.ByServiceName.Compare(input.Services[a], input.Services[b]);
    }

    /// <summary>Sorts by (start, span id, kind, service, arrival); with equal ids that is (start, kind, service, arrival).</summary>
    private void SortIndexes(in Input input, Span<int> indexes, bool sameId)
    {
        if (indexes.Length <= 16)
        {
            for (var k = 1; k < indexes.Length; k++)
            {
                var value = indexes[k];
                var j = k - 1;
                while (j >= 0 && Compare(input, indexes[j], value) > 0)
                {
                    indexes[j + 1] = indexes[j];
                    j--;
                }
                indexes[j + 1] = value;
            }
            return;
        }
        if (keys.Length < indexes.Length) keys = new SortKey[Math.Max(indexes.Length, byId.Length)];
        for (var k = 0; k < indexes.Length; k++)
        {
            var i = indexes[k];
            keys[k] = new SortKey(input.Starts[i].Value, sameId ? 0 : input.Ids[i].Value, (byte)input.Kinds[i], input.Services[i], i);
        }
        var span = keys.AsSpan(0, indexes.Length);
        var byServiceName = input.ByServiceName;
        span.Sort((a, b) =>
        {
            var start = a.Start.CompareTo(b.Start);
            if (start != 0) return start;
            var id = a.Id.CompareTo(b.Id);
            if (id != 0) return id;
            var kind = a.Kind.CompareTo(b.Kind);
            if (kind != 0) return kind;
            var service = a.Service == b.Service ? 0 : byServiceName.Compare(a.Service, b.Service);
            return service != 0 ? service : a.Index.CompareTo(b.Index);
        });
        for (var k = 0; k < indexes.Length; k++) indexes[k] = span[k].Index;
    }

    private readonly record struct SortKey(long Start, ulong Id, byte Kind, int Service, int Index);

    private readonly ref struct Input(
        ReadOnlySpan<SpanId> ids, ReadOnlySpan<SpanId> parents, ReadOnlySpan<UnixNanos> starts, ReadOnlySpan<SpanKind> kinds, ReadOnlySpan<int> services, IComparer<int> byServiceName)
    {
        public readonly ReadOnlySpan<SpanId> Ids = ids;
        public readonly ReadOnlySpan<SpanId> Parents = parents;
        public readonly ReadOnlySpan<UnixNanos> Starts = starts;
        public readonly ReadOnlySpan<SpanKind> Kinds = kinds;
        public readonly ReadOnlySpan<int> Services = services;
        public readonly IComparer<int> ByServiceName = byServiceName;
    }
}
