// Pages of numbers read as docs/formats/segment.md says, one bit at a time and without a look at the product's own readers.
using System.Numerics;

namespace Waymark.Storage.Tests.Columns;

/// <summary>Throws where bytes are missing; <see cref="AtEnd"/> tells whether some are left.</summary>
internal sealed class DocumentDecoder(byte[] bytes)
{
    private static readonly long[] Nanos = [1, 100, 1_000, 1_000_000];

    private int at;

    public bool AtEnd => at == bytes.Length;

    public long[] Page(int encoding, BigInteger min, BigInteger max, int count, byte[]? units = null)
    {
        switch (encoding)
        {
            case 5:
                var runs = Varint();
                var values = Stream(runs);
                var lengths = Stream(runs);
                return [.. values.Zip(lengths).SelectMany(run => Enumerable.Repeat(run.First, (int)run.Second + 1))];
            case 6:
                var distinct = new List<long> { (long)min };
                foreach (var step in Stream(Varint() - 1)) distinct.Add(unchecked(distinct[^1] + step));
                return [.. Stream(count).Select(code => distinct[(int)code])];
            case 7:
                var exceptions = Varint();
                return Replace(Stream(count), Stream(exceptions), Stream(exceptions));
            case 8 or 9:
                return Times(count, isStarts: encoding == 9, units!);
            case 12:
                var divisor = Varint();
                return [.. Stream(count).Select(quotient => (long)(min + (quotient * divisor)))];
            default:
                return Packed(encoding, min, Width(max - min), count);
        }
    }

    private long[] Stream(BigInteger count)
    {
        var encoding = bytes[at++];
        var zigzag = Varint();
        var min = zigzag.IsEven ? zigzag / 2 : -(zigzag + 1) / 2;
        var range = Varint();
        var length = (int)Varint();
        var end = at + length;
        var numbers = Page(encoding, min, min + range, (int)count);
        Assert.Equal(end, at);
        return numbers;
    }

    private long[] Times(int count, bool isStarts, byte[] units)
    {
        var exceptions = Varint();
        var codes = Stream(count);
        var blocks = (count + 1_023) / 1_024;
        var restarts = isStarts ? Stream(blocks) : [];
        var offsets = blocks > 1 ? Stream(blocks - 1) : [];
        var (positions, values) = exceptions.IsZero ? ([], []) : (Stream(exceptions), Stream(exceptions));
        var bit = at * 8;
        var first = bit;
        var clock = BigInteger.Zero;
        var rows = new long[count];
        for (var row = 0; row < count; row++)
        {
            if (row % 1_024 == 0 && row > 0) Assert.Equal(offsets[(row / 1_024) - 1], bit - first);
            BigInteger unit = Nanos[units[row]];
            var code = (int)codes[row];
            if (isStarts)
            {
                if (row % 1_024 == 0) clock = Floor(restarts[row / 1_024], unit);
                else if (units[row] != units[row - 1]) clock = Floor(Wrapped(clock * Nanos[units[row - 1]]), unit);
                var size = (code + 1) / 2;
                var step = code == 0 ? 0 : (BigInteger.One << (size - 1)) + Bits(ref bit, size - 1);
                clock = Wrapped(clock + (code % 2 == 0 ? -step : step));
                rows[row] = (long)Wrapped(clock * unit);
            }
            else
            {
                var shift = (code / 32) - 1;
                var (lower, upper) = code < 32 ? (code, (BigInteger)code) : ((BigInteger)(32 + (code % 32)) << shift, ((BigInteger)(33 + (code % 32)) << shift) - 1);
                var low = -Floor(-lower, unit);
                var multiples = Floor(upper, unit) - low + 1;
                rows[row] = (long)((low + Bits(ref bit, multiples < 2 ? 0 : Width(multiples - 1))) * unit);
            }
        }
        at = (bit + 7) / 8;
        return Replace(rows, positions, values);
    }

    private static long[] Replace(long[] rows, long[] positions, long[] values)
    {
        var position = 0L;
        for (var i = 0; i < positions.Length; i++) rows[position += positions[i]] = values[i];
        return rows;
    }

    private long[] Packed(int encoding, BigInteger min, int width, int count)
    {
        if (encoding == 0) Assert.Equal(0, width);
        if (encoding == 1) (min, width) = (0, 64);
        var start = at * 8;
        var numbers = new long[count];
        for (var i = 0; i < count; i++)
        {
            BigInteger value = 0;
            for (var bit = 0; bit < width; bit++)
            {
                var laneBit = (i % 1_024 / 16 * width) + bit;
                var place = encoding == 2 ? start + (i / 1_024 * 1_024 * width) + (laneBit / 32 * 512) + (i % 16 * 32) + (laneBit % 32) : start + (i * width) + bit;
                value |= (BigInteger)(bytes[place / 8] >> (place % 8) & 1) << bit;
            }
            numbers[i] = (long)Wrapped(min + value);
        }
        at += encoding == 2 ? (count + 1_023) / 1_024 * 128 * width : ((count * width) + 7) / 8;
        return numbers;
    }

    private BigInteger Varint()
    {
        BigInteger value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (BigInteger)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }

    private BigInteger Bits(ref int bit, int width)
    {
        BigInteger value = 0;
        for (var i = 0; i < width; i++, bit++) value |= (BigInteger)(bytes[bit / 8] >> (bit % 8) & 1) << i;
        return value;
    }

    private static int Width(BigInteger number) => (int)number.GetBitLength();

    private static BigInteger Floor(BigInteger number, BigInteger unit) => BigInteger.DivRem(number, unit, out var rest) - (rest.Sign < 0 ? 1 : 0);

    private static BigInteger Wrapped(BigInteger number) => unchecked((long)(ulong)(number & ulong.MaxValue));
}
