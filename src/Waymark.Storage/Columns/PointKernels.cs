// A few numbers out of an encoded page: what a trace of ten spans needs of a page of 8,192.
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>Reads single values and short ranges of pages whose encoding has a place for each value. Checksum and length have been verified.</summary>
internal static class PointKernels
{
    /// <summary>Up to here single values are cheaper than a block of 1,024.</summary>
    private const int FewValues = 64;

    /// <summary>Whether a single value costs no more than finding its place.</summary>
    public static bool IsPlaced(PageEncoding encoding) => encoding <= PageEncoding.Sequential;

    /// <summary>Whether <see cref="TryRange"/> reads the encoding: all but those of times and of texts.</summary>
    public static bool CanRead(PageEncoding encoding) => IsPlaced(encoding) || CompositeKernels.IsComposite(encoding);

    /// <summary>One number of a page for which <see cref="IsPlaced"/> holds.</summary>
    public static long At(ReadOnlySpan<byte> stored, in PageInfo page, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)page.Count, nameof(index));
        return page.Encoding switch
        {
            PageEncoding.Constant => page.Min,
            PageEncoding.Raw => BinaryPrimitives.ReadInt64LittleEndian(stored[(index * 8)..]),
            PageEncoding.Interleaved => unchecked(page.Min + Interleaved(stored, NumberPage.Width(page.Min, page.Max), index)),
            PageEncoding.Sequential => unchecked((long)((ulong)page.Min + Sequential(stored, NumberPage.Width(page.Min, page.Max), index))),
            _ => throw new UnreachableException($"single values of encoding {page.Encoding}"),
        };
    }

    /// <summary>Fills <paramref name="into"/> with the numbers from <paramref name="first"/> on. False: the page's bytes contradict themselves, or it is not one of numbers.</summary>
    public static bool TryRange(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into, SimdLevel level)
    {
        if (first < 0 || into.Length > page.Count - first) throw new ArgumentOutOfRangeException(nameof(first));
        if (into.IsEmpty) return true;
        switch (page.Encoding)
        {
            case PageEncoding.Constant:
                into.Fill(page.Min);
                return true;
            case PageEncoding.Raw:
                var bytes = stored.Slice(first * 8, into.Length * 8);
                if (BitConverter.IsLittleEndian) MemoryMarshal.Cast<byte, long>(bytes).CopyTo(into);
                else NumberPage.Decode(bytes, PageEncoding.Raw, page.Min, page.Max, into, level);
                return true;
            case PageEncoding.Interleaved:
                RangeInterleaved(stored, page, first, into, level);
                return true;
            case PageEncoding.Sequential:
                RangeSequential(stored, page, first, into);
                return true;
            default:
                return CompositeKernels.IsComposite(page.Encoding) && CompositeKernels.TryRange(stored, page, first, into, level);
        }
    }

    private static void RangeInterleaved(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into, SimdLevel level)
    {
        var width = NumberPage.Width(page.Min, page.Max);
        if (into.Length <= FewValues)
        {
            for (var i = 0; i < into.Length; i++) into[i] = unchecked(page.Min + Interleaved(stored, width, first + i));
            return;
        }
        RangeOfBlocks(stored, width, page.Min, first, into, level);
    }

    [SkipLocalsInit]
    private static void RangeOfBlocks(ReadOnlySpan<byte> stored, int width, long min, int first, Span<long> into, SimdLevel level)
    {
        Span<uint> block = stackalloc uint[BitPacking.BlockValues];
        var size = BitPacking.BlockBytes(width);
        for (var done = 0; done < into.Length;)
        {
            var (b, skip) = ((first + done) / BitPacking.BlockValues, (first + done) % BitPacking.BlockValues);
            BitPacking.Unpack(stored.Slice(b * size, size), width, 0, block, level);
            var part = block[skip..];
            if (part.Length > into.Length - done) part = part[..(into.Length - done)];
            for (var i = 0; i < part.Length; i++) into[done + i] = unchecked(min + part[i]);
            done += part.Length;
        }
    }

    private static void RangeSequential(ReadOnlySpan<byte> stored, in PageInfo page, int first, Span<long> into)
    {
        var width = NumberPage.Width(page.Min, page.Max);
        // Eight values end on a byte boundary, so any multiple of eight is a place to start.
        var from = 0;
        for (; from < into.Length && (first + from) % 8 != 0; from++) into[from] = unchecked((long)((ulong)page.Min + Sequential(stored, width, first + from)));
        var rest = into[from..];
        if (rest.IsEmpty) return;
        SequentialBits.Unpack(stored.Slice((first + from) / 8 * width, SequentialBits.Bytes(rest.Length, width)), page.Min, width, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Interleaved(ReadOnlySpan<byte> stored, int width, int index)
    {
        var inBlock = index % BitPacking.BlockValues;
        var bit = inBlock / BitPacking.Lanes * width;
        var at = (index / BitPacking.BlockValues * BitPacking.BlockBytes(width)) + (bit / 32 * BitPacking.Lanes * 4) + (inBlock % BitPacking.Lanes * 4);
        ulong word = BinaryPrimitives.ReadUInt32LittleEndian(stored[at..]);
        if ((bit % 32) + width > 32) word |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(stored[(at + (BitPacking.Lanes * 4))..]) << 32;
        return (uint)(word >> (bit % 32)) & (uint.MaxValue >> (32 - width));
    }

    private static ulong Sequential(ReadOnlySpan<byte> stored, int width, int index)
    {
        var bit = (long)index * width;
        var at = (int)(bit >> 3);
        var shift = (int)(bit & 7);
        var mask = ulong.MaxValue >> (64 - width);
        if (at + 9 <= stored.Length)
        {
            var value = BinaryPrimitives.ReadUInt64LittleEndian(stored[at..]) >> shift;
            if (shift + width > 64) value |= (ulong)stored[at + 8] << (64 - shift);
            return value & mask;
        }
        ulong tail = 0;
        for (var i = 0; at + i < stored.Length && (i * 8) - shift < width; i++)
        {
            var place = (i * 8) - shift;
            tail |= place < 0 ? (ulong)stored[at + i] >> -place : (ulong)stored[at + i] << place;
        }
        return tail & mask;
    }
}
