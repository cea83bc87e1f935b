// The columns of one trace while its shape is worked out: at seal, and again when a trace is read.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Storage.Sealing;

/// <summary>Input arrays for <see cref="TraceTopology"/>, reused from trace to trace.</summary>
internal sealed class TraceScratch
{
    private SpanId[] ids = [];
    private SpanId[] parents = [];
    private UnixNanos[] starts = [];
    private SpanKind[] kinds = [];
    private int[] serviceCodes = [];

    public RowRef[] Rows { get; private set; } = [];

    public void Reserve(int count)
    {
        if (ids.Length >= count) return;
        var size = ids.Length == 0 ? count : Math.Max(64, count * 2);
        ids = new SpanId[size];
        parents = new SpanId[size];
        starts = new UnixNanos[size];
        kinds = new SpanKind[size];
        serviceCodes = new int[size];
        Rows = new RowRef[size];
    }

    public void Set(int index, SpanId id, SpanId parent, UnixNanos start, SpanKind kind, int service)
    {
        ids[index] = id;
        parents[index] = parent;
        starts[index] = start;
        kinds[index] = kind;
        serviceCodes[index] = service;
    }

    /// <param name="byServiceName">As in <see cref="TraceTopology.Build"/>.</param>
    public void Build(TraceTopology topology, int count, IComparer<int> byServiceName) =>
        topology.Build(ids.AsSpan(0, count), parents.AsSpan(0, count), starts.AsSpan(0, count), kinds.AsSpan(0, count), serviceCodes.AsSpan(0, count), byServiceName);
}
