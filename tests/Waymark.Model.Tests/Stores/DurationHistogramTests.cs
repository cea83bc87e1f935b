// Histograms of durations: counts, merging, and quantiles that lie in the right bucket.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Model.Tests.Stores;

public sealed class DurationHistogramTests
{
    [Fact]
    public void A_quantile_lies_in_the_bucket_of_the_duration_of_nearest_rank()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var durations = Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.NextInt64(1L << random.Next(1, 63))).Order().ToList();
            var histogram = new DurationHistogram();
            foreach (var duration in durations) histogram.Add(new DurationNanos(duration));
            foreach (var percent in new[] { 0, 1, 7, 50, 95, 99, 100, random.Next(101) })
            {
                var exact = durations[Math.Max(0, (((durations.Count * percent) + 99) / 100) - 1)];
                var bucket = LogBuckets.Of(exact);
                var quantile = histogram.Quantile(percent / 100.0)!.Value;
                Assert.Equal(bucket, LogBuckets.Of(quantile.Value));
                Assert.InRange(Math.Abs(quantile.Value - (double)exact), 0, exact * 0.0313);
                Assert.Equal((new DurationNanos(LogBuckets.Lower(bucket)), new DurationNanos(LogBuckets.Upper(bucket))), histogram.Bounds(percent / 100.0));
            }
        }
    }

    [Fact]
    public void Merging_counts_what_both_have_counted()
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var (one, other, both) = (new DurationHistogram(), new DurationHistogram(), new DurationHistogram());
            for (var i = random.Next(20); i > 0; i--)
            {
                var duration = new DurationNanos(random.NextInt64(-5, 1L << random.Next(4, 62)));
                (random.Next(2) == 0 ? one : other).Add(duration);
                both.Add(duration);
            }
            one.Merge(other);
            Assert.Equal(both.Buckets, one.Buckets);
            Assert.Equal(both.Count, one.Count);
        }
    }

    [Fact]
    public void Negative_durations_count_as_none()
    {
        var histogram = new DurationHistogram();
        histogram.Add(new DurationNanos(-7));
        Assert.Equal(new DurationNanos(0), histogram.Quantile(0.5));
    }

    [Fact]
    public void Nothing_counted_has_no_quantile()
    {
        Assert.Null(new DurationHistogram().Quantile(0.5));
        Assert.Null(new DurationHistogram().Bounds(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DurationHistogram().Quantile(1.1));
    }
}
