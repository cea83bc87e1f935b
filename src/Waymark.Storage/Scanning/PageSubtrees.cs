// How far the subtree of each row of a page reaches: worked out once from the parent links, for all who ask what lies below what.
using System.Numerics;
using System.Runtime.InteropServices;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Rows stand in pre-order, so that what lies below a row is a run of rows behind it. Immutable.</summary>
internal sealed class PageSubtrees
{
    /// <summary>A run of so many rows or more has its end in a list of its own.</summary>
    private const int Long = byte.MaxValue;

    /// <summary>Rows below each row, within the page.</summary>
    private readonly byte[] below;

    /// <summary>The rows that have any, and those that may have some in the next page.</summary>
    private readonly ulong[] tops = new ulong[RowBits.Words];

    /// <summary>The rows whose run is long, ascending, and the row behind it.</summary>
    private readonly ushort[] longRows;
    private readonly ushort[] longEnds;

    /// <summary>The rows before the first that has no parent: they belong to a tree of the page before. Of these, those whose parent is there, and their parents in the segment.</summary>
    private readonly ushort[] heads;
    private readonly int[] parents;

    private readonly int firstRoot;

    private PageSubtrees(byte[] below, List<(int Row, int End)> runs, List<(int Row, int Parent)> heads, int firstRoot)
    {
        this.below = below;
        longRows = [.. runs.Select(r => (ushort)r.Row)];
        longEnds = [.. runs.Select(r => (ushort)r.End)];
        this.heads = [.. heads.Select(h => (ushort)h.Row)];
        parents = [.. heads.Select(h => h.Parent)];
        this.firstRoot = firstRoot;
        for (var r = 0; r < below.Length; r++)
        {
            if (below[r] > 0 || r == below.Length - 1) tops[r / 64] |= 1UL << (r % 64);
        }
    }

    /// <summary>What they take in memory.</summary>
    public long Bytes => 160L + below.Length + (tops.Length * sizeof(ulong)) + (longRows.Length * 4L) + (heads.Length * 6L);

    /// <summary>Rows of the page.</summary>
    public int Rows => below.Length;

    /// <param name="links">Of all rows of the page: n ≥ 2 is a parent n − 1 rows back, below 2 there is none.</param>
    /// <param name="firstRow">The page's first row in the segment.</param>
    public static PageSubtrees Of(ReadOnlySpan<int> links, int firstRow)
    {
        // The end of each row's run; a row without a parent in the page tells the place behind the last.
        Span<ushort> ends = stackalloc ushort[SegmentFormat.PageRows + 1];
        for (var r = 0; r < links.Length; r++) ends[r] = (ushort)(r + 1);
        // From the last row up every row is finished before its parent is told of it.
        for (var r = links.Length - 1; r > 0; r--)
        {
            var parent = r + 1 - links[r];
            ref var end = ref ends[(uint)parent < (uint)r ? parent : SegmentFormat.PageRows];
            end = Math.Max(end, ends[r]);
        }
        var lengths = GC.AllocateUninitializedArray<byte>(links.Length);
        var runs = new List<(int, int)>();
        for (var r = 0; r < links.Length; r++)
        {
            var length = ends[r] - r - 1;
            lengths[r] = (byte)Math.Min(length, Long);
            if (length >= Long) runs.Add((r, ends[r]));
        }
        var root = links.IndexOfAnyInRange(0, 1);
        if (root < 0) root = links.Length;
        var crossing = new List<(int, int)>();
        for (var r = 0; r < root; r++)
        {
            if (r + 1 - links[r] < 0) crossing.Add((r, firstRow + r + 1 - links[r]));
        }
        return new PageSubtrees(lengths, runs, crossing, root);
    }

    /// <summary>Adds to <paramref name="into"/> the rows from <paramref name="at"/> on that lie below a matching one.</summary>
    /// <param name="at">The first row that is not known to lie below one; those before it are marked already.</param>
    /// <returns>The outermost matching row whose subtree reaches the page's end; −1: none.</returns>
    public int Mark(ReadOnlySpan<ulong> matching, int at, Span<ulong> into)
    {
        var row = -1;
        ref var lengths = ref MemoryMarshal.GetArrayDataReference(below);
        for (var w = at / 64; w < tops.Length; w++)
        {
            var first = w * 64;
            // What reaches into this word from the one before.
            var marked = Low(at - first);
            for (var left = matching[w] & tops[w] & ~marked; left != 0;)
            {
                var bit = BitOperations.TrailingZeroCount(left);
                row = first + bit;
                int length = System.Runtime.CompilerServices.Unsafe.Add(ref lengths, row);
                at = length < Long ? row + 1 + length : longEnds[Array.BinarySearch(longRows, (ushort)row)];
                var covered = Low(at - first);
                marked |= covered & (ulong.MaxValue << bit << 1);
                left &= ~covered;
            }
            into[w] |= marked;
        }
        return at == below.Length ? row : -1;
    }

    /// <summary>The lowest bits of a word, all of them from 64 on and none below 1.</summary>
    private static ulong Low(int bits) => bits <= 0 ? 0 : ulong.MaxValue >> (64 - Math.Min(bits, 64));

    /// <summary>The first row of the page that does not lie below a row of an earlier page, whose subtree reaches to the end of the page before.</summary>
    public int EndOfEarlier(int row)
    {
        var at = 0;
        while (at < heads.Length && parents[at] >= row) at++;
        return at < heads.Length ? heads[at] : firstRoot;
    }

}
