// Counts the selected rows of one segment's pages, by group and by duration, in plain arrays addressed by number.
using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

    /// <summary>Of a page's rows; pooled, and empty until they are needed.</summary>
    private int[] groupOf = [];
    private int[] bucketOf = [];
    private ushort[] rows = [];

    /// <summary>A cell per group, or per group and bucket, in as many tables as fit; empty where there may be too many. Pooled: it may be longer than <see cref="cellCount"/>.</summary>
    private readonly uint[] cells = [];

    private readonly int cellCount;

    /// <summary>Cells of one table.</summary>
    private readonly int tableCells;

    /// <summary>Buckets from that of the segment's shortest duration to that of its longest.</summary>
    private readonly int buckets = 1;
    private readonly int firstBucket;

    /// <summary>The first cell of each group.</summary>
    private readonly int[] cellOfGroup = [];

    /// <summary>The same of the group of each code.</summary>
    private readonly int[] cellOfCode = [];

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
        if (groups is null && !hasDurations) return;
        if (hasDurations)
        {
            var (shortest, longest) = Durations(segment);
            firstBucket = LogBuckets.Of(shortest);
            buckets = LogBuckets.Of(longest) + 1 - firstBucket;
        }
        var wanted = (long)(groups?.Fixed ?? 1) * buckets;
        // Cells are cleared and read once each: not more of them than there are rows to count.
        if (groups is { HasMore: true } || wanted > Math.Max(MaxCells, segment.Entry.Spans)) return;
        tableCells = (int)wanted;
        var tables = Tables;
        // Rows of one group and bucket seldom follow each other.
        if (groups is not null && hasDurations) tables = 1;
        while (tables > 1 && wanted * tables > MaxCells) tables /= 2;
        tableMask = tables - 1;
        cellCount = tableCells * tables;
        memory.Update(ref held, QueryMemory.Of<uint>(cellCount));
        cells = ArrayPool<uint>.Shared.Rent(cellCount);
        cells.AsSpan(0, cellCount).Clear();
        if (groups is null || !hasDurations) return;
        cellOfGroup = new int[groups.Fixed];
        for (var group = 0; group < cellOfGroup.Length; group++) cellOfGroup[group] = group * buckets;
        cellOfCode = groups.GroupOfCode is { } groupOfCode ? Array.ConvertAll(groupOfCode, group => cellOfGroup[group]) : cellOfGroup;
    }

    public void Dispose()
    {
        if (cells.Length > 0) ArrayPool<uint>.Shared.Return(cells);
        if (groupOf.Length > 0) ArrayPool<int>.Shared.Return(groupOf);
        if (bucketOf.Length > 0) ArrayPool<int>.Shared.Return(bucketOf);
        if (rows.Length > 0) ArrayPool<ushort>.Shared.Return(rows);
        memory.Take(-held);
    }

    /// <summary>No shorter and no longer ones are in the segment; negative ones count as 0.</summary>
    private static (long Shortest, long Longest) Durations(OpenSegment segment)
    {
        var (shortest, longest) = (long.MaxValue, 0L);
        foreach (ref readonly var page in segment.Reader.Pages(segment.Columns.Span(SegmentColumns.Span.EndOffset)))
        {
            shortest = Math.Min(shortest, page.Min);
            longest = Math.Max(longest, page.Max);
        }
        return (Math.Clamp(shortest, 0, longest), longest);
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
        var bytes = groups is null || cells.Length == 0 ? default : groups.Bytes(pages, page);
        var codes = groups is null || cells.Length == 0 || !bytes.IsEmpty ? default : groups.Codes(pages, page);
        if (groups is not null && bytes.IsEmpty && codes.IsEmpty) groups.Read(pages, page, met, Rented(ref groupOf));
        if (hasDurations) pages.Buckets(page, firstBucket, firstBucket + buckets - 1, Rented(ref bucketOf));
        var rowCount = pages.Rows(page);
        var selected = count == rowCount ? default : Rented(ref rows).AsSpan(0, Selection.Indexes(bits, rows));
        if (cells.Length == 0) AddSparse(selected, rowCount);
        else if (groups is null) Increment<int>(bucketOf, firstBucket, selected, rowCount);
        else if (!hasDurations && bytes.IsEmpty) IncrementGroups(codes, selected, rowCount);
        else if (!hasDurations) Increment(bytes, 0, selected, rowCount);
        else if (!bytes.IsEmpty) IncrementBoth(bytes, cellOfGroup, selected, rowCount);
        else if (!codes.IsEmpty) IncrementBoth(codes, cellOfCode, selected, rowCount);
        else IncrementBoth<int>(groupOf, cellOfGroup, selected, rowCount);
    }

    /// <summary>Room for a page's rows.</summary>
    private static T[] Rented<T>(ref T[] array)
    {
        if (array.Length == 0) array = ArrayPool<T>.Shared.Rent(SegmentFormat.PageRows);
        return array;
    }

    /// <summary>Adds everything to the sums under the groups' texts.</summary>
    public void Flush(GroupSums into)
    {
        if (groups is null && !hasDurations) into.Add(null, all, null);
        var table = cells.AsSpan(0, tableCells);
        for (var other = tableCells; other < cellCount; other += tableCells) AddCells(table, cells.AsSpan(other, tableCells));
        for (var group = 0; group * buckets < tableCells; group++)
        {
            var ofGroup = table.Slice(group * buckets, buckets);
            // Of all buckets of the segment a group has some that lie together.
            var lowest = ofGroup.IndexOfAnyExcept(0u);
            if (lowest < 0) continue;
            ofGroup = ofGroup[lowest..(ofGroup.LastIndexOfAnyExcept(0u) + 1)];
            var sum = into.Of(groups?.TextOf(group));
            if (sum.Durations is not { } durations)
            {
                foreach (var cell in ofGroup) sum.Count += cell;
                continue;
            }
            var (bytes, before) = (sum.Bytes, durations.Count);
            durations.Add(firstBucket + lowest, ofGroup);
            sum.Count += durations.Count - before;
            memory.Take(sum.Bytes - bytes);
        }
        for (var group = 0; group < sparse.Count; group++)
        {
            if (sparse[group].Count > 0) into.Add(group < groups!.Fixed ? groups.TextOf(group) : met.TextOf(group), sparse[group].Count, sparse[group].Durations);
        }
    }

    private static void AddCells(Span<uint> into, ReadOnlySpan<uint> more)
    {
        ref var to = ref MemoryMarshal.GetReference(into);
        ref var from = ref MemoryMarshal.GetReference(more[..into.Length]);
        nuint at = 0;
        for (; at + 8 <= (nuint)into.Length; at += 8) (Vector256.LoadUnsafe(ref to, at) + Vector256.LoadUnsafe(ref from, at)).StoreUnsafe(ref to, at);
        for (; at < (nuint)into.Length; at++) Unsafe.Add(ref to, at) += Unsafe.Add(ref from, at);
    }

    /// <summary>Counts by group alone.</summary>
    private void IncrementGroups(ReadOnlySpan<int> codes, ReadOnlySpan<ushort> selected, int rowCount)
    {
        if (codes.IsEmpty) codes = groupOf.AsSpan(0, rowCount);
        else if (groups!.GroupOfCode is { } groupOfCode)
        {
            var mapped = Rented(ref groupOf).AsSpan(0, codes.Length);
            for (var r = 0; r < mapped.Length; r++) mapped[r] = groupOfCode[codes[r]];
            codes = mapped;
        }
        Increment(codes, 0, selected, rowCount);
    }

    /// <param name="first">The code of the first cell.</param>
    /// <param name="selected">Empty: all rows.</param>
    private void Increment<T>(ReadOnlySpan<T> codes, int first, ReadOnlySpan<ushort> selected, int rowCount)
        where T : unmanaged, IBinaryInteger<T>
    {
        ref var table = ref Unsafe.Subtract(ref MemoryMarshal.GetArrayDataReference(cells), first);
        ref var code = ref MemoryMarshal.GetReference(codes[..rowCount]);
        var (mask, size) = (tableMask, tableCells);
        if (selected.IsEmpty)
        {
            ref var second = ref Unsafe.Add(ref table, (1 & mask) * size);
            ref var third = ref Unsafe.Add(ref table, (2 & mask) * size);
            ref var fourth = ref Unsafe.Add(ref table, (3 & mask) * size);
            nint r = 0;
            for (; r + 4 <= rowCount; r += 4)
            {
                Unsafe.Add(ref table, Index(Unsafe.Add(ref code, r)))++;
                Unsafe.Add(ref second, Index(Unsafe.Add(ref code, r + 1)))++;
                Unsafe.Add(ref third, Index(Unsafe.Add(ref code, r + 2)))++;
                Unsafe.Add(ref fourth, Index(Unsafe.Add(ref code, r + 3)))++;
            }
            for (; r < rowCount; r++) Unsafe.Add(ref table, Index(Unsafe.Add(ref code, r)))++;
            return;
        }
        for (var k = 0; k < selected.Length; k++) Unsafe.Add(ref table, Index(Unsafe.Add(ref code, (nint)selected[k])) + ((k & mask) * size))++;
    }

    /// <summary>Counts by group and bucket. Codes and buckets have been checked, and the cells are those of all of them.</summary>
    /// <param name="cellOf">The first cell of each code.</param>
    private void IncrementBoth<T>(ReadOnlySpan<T> codes, int[] cellOf, ReadOnlySpan<ushort> selected, int rowCount)
        where T : unmanaged, IBinaryInteger<T>
    {
        // Buckets count from the first one.
        ref var table = ref Unsafe.Subtract(ref MemoryMarshal.GetArrayDataReference(cells), firstBucket);
        ref var cell = ref MemoryMarshal.GetArrayDataReference(cellOf);
        ref var code = ref MemoryMarshal.GetReference(codes[..rowCount]);
        ref var bucket = ref MemoryMarshal.GetReference(bucketOf.AsSpan(0, rowCount));
        nint row = 0;
        if (selected.IsEmpty)
        {
            // From four places at once: neighbouring rows often count into one cell, and an increment must wait for the one before it to the same place.
            var quarter = (nint)rowCount / 4;
            for (; row < quarter; row++)
            {
                CellOf(ref table, ref cell, ref code, ref bucket, row)++;
                CellOf(ref table, ref cell, ref code, ref bucket, row + quarter)++;
                CellOf(ref table, ref cell, ref code, ref bucket, row + (2 * quarter))++;
                CellOf(ref table, ref cell, ref code, ref bucket, row + (3 * quarter))++;
            }
            for (row = 4 * quarter; row < rowCount; row++) CellOf(ref table, ref cell, ref code, ref bucket, row)++;
            return;
        }
        foreach (var one in selected) CellOf(ref table, ref cell, ref code, ref bucket, one)++;
    }

    /// <summary>The cell that a row counts into.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref uint CellOf<T>(ref uint table, ref int cell, ref T code, ref int bucket, nint row)
        where T : unmanaged, IBinaryInteger<T> =>
        ref Unsafe.Add(ref table, (nint)((uint)Unsafe.Add(ref cell, Index(Unsafe.Add(ref code, row))) + (uint)Unsafe.Add(ref bucket, row)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Index<T>(T code)
        where T : unmanaged, IBinaryInteger<T> => (nint)uint.CreateTruncating(code);

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
