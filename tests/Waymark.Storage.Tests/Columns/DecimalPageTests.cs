// Encoding 13: every double comes back bit for bit, whatever it was, and no bytes make the reader fail.
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class DecimalPageTests
{
    private readonly Random random = new(13);

    [Fact]
    public void Decimal_numbers_come_back_bit_for_bit()
    {
        for (var round = 0; round < TestScale.Of(200); round++)
        {
            var places = random.Next(0, 10);
            var values = new long[random.Next(1, 3000)];
            var oddities = random.Next(0, 4) == 0 ? 10 : 0;
            for (var i = 0; i < values.Length; i++) values[i] = Bits((double)random.NextInt64(-1_000_000_000, 1_000_000_000) / Math.Pow(10, places));
            for (var i = 0; i < oddities; i++) values[random.Next(values.Length)] = Odd();
            using var page = new PooledBuffer();
            if (!DecimalPage.TryEncode(values, page)) continue;
            var back = new long[values.Length];
            Assert.True(DecimalPage.TryDecode(page.WrittenSpan, back));
            Assert.Equal(values, back);
        }
    }

    [Fact]
    public void Prices_take_the_bits_of_their_cents()
    {
        var values = new long[8192];
        for (var i = 0; i < values.Length; i++) values[i] = Bits(random.Next(100, 100_000) / 100.0);
        using var page = new PooledBuffer();
        Assert.True(DecimalPage.TryEncode(values, page));
        Assert.InRange(page.Length, 1, values.Length * 18 / 8);
    }

    [Fact]
    public void Numbers_that_are_no_decimals_are_refused_and_leave_nothing_behind()
    {
        var values = new long[1000];
        for (var i = 0; i < values.Length; i++) values[i] = Bits(random.NextDouble());
        using var page = new PooledBuffer();
        Assert.False(DecimalPage.TryEncode(values, page));
        Assert.Equal(0, page.Length);
    }

    [Fact]
    public void Mutated_and_truncated_pages_are_refused_or_read_without_failing()
    {
        var values = new long[500];
        for (var i = 0; i < values.Length; i++) values[i] = i % 100 == 7 ? Odd() : Bits(random.Next(10_000) / 10.0);
        using var page = new PooledBuffer();
        Assert.True(DecimalPage.TryEncode(values, page));
        var back = new long[values.Length];
        var refused = 0;
        for (var round = 0; round < TestScale.Of(5000); round++)
        {
            var bytes = page.WrittenSpan[..random.Next(page.Length + 1)].ToArray();
            if (bytes.Length > 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!DecimalPage.TryDecode(bytes, back)) refused++;
        }
        Assert.True(refused > 0);
    }

    private long Odd() => random.Next(6) switch
    {
        0 => Bits(double.NaN),
        1 => Bits(double.NegativeInfinity),
        2 => Bits(-0.0),
        3 => Bits(double.Epsilon),
        4 => random.NextInt64(long.MinValue, long.MaxValue),
        _ => Bits(1e300),
    };

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
