// The hash of short texts: keys, names, values. Called a dozen times per span.
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Waymark.Storage.Head;

/// <summary>
/// A seeded 64-bit hash: for up to 32 bytes two or four overlapping words multiplied and folded (the scheme of wyhash), without a call; beyond, XXH3. In memory only, so it may change.
/// </summary>
internal static class TextHash
{
    private const ulong First = 0xA076_1D64_78BD_642F;
    private const ulong Second = 0xE703_7ED1_A0B4_28DB;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> text, long seed)
    {
        var length = text.Length;
        if (length > 32) return XxHash3.HashToUInt64(text, seed);
        ref var start = ref MemoryMarshal.GetReference(text);
        ulong low, high;
        if (length >= 8)
        {
            low = Unsafe.ReadUnaligned<ulong>(ref start);
            high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8));
            if (length > 16)
            {
                low = Fold(low ^ Second, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, 8)) ^ (ulong)seed);
                high ^= Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 16)) * First;
            }
        }
        else if (length >= 4)
        {
            low = Unsafe.ReadUnaligned<uint>(ref start);
            high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4));
        }
        else
        {
            low = length == 0 ? 0UL : (uint)(start | (Unsafe.Add(ref start, length >> 1) << 8) | (Unsafe.Add(ref start, length - 1) << 16));
            high = 0;
        }
        return Fold(Fold(low ^ First, high ^ (ulong)seed), Second ^ (ulong)length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        // Two multiplications instead of one that hands its low half over through memory.
        if (Bmi2.X64.IsSupported) return Bmi2.X64.MultiplyNoFlags(a, b) ^ (a * b);
        return Math.BigMul(a, b, out var low) ^ low;
    }
}
