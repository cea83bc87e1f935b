// The bytes an attribute came as, remembered per column: senders repeat themselves, and comparing is faster than reading.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Waymark.Storage.Head;

/// <summary>An attribute of up to <see cref="WindowBytes"/> bytes, and where its key ends in them. Before the first <see cref="Set"/> it equals nothing.</summary>
internal struct AttributeBytes
{
    /// <summary>What is compared at once, whatever the attribute's length: no branch depends on it.</summary>
    public const int WindowBytes = Model.Spans.AttributeWindow.Bytes;

    private Vector256<byte> low;
    private Vector256<byte> high;
    private ulong keyBits;
    private int length;

    /// <summary>A bit for each byte in which the window differs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong DifferencesTo(ReadOnlySpan<byte> window)
    {
        ref var start = ref MemoryMarshal.GetReference(window[..WindowBytes]);
        var same = Vector256.Equals(low, Vector256.LoadUnsafe(ref start)).ExtractMostSignificantBits()
            | ((ulong)Vector256.Equals(high, Vector256.LoadUnsafe(ref start, 32)).ExtractMostSignificantBits() << 32);
        return ~same;
    }

    /// <summary>True when all bytes up to the end of the key agree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsKey(ulong differences) => (differences & keyBits) == 0 && keyBits != 0;

    /// <summary>True when the attribute is this one, byte for byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsAll(ulong differences, int ofLength) => length == ofLength && differences << (WindowBytes - ofLength) == 0;

    /// <summary>Remembers the first <paramref name="ofLength"/> bytes of the window; <paramref name="key"/> is a part of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(ReadOnlySpan<byte> window, int ofLength, ReadOnlySpan<byte> key)
    {
        ref var start = ref MemoryMarshal.GetReference(window[..WindowBytes]);
        low = Vector256.LoadUnsafe(ref start);
        high = Vector256.LoadUnsafe(ref start, 32);
        length = ofLength;
        // A key is followed by its value: it never ends with the window.
        var keyEnd = (int)Unsafe.ByteOffset(ref start, ref MemoryMarshal.GetReference(key)) + key.Length;
        keyBits = (1UL << keyEnd) - 1;
    }
}
