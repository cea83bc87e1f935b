// What lies below the rows of pages, against going up from every row.
using Waymark.Storage.Columns;
using Waymark.Storage.Scanning;

namespace Waymark.Storage.Tests.Scanning;

public sealed class PageSubtreesTests
{
    public static TheoryData<int, int> Trees => new() { { 1, 3 }, { 2, 8 }, { 3, 40 }, { 4, 700 }, { 5, 30_000 } };

    [Theory]
    [MemberData(nameof(Trees))]
    public void Rows_below_matching_ones_are_marked_page_after_page(int seed, int rowsOfTree)
    {
        var random = new Random(seed);
        var parents = Forest(random, 20_000, rowsOfTree);
        foreach (var density in new[] { 0.001, 0.1, 0.6, 1 })
        {
            var matches = parents.Select(_ => random.NextDouble() < density).ToArray();
            var below = new bool[parents.Length];
            for (var r = 0; r < below.Length; r++) below[r] = parents[r] >= 0 && (matches[parents[r]] || below[parents[r]]);
            var open = -1;
            for (var first = 0; first < parents.Length; first += RowBits.Rows)
            {
                var count = Math.Min(RowBits.Rows, parents.Length - first);
                var page = PageSubtrees.Of(Links(parents, first, count), first);
                var (matching, found) = (new ulong[RowBits.Words], new ulong[RowBits.Words]);
                for (var r = 0; r < count; r++) matching[r / 64] |= matches[first + r] ? 1UL << (r % 64) : 0;
                var at = open < 0 ? 0 : page.EndOfEarlier(open);
                if (at > 0) RowBits.Set(found, 0, at);
                if (at < count)
                {
                    var last = page.Mark(matching, at, found);
                    open = last < 0 ? -1 : first + last;
                }
                for (var r = 0; r < RowBits.Rows; r++) Assert.Equal(r < count && below[first + r], RowBits.Contains(found, r));
            }
        }
    }

    [Fact]
    public void Links_that_make_no_sense_stay_within_the_page()
    {
        var random = new Random(9);
        for (var round = 0; round < 50; round++)
        {
            var links = new int[random.Next(1, RowBits.Rows + 1)];
            foreach (ref var link in links.AsSpan()) link = random.Next(4) == 0 ? random.Next(int.MaxValue) : random.Next(20_000);
            var page = PageSubtrees.Of(links, RowBits.Rows);
            var (matching, found) = (new ulong[RowBits.Words], new ulong[RowBits.Words]);
            foreach (ref var word in matching.AsSpan()) word = (ulong)random.NextInt64();
            for (var r = links.Length; r < RowBits.Rows; r++) matching[r / 64] &= ~(1UL << (r % 64));
            Assert.InRange(page.EndOfEarlier(random.Next(RowBits.Rows)), 0, links.Length);
            Assert.InRange(page.Mark(matching, 0, found), -1, links.Length - 1);
            for (var r = links.Length; r < RowBits.Rows; r++) Assert.False(RowBits.Contains(found, r));
        }
    }

    /// <summary>Trees in pre-order: per row its parent, −1 at the top.</summary>
    private static int[] Forest(Random random, int rows, int rowsOfTree)
    {
        var parents = new int[rows];
        var path = new List<int>();
        for (var r = 0; r < rows; r++)
        {
            // Below the row before, below one of its ancestors, or a new top.
            if (random.Next(rowsOfTree) == 0) path.Clear();
            else if (path.Count > 1 && random.Next(2) == 0) Shorten(path, random.Next(1, path.Count));
            parents[r] = path.Count == 0 ? -1 : path[^1];
            path.Add(r);
        }
        return parents;
    }

    private static void Shorten(List<int> path, int to) => path.RemoveRange(to, path.Count - to);

    private static int[] Links(int[] parents, int first, int count) => [.. Enumerable.Range(first, count).Select(r => parents[r] < 0 ? r % 2 : r - parents[r] + 1)];
}
