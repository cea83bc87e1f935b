// Counts the selected rows of one segment's pages, by group and by duration, in plain arrays addressed by number.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>What one worker has counted of one segment. Not thread-safe.</summary>
internal sealed class SegmentCounter
{
    /// <summary>Neighbouring rows are often of one group, and an increment must wait for the one before it to the same place: consecutive rows count into different tables.</summary>
    private const int Tables = 4;

    /// <summary>Cells of all tables together at most, 4 bytes each: what stays in a core's own cache, nearly.</summary>
    private const int MaxCells = 1 << 20;

    private readonly SegmentGroups? groups;
    private readonly MetGroups met;
    private readonly bool hasDurations;
    private readonly int[] groupOf = new int[SegmentFormat.PageRows];
    private readonly int[] bucketOf;
    private readonly ushort[] rows = new ushort[SegmentFormat.PageRows];

    /// <summary>A cell per group, or per group and bucket, in as many tables as fit; empty where there may be too many.</summary>
    private readonly uint[] cells = [];

    /// <summary>Cells of one table.</summary>
    private readonly int tableCells;

    /// <summary>0 for a single table, else the bits of a row's number that choose one.</summary>
    private readonly int tableMask;

    private readonly List<GroupSums.Sum> sparse = [];
    private long all;

    public SegmentCounter(SegmentGroups? groups, bool hasDurations)
    {
        this.groups = groups;
        this.hasDurations = hasDurations;
        met = new MetGroups(groups?.Fixed ?? 0);
        bucketOf = hasDurations ? new int[SegmentFormat.PageRows] : [];
        if (groups is null && !hasDurations) return;
        var wanted = (long)(groups?.Fixed ?? 1) * (hasDurations ? LogBuckets.Count : 1);
        if (groups is { HasMore: true } || wanted > MaxCells) return;
        tableCells = (int)wanted;
        var tables = Tables;
        while (tables > 1 && wanted * tables > MaxCells / 4) tables /= 2;
        tableMask = tables - 1;
        cells = new uint[tableCells * tables];
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
        if (hasDurations) pages.Buckets(page, bucketOf);
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
        for (var cell = 0; cell < tableCells; cell++)
        {
            uint count = 0;
            for (var table = cell; table < cells.Length; table += tableCells) count += cells[table];
            if (count == 0) continue;
            var group = hasDurations ? cell / LogBuckets.Count : cell;
            var sum = into.Of(groups?.TextOf(group));
            sum.Count += count;
            if (!hasDurations) continue;
            sum.Durations!.Add(cell % LogBuckets.Count, count);
            // The other buckets of the group without looking it up again.
            for (cell++; cell < tableCells && cell / LogBuckets.Count == group; cell++)
            {
                count = 0;
                for (var table = cell; table < cells.Length; table += tableCells) count += cells[table];
                sum.Count += count;
                sum.Durations.Add(cell % LogBuckets.Count, count);
            }
            cell--;
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
        var (mask, size) = (tableMask, tableCells);
        if (selected.IsEmpty)
        {
            for (var r = 0; r < rowCount; r++) Unsafe.Add(ref table, (Unsafe.Add(ref group, r) * LogBuckets.Count) + Unsafe.Add(ref bucket, r) + ((r & mask) * size))++;
            return;
        }
        for (var k = 0; k < selected.Length; k++)
        {
            int r = selected[k];
            Unsafe.Add(ref table, (Unsafe.Add(ref group, r) * LogBuckets.Count) + Unsafe.Add(ref bucket, r) + ((k & mask) * size))++;
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
            sum.Durations?.Add(bucketOf[r], 1);
        }
    }
}
