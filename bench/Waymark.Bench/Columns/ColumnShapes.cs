// Columns as spans have them, for the encodings to be measured on: rows of traces of 1 to 13 spans, neighbours often alike.
using Waymark.Storage.Columns;

namespace Waymark.Bench.Columns;

/// <summary>Pages of 8,192 numbers.</summary>
internal static class ColumnShapes
{
    public const int PageRows = 8_192;

    /// <summary>Name, what it stands for, and how a page of it is made.</summary>
    public static IReadOnlyList<(string Name, Func<Random, long[]> Make)> All { get; } =
    [
        ("constant (flags)", _ => new long[PageRows]),
        ("codes of 9 bits (name)", random => Each(_ => random.Next(400))),
        ("same over a trace (user id)", random => Runs(random, () => random.Next(1 << 20))),
        ("same over a trace, 64 bits (session id half)", random => Runs(random, () => random.NextInt64(long.MinValue, long.MaxValue))),
        ("far apart (server.port)", random => Pick(random, [80, 443, 5_432, 6_379, 8_080, 9_092, 50_051])),
        ("1,000 values of 40 bits (order.total)", random => Pick(random, Each(_ => random.NextInt64(1L << 40))[..1_000])),
        ("few outliers (parent link)", random => Each(_ => random.Next(40) == 0 ? random.Next(2_000) : random.Next(1, 9))),
        ("milliseconds as nanoseconds", random => Each(_ => (1_700_000_000_000 + random.Next(50_000_000)) * 1_000_000)),
        ("random 16 bits (peer.port)", random => Each(_ => random.Next(32_768, 61_000))),
        ("random 64 bits (span id)", random => Each(_ => random.NextInt64(long.MinValue, long.MaxValue))),
    ];

    /// <summary>Durations between 1 µs and 60 s or so, small ones more frequent, and the clock of each row.</summary>
    public static (long[] Values, byte[] Units) Durations(Random random, byte[] clocks)
    {
        var units = Units(random, clocks);
        return (Each(i => Whole(1_000 + (random.NextInt64(1L << 36) >> random.Next(24)), units[i])), units);
    }

    /// <summary>Starts of traces that come about 500 a second, their spans some 100 µs to 10 ms apart.</summary>
    public static (long[] Values, byte[] Units) Starts(Random random, byte[] clocks)
    {
        var units = Units(random, clocks);
        var (trace, at) = (1_700_000_000_000_000_000 + random.NextInt64(1L << 40), 0L);
        return (Each(i =>
        {
            if (i == 0 || random.Next(7) == 0) at = trace += random.Next(4_000_000);
            else at += 10_000 + (random.NextInt64(1L << 24) >> random.Next(10));
            return Whole(at, units[i]);
        }), units);
    }

    private static byte[] Units(Random random, byte[] clocks)
    {
        var units = new byte[PageRows];
        for (var i = 0; i < units.Length; i++) units[i] = clocks[random.Next(clocks.Length)];
        return units;
    }

    private static long Whole(long time, byte unit) => time / ClockUnits.Nanos(unit) * ClockUnits.Nanos(unit);

    private static long[] Each(Func<int, long> value)
    {
        var numbers = new long[PageRows];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = value(i);
        return numbers;
    }

    private static long[] Pick(Random random, long[] values) => Each(_ => values[random.Next(values.Length)]);

    private static long[] Runs(Random random, Func<long> value)
    {
        var (left, current) = (0, 0L);
        return Each(_ =>
        {
            if (left-- == 0) (left, current) = (random.Next(13), value());
            return current;
        });
    }
}
