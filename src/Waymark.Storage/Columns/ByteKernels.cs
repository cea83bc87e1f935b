// Comparisons of rows that have a byte each: what is kept of pages for quick answers.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Waymark.Storage.Columns;

/// <summary>A bit per row, as <see cref="RowBits"/> has them. At most a page of rows.</summary>
internal static class ByteKernels
{
    /// <summary>The rows whose byte is <paramref name="wanted"/>, and no others.</summary>
    public static void Equal(ReadOnlySpan<byte> rows, byte wanted, Span<ulong> bits)
    {
        var words = (rows.Length + 63) / 64;
        for (var w = 0; w < words; w++) bits[w] = Word(rows, w, wanted);
        bits[words..].Clear();
    }

    /// <summary>Takes out the rows whose byte is another. Words without a row are not looked at.</summary>
    public static void NarrowToEqual(ReadOnlySpan<byte> rows, byte wanted, Span<ulong> bits)
    {
        var words = (rows.Length + 63) / 64;
        for (var w = 0; w < words; w++)
        {
            if (bits[w] != 0) bits[w] &= Word(rows, w, wanted);
        }
        bits[words..].Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ReadOnlySpan<byte> rows, int word, byte wanted)
    {
        var first = word * 64;
        if (rows.Length - first >= 64)
        {
            ref var from = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows), first);
            var all = Vector256.Create(wanted);
            ulong low = Vector256.Equals(Vector256.LoadUnsafe(ref from), all).ExtractMostSignificantBits();
            ulong high = Vector256.Equals(Vector256.LoadUnsafe(ref from, 32), all).ExtractMostSignificantBits();
            return low | (high << 32);
        }
        ulong found = 0;
        for (var r = first; r < rows.Length; r++) found |= rows[r] == wanted ? 1UL << (r - first) : 0;
        return found;
    }
}
