// The walk behind the critical path: backward in time, with a stack of its own, since a trace may be as deep as it is long.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>Computes one <see cref="CriticalPath"/>. Used once. Children are sorted only below spans that lie on the path.</summary>
internal sealed class CriticalPathWalk
{
    private readonly SpanBlock block;
    private readonly TraceSlice trace;
    private readonly TraceTimeline timeline;
    private readonly int root;

    /// <summary>Spans that have been looked into. Without a single root, one may be met again, for an earlier stretch: that stretch is its own, whole.</summary>
    private readonly bool[] isOpened;

    private readonly List<PathSegment> backward = [];
    private readonly Stack<Frame> frames = new();

    /// <summary>Children of the spans on the stack, those of the topmost last.</summary>
    private Candidate[] candidates = new Candidate[16];
    private int candidateCount;

    public CriticalPathWalk(SpanBlock block, TraceSlice trace, TraceTimeline timeline)
    {
        this.block = block;
        this.trace = trace;
        this.timeline = timeline;
        root = CriticalPath.OnlyRoot(block, trace);
        isOpened = new bool[trace.Count];
    }

    public CriticalPath Run()
    {
        var (from, to) = root < 0 ? (timeline.From, timeline.To) : (timeline.Start[root], timeline.End[root]);
        Open(root, from, to);
        while (frames.Count > 0) Step();

        var segments = backward.ToArray();
        Array.Reverse(segments);
        var critical = new DurationNanos[trace.Count];
        foreach (var segment in segments)
        {
            if (segment.Row >= 0) critical[segment.Row] = new DurationNanos(critical[segment.Row].Value + segment.Duration.Value);
        }
        return new CriticalPath(root, from, to, segments, critical);
    }

    private void Step()
    {
        var frame = frames.Pop();
        for (var next = frame.Next; next < frame.End && frame.Until > frame.From; next++)
        {
            var child = candidates[next];
            var from = Math.Max(child.Start, frame.From.Value);
            var to = Math.Min(child.End, frame.Until.Value);
            if (from >= to) continue;
            Emit(frame.Row, new UnixNanos(to), frame.Until);
            frames.Push(frame with { Until = new UnixNanos(from), Next = next + 1 });
            Open(child.Row, new UnixNanos(from), new UnixNanos(to));
            return;
        }
        Emit(frame.Row, frame.From, frame.Until);
        candidateCount = frame.First;
    }

    private void Open(int row, UnixNanos from, UnixNanos until)
    {
        var first = candidateCount;
        if (row < 0) AddAllThatStickOut();
        else if (!isOpened[row]) AddChildren(row);
        if (row >= 0) isOpened[row] = true;
        candidates.AsSpan(first, candidateCount - first).Sort();
        frames.Push(new Frame(row, from, until, first, first, candidateCount));
    }

    private void AddChildren(int row)
    {
        var end = block.SubtreeEnd[trace.FirstRow + row] - trace.FirstRow;
        for (var child = row + 1; child < end; child = block.SubtreeEnd[trace.FirstRow + child] - trace.FirstRow)
        {
            if (CriticalPath.WaitedFor(block, trace, timeline, row, child)) Add(child);
        }
        if (row != root) return;
        for (var top = end; top < trace.Count; top = block.SubtreeEnd[trace.FirstRow + top] - trace.FirstRow)
        {
            if (CriticalPath.IsAdopted(block, trace, timeline, root, top)) Add(top);
        }
    }

    /// <summary>Without a single root: spans without a parent, and those that do not lie within their parent. So any time that a span covers is covered by one of these.</summary>
    private void AddAllThatStickOut()
    {
        for (var row = 0; row < trace.Count; row++)
        {
            var parent = block.ParentRow[trace.FirstRow + row] - trace.FirstRow;
            if (parent < 0 || timeline.Start[row] < timeline.Start[parent] || timeline.End[row] > timeline.End[parent]) Add(row);
        }
    }

    private void Add(int row)
    {
        if (timeline.End[row] <= timeline.Start[row]) return;
        if (candidateCount == candidates.Length) Array.Resize(ref candidates, candidateCount * 2);
        candidates[candidateCount++] = new Candidate(timeline.End[row].Value, timeline.Start[row].Value, row);
    }

    private void Emit(int row, UnixNanos from, UnixNanos to)
    {
        if (from >= to) return;
        if (backward.Count > 0 && backward[^1].Row == row) backward[^1] = backward[^1] with { From = from };
        else backward.Add(new PathSegment(row, from, to));
    }

    /// <summary>A span being looked into: what lies in [From, Until) of it is still to be explained, by its candidates from Next on.</summary>
    private readonly record struct Frame(int Row, UnixNanos From, UnixNanos Until, int First, int Next, int End);

    /// <summary>Sorts by latest end, earliest start, first row.</summary>
    private readonly record struct Candidate(long End, long Start, int Row) : IComparable<Candidate>
    {
        public int CompareTo(Candidate other)
        {
            if (End != other.End) return End > other.End ? -1 : 1;
            if (Start != other.Start) return Start < other.Start ? -1 : 1;
            return Row.CompareTo(other.Row);
        }
    }
}
