// Encoding 10: texts of which many are distinct, as repeats, templates and variables. Reading side; StringsPageEncoder writes. Layout: docs/formats/segment.md.
using System.Buffers;

namespace Waymark.Storage.Columns;

/// <summary>
/// Reading pages of texts. Nothing is trusted: whatever contradicts itself gives false, and no size is allocated that the bytes don't account for. A dictionary block in this encoding is a page without repeats.
/// </summary>
internal static class StringsPage
{
    /// <summary>Plain bytes a page's values may have, repeats included. The encoder refuses pages beyond it, so that a reader may refuse them too.</summary>
    public const int MaxPlainBytes = PageCodecs.MaxPlainBytes;

    /// <summary>Every value, in row order. <paramref name="pooled"/>: the heap is from <see cref="ArrayPool{T}.Shared"/>, the caller's to give back; else it has exactly the bytes of the values.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> stored, int count, bool pooled, out ByteStrings values)
    {
        values = ByteStrings.None;
        if (!StringsPageParts.TryRead(stored, count, out var parts)) return false;
        if (parts.Distinct == count) return TryDecodeDistinct(parts, default, pooled, out values);
        var places = ArrayPool<int>.Shared.Rent(count);
        try
        {
            if (!parts.TryReadPlaces(places.AsSpan(0, count)) || !TryDecodeDistinct(parts, default, pooled: true, out var distinct)) return false;
            try
            {
                return TryExpand(distinct, places.AsSpan(0, count), pooled, out values);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(distinct.Heap);
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(places);
        }
    }

    /// <summary>The values without repeats, and for each row which of them it has. Pooled as in <see cref="TryDecode"/>.</summary>
    public static bool TryDecodeDistinct(ReadOnlySpan<byte> stored, Span<int> places, bool pooled, out ByteStrings distinct)
    {
        distinct = ByteStrings.None;
        return StringsPageParts.TryRead(stored, places.Length, out var parts) && parts.TryReadPlaces(places) && TryDecodeDistinct(parts, default, pooled, out distinct);
    }

    /// <summary>Words of a bitmap of so many rows.</summary>
    internal static int RowBitWords(int count) => (count + 63) >> 6;

    /// <summary>The distinct values; <paramref name="wanted"/>, unless empty, says which: the others come out empty.</summary>
    internal static bool TryDecodeDistinct(in StringsPageParts parts, ReadOnlySpan<ulong> wanted, bool pooled, out ByteStrings distinct)
    {
        distinct = ByteStrings.None;
        byte[] heap = [];
        var codes = ArrayPool<int>.Shared.Rent(parts.Distinct);
        StringsPageTemplates? templates = null;
        StringsPageRest rest = default;
        var done = false;
        try
        {
            var ofValue = codes.AsSpan(0, parts.Distinct);
            if (!parts.TryReadCodes(ofValue)) return false;
            if (parts.Templates > 0 && !StringsPageTemplates.TryRead(parts, ofValue, wanted, out templates)) return false;
            if (parts.Rest > 0 && !StringsPageRest.TryRead(parts, out rest)) return false;
            // What the page says of its size is believed only as far as its parts can make it true.
            if (parts.PlainBytes > (templates?.MaxBytes ?? 0) + rest.Bytes) return false;
            heap = pooled ? ArrayPool<byte>.Shared.Rent(parts.PlainBytes) : GC.AllocateUninitializedArray<byte>(parts.PlainBytes);
            var ends = new int[parts.Distinct];
            var into = heap.AsSpan(0, parts.PlainBytes);
            var end = 0;
            for (var i = 0; i < ends.Length; i++)
            {
                var isWanted = wanted.IsEmpty || (wanted[i >> 6] >> i & 1) != 0;
                int written;
                if (ofValue[i] == 0)
                {
                    var text = rest.Next();
                    if (!isWanted) text = default;
                    if (!text.TryCopyTo(into[end..])) return false;
                    written = text.Length;
                }
                else if (!templates!.TryJoinNext(ofValue[i] - 1, isWanted, into[end..], out written))
                {
                    return false;
                }
                ends[i] = end += written;
            }
            if (wanted.IsEmpty && end != parts.PlainBytes) return false;
            distinct = new ByteStrings(heap, ends);
            return done = true;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(codes);
            templates?.Dispose();
            rest.Dispose();
            if (pooled && !done) ArrayPool<byte>.Shared.Return(heap);
        }
    }

    /// <summary>Row by row what the distinct values say once.</summary>
    private static bool TryExpand(in ByteStrings distinct, ReadOnlySpan<int> places, bool pooled, out ByteStrings values)
    {
        values = ByteStrings.None;
        long total = 0;
        foreach (var place in places) total += distinct[place].Length;
        if (total > MaxPlainBytes) return false;
        var heap = pooled ? ArrayPool<byte>.Shared.Rent((int)total) : GC.AllocateUninitializedArray<byte>((int)total);
        var ends = new int[places.Length];
        var end = 0;
        for (var i = 0; i < places.Length; i++)
        {
            var text = distinct[places[i]];
            text.CopyTo(heap.AsSpan(end));
            ends[i] = end += text.Length;
        }
        values = new ByteStrings(heap, ends);
        return true;
    }
}
