// What the rules of a verdict look at: a trace, its path, and answers to the questions they share.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>A trace under judgement. Rows count from the trace's first. Not thread-safe.</summary>
internal sealed class TraceFacts
{
    /// <summary>Names for what is called, best first: a name someone chose, the kind of system, an address.</summary>
    public static readonly string[] PeerKeys = ["peer.service", "db.system.name", "db.system", "messaging.system", "server.address", "net.peer.name"];

    private readonly long[] criticalBefore;
    private List<LikeSiblings>? siblings;

    public TraceFacts(SpanBlock block, TraceSlice trace, TraceTimeline timeline, CriticalPath path)
    {
        (Block, Trace, Timeline, Path) = (block, trace, timeline, path);
        criticalBefore = new long[trace.Count + 1];
        for (var row = 0; row < trace.Count; row++) criticalBefore[row + 1] = criticalBefore[row] + path.Critical[row].Value;
    }

    public SpanBlock Block { get; }
    public TraceSlice Trace { get; }
    public TraceTimeline Timeline { get; }
    public CriticalPath Path { get; }

    /// <summary>Duration of the critical path.</summary>
    public DurationNanos Total => Path.Duration;

    /// <summary>Siblings alike under parents that matter.</summary>
    public IReadOnlyList<LikeSiblings> Siblings => siblings ??= LikeSiblings.Of(this);

    /// <summary>Time on the path of a span and all below it.</summary>
    public DurationNanos Below(int row) => new(criticalBefore[SubtreeEnd(row)] - criticalBefore[row]);

    public bool IsAtLeast(DurationNanos time, double share) => Total.Value > 0 && time.Value >= share * Total.Value;

    public SpanKind Kind(int row) => Block.Kind[Trace.FirstRow + row];

    public bool IsError(int row) => Block.Status[Trace.FirstRow + row] == StatusCode.Error;

    public int SubtreeEnd(int row) => Block.SubtreeEnd[Trace.FirstRow + row] - Trace.FirstRow;

    public bool IsLeaf(int row) => SubtreeEnd(row) == row + 1;

    /// <summary>It may have two children or more; of the root, adopted ones count. Asked first, so that a chain of a hundred thousand spans costs no hundred thousand look-ups.</summary>
    public bool MayHaveSeveralChildren(int row) => row == Path.RootRow || (!IsLeaf(row) && SubtreeEnd(row + 1) < SubtreeEnd(row));

    public string Service(int row) => Block.Texts.String(Block.Service(Trace.FirstRow + row));

    public string Operation(int row) => Block.Texts.String(Block.Name[Trace.FirstRow + row]);

    public (string Service, string Operation) Name(int row) => (Service(row), Operation(row));

    /// <summary>The span belongs to the service that the trace as a whole is about: the root's.</summary>
    public bool IsHome(int row) => Path.RootRow >= 0 && Calls.IsSameService(Block, Trace.FirstRow + Path.RootRow, Trace.FirstRow + row);

    /// <summary>Children of a row; of the root, the adopted ones too; of −1, the spans without a parent in the trace.</summary>
    public IEnumerable<int> Children(int row)
    {
        var end = row < 0 ? 0 : SubtreeEnd(row);
        for (var child = row + 1; row >= 0 && child < end; child = SubtreeEnd(child)) yield return child;
        if (row != Path.RootRow) yield break;
        for (var top = end; top < Trace.Count; top = SubtreeEnd(top))
        {
            if (row < 0 || CriticalPath.IsAdopted(Block, Trace, Timeline, row, top)) yield return top;
        }
    }

    /// <summary>The span that a client's request arrived as; −1 when it left none.</summary>
    public int ServerOf(int row)
    {
        if (Kind(row) != SpanKind.Client) return -1;
        var end = SubtreeEnd(row);
        for (var child = row + 1; child < end; child = SubtreeEnd(child))
        {
            if (Kind(child) == SpanKind.Server) return child;
        }
        return -1;
    }

    /// <summary>Name of what a client or producer talks to, from its attributes; "" when it is neither or they don't say.</summary>
    public string Peer(int row)
    {
        if (Kind(row) is not (SpanKind.Client or SpanKind.Producer)) return "";
        foreach (var key in PeerKeys)
        {
            if (Attribute(row, key) is { Length: > 0 } peer) return peer;
        }
        return "";
    }

    /// <summary>An attribute of a span as text; "" when it is not there, neither text nor a whole number, or attributes were not loaded.</summary>
    public string Attribute(int row, string key) => Find(Block.Attributes.Of(Trace.FirstRow + row), key);

    /// <summary>The first value of an attribute among the span's events; "" as above.</summary>
    public string EventAttribute(int row, string key)
    {
        var (first, end) = Block.Events.Of(Trace.FirstRow + row);
        for (var at = first; at < end; at++)
        {
            if (Find(Block.Events.Attributes.Of(at), key) is { Length: > 0 } value) return value;
        }
        return "";
    }

    /// <summary>Time on the path within [from, to) that is a parent's own, or belongs to some of its children and those below them.</summary>
    /// <param name="children">Ascending.</param>
    public DurationNanos PathWithin(int parent, ReadOnlySpan<int> children, UnixNanos from, UnixNanos to)
    {
        var sum = 0L;
        foreach (var segment in Path.Segments)
        {
            if (segment.To <= from || segment.From >= to || (segment.Row != parent && !IsBelow(segment.Row, children))) continue;
            sum += Math.Min(segment.To.Value, to.Value) - Math.Max(segment.From.Value, from.Value);
        }
        return new DurationNanos(sum);
    }

    private bool IsBelow(int row, ReadOnlySpan<int> ascending)
    {
        var at = ascending.BinarySearch(row);
        if (at < 0) at = ~at - 1;
        return at >= 0 && row < SubtreeEnd(ascending[at]);
    }

    private string Find(ReadOnlySpan<AttributeEntry> entries, string key)
    {
        foreach (var entry in entries)
        {
            if (Block.Texts.String(entry.Key) != key) continue;
            if (entry.Type == AttributeType.Text) return Block.Texts.String(entry.Content);
            if (entry.Type == AttributeType.Int) return entry.Number.ToString(CultureInfo.InvariantCulture);
        }
        return "";
    }
}
