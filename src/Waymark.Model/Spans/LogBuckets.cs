// The log-linear buckets that durations are counted in: everywhere the same, so that histograms merge and a quantile means one thing.
using System.Numerics;

namespace Waymark.Model.Spans;

/// <summary>
/// 32 buckets per octave: bucket 0 to 31 hold the values 0 to 31 exactly, every later one is 1/32 of its octave wide, so a value is known to 3.1 %. Ordered as the values are.
/// <para><c>value &lt; 32: bucket = value; else, with o = ⌊log2 value⌋: bucket = (o − 4) · 32 + (value ≫ (o − 5)) − 32</c>.</para>
/// </summary>
public static class LogBuckets
{
    /// <summary>Buckets of all values from 0 to 2^63 − 1.</summary>
    public const int Count = 59 * PerOctave;

    private const int PerOctave = 32;
    private const int PerOctaveBits = 5;

    /// <summary>The bucket of a value of 0 or more.</summary>
    public static int Of(long value)
    {
        if (value < PerOctave) return (int)value;
        var octave = BitOperations.Log2((ulong)value);
        return ((octave - PerOctaveBits + 1) << PerOctaveBits) + (int)(value >> (octave - PerOctaveBits)) - PerOctave;
    }

    /// <summary>The smallest value of a bucket.</summary>
    public static long Lower(int bucket) => bucket < PerOctave ? bucket : (PerOctave + (long)(bucket & (PerOctave - 1))) << WidthBits(bucket);

    /// <summary>log2 of how many values a bucket holds.</summary>
    public static int WidthBits(int bucket) => bucket < PerOctave ? 0 : (bucket >> PerOctaveBits) - 1;

    /// <summary>The largest value of a bucket.</summary>
    public static long Upper(int bucket) => Lower(bucket) + ((1L << WidthBits(bucket)) - 1);
}
