// Pages of numbers: every encoding gives back what it was given and costs no more than raw.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class NumberPageTests
{
    private static readonly int[] Counts = [1, 2, 15, 16, 17, 1_023, 1_024, 1_025, 4_000, 8_191, 8_192];

    public static TheoryData<int> Widths => [.. Enumerable.Range(0, 65)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_width_and_count_comes_back_from_every_encoding_that_holds_it(int width)
    {
        var random = new Random(width);
        foreach (var count in Counts)
        {
            foreach (var min in new[] { long.MinValue, -1, 0, 1, long.MaxValue - Span(width), 1_700_000_000_000_000_000 })
            {
                if (min > long.MaxValue - Span(width) || (width == 64 && min != long.MinValue)) continue;
                var values = Numbers(random, count, width, min);
                Assert.Equal(count == 1 ? 0 : width, NumberPage.Width(values.Min(), values.Max()));
                var plan = NumberPage.Plan(values);
                Assert.Equal((values.Min(), values.Max()), (plan.Min, plan.Max));
                foreach (var encoding in new[] { PageEncoding.Constant, PageEncoding.Raw, PageEncoding.Interleaved, PageEncoding.Sequential })
                {
                    var size = NumberPage.StoredBytes(encoding, plan.Min, plan.Max, count);
                    if (size < 0) continue;
                    if (encoding == plan.Encoding) Assert.Equal(size, plan.Bytes);
                    Comes_back(values, plan with { Encoding = encoding, Bytes = (int)size });
                }
            }
        }
    }

    [Fact]
    public void A_single_value_takes_no_bytes()
    {
        Assert.Equal(new NumberPlan(PageEncoding.Constant, 42, 42, 0), NumberPage.Plan([42]));
        Assert.Equal(new NumberPlan(PageEncoding.Constant, long.MinValue, long.MinValue, 0), NumberPage.Plan([long.MinValue, long.MinValue]));
    }

    [Fact]
    public void The_whole_range_of_64_bits_is_stored_raw()
    {
        var plan = NumberPage.Plan([long.MaxValue, 0, long.MinValue]);
        Assert.Equal(new NumberPlan(PageEncoding.Raw, long.MinValue, long.MaxValue, 24), plan);
    }

    [Fact]
    public void Full_pages_of_narrow_numbers_are_interleaved_and_small_ones_are_not_padded()
    {
        var full = Enumerable.Range(0, 8_192).Select(i => (long)(i % 32)).ToArray();
        Assert.Equal(new NumberPlan(PageEncoding.Interleaved, 0, 31, 8_192 * 5 / 8), NumberPage.Plan(full));
        Assert.Equal(new NumberPlan(PageEncoding.Sequential, 0, 9, 5), NumberPage.Plan(full.AsSpan(0, 10)));
    }

    [Fact]
    public void No_plan_costs_more_than_raw_numbers_do()
    {
        var random = new Random(5);
        for (var round = 0; round < TestScale.Of(300); round++)
        {
            var count = random.Next(1, 8_193);
            Assert.True(NumberPage.Plan(Numbers(random, count, random.Next(65), 0)).Bytes <= count * 8);
        }
    }

    private static void Comes_back(long[] values, NumberPlan plan)
    {
        var stored = new byte[plan.Bytes];
        NumberPage.Encode(values, plan, stored);
        var into = new long[values.Length];
        var narrow = new int[values.Length];
        foreach (var level in Enum.GetValues<SimdLevel>())
        {
            if (plan.Encoding == PageEncoding.Interleaved)
            {
                var again = new byte[plan.Bytes];
                NumberPage.EncodeInterleaved(values, plan.Min, NumberPage.Width(plan.Min, plan.Max), again, level);
                Assert.Equal(stored, again);
            }
            else if (level != SimdLevel.Scalar)
            {
                break;
            }
            Array.Clear(into);
            NumberPage.Decode(stored, plan.Encoding, plan.Min, plan.Max, into, level);
            Assert.Equal(values, into);
            if (plan.Min < int.MinValue || plan.Max > int.MaxValue) continue;
            Array.Clear(narrow);
            NumberPage.Decode(stored, plan.Encoding, plan.Min, plan.Max, narrow, level);
            Assert.Equal(values, narrow.Select(v => (long)v));
        }
    }

    /// <summary>2^width − 1, as far as it is a long.</summary>
    private static long Span(int width) => width == 0 ? 0 : (long)Math.Min(ulong.MaxValue >> (64 - width), long.MaxValue);

    private static long[] Numbers(Random random, int count, int width, long min)
    {
        var mask = width == 0 ? 0 : ulong.MaxValue >> (64 - width);
        var values = new long[count];
        for (var i = 0; i < count; i++) values[i] = unchecked((long)((ulong)min + ((ulong)random.NextInt64(long.MinValue, long.MaxValue) & mask)));
        values[0] = min;
        values[^1] = unchecked((long)((ulong)min + (count == 1 ? 0 : mask)));
        return values;
    }
}
