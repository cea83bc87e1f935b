// Writes the trace index as files of version 1.0 have it: no program does any more, and readers still must read it.
using System.Buffers.Binary;
using System.Numerics;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Segments;

internal static class WholeTraceIndexWriter
{
    /// <summary>The section's bytes for the traces of a segment; a trace's ordinal is its position.</summary>
    public static byte[] Build(ReadOnlySpan<TraceId> traces)
    {
        var hashes = new ulong[traces.Length];
        var ordinals = new int[traces.Length];
        for (var i = 0; i < traces.Length; i++)
        {
            hashes[i] = TraceHash.Unkeyed.Of(traces[i]);
            ordinals[i] = i;
        }
        Array.Sort(hashes, ordinals);

        var bits = BucketBits(traces.Length);
        var buckets = 1 << bits;
        var section = new byte[WholeTraceIndex.SectionBytes(traces.Length, bits)];
        BinaryPrimitives.WriteUInt32LittleEndian(section, (uint)traces.Length);
        section[4] = (byte)bits;
        var starts = section.AsSpan(WholeTraceIndex.HeaderBytes);
        var remainders = starts[((buckets + 1) * 4)..];
        var places = remainders[(traces.Length * 4)..];
        var bucket = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            var (own, remainder) = WholeTraceIndex.Split(hashes[i], bits);
            for (; bucket <= own; bucket++) BinaryPrimitives.WriteUInt32LittleEndian(starts[(bucket * 4)..], (uint)i);
            BinaryPrimitives.WriteUInt32LittleEndian(remainders[(i * 4)..], remainder);
        }
        for (; bucket <= buckets; bucket++) BinaryPrimitives.WriteUInt32LittleEndian(starts[(bucket * 4)..], (uint)hashes.Length);
        SortEqualRuns(hashes, ordinals, bits);
        for (var i = 0; i < ordinals.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(places[(i * 4)..], (uint)ordinals[i]);
        return section;
    }

    /// <summary>Array.Sort isn't stable; the same traces must give the same bytes.</summary>
    private static void SortEqualRuns(ulong[] hashes, int[] ordinals, int bits)
    {
        for (var start = 0; start < hashes.Length;)
        {
            var end = start + 1;
            while (end < hashes.Length && WholeTraceIndex.Split(hashes[end], bits) == WholeTraceIndex.Split(hashes[start], bits)) end++;
            if (end - start > 1) Array.Sort(ordinals, start, end - start);
            start = end;
        }
    }

    private static int BucketBits(int count) => Math.Min(WholeTraceIndex.MaxBucketBits, BitOperations.Log2((uint)Math.Max(1, count / 8)));
}
