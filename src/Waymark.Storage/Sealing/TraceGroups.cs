// The rows of heads by trace, while a seal is being planned.
using System.Buffers;
using Waymark.Model.Spans;

namespace Waymark.Storage.Sealing;

/// <summary>
/// Traces by ordinal, and their rows side by side. First every row is counted, then placed (<see cref="Place"/>), then put. Pooled: a seal has tens of thousands of traces.
/// </summary>
internal sealed class TraceGroups(int mostTraces, int rowCount) : IDisposable
{
    private readonly TraceId[] ids = ArrayPool<TraceId>.Shared.Rent(mostTraces);
    private readonly int[] counts = ArrayPool<int>.Shared.Rent(mostTraces);
    private readonly int[] firsts = ArrayPool<int>.Shared.Rent(mostTraces);
    private readonly long[] received = ArrayPool<long>.Shared.Rent(mostTraces);
    private readonly RowRef[] rows = ArrayPool<RowRef>.Shared.Rent(rowCount);
    private int placed;

    public int Traces { get; private set; }

    /// <summary>When the last of the rows arrived.</summary>
    public long LastReceived { get; private set; }

    /// <summary>A trace: where its rows are, and when the first of them arrived.</summary>
    public (TraceId Id, int First, int Count, long Received) this[int ordinal] => (ids[ordinal], firsts[ordinal] - counts[ordinal], counts[ordinal], received[ordinal]);

    public int Add(TraceId id)
    {
        ids[Traces] = id;
        counts[Traces] = 0;
        received[Traces] = long.MaxValue;
        return Traces++;
    }

    public void Count(int ordinal, long receivedAt)
    {
        counts[ordinal]++;
        if (receivedAt < received[ordinal]) received[ordinal] = receivedAt;
        if (receivedAt > LastReceived) LastReceived = receivedAt;
    }

    /// <summary>All rows have been counted.</summary>
    public void Place()
    {
        var first = 0;
        for (var t = 0; t < Traces; t++)
        {
            firsts[t] = first;
            first += counts[t];
        }
        placed = first;
    }

    /// <summary>Adds a trace's next row. When all are put, a trace's place has moved behind its last.</summary>
    public void Put(int ordinal, RowRef row) => rows[firsts[ordinal]++] = row;

    /// <summary>Trace by trace in the order of ordinals, within a trace in the order of arrival.</summary>
    public ReadOnlySpan<RowRef> Rows => rows.AsSpan(0, placed);

    public void Dispose()
    {
        ArrayPool<TraceId>.Shared.Return(ids);
        ArrayPool<int>.Shared.Return(counts);
        ArrayPool<int>.Shared.Return(firsts);
        ArrayPool<long>.Shared.Return(received);
        ArrayPool<RowRef>.Shared.Return(rows);
    }
}
