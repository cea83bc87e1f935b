// Counts the selected rows of one segment's pages, by group and by duration, in plain arrays addressed by number.
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>What one worker has counted of one segment. Not thread-safe.</summary>
internal sealed class SegmentCounter : IDisposable
{
    /// <summary>Neighbouring rows are often of one group, and an increment must wait for the one before it to the same place: consecutive rows count into different tables.</summary>
    private const int Tables = 4;

    /// <summary>Cells of several tables together at most, 4 bytes each: what stays in a core's own cache.</summary>
    private const int MaxCells = 1 << 16;

    /// <summary>Of a group's sum, the counts of its durations apart.</summary>
    private const int SumBytes = 80;

    private readonly SegmentGroups? groups;
    private readonly MetGroups met;
    private readonly bool hasDurations;
    private readonly int[] groupOf = new int[SegmentFormat.PageRows];
    private readonly int[] bucketOf;
    private readonly ushort[] rows = new ushort[SegmentFormat.PageRows];

    /// <summary>A cell per group, or per group and bucket, in as many tables as fit; empty where there may be too many. Pooled: it may be longer than <see cref="cellCount"/>.</summary>
    private readonly uint[] cells = [];

    private readonly int cellCount;

    /// <summary>Cells of one table.</summary>
    private readonly int tableCells;

    /// <summary>Buckets up to that of the segment's longest duration.</summary>
    private readonly int buckets = 1;

    /// <summary>0 for a single table, else the bits of a row's number that choose one.</summary>
    private readonly int tableMask;

    private readonly List<GroupSums.Sum> sparse = [];

    /// <summary>Bytes that the durations' counts of <see cref="sparse"/> take.</summary>
    private long sparseBytes;
    private readonly QueryMemory memory;

    /// <summary>Bytes counted as held.</summary>
    private long held;
    private long all;

    /// <param name="memory">Counts what the tables take.</param>
    public SegmentCounter(OpenSegment segment, SegmentGroups? groups, bool hasDurations, QueryMemory memory)
    {
        this.memory = memory;
        this.groups = groups;
        this.hasDurations = hasDurations;
        met = new MetGroups(groups?.Fixed ?? 0);
        bucketOf = hasDurations ? new int[SegmentFormat.PageRows] : [];
        if (groups is null && !hasDurations) return;
        if (hasDurations) buckets = LogBuckets.Of(LongestDuration(segment)) + 1;
        var wanted = (long)(groups?.Fixed ?? 1) * buckets;
        // Cells are cleared and read once each: not more of them than there are rows to count.
        if (groups is { HasMore: true } || wanted > Math.Max(MaxCells, segment.Entry.Spans)) return;
        tableCells = (int)wanted;
        var tables = Tables;
        while (tables > 1 && wanted * tables > MaxCells) tables /= 2;
        tableMask = tables - 1;
        cellCount = tableCells * tables;
        memory.Update(ref held, QueryMemory.Of<uint>(cellCount));
        cells = ArrayPool<uint>.Shared.Rent(cellCount);
        cells.AsSpan(0, cellCount).Clear();
    }

    public void Dispose()
    {
        if (cells.Length > 0) ArrayPool<uint>.Shared.Return(cells);
        memory.Take(-held);
    }

    private static long LongestDuration(OpenSegment segment)
    {
        long longest = 0;
        foreach (ref readonly var page in segment.Reader.Pages(segment.Columns.Span(SegmentColumns.Span.EndOffset))) longest = Math.Max(longest, page.Max);
        return longest;
    }

    /// <summary>Counts the rows of a page whose bit is set.</summary>
    public void Add(MeasurePages pages, int page, ReadOnlySpan<ulong> bits)
    {
        var count = RowBits.Count(bits);
        if (count == 0) return;
        if (groups is null && !hasDurations)
        {
            all += count;
            return;
        }
        // Whatever can fail comes before anything is counted.
        groups?.Read(pages, page, met, groupOf);
        if (hasDurations) pages.Buckets(page, buckets, bucketOf);
        var rowCount = pages.Rows(page);
        var selected = count == rowCount ? default : rows.AsSpan(0, Selection.Indexes(bits, rows));
        if (cells.Length == 0) AddSparse(selected, rowCount);
        else if (groups is null) Increment(bucketOf, selected, rowCount);
        else if (!hasDurations) Increment(groupOf, selected, rowCount);
        else IncrementBoth(selected, rowCount);
    }

    /// <summary>Adds everything to the sums under the groups' texts.</summary>
    public void Flush(GroupSums into)
    {
        if (groups is null && !hasDurations) into.Add(null, all, null);
        for (var cell = 0; cell < tableCells;)
        {
            var (group, first) = (cell / buckets, cell);
            GroupSums.Sum? sum = null;
            long? before = null;
            for (; cell < first + buckets; cell++)
            {
                uint count = 0;
                for (var table = cell; table < cellCount; table += tableCells) count += cells[table];
                if (count == 0) continue;
                sum ??= into.Of(groups?.TextOf(group));
                before ??= sum.Bytes;
                sum.Count += count;
                sum.Durations?.Add(cell - first, count);
            }
            if (sum is not null) memory.Take(sum.Bytes - before!.Value);
        }
        for (var group = 0; group < sparse.Count; group++)
        {
            if (sparse[group].Count > 0) into.Add(group < groups!.Fixed ? groups.TextOf(group) : met.TextOf(group), sparse[group].Count, sparse[group].Durations);
        }
    }

    /// <param name="selected">Empty: all rows.</param>
    private void Increment(int[] codes, ReadOnlySpan<ushort> selected, int rowCount)
    {
        ref var table = ref MemoryMarshal.GetArrayDataReference(cells);
        ref var code = ref MemoryMarshal.GetArrayDataReference(codes);
        var (mask, size) = (tableMask, tableCells);
        if (selected.IsEmpty)
        {
            for (var r = 0; r < rowCount; r++) Unsafe.Add(ref table, Unsafe.Add(ref code, r) + ((r & mask) * size))++;
            return;
        }
        for (var k = 0; k < selected.Length; k++) Unsafe.Add(ref table, Unsafe.Add(ref code, (int)selected[k]) + ((k & mask) * size))++;
    }

    private void IncrementBoth(ReadOnlySpan<ushort> selected, int rowCount)
    {
        ref var table = ref MemoryMarshal.GetArrayDataReference(cells);
        ref var group = ref MemoryMarshal.GetArrayDataReference(groupOf);
        ref var bucket = ref MemoryMarshal.GetArrayDataReference(bucketOf);
        var (mask, size, width) = (tableMask, tableCells, buckets);
        if (selected.IsEmpty)
        {
            for (var r = 0; r < rowCount; r++) Unsafe.Add(ref table, (Unsafe.Add(ref group, r) * width) + Unsafe.Add(ref bucket, r) + ((r & mask) * size))++;
            return;
        }
        for (var k = 0; k < selected.Length; k++)
        {
            int r = selected[k];
            Unsafe.Add(ref table, (Unsafe.Add(ref group, r) * width) + Unsafe.Add(ref bucket, r) + ((k & mask) * size))++;
        }
    }

    private void AddSparse(ReadOnlySpan<ushort> selected, int rowCount)
    {
        var known = groups!.Fixed + met.Count;
        while (sparse.Count < known) sparse.Add(new GroupSums.Sum(hasDurations));
        var count = selected.IsEmpty ? rowCount : selected.Length;
        for (var k = 0; k < count; k++)
        {
            var r = selected.IsEmpty ? k : selected[k];
            var sum = sparse[groupOf[r]];
            sum.Count++;
            if (sum.Durations is not { } durations) continue;
            sparseBytes -= durations.Bytes;
            durations.Add(bucketOf[r], 1);
            sparseBytes += durations.Bytes;
        }
        memory.Update(ref held, (sparse.Count * (long)SumBytes) + sparseBytes + met.Bytes);
    }
}
