// Encoding 4: byte strings as the ends of their values, then the heap. Pages of unique texts and blocks of dictionaries are stored so.
using System.Buffers.Binary;

namespace Waymark.Storage.Columns;

/// <summary>Encoding and decoding of raw byte strings.</summary>
internal static class BytesPage
{
    /// <summary>Bytes that values of a heap of this length take.</summary>
    public static long StoredBytes(int count, int heapBytes) => (count * 4L) + heapBytes;

    /// <summary>Writes the values <c>heap[from..ends[0]], heap[ends[0]..ends[1]], …</c>; offsets are stored relative to <paramref name="from"/>.</summary>
    public static void Encode(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends, int from, Span<byte> into)
    {
        for (var i = 0; i < ends.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(into[(i * 4)..], ends[i] - from);
        if (ends.Length > 0) heap[from..ends[^1]].CopyTo(into[(ends.Length * 4)..]);
    }

    /// <summary>Shortest and longest value. For at least one value.</summary>
    public static (int Shortest, int Longest) Lengths(ReadOnlySpan<int> ends)
    {
        var shortest = ends[0];
        var longest = ends[0];
        for (var i = 1; i < ends.Length; i++)
        {
            var length = ends[i] - ends[i - 1];
            shortest = Math.Min(shortest, length);
            longest = Math.Max(longest, length);
        }
        return (shortest, longest);
    }

    /// <summary>Reads and checks the ends of <paramref name="count"/> values; the heap is what follows them. False: they don't fit the bytes.</summary>
    public static bool TryReadEnds(ReadOnlySpan<byte> stored, int count, out int[] ends)
    {
        ends = [];
        var heapBytes = stored.Length - (count * 4L);
        if (heapBytes < 0) return false;
        ends = new int[count];
        var previous = 0;
        for (var i = 0; i < count; i++)
        {
            var end = BinaryPrimitives.ReadInt32LittleEndian(stored[(i * 4)..]);
            if (end < previous || end > heapBytes) return false;
            ends[i] = previous = end;
        }
        return previous == heapBytes;
    }
}
