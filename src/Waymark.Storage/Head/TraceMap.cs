// From a trace id to its rows in a head, readable while the writer adds.
using System.Runtime.Intrinsics.X86;
using Waymark.Model.Spans;

namespace Waymark.Storage.Head;

/// <summary>
/// Open addressing over "row of the trace's last span, plus one"; the rows themselves hold the ids and the chain backwards. One writer. Readers need no lock: a slot is published after the row
/// it names is complete, and a table that was outgrown stays readable until the head is disposed.
/// </summary>
internal sealed class TraceMap(ChunkedColumn<HeadSpan> spans) : IDisposable
{
    private const int Block = 16;

    private readonly List<SlotTable<int>> tables = [new SlotTable<int>(1024)];
    private SlotTable<int>? current;
    private long bytes = 1024 * sizeof(int);

    /// <summary>Distinct traces.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in use. Any thread.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    private SlotTable<int> Current => Volatile.Read(ref current) ?? tables[0];

    /// <summary>Adds complete rows, from <paramref name="first"/> up to but not including <paramref name="end"/>, and links each to its trace's previous one.</summary>
    public void Add(int first, int end)
    {
        while (first < end)
        {
            var next = Math.Min(end, first + Block);
            Prefetch(first, next);
            for (; first < next; first++) Add(first);
        }
    }

    /// <summary>A row is found by way of a slot and another row, both somewhere in memory: asked for together they cost little more than one.</summary>
    private void Prefetch(int first, int end)
    {
        if (!Sse.IsSupported) return;
        var table = Current;
        for (var row = first; row < end; row++) table.Prefetch(Start(table, spans[row].TraceId));
        for (var row = first; row < end; row++)
        {
            var slot = table[Start(table, spans[row].TraceId)];
            if (slot != 0) spans.Prefetch(slot - 1);
        }
    }

    private void Add(int row)
    {
        var table = Current;
        ref var span = ref spans[row];
        ref var slot = ref Probe(table, span.TraceId);
        if (slot == 0)
        {
            span.PreviousInTrace = -1;
            Count++;
            if (Count * 2 > table.Length)
            {
                table = Grow(table);
                slot = ref Probe(table, span.TraceId);
            }
        }
        else
        {
            span.PreviousInTrace = slot - 1;
        }
        Volatile.Write(ref slot, row + 1);
    }

    /// <summary>The trace's last row, −1 when there is none. It may not be published yet: follow <see cref="HeadSpan.PreviousInTrace"/> to one that is.</summary>
    public int Last(TraceId id) => Volatile.Read(ref Probe(Current, id)) - 1;

    public void Dispose()
    {
        foreach (var table in tables) table.Dispose();
    }

    private ref int Probe(SlotTable<int> table, TraceId id)
    {
        var mask = table.Length - 1;
        for (var at = Start(table, id); ; at = (at + 1) & mask)
        {
            ref var slot = ref table[at];
            var row = Volatile.Read(ref slot);
            if (row == 0 || spans[row - 1].TraceId == id) return ref slot;
        }
    }

    private static int Start(SlotTable<int> table, TraceId id) =>
        (int)(Segments.TraceIndex.Hash(new TraceId(id.High ^ (ulong)ProcessSeed.Value, id.Low)) >> 32) & (table.Length - 1);

    private SlotTable<int> Grow(SlotTable<int> old)
    {
        var larger = new SlotTable<int>(old.Length * 4);
        for (var at = 0; at < old.Length; at++)
        {
            if (old[at] != 0) Probe(larger, spans[old[at] - 1].TraceId) = old[at];
        }
        tables.Add(larger);
        Volatile.Write(ref bytes, bytes + larger.Bytes);
        Volatile.Write(ref current, larger);
        return larger;
    }
}
