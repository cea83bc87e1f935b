// Comparisons of whole pages of numbers: a bit per value.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Waymark.Model.Spans;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Each writes a bit per value into <see cref="Selection.MaxWords"/> words; bits beyond the last value are 0.</summary>
internal static class CodeKernels
{
    /// <summary>Low ≤ value ≤ high.</summary>
    public static void Between(ReadOnlySpan<int> values, int low, int high, Span<ulong> bits)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        var done = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            // Unsigned distance from the lower end: one comparison instead of two.
            var first = Vector256.Create(low);
            var width = Vector256.Create(unchecked((uint)high - (uint)low));
            for (; done + 64 <= values.Length; done += 64)
            {
                ulong word = 0;
                for (var part = 0; part < 64; part += 8)
                {
                    var distance = (Vector256.LoadUnsafe(ref from, (nuint)(done + part)) - first).AsUInt32();
                    word |= (ulong)Vector256.Equals(Vector256.Min(distance, width), distance).ExtractMostSignificantBits() << part;
                }
                bits[done / 64] = word;
            }
        }
        for (; done < values.Length; done += 64)
        {
            ulong word = 0;
            var end = Math.Min(64, values.Length - done);
            for (var i = 0; i < end; i++) word |= values[done + i] >= low && values[done + i] <= high ? 1ul << i : 0;
            bits[done / 64] = word;
        }
        bits[Selection.Words(values.Length)..].Clear();
    }

    /// <inheritdoc cref="Between(ReadOnlySpan{int}, int, int, Span{ulong})"/>
    public static void Between(ReadOnlySpan<long> values, long low, long high, Span<ulong> bits)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        var done = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var (least, most) = (Vector256.Create(low), Vector256.Create(high));
            for (; done + 64 <= values.Length; done += 64)
            {
                ulong outside = 0;
                for (var part = 0; part < 64; part += 4)
                {
                    var four = Vector256.LoadUnsafe(ref from, (nuint)(done + part));
                    outside |= (ulong)(Vector256.GreaterThan(least, four) | Vector256.GreaterThan(four, most)).ExtractMostSignificantBits() << part;
                }
                bits[done / 64] = ~outside;
            }
        }
        for (; done < values.Length; done += 64)
        {
            ulong word = 0;
            var end = Math.Min(64, values.Length - done);
            for (var i = 0; i < end; i++) word |= values[done + i] >= low && values[done + i] <= high ? 1ul << i : 0;
            bits[done / 64] = word;
        }
        bits[Selection.Words(values.Length)..].Clear();
    }

    /// <summary>The bucket of each duration (<see cref="LogBuckets"/>), a negative one's being that of 0.</summary>
    /// <param name="max">The largest duration there is, or more.</param>
    public static void Buckets(ReadOnlySpan<long> durations, long max, Span<int> buckets)
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
