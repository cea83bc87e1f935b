// A page of numbers: picks the smallest encoding, writes it, reads it back. Byte tables: docs/formats/segment.md.
using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Waymark.Storage.Columns;

/// <summary>How one page of numbers will be stored. Bytes is what it takes.</summary>
internal readonly record struct NumberPlan(PageEncoding Encoding, long Min, long Max, int Bytes)
{
    /// <summary>Where the bytes lie that planning has made already (<see cref="PlanScratch"/>); 0: nowhere.</summary>
    public int Ticket { get; init; }
}

/// <summary>Encoding and decoding of whole pages of 64-bit numbers.</summary>
internal static class NumberPage
{
    /// <summary>Bits of max − min, 0 to 64.</summary>
    public static int Width(long min, long max) => 64 - BitOperations.LeadingZeroCount(unchecked((ulong)max - (ulong)min));

    /// <summary>Bytes a page of this shape must have, or −1 if the encoding can't hold it or only its bytes themselves can tell (run length and the like).</summary>
    public static long StoredBytes(PageEncoding encoding, long min, long max, int count)
    {
        var width = Width(min, max);
        return encoding switch
        {
            PageEncoding.Constant => width == 0 ? 0 : -1,
            PageEncoding.Raw => count * 8L,
            PageEncoding.Interleaved => width is >= 1 and <= BitPacking.MaxWidth ? (long)Blocks(count) * BitPacking.BlockBytes(width) : -1,
            PageEncoding.Sequential => width is >= 1 and <= SequentialBits.MaxWidth ? SequentialBits.Bytes(count, width) : -1,
            _ => -1,
        };
    }

    /// <summary>Chooses for at least one value. Quickest to encode when <see cref="Encode"/> follows on the same thread before the next plan.</summary>
    public static NumberPlan Plan(ReadOnlySpan<long> numbers) => NumberPlanner.Improve(numbers, PlanPacked(numbers));

    /// <summary><see cref="Plan"/> for the next page of a column, of which <paramref name="tries"/> knows whether the others gained by the look.</summary>
    public static NumberPlan PlanNext(ReadOnlySpan<long> numbers, PlanTries tries)
    {
        var packed = PlanPacked(numbers);
        if (!tries.IsWorthIt()) return packed;
        var plan = NumberPlanner.Improve(numbers, packed);
        tries.Note(plan.Encoding != packed.Encoding);
        return plan;
    }

    /// <summary>The same among constant, raw and bit-packed alone.</summary>
    public static NumberPlan PlanPacked(ReadOnlySpan<long> numbers)
    {
        var (min, max) = Range(numbers);
        var (encoding, bytes) = Packed(numbers.Length, Width(min, max));
        return new NumberPlan(encoding, min, max, bytes);
    }

    /// <summary>How numbers of a width are packed without looking at them, and the bytes it takes.</summary>
    public static (PageEncoding Encoding, int Bytes) Packed(int count, int width)
    {
        if (width == 0) return (PageEncoding.Constant, 0);
        if (width > SequentialBits.MaxWidth) return (PageEncoding.Raw, count * 8);
        var sequential = SequentialBits.Bytes(count, width);
        if (width > BitPacking.MaxWidth) return (PageEncoding.Sequential, sequential);
        // Lanes unpack several times as fast; they may cost a quarter more in padding, not better.
        var interleaved = Blocks(count) * BitPacking.BlockBytes(width);
        return interleaved <= sequential + (sequential / 4) ? (PageEncoding.Interleaved, interleaved) : (PageEncoding.Sequential, sequential);
    }

    /// <summary>Writes the page into exactly <c>plan.Bytes</c> bytes.</summary>
    public static void Encode(ReadOnlySpan<long> numbers, NumberPlan plan, Span<byte> into)
    {
        var width = Width(plan.Min, plan.Max);
        switch (plan.Encoding)
        {
            case PageEncoding.Constant:
                break;
            case PageEncoding.Raw:
                if (BitConverter.IsLittleEndian) MemoryMarshal.AsBytes(numbers).CopyTo(into);
                else for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(into[(i * 8)..], numbers[i]);
                break;
            case PageEncoding.Interleaved:
                EncodeInterleaved(numbers, plan.Min, width, into, BitPacking.Best);
                break;
            case PageEncoding.Sequential:
                SequentialBits.Pack(numbers, plan.Min, width, into);
                break;
            case PageEncoding.RunLength or PageEncoding.PageDictionary or PageEncoding.Patched or PageEncoding.Scaled:
                NumberPlanner.Made(numbers, plan).CopyTo(into);
                break;
            default:
                throw new UnreachableException($"encoding {plan.Encoding} of numbers");
        }
    }

    internal static void EncodeInterleaved(ReadOnlySpan<long> numbers, long min, int width, Span<byte> into, SimdLevel level)
    {
        Span<uint> block = stackalloc uint[BitPacking.BlockValues];
        var size = BitPacking.BlockBytes(width);
        for (var b = 0; b < Blocks(numbers.Length); b++)
        {
            var part = numbers[(b * BitPacking.BlockValues)..];
            if (part.Length > BitPacking.BlockValues) part = part[..BitPacking.BlockValues];
            // Differences are below 2^32, so the low halves of both sides are enough.
            for (var i = 0; i < part.Length; i++) block[i] = unchecked((uint)part[i] - (uint)min);
            block[part.Length..].Clear();
            BitPacking.Pack(block, width, into.Slice(b * size, size), level);
        }
    }

    /// <summary>Reads a page of any encoding into all of <paramref name="into"/>, at least one value. False when its bytes contradict themselves; then <paramref name="into"/> holds anything.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> stored, PageEncoding encoding, long min, long max, Span<long> into) => TryDecode(stored, encoding, min, max, into, BitPacking.Best);

    /// <summary>The same into 32 bits; false also when min or max do not fit.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> stored, PageEncoding encoding, long min, long max, Span<int> into) => TryDecode(stored, encoding, min, max, into, BitPacking.Best);

    internal static bool TryDecode(ReadOnlySpan<byte> stored, PageEncoding encoding, long min, long max, Span<long> into, SimdLevel level)
    {
        if (max < min) return false;
        switch (encoding)
        {
            case PageEncoding.RunLength: return RunLength.TryDecode(stored, into, level);
            case PageEncoding.PageDictionary: return PageDictionary.TryDecode(stored, min, into, level);
            case PageEncoding.Patched: return Patched.TryDecode(stored, into, level);
            case PageEncoding.Scaled: return Scaled.TryDecode(stored, min, into, level);
            case PageEncoding.Decimals: return DecimalPage.TryDecode(stored, into);
        }
        if (StoredBytes(encoding, min, max, into.Length) != stored.Length) return false;
        Decode(stored, encoding, min, max, into, level);
        return true;
    }

    internal static bool TryDecode(ReadOnlySpan<byte> stored, PageEncoding encoding, long min, long max, Span<int> into, SimdLevel level)
    {
        if (max < min || min < int.MinValue || max > int.MaxValue) return false;
        switch (encoding)
        {
            case PageEncoding.RunLength: return RunLength.TryDecode(stored, into, level);
            case PageEncoding.PageDictionary: return PageDictionary.TryDecode(stored, min, into, level);
            case PageEncoding.Patched: return Patched.TryDecode(stored, into, level);
            case PageEncoding.Scaled: return Scaled.TryDecode(stored, min, into, level);
        }
        if (StoredBytes(encoding, min, max, into.Length) != stored.Length) return false;
        Decode(stored, encoding, min, max, into, level);
        return true;
    }

    /// <summary>Reads a packed page whose stored length has been checked against <see cref="StoredBytes"/>; fills all of <paramref name="into"/>.</summary>
    public static void Decode(ReadOnlySpan<byte> stored, PageEncoding encoding, long min, long max, Span<long> into, SimdLevel level)
    {
        var width = Width(min, max);
        switch (encoding)
        {
            case PageEncoding.Constant:
                into.Fill(min);
                break;
            case PageEncoding.Raw:
                if (BitConverter.IsLittleEndian) stored.CopyTo(MemoryMarshal.AsBytes(into));
                else for (var i = 0; i < into.Length; i++) into[i] = BinaryPrimitives.ReadInt64LittleEndian(stored[(i * 8)..]);
                break;
            case PageEncoding.Interleaved:
                DecodeInterleaved(stored, width, min, into, level);
                break;
            case PageEncoding.Sequential:
                SequentialBits.Unpack(stored, min, width, into);
                break;
            default:
                throw new UnreachableException($"encoding {encoding} of numbers");
        }
    }

    /// <summary>The same into 32 bits; the caller has checked that min and max fit.</summary>
    public static void Decode(ReadOnlySpan<byte> stored, PageEncoding encoding, long min, long max, Span<int> into, SimdLevel level)
    {
        if (encoding == PageEncoding.Constant)
        {
            into.Fill((int)min);
        }
        else if (encoding == PageEncoding.Interleaved)
        {
            DecodeInterleaved(stored, Width(min, max), (int)min, into, level);
        }
        else
        {
            Span<long> wide = stackalloc long[BitPacking.BlockValues];
            var width = encoding == PageEncoding.Raw ? 64 : Width(min, max);
            for (var done = 0; done < into.Length; done += wide.Length)
            {
                // 1,024 values of any width end on a byte boundary.
                var part = wide[..Math.Min(wide.Length, into.Length - done)];
                var from = (int)((long)done * width / 8);
                Decode(stored.Slice(from, SequentialBits.Bytes(part.Length, width)), encoding, min, max, part, level);
                for (var i = 0; i < part.Length; i++) into[done + i] = unchecked((int)part[i]);
            }
        }
    }

    private static void DecodeInterleaved(ReadOnlySpan<byte> stored, int width, long min, Span<long> into, SimdLevel level)
    {
        Span<uint> block = stackalloc uint[BitPacking.BlockValues];
        var size = BitPacking.BlockBytes(width);
        for (var b = 0; b < Blocks(into.Length); b++)
        {
            BitPacking.Unpack(stored.Slice(b * size, size), width, 0, block, level);
            var part = into[(b * BitPacking.BlockValues)..];
            if (part.Length > BitPacking.BlockValues) part = part[..BitPacking.BlockValues];
            Widen(block, min, part);
        }
    }

    private static void DecodeInterleaved(ReadOnlySpan<byte> stored, int width, int min, Span<int> into, SimdLevel level)
    {
        var size = BitPacking.BlockBytes(width);
        var whole = into.Length / BitPacking.BlockValues;
        for (var b = 0; b < whole; b++)
        {
            var part = MemoryMarshal.Cast<int, uint>(into.Slice(b * BitPacking.BlockValues, BitPacking.BlockValues));
            BitPacking.Unpack(stored.Slice(b * size, size), width, unchecked((uint)min), part, level);
        }
        var rest = into[(whole * BitPacking.BlockValues)..];
        if (rest.IsEmpty) return;
        Span<uint> last = stackalloc uint[BitPacking.BlockValues];
        BitPacking.Unpack(stored.Slice(whole * size, size), width, unchecked((uint)min), last, level);
        MemoryMarshal.Cast<uint, int>(last)[..rest.Length].CopyTo(rest);
    }

    private static void Widen(ReadOnlySpan<uint> block, long min, Span<long> into)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var offset = Vector256.Create(unchecked((ulong)min));
            ref var source = ref MemoryMarshal.GetReference(block);
            ref var target = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<long, ulong>(into));
            for (; i + 8 <= into.Length; i += 8)
            {
                var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref source, (nuint)i));
                (low + offset).StoreUnsafe(ref target, (nuint)i);
                (high + offset).StoreUnsafe(ref target, (nuint)i + 4);
            }
        }
        for (; i < into.Length; i++) into[i] = unchecked(min + block[i]);
    }

    public static (long Min, long Max) Range(ReadOnlySpan<long> numbers)
    {
        var min = numbers[0];
        var max = numbers[0];
        var i = 0;
        if (Vector256.IsHardwareAccelerated && numbers.Length >= Vector256<long>.Count)
        {
            ref var source = ref MemoryMarshal.GetReference(numbers);
            var low = Vector256.LoadUnsafe(ref source);
            var high = low;
            for (; i + Vector256<long>.Count <= numbers.Length; i += Vector256<long>.Count)
            {
                var values = Vector256.LoadUnsafe(ref source, (nuint)i);
                low = Vector256.Min(low, values);
                high = Vector256.Max(high, values);
            }
            for (var lane = 0; lane < Vector256<long>.Count; lane++)
            {
                min = Math.Min(min, low[lane]);
                max = Math.Max(max, high[lane]);
            }
        }
        for (; i < numbers.Length; i++)
        {
            min = Math.Min(min, numbers[i]);
            max = Math.Max(max, numbers[i]);
        }
        return (min, max);
    }

    private static int Blocks(int count) => (count + BitPacking.BlockValues - 1) / BitPacking.BlockValues;
}
