// The critical path once more: recursive, quadratic, close to the words of docs/decisions/004-critical-path.md.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Query.Tests.Analysis;

/// <summary>The oracle for <see cref="CriticalPath"/>, on the times of a timeline.</summary>
internal sealed class NaiveCriticalPath(SpanBlock block, TraceTimeline timeline)
{
    private readonly List<PathSegment> segments = [];
    private readonly HashSet<int> opened = [];

    public static List<PathSegment> Of(SpanBlock block, TraceTimeline timeline)
    {
        var naive = new NaiveCriticalPath(block, timeline);
        var roots = naive.All.Where(row => block.ParentSpanIds[row].IsZero).ToList();
        if (roots.Count == 1) naive.Explain(roots[0], naive.Start(roots[0]), naive.End(roots[0]), roots[0]);
        else naive.Explain(-1, naive.All.Min(naive.Start), naive.All.Max(naive.End), -1);
        return naive.segments;
    }

    private IEnumerable<int> All => Enumerable.Range(0, block.Count);

    private long Start(int row) => timeline.Start[row].Value;

    private long End(int row) => timeline.End[row].Value;

    private void Explain(int row, long from, long until, int root)
    {
        var children = opened.Add(row) ? All.Where(child => child != row && IsCandidate(row, child, root)).ToList() : [];
        while (true)
        {
            var running = children.Where(child => Start(child) < until && Math.Min(End(child), until) > Math.Max(Start(child), from)).ToList();
            if (running.Count == 0) break;
            var last = running.OrderByDescending(End).ThenBy(Start).ThenBy(child => child).First();
            children.Remove(last);
            var (childFrom, childUntil) = (Math.Max(Start(last), from), Math.Min(End(last), until));
            Add(row, childUntil, until);
            Explain(last, childFrom, childUntil, root);
            until = childFrom;
        }
        Add(row, from, until);
    }

    private bool IsCandidate(int parent, int child, int root)
    {
        var above = block.ParentRow[child];
        if (parent < 0) return above < 0 || Start(child) < Start(above) || End(child) > End(above);
        if (above < 0) return parent == root && block.Kind[child] != SpanKind.Consumer && Start(child) >= Start(root) && End(child) <= End(root);
        if (above != parent) return false;
        var isElsewhere = block.Resource[parent] != block.Resource[child];
        var (sends, takes) = (block.Kind[parent] == SpanKind.Producer, block.Kind[child] == SpanKind.Consumer);
        if (sends && (takes || isElsewhere)) return false;
        if (takes && isElsewhere) return false;
        if (block.Kind[parent] == SpanKind.Client && block.Kind[child] == SpanKind.Server) return true;
        return End(child) - End(parent) <= Math.Min((End(child) - Start(child)) / 10, 1_000_000) || End(child) <= End(parent);
    }

    /// <summary>In order of time at last: each stretch goes before those found earlier.</summary>
    private void Add(int row, long from, long to)
    {
        if (from >= to) return;
        if (segments.Count > 0 && segments[0].Row == row) segments[0] = segments[0] with { From = new UnixNanos(from) };
        else segments.Insert(0, new PathSegment(row, new UnixNanos(from), new UnixNanos(to)));
    }
}
