// Questions put to a page of raw byte strings as it is stored, without an object per value.
using System.Buffers.Binary;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>Kernels over pages of encoding 4, whose checksum has been verified; nothing outside the page is read, whatever its ends say.</summary>
internal static class BytesKernels
{
    /// <summary>The rows whose value is <paramref name="text"/>; false when the page contradicts itself.</summary>
    public static bool TryFindEqual(ReadOnlySpan<byte> stored, in PageInfo page, ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        bits.Clear();
        // The page's shortest and longest value.
        if (page.Count == 0 || text.Length < page.Min || text.Length > page.Max) return true;
        if (stored.Length < page.Count * 4L) return false;
        var heap = stored[(page.Count * 4)..];
        var start = 0;
        for (var i = 0; i < page.Count; i++)
        {
            var end = BinaryPrimitives.ReadInt32LittleEndian(stored[(i * 4)..]);
            if (end < start || end > heap.Length) return false;
            if (end - start == text.Length && heap[start..end].SequenceEqual(text)) bits[i / 64] |= 1UL << (i % 64);
            start = end;
        }
        return true;
    }

    /// <summary>One value; false when the page contradicts itself.</summary>
    public static bool TryRead(ReadOnlySpan<byte> stored, in PageInfo page, int index, out ReadOnlySpan<byte> value)
    {
        value = default;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)page.Count, nameof(index));
        if (stored.Length < page.Count * 4L) return false;
        var heap = stored[(page.Count * 4)..];
        var start = index == 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(stored[((index - 1) * 4)..]);
        var end = BinaryPrimitives.ReadInt32LittleEndian(stored[(index * 4)..]);
        if (start < 0 || end < start || end > heap.Length) return false;
        value = heap[start..end];
        return true;
    }
}
