// Numbers as columns of spans have them, and as none should: what the tests of encodings are run over.
namespace Waymark.Storage.Tests.Columns;

internal static class Distributions
{
    private static readonly Dictionary<string, Func<Random, int, long[]>> Makers = new()
    {
        ["one value"] = (random, count) => Fill(random.NextInt64(), count),
        ["small"] = (random, count) => Each(count, _ => random.Next(13)),
        ["any 64 bits"] = (random, count) => Each(count, _ => random.NextInt64(long.MinValue, long.MaxValue)),
        ["ends of the range"] = (random, count) => Each(count, _ => random.Next(3) switch { 0 => long.MinValue, 1 => long.MaxValue, _ => 0 }),
        ["same over a trace"] = (random, count) => Runs(count, () => random.Next(1, 14), () => random.NextInt64(1 << 24)),
        ["long runs"] = (random, count) => Runs(count, () => random.Next(1, 3_000), () => random.NextInt64()),
        ["runs of wild values"] = (random, count) => Runs(count, () => random.Next(1, 14), () => random.NextInt64(long.MinValue, long.MaxValue)),
        ["ports"] = (random, count) => Pick(random, count, [80, 443, 5_432, 6_379, 8_080, 9_092, 50_051]),
        ["a thousand ids"] = (random, count) => Pick(random, count, Each(1_000, _ => random.NextInt64())),
        ["row distances"] = (random, count) => Each(count, _ => random.Next(40) == 0 ? random.Next(8_192) : random.Next(1, 9)),
        ["few far above"] = (random, count) => Each(count, _ => random.Next(500) == 0 ? random.NextInt64() : 1_000 + random.Next(64)),
        ["few far below"] = (random, count) => Each(count, _ => random.Next(500) == 0 ? -1 : 1_700_000_000_000_000_000 + random.Next(100_000)),
        ["few on both sides"] = (random, count) => Each(count, _ => random.Next(100) switch { 0 => long.MinValue + random.Next(9), 1 => random.NextInt64(), _ => 5_000 + random.Next(50_000) }),
        ["milliseconds as nanoseconds"] = (random, count) => Each(count, _ => (1_700_000_000_000 + random.Next(50_000_000)) * 1_000_000),
        ["multiples of twelve below zero"] = (random, count) => Each(count, _ => 7 + (12L * random.Next(-100_000, 1))),
        ["rising"] = (random, count) => Rising(random, count),
        ["half constant"] = (random, count) => Each(count, i => i < count / 2 ? 77 : random.NextInt64(1L << random.Next(1, 62))),
        ["every width"] = (random, count) => Each(count, _ => random.NextInt64() >> random.Next(63)),
        ["outliers in one place"] = (random, count) => Each(count, i => i % 1_000 < 9 ? random.NextInt64() : random.Next(256)),
    };

    public static IEnumerable<string> Names => Makers.Keys;

    public static long[] Make(string name, Random random, int count) => Makers[name](random, count);

    private static long[] Each(int count, Func<int, long> value)
    {
        var numbers = new long[count];
        for (var i = 0; i < count; i++) numbers[i] = value(i);
        return numbers;
    }

    private static long[] Pick(Random random, int count, long[] values) => Each(count, _ => values[random.Next(values.Length)]);

    private static long[] Fill(long value, int count) => Each(count, _ => value);

    private static long[] Runs(int count, Func<int> length, Func<long> value)
    {
        var numbers = new long[count];
        for (var at = 0; at < count;)
        {
            var run = Math.Min(length(), count - at);
            numbers.AsSpan(at, run).Fill(value());
            at += run;
        }
        return numbers;
    }

    private static long[] Rising(Random random, int count)
    {
        var at = random.NextInt64(1L << 60);
        return Each(count, _ => at += random.Next(1_000_000));
    }
}
