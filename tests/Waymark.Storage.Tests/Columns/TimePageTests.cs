// Pages of times: exact for every clock and for rows that keep to none, block by block, and never larger than plain numbers.
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class TimePageTests
{
    private static readonly int[] Counts = [1, 2, 7, 100, 1_023, 1_024, 1_025, 2_048, 5_000, 8_192];

    public static TheoryData<string> Kinds => ["one clock", "mixed clocks", "some off their clock", "negative and huge", "any 64 bits", "wrong clock"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Durations_come_back_whole_and_in_parts(string kind)
    {
        var random = new Random(kind.Length);
        foreach (var count in Counts)
        {
            var (values, units) = Durations(random, kind, count);
            var stored = Encoded(values, units, isStarts: false);
            foreach (var level in Enum.GetValues<SimdLevel>()) Comes_back(values, units, stored, isStarts: false, level);
            Parts_come_back(random, values, units, stored, TimePage.TryDecodeDurations);
            var buckets = new int[count];
            Assert.True(TimePage.TryReadBuckets(stored, buckets));
            Assert.Equal(values.Select(value => value < 0 ? -1 : LogBuckets.Of(value)), buckets);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Durations_between_bounds_are_found_by_their_buckets_and_the_residuals_of_those_in_doubt(string kind)
    {
        var random = new Random(kind.Length + 1);
        foreach (var count in Counts)
        {
            var (values, units) = Durations(random, kind, count);
            var stored = Encoded(values, units, isStarts: false);
            for (var round = 0; round < 8; round++)
            {
                var (low, high) = (Math.Max(0, values[random.Next(count)] + random.Next(-1, 2)), Math.Max(0, values[random.Next(count)] + random.Next(-1, 2)));
                if (low > high) (low, high) = (high, low);
                if (round == 6) high = long.MaxValue;
                if (round == 7) low = long.MinValue;
                foreach (var level in Enum.GetValues<SimdLevel>())
                {
                    var (bits, open) = (new ulong[RowBits.Words], new ulong[RowBits.Words]);
                    Assert.True(TimePage.TryFindBuckets(stored, count, low, high, bits, open, level));
                    Assert.True(TimePage.TryDecide(stored, units, low, high, open, bits, level));
                    for (var row = 0; row < RowBits.Rows; row++) Assert.Equal(row < count && values[row] >= low && values[row] <= high, RowBits.Contains(bits, row));
                    Few_rows_are_narrowed(random, values, units, stored, low, high, level);
                }
            }
        }
    }

    private static void Few_rows_are_narrowed(Random random, long[] values, byte[] units, byte[] stored, long low, long high, SimdLevel level)
    {
        var (bits, open) = (new ulong[RowBits.Words], new ulong[RowBits.Words]);
        for (var i = 0; i < 20; i++) RowBits.Set(bits, random.Next(values.Length) is var row ? row : 0, row + 1);
        var asked = bits.ToArray();
        var isRead = DurationKernels.Narrow(stored, values.Length, low, high, bits, open, level);
        // Codes with exceptions of their own have no place per row.
        if (isRead is null) return;
        Assert.True(isRead);
        Assert.True(TimePage.TryDecide(stored, units, low, high, open, bits, level));
        for (var row = 0; row < values.Length; row++) Assert.Equal(RowBits.Contains(asked, row) && values[row] >= low && values[row] <= high, RowBits.Contains(bits, row));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Starts_come_back_whole_and_in_parts(string kind)
    {
        var random = new Random(kind.Length);
        foreach (var count in Counts)
        {
            var (values, units) = Starts(random, kind, count);
            var stored = Encoded(values, units, isStarts: true);
            foreach (var level in Enum.GetValues<SimdLevel>()) Comes_back(values, units, stored, isStarts: true, level);
            Parts_come_back(random, values, units, stored, TimePage.TryDecodeStarts);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_page_says_what_the_document_says_it_does(string kind)
    {
        var random = new Random(kind.Length);
        foreach (var count in new[] { 1, 100, 1_025, 3_000 })
        {
            foreach (var isStarts in new[] { false, true })
            {
                var (values, units) = isStarts ? Starts(random, kind, count) : Durations(random, kind, count);
                var document = new DocumentDecoder(Encoded(values, units, isStarts));
                Assert.Equal(values, document.Page(isStarts ? 9 : 8, 0, 0, count, units));
                Assert.True(document.AtEnd);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_time_page_is_taken_only_when_smaller_and_leaves_the_plan_beside_it_good(string kind)
    {
        var random = new Random(kind.Length);
        for (var round = 0; round < TestScale.Of(10); round++)
        {
            foreach (var isStarts in new[] { false, true })
            {
                var (values, units) = isStarts ? Starts(random, kind, random.Next(1, 4_000)) : Durations(random, kind, random.Next(1, 4_000));
                var plan = NumberPage.Plan(values);
                using var into = new PooledBuffer();
                into.Write("before"u8);
                var isTaken = isStarts ? TimePage.TryEncodeStarts(values, units, into) : TimePage.TryEncodeDurations(values, units, into);
                if (isTaken) Assert.InRange(into.Length - 6, 1, plan.Bytes - 1);
                else Assert.Equal(6, into.Length);
                var stored = new byte[plan.Bytes];
                NumberPage.Encode(values, plan, stored);
                var back = new long[values.Length];
                Assert.True(NumberPage.TryDecode(stored, plan.Encoding, plan.Min, plan.Max, back));
                Assert.Equal(values, back);
            }
        }
    }

    [Fact]
    public void A_coarse_clock_takes_fewer_bytes()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 8_192).Select(_ => (random.NextInt64(1L << 32) >> random.Next(12)) / 1_000_000 * 1_000_000).ToArray();
        int Bytes(byte unit) => Encoded(values, [.. Enumerable.Repeat(unit, values.Length)], isStarts: false).Length;
        Assert.True(Bytes(1) < Bytes(0) && Bytes(2) < Bytes(1) && Bytes(3) < Bytes(2));
    }

    [Fact]
    public void The_clock_of_a_time_is_the_coarsest_that_divides_it_and_the_finer_of_two_divides_both()
    {
        Assert.Equal<byte>([3, 0, 1, 2, 3, 1, 3, 0], [ClockUnits.Of(0), ClockUnits.Of(1), ClockUnits.Of(100), ClockUnits.Of(5_000), ClockUnits.Of(-3_000_000), ClockUnits.Of(-1_100), ClockUnits.Of(1_700_000_000_000_000_000), ClockUnits.Of(long.MaxValue)]);
        var random = new Random(2);
        for (var round = 0; round < 1_000; round++)
        {
            var (a, b) = (Multiple(random, (byte)random.Next(4)), Multiple(random, (byte)random.Next(4)));
            Assert.Equal(0, a % ClockUnits.Nanos(ClockUnits.Of(a)));
            var both = ClockUnits.Nanos(ClockUnits.Combine(ClockUnits.Of(a), ClockUnits.Of(b)));
            Assert.True(a % both == 0 && b % both == 0);
        }
    }

    [Fact]
    public void A_time_in_whole_ticks_is_rounded_down_as_division_does()
    {
        var random = new Random(7);
        for (var round = 0; round < TestScale.Of(20_000); round++)
        {
            var unit = (byte)random.Next(4);
            var nanos = ClockUnits.Nanos(unit);
            var any = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(63);
            foreach (var time in new[] { any, any / nanos * nanos, unchecked((any / nanos * nanos) - 1), long.MaxValue - (round % 2_000), long.MaxValue / nanos * nanos, long.MinValue + (round % 2_000), 0, -1 })
                Assert.Equal((long)Int128.CreateChecked(Math.Floor((decimal)time / nanos)), ClockUnits.Floor(time, unit));
        }
    }

    [Fact]
    public void Each_bucket_and_its_neighbours_come_back_in_every_unit()
    {
        for (byte unit = 0; unit < ClockUnits.Count; unit++)
        {
            var nanos = ClockUnits.Nanos(unit);
            var values = Enumerable.Range(0, LogBuckets.Count).SelectMany(bucket => new[] { LogBuckets.Lower(bucket), LogBuckets.Lower(bucket) / nanos * nanos, LogBuckets.Upper(bucket), LogBuckets.Upper(bucket) / nanos * nanos }).ToArray();
            var units = new byte[values.Length];
            Array.Fill(units, unit);
            Comes_back(values, units, Encoded(values, units, isStarts: false), isStarts: false, BitPacking.Best);
        }
    }

    [Fact]
    public void Damaged_pages_are_decoded_or_refused_and_nothing_around_them_matters()
    {
        var random = new Random(5);
        foreach (var kind in Kinds.Select(row => row.Data))
        {
            for (var round = 0; round < TestScale.Of(80); round++)
            {
                var isStarts = round % 2 == 0;
                var count = random.Next(1, round % 5 == 0 ? 3_000 : 200);
                var (values, units) = isStarts ? Starts(random, kind, count) : Durations(random, kind, count);
                var stored = Encoded(values, units, isStarts);
                for (var change = 0; change < 12; change++)
                {
                    var damaged = Damage.Mutate(stored, random);
                    Damage.Decode(damaged, count, random, (bytes, into) => isStarts ? TimePage.TryDecodeStarts(bytes, units, into) : TimePage.TryDecodeDurations(bytes, units, into));
                    Damage.Decode(damaged, count, random, (bytes, into) => !isStarts ? TimePage.TryDecodeStarts(bytes, units, into) : TimePage.TryDecodeDurations(bytes, units, into));
                    Damage.Decode(damaged, 1, random, (bytes, into) => TimePage.TryDecodeStarts(bytes, units, count / 2, into));
                    TimePage.TryReadBuckets(damaged, new int[count]);
                }
            }
        }
    }

    [Fact]
    public void Rows_outside_the_page_and_units_that_there_are_not_are_refused()
    {
        var (values, units) = Starts(new Random(6), "one clock", 100);
        var stored = Encoded(values, units, isStarts: true);
        var into = new long[10];
        Assert.True(TimePage.TryDecodeStarts(stored, units, 90, into));
        Assert.False(TimePage.TryDecodeStarts(stored, units, 91, into));
        Assert.False(TimePage.TryDecodeStarts(stored, units, -1, into));
        Assert.False(TimePage.TryDecodeStarts(stored, units, into));
        units[50] = 4;
        Assert.False(TimePage.TryDecodeStarts(stored, units, 90, into));
    }

    private static byte[] Encoded(long[] values, byte[] units, bool isStarts)
    {
        using var into = new PooledBuffer();
        Assert.True(isStarts ? TimePage.TryEncodeStarts(values, units, int.MaxValue, into) : TimePage.TryEncodeDurations(values, units, int.MaxValue, into));
        return into.WrittenSpan.ToArray();
    }

    private static void Comes_back(long[] values, byte[] units, byte[] stored, bool isStarts, SimdLevel level)
    {
        var back = new long[values.Length];
        Assert.True(TimePage.TryDecode(stored, isStarts, units, 0, back, level));
        Assert.Equal(values, back);
    }

    private delegate bool PartDecoder(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> units, int from, Span<long> values);

    private static void Parts_come_back(Random random, long[] values, byte[] units, byte[] stored, PartDecoder decode)
    {
        for (var round = 0; round < 20; round++)
        {
            var from = random.Next(values.Length);
            var part = new long[random.Next(1, values.Length - from + 1)];
            Assert.True(decode(stored, units, from, part));
            Assert.Equal(values[from..(from + part.Length)], part);
        }
    }

    private static (long[] Values, byte[] Units) Durations(Random random, string kind, int count) =>
        Make(random, kind, count, unit => (random.NextInt64(1L << 36) >> random.Next(30)) / ClockUnits.Nanos(unit) * ClockUnits.Nanos(unit));

    private static (long[] Values, byte[] Units) Starts(Random random, string kind, int count)
    {
        var (trace, at) = (1_700_000_000_000_000_000, 0L);
        return Make(random, kind, count, unit =>
        {
            if (random.Next(7) == 0) at = trace += random.Next(2_000_000);
            else at += random.Next(9_000_000);
            return at / ClockUnits.Nanos(unit) * ClockUnits.Nanos(unit);
        });
    }

    private static (long[] Values, byte[] Units) Make(Random random, string kind, int count, Func<byte, long> next)
    {
        var values = new long[count];
        var units = new byte[count];
        var only = (byte)random.Next(4);
        for (var i = 0; i < count; i++)
        {
            units[i] = kind == "one clock" ? only : (byte)random.Next(4);
            values[i] = kind switch
            {
                "some off their clock" when random.Next(20) == 0 => next(units[i]) + random.Next(1_000),
                "negative and huge" when random.Next(10) == 0 => random.Next(3) switch { 0 => -random.NextInt64(1L << random.Next(63)), 1 => long.MaxValue - random.Next(2_000_000), _ => long.MinValue + random.Next(9) },
                "any 64 bits" => random.NextInt64(long.MinValue, long.MaxValue),
                "wrong clock" => next(0),
                _ => next(units[i]),
            };
        }
        return (values, units);
    }

    private static long Multiple(Random random, byte unit) => random.NextInt64(-1_000_000, 1_000_000) * ClockUnits.Nanos(unit);
}
