// The kernels of measurements against loops.
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Scanning.Measuring;

namespace Waymark.Storage.Tests.Scanning;

public sealed class MeasureKernelTests
{
    [Theory]
    [InlineData(30)]
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(62)]
    public void Durations_get_the_buckets_that_are_defined_for_them(int bits)
    {
        var random = new Random(bits);
        var durations = Enumerable.Range(0, 4_000).Select(i => i < 200 ? i - 20 : (1L << random.Next(bits + 1)) + random.Next(-2, 3)).Append((1L << bits) - 1).ToArray();
        var buckets = new int[durations.Length];
        BucketKernels.Of(durations, durations.Max(), buckets);
        Assert.Equal(durations.Select(d => LogBuckets.Of(Math.Max(0, d))), buckets);
    }

    [Fact]
    public void Ranges_of_rows_are_set_and_taken()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var (from, to) = (random.Next(8192), random.Next(8193));
            if (from > to) (from, to) = (to, from);
            var bits = new ulong[RowBits.Words];
            Selection.SetRange(bits, from, to);
            Assert.Equal(Enumerable.Range(0, 8192).Select(r => from <= r && r < to), Bits(bits, 8192));
            RowBits.Fill(bits, 8192);
            Assert.Equal(from < to, Selection.TakeRange(bits, from, to));
            Assert.Equal(Enumerable.Range(0, 8192).Select(r => r < from || to <= r), Bits(bits, 8192));
            Assert.False(Selection.TakeRange(bits, from, to));
        }
    }

    private static IEnumerable<bool> Bits(ulong[] bits, int count)
    {
        for (var i = count; i < bits.Length * 64; i++) Assert.Equal(0ul, bits[i / 64] >> (i % 64) & 1);
        return Enumerable.Range(0, count).Select(i => (bits[i / 64] >> (i % 64) & 1) != 0).ToArray();
    }
}
