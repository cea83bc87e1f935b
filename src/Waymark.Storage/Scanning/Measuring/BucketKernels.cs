// From durations to the buckets they are counted in, four at a time.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Waymark.Model.Spans;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Of whole pages of numbers.</summary>
internal static class BucketKernels
{
    /// <summary>The bucket of each duration (<see cref="LogBuckets"/>), a negative one's being that of 0.</summary>
    /// <param name="max">The largest duration there is, or more.</param>
    public static void Of(ReadOnlySpan<long> durations, long max, Span<int> buckets)
    {
        var done = 0;
        // As a double a duration has its octave in the exponent and its place in the octave on top of the mantissa, exactly so below 2^53.
        if (Vector256.IsHardwareAccelerated && max < 1L << 52)
        {
            ref var from = ref MemoryMarshal.GetReference(durations);
            ref var to = ref MemoryMarshal.GetReference(buckets);
            // 2^52 in the bits of a double: added to a smaller whole number, it makes that number's double plus 2^52.
            var magic = Vector256.Create(0x4330_0000_0000_0000L);
            var offset = Vector256.Create((1023L + 4) << 5);
            var exact = Vector256.Create(32L);
            for (; done + 8 <= durations.Length; done += 8)
            {
                var low = BucketsOf(Vector256.Max(Vector256.LoadUnsafe(ref from, (nuint)done), Vector256<long>.Zero), magic, offset, exact);
                var high = BucketsOf(Vector256.Max(Vector256.LoadUnsafe(ref from, (nuint)done + 4), Vector256<long>.Zero), magic, offset, exact);
                Vector256.Narrow(low, high).StoreUnsafe(ref to, (nuint)done);
            }
        }
        for (; done < durations.Length; done++) buckets[done] = LogBuckets.Of(Math.Max(0, durations[done]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> BucketsOf(Vector256<long> values, Vector256<long> magic, Vector256<long> offset, Vector256<long> exact)
    {
        var doubles = (values | magic).AsDouble() - magic.AsDouble();
        var buckets = (doubles.AsInt64() >>> 47) - offset;
        return Vector256.ConditionalSelect(Vector256.LessThan(values, exact), values, buckets);
    }
}
