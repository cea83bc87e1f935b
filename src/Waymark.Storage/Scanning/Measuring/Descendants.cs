// Rows that have an ancestor which satisfies a condition: one pass over parent distances, subtree after subtree.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>
/// Rows stand in pre-order, so what lies below a matching row is the run of rows behind it, up to the first whose parent lies before it. The pass goes from one outermost matching row to the next and
/// marks these runs; matching rows within them need no look. Where the runs end is kept with the page (<see cref="PageSubtrees"/>) when it is asked for again. Without that eight parent links are looked
/// at in one step; and where many rows match the runs are short, and each row asks its parent instead. Pages are best asked about one after another: then the subtree that is open at a page's end is known
/// at the start of the next, and is else found by going up from the page's first row. Not thread-safe.
/// </summary>
/// <param name="segment">Index of the segment in the view.</param>
/// <param name="attached">What lies below rows of other segments; null where no trace is split.</param>
internal sealed class Descendants(PageCondition condition, MeasurePages pages, int segment, AttachedTraces? attached)
{
    private const int None = -1;

    /// <summary>Matching rows of a page from which on asking every row's parent costs less than going from run to run: at about 2 ns per row, and 15 ns per run.</summary>
    private const int ManyRows = 768;

    /// <summary>Per row of a page: it matches or lies below one that does. The last is what rows without a parent in the page ask.</summary>
    private readonly byte[] reached = new byte[SegmentFormat.PageRows + 1];

    private readonly int column = pages.SpanColumn(SegmentColumns.Span.ParentLink);

    /// <summary>The page that <see cref="open"/> is known for.</summary>
    private int nextPage;

    /// <summary>The outermost matching row whose subtree reaches into the next page.</summary>
    private int open = None;

    /// <summary>Clears the bits of rows that have no matching ancestor.</summary>
    public void Narrow(int page, Span<ulong> bits)
    {
        if (page != nextPage) open = FindOpen(page);
        // Whatever is thrown below, the place is lost.
        nextPage = -1;
        Span<ulong> matching = stackalloc ulong[RowBits.Words];
        Span<ulong> below = stackalloc ulong[RowBits.Words];
        below.Clear();
        if (condition.Select(page, matching) || open != None)
        {
            if (SubtreesOf(page) is { } subtrees) Mark(subtrees, page * SegmentFormat.PageRows, matching, below);
            else if (RowBits.Count(matching) < ManyRows) Mark(Links(page), page * SegmentFormat.PageRows, matching, below);
            else MarkEach(Links(page), page * SegmentFormat.PageRows, matching, below);
        }
        attached?.Mark(segment, page, below);
        RowBits.And(bits, below);
        nextPage = page + 1;
    }

    /// <summary>Null where they are not kept and not worth making: that takes several times as long as one answer by the links.</summary>
    private PageSubtrees? SubtreesOf(int page)
    {
        if (pages.Segment.Subtrees.TryGet(column, page, out var known)) return known;
        if (!pages.Segment.Subtrees.IsWorthMaking(column, page)) return null;
        var made = PageSubtrees.Of(Links(page), page * SegmentFormat.PageRows);
        return pages.Segment.Subtrees.Keep(column, page, made, made.Bytes);
    }

    /// <summary>Marks the rows of a page that lie below a matching one.</summary>
    private void Mark(PageSubtrees subtrees, int firstRow, ReadOnlySpan<ulong> matching, Span<ulong> below)
    {
        var at = 0;
        if (open != None)
        {
            at = subtrees.EndOfEarlier(open);
            Selection.SetRange(below, 0, at);
            if (at == subtrees.Rows) return;
            open = None;
        }
        var last = subtrees.Mark(matching, at, below);
        if (last >= 0) open = firstRow + last;
    }

    /// <summary>The same by the links themselves, from one outermost matching row to the next.</summary>
    private void Mark(ReadOnlySpan<int> links, int firstRow, ReadOnlySpan<ulong> matching, Span<ulong> below)
    {
        var at = 0;
        while (true)
        {
            if (open == None)
            {
                var next = at < links.Length ? RowBits.Next(matching, at) : -1;
                if (next < 0) return;
                open = firstRow + next;
                at = next + 1;
            }
            var end = SubtreeEnd(links, at, firstRow - open);
            Selection.SetRange(below, at, end);
            if (end == links.Length) return;
            open = None;
            at = end;
        }
    }

    /// <summary>The same, row by row.</summary>
    private void MarkEach(ReadOnlySpan<int> links, int firstRow, ReadOnlySpan<ulong> matching, Span<ulong> below)
    {
        var at = 0;
        if (open != None)
        {
            at = SubtreeEnd(links, 0, firstRow - open);
            Selection.SetRange(below, 0, at);
            reached.AsSpan(0, at).Fill(1);
            if (at == links.Length) return;
        }
        // Whatever else has its parent in an earlier page lies below no match: it would lie below the open row.
        ref var link = ref MemoryMarshal.GetReference(links);
        ref var reach = ref MemoryMarshal.GetArrayDataReference(reached);
        while (at < links.Length)
        {
            var (first, end) = (at, Math.Min(links.Length, (at | 63) + 1));
            var matches = matching[first / 64] >> (first % 64);
            ulong found = 0;
            for (; at < end; at++)
            {
                // Without a parent it is the row itself or the next.
                var parent = at + 1 - Unsafe.Add(ref link, at);
                var up = Unsafe.Add(ref reach, (uint)parent < (uint)at ? parent : SegmentFormat.PageRows);
                Unsafe.Add(ref reach, at) = (byte)(up | (matches & 1));
                matches >>= 1;
                found |= (ulong)up << at;
            }
            below[first / 64] |= found;
        }
        open = OutermostAt(links, links.Length - 1, matching) is >= 0 and var row ? firstRow + row : None;
    }

    /// <summary>The outermost matching row of the page among a row and its ancestors; −1: none.</summary>
    private static int OutermostAt(ReadOnlySpan<int> links, int row, ReadOnlySpan<ulong> matching)
    {
        var outermost = -1;
        while (row >= 0)
        {
            if (RowBits.Contains(matching, row)) outermost = row;
            if (links[row] < 2) break;
            row -= links[row] - 1;
        }
        return outermost;
    }

    /// <summary>The first row from <paramref name="at"/> on whose parent lies before the open row, or that has none; the page's end if every row has its parent in the subtree.</summary>
    /// <param name="distance">From the open row to the page's first: negative when the open row is in this page.</param>
    private static int SubtreeEnd(ReadOnlySpan<int> links, int at, int distance)
    {
        // A link of n ≥ 2 is a parent n − 1 rows back. Below 2 there is none, which as an unsigned number is farther than any.
        if (Vector256.IsHardwareAccelerated)
        {
            ref var from = ref MemoryMarshal.GetReference(links);
            var two = Vector256.Create(2);
            for (; at + 8 <= links.Length; at += 8)
            {
                var back = (Vector256.LoadUnsafe(ref from, (nuint)at) - two).AsUInt32();
                var farthest = (Vector256<int>.Indices + Vector256.Create(distance + at - 1)).AsUInt32();
                var inside = Vector256.Equals(Vector256.Min(back, farthest), back).ExtractMostSignificantBits();
                if (inside != 0xFF) return at + BitOperations.TrailingZeroCount(~inside);
            }
        }
        while (at < links.Length && (uint)(links[at] - 2) <= (uint)(distance + at - 1)) at++;
        return at;
    }

    /// <summary>The outermost matching row whose subtree reaches into a page: an ancestor of the page's first row.</summary>
    private int FindOpen(int page)
    {
        var outermost = None;
        var row = page * SegmentFormat.PageRows;
        var judged = -1;
        Span<ulong> matching = stackalloc ulong[RowBits.Words];
        while (pages.Cursor.Number(column, row / SegmentFormat.PageRows, row % SegmentFormat.PageRows) is >= 2 and var link)
        {
            if (link - 1 > row) throw new CorruptFileException(pages.Segment.Reader.Path, 0, $"a parent of a row of page {page} lies before the first row");
            row -= (int)link - 1;
            var (on, at) = (row / SegmentFormat.PageRows, row % SegmentFormat.PageRows);
            if (on != judged) condition.Select(judged = on, matching);
            if (RowBits.Contains(matching, at)) outermost = row;
        }
        return outermost;
    }

    private ReadOnlySpan<int> Links(int page) => pages.Codes(column, page, int.MaxValue);
}
