// Kernels over encoded pages: for every encoding, width and vector level the rows that a loop over the decoded numbers finds.
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Columns;

public sealed class NumberKernelTests
{
    private static readonly int[] Counts = [1, 2, 63, 64, 65, 1_023, 1_024, 1_025, 2_500, 8_191, 8_192];

    public static TheoryData<int> Widths => [.. Enumerable.Range(0, 65)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Equality_and_intervals_find_the_rows_of_every_encoding_at_every_level(int width)
    {
        var random = new Random(width);
        foreach (var page in Pages(random, width))
        {
            foreach (var (low, high) in Intervals(random, page.Values))
            {
                var expected = page.Values.Select((v, r) => (v, r)).Where(p => p.v >= low && p.v <= high).Select(p => p.r);
                AssertRows(expected, page, (bits, level) => Assert.True(NumberKernels.Between(page.Stored, page.Info, low, high, bits, level)));
                if (low == high) AssertRows(expected, page, (bits, level) => Assert.True(NumberKernels.Equal(page.Stored, page.Info, low, bits, level)));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(14)]
    public void Sets_find_the_rows_of_every_encoding_at_every_level(int width)
    {
        var random = new Random(width);
        foreach (var min in new long[] { -3, 0, 5, 1_000 })
        {
            foreach (var count in Counts)
            {
                foreach (var page in Encoded(Numbers(random, count, width, min)))
                {
                    foreach (var density in new[] { 0, 0.02, 0.5, 1 })
                    {
                        var set = new ulong[random.Next(1, 300)];
                        for (var v = 0; v < set.Length * 64; v++) set[v / 64] |= random.NextDouble() < density ? 1UL << (v % 64) : 0;
                        bool Has(long v) => v >= 0 && v < set.Length * 64L && (set[v / 64] >> (int)(v % 64) & 1) != 0;
                        AssertRows(page.Values.Select((v, r) => (v, r)).Where(p => Has(p.v)).Select(p => p.r), page, (bits, level) => Assert.True(NumberKernels.InSet(page.Stored, page.Info, set, bits, level)));
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Single_numbers_and_ranges_read_what_the_whole_page_holds(int width)
    {
        var random = new Random(width);
        foreach (var page in Pages(random, width))
        {
            for (var round = 0; round < 6; round++)
            {
                var first = random.Next(page.Values.Length);
                var range = new long[round % 2 == 0 ? random.Next(Math.Min(20, page.Values.Length - first) + 1) : page.Values.Length - first];
                Assert.Equal(page.Values[first], PointKernels.At(page.Stored, page.Info, first));
                foreach (var level in Enum.GetValues<SimdLevel>())
                {
                    Array.Clear(range);
                    Assert.True(PointKernels.TryRange(page.Stored, page.Info, first, range, level));
                    Assert.Equal(page.Values.AsSpan(first, range.Length).ToArray(), range);
                }
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => PointKernels.At(page.Stored, page.Info, page.Values.Length));
            Assert.Throws<ArgumentOutOfRangeException>(() => PointKernels.TryRange(page.Stored, page.Info, 0, new long[page.Values.Length + 1], SimdLevel.Scalar));
        }
    }

    public static TheoryData<string> Distribution => [.. Distributions.Names];

    [Theory]
    [MemberData(nameof(Distribution))]
    public void Pages_as_they_are_planned_answer_as_a_loop_over_their_numbers_does(string name)
    {
        var random = new Random(name.Length);
        foreach (var count in Counts)
        {
            var values = Distributions.Make(name, random, count);
            var plan = NumberPage.Plan(values);
            var stored = new byte[plan.Bytes];
            NumberPage.Encode(values, plan, stored);
            var page = new EncodedPage(values, stored, new PageInfo(count, plan.Min, plan.Max, plan.Encoding, plan.Bytes, 0, 0));
            foreach (var (low, high) in Intervals(random, values))
            {
                AssertRows(values.Select((v, r) => (v, r)).Where(p => p.v >= low && p.v <= high).Select(p => p.r), page, (bits, level) => Assert.True(NumberKernels.Between(stored, page.Info, low, high, bits, level)));
            }
            if (NumberPageIndex.CanIndex(plan.Encoding))
            {
                Assert.True(NumberPageIndex.TryBuild(stored, page.Info, out var index));
                for (var row = 0; row < count; row++) Assert.Equal(values[row], index.TryRead(stored, row, out var number) ? number : ~values[row]);
                Assert.Throws<ArgumentOutOfRangeException>(() => index.TryRead(stored, count, out _));
            }
            var set = new ulong[20];
            foreach (var v in values) if (v is >= 0 and < 1_280 && v % 3 != 0) set[v / 64] |= 1UL << (int)(v % 64);
            AssertRows(values.Select((v, r) => (v, r)).Where(p => p.v is >= 0 and < 1_280 && (set[p.v / 64] >> (int)(p.v % 64) & 1) != 0).Select(p => p.r), page, (bits, level) => Assert.True(NumberKernels.InSet(stored, page.Info, set, bits, level)));
            for (var round = 0; round < 8; round++)
            {
                var first = random.Next(count);
                var range = new long[round % 2 == 0 ? random.Next(Math.Min(20, count - first) + 1) : count - first];
                foreach (var level in Enum.GetValues<SimdLevel>())
                {
                    Array.Clear(range);
                    Assert.True(PointKernels.TryRange(stored, page.Info, first, range, level));
                    Assert.Equal(values.AsSpan(first, range.Length).ToArray(), range);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Distribution))]
    public void Damaged_pages_are_refused_or_answered_and_nothing_else(string name)
    {
        // A checksum stands before all this; what passes it and is nonsense must not read outside the page.
        var random = new Random(name.Length);
        var values = Distributions.Make(name, random, 2_500);
        var plan = NumberPage.Plan(values);
        if (plan.Encoding <= PageEncoding.Sequential) return;
        for (var round = 0; round < TestScale.Of(200); round++)
        {
            var stored = new byte[plan.Bytes];
            NumberPage.Encode(values, NumberPage.Plan(values), stored);
            for (var k = random.Next(1, 4); k > 0; k--) stored[random.Next(random.Next(2) == 0 ? Math.Min(40, stored.Length) : stored.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) stored = stored[..random.Next(stored.Length)];
            var info = new PageInfo(values.Length, plan.Min, plan.Max, plan.Encoding, stored.Length, 0, 0);
            var bits = new ulong[RowBits.Words];
            NumberKernels.Between(stored, info, values[0], long.MaxValue, bits, BitPacking.Best);
            NumberKernels.InSet(stored, info, [0x5555, 3], bits, BitPacking.Best);
            PointKernels.TryRange(stored, info, random.Next(2_000), new long[random.Next(1, 500)], BitPacking.Best);
            if (!NumberPageIndex.CanIndex(plan.Encoding) || !NumberPageIndex.TryBuild(stored, info, out var index)) continue;
            var whole = new long[values.Length];
            var isWhole = NumberPage.TryDecode(stored, plan.Encoding, plan.Min, plan.Max, whole);
            for (var row = 0; row < values.Length; row++)
            {
                var isRead = index.TryRead(stored, row, out var number);
                // Whoever reads one number and whoever reads all must not differ.
                if (isWhole) Assert.Equal((true, whole[row]), (isRead, number));
            }
        }
    }

    [Fact]
    public void An_empty_page_has_no_rows()
    {
        var bits = new ulong[RowBits.Words];
        bits.AsSpan().Fill(ulong.MaxValue);
        Assert.True(NumberKernels.Between([], default, long.MinValue, long.MaxValue, bits, BitPacking.Best));
        Assert.True(RowBits.IsEmpty(bits));
        bits.AsSpan().Fill(ulong.MaxValue);
        Assert.True(NumberKernels.InSet([], default, [1], bits, BitPacking.Best));
        Assert.True(RowBits.IsEmpty(bits));
    }

    private static void AssertRows(IEnumerable<int> expected, EncodedPage page, Action<ulong[], SimdLevel> kernel)
    {
        var wanted = new ulong[RowBits.Words];
        foreach (var row in expected) wanted[row / 64] |= 1UL << (row % 64);
        foreach (var level in Enum.GetValues<SimdLevel>())
        {
            var bits = new ulong[RowBits.Words];
            bits.AsSpan().Fill(0xAAAAAAAAAAAAAAAA);
            kernel(bits, level);
            Assert.True(wanted.AsSpan().SequenceEqual(bits), $"{page.Info} at {level}");
        }
    }

    private static IEnumerable<EncodedPage> Pages(Random random, int width)
    {
        foreach (var count in Counts)
        {
            foreach (var min in new[] { long.MinValue, -1, 0, 1_700_000_000_000_000_000 })
            {
                if (width == 64 && min != long.MinValue) continue;
                if (width < 64 && min > long.MaxValue - (long)Math.Min(ulong.MaxValue >> (64 - Math.Max(1, width)), long.MaxValue)) continue;
                foreach (var page in Encoded(Numbers(random, count, width, min))) yield return page;
            }
        }
    }

    /// <summary>The page in each encoding that holds it.</summary>
    private static IEnumerable<EncodedPage> Encoded(long[] values)
    {
        var (min, max) = (values.Min(), values.Max());
        foreach (var encoding in new[] { PageEncoding.Constant, PageEncoding.Raw, PageEncoding.Interleaved, PageEncoding.Sequential })
        {
            var size = NumberPage.StoredBytes(encoding, min, max, values.Length);
            if (size < 0) continue;
            var stored = new byte[size];
            NumberPage.Encode(values, new NumberPlan(encoding, min, max, (int)size), stored);
            yield return new EncodedPage(values, stored, new PageInfo(values.Length, min, max, encoding, (int)size, 0, 0));
        }
    }

    private static IEnumerable<(long Low, long High)> Intervals(Random random, long[] values)
    {
        var some = values[random.Next(values.Length)];
        var other = values[random.Next(values.Length)];
        yield return (some, some);
        yield return (values.Min(), values.Min());
        yield return (Math.Min(some, other), Math.Max(some, other));
        yield return (some, long.MaxValue);
        yield return (long.MinValue, some);
        yield return (long.MinValue, long.MaxValue);
        yield return (unchecked(some + 1), unchecked(some + 1));
        if (some < other) yield return (other, some);
    }

    private static long[] Numbers(Random random, int count, int width, long min)
    {
        var mask = width == 0 ? 0 : ulong.MaxValue >> (64 - width);
        var values = new long[count];
        for (var i = 0; i < count; i++) values[i] = unchecked((long)((ulong)min + ((ulong)random.NextInt64(long.MinValue, long.MaxValue) & mask)));
        // Runs and repeats, as real columns have.
        for (var i = 1; i < count; i++)
        {
            if (random.Next(3) == 0) values[i] = values[i - 1];
        }
        values[0] = min;
        values[^1] = unchecked((long)((ulong)min + (count == 1 ? 0 : mask)));
        return values;
    }

    private sealed record EncodedPage(long[] Values, byte[] Stored, PageInfo Info);
}
