// One lane's spans in memory: the second of the three shapes of a span (wire bytes, head, segment).
using Waymark.Model.Spans;

namespace Waymark.Storage.Head;

/// <summary>
/// Spans of one lane since its last seal: fixed rows, attribute slots in shape order, dictionaries per column, and a trace map.
/// <para>One writer at a time (the lane's lock). Readers hold a reference (<see cref="TryAcquire"/>) and look only at rows below <see cref="Visible"/>, less the dead ones.
/// Memory is freed when the last reference goes.</para>
/// </summary>
internal sealed class SpanHead : IDisposable
{
    private readonly List<HeadBatch> batches = [];
    private readonly Lock batchLock = new();
    private References references;
    private int visible;
    private HeadBatch[] dead = [];

    public SpanHead()
    {
        Shapes = new ShapeTable(Columns);
        Traces = new TraceMap(Spans);
    }

    public ChunkedColumn<HeadSpan> Spans { get; } = new(1024);
    public ChunkedColumn<HeadEvent> Events { get; } = new(256);
    public ChunkedColumn<HeadLink> Links { get; } = new(256);

    /// <summary>Attribute values of all elements, each element's side by side.</summary>
    public ChunkedColumn<int> Slots { get; } = new(16 * 1024);

    public AttributeColumns Columns { get; } = new();
    public ShapeTable Shapes { get; }
    public TextDictionary Names { get; } = new();
    public TextDictionary EventNames { get; } = new();
    public TextDictionary StatusMessages { get; } = new();
    public TextDictionary TraceStates { get; } = new();
    public ElementTable Resources { get; } = new();
    public ElementTable Scopes { get; } = new();

    /// <summary>(resource, scope) pairs.</summary>
    public ChunkedColumn<(int Resource, int Scope)> Contexts { get; } = new(64);

    public TraceMap Traces { get; }

    /// <summary>Rows below this are decided: stored, or dead.</summary>
    public int Visible => Volatile.Read(ref visible);

    /// <summary>Batches that were decoded but could not be logged: their rows are as if never sent.</summary>
    public ReadOnlySpan<HeadBatch> Dead => Volatile.Read(ref dead);

    /// <summary>Bytes in use.</summary>
    public long Bytes =>
        Spans.Bytes + Events.Bytes + Links.Bytes + Slots.Bytes + Columns.Bytes + Shapes.Bytes + Names.Bytes + EventNames.Bytes + StatusMessages.Bytes + TraceStates.Bytes
        + Resources.Bytes + Scopes.Bytes + Contexts.Bytes + Traces.Bytes + batches.Count * 48L;

    /// <summary>Takes a reference; false when the memory is gone already.</summary>
    public bool TryAcquire() => references.TryAcquire();

    /// <summary>Gives a reference back; the last frees the memory.</summary>
    public void Dispose()
    {
        if (!references.Release()) return;
        Spans.Dispose();
        Events.Dispose();
        Links.Dispose();
        Slots.Dispose();
        Columns.Dispose();
        Names.Dispose();
        EventNames.Dispose();
        StatusMessages.Dispose();
        TraceStates.Dispose();
        Contexts.Dispose();
        Traces.Dispose();
    }

    /// <summary>Makes a batch of rows [firstRow, Spans.Count), which are linked into their traces already. Called by the writer, in log order.</summary>
    public HeadBatch AddBatch(int firstRow, ulong sequence, UnixNanos receivedAt)
    {
        var batch = new HeadBatch(firstRow, Spans.Count, sequence, receivedAt);
        lock (batchLock) batches.Add(batch);
        return batch;
    }

    /// <summary>Makes a batch visible, or dead. Called in log order.</summary>
    public void Resolve(in HeadBatch batch, bool stored)
    {
        if (!stored) Volatile.Write(ref dead, [.. dead, batch]);
        Volatile.Write(ref visible, batch.EndRow);
    }

    /// <summary>True for rows of dead batches.</summary>
    public static bool IsDead(ReadOnlySpan<HeadBatch> dead, int row)
    {
        foreach (ref readonly var batch in dead)
        {
            if (row >= batch.FirstRow && row < batch.EndRow) return true;
        }
        return false;
    }

    /// <summary>The batch a row came with: its log sequence and time of arrival.</summary>
    public HeadBatch BatchOf(int row)
    {
        lock (batchLock)
        {
            var low = 0;
            var high = batches.Count;
            while (high - low > 1)
            {
                var middle = (low + high) >>> 1;
                if (batches[middle].FirstRow <= row) low = middle;
                else high = middle;
            }
            return batches[low];
        }
    }

    /// <summary>All batches so far, in order of rows.</summary>
    public HeadBatch[] BatchesSoFar()
    {
        lock (batchLock) return [.. batches];
    }
}

/// <summary>The rows of one request.</summary>
internal readonly record struct HeadBatch(int FirstRow, int EndRow, ulong Sequence, UnixNanos ReceivedAt);
