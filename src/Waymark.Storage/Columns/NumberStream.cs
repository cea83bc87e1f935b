// Numbers inside a page: a run of them that says itself how it is encoded, for encodings that are made of several.
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// <c>u8 encoding | varint min as zigzag | varint max − min | varint bytes | bytes</c>; how many numbers there are the surrounding page knows. Reading trusts nothing: a stream that contradicts
/// itself is refused, and no byte outside it is touched.
/// </summary>
internal static class NumberStream
{
    /// <summary>Appends at least one number.</summary>
    public static void Write(ReadOnlySpan<long> numbers, PooledBuffer into)
    {
        var plan = NumberPage.Plan(numbers);
        into.Write([(byte)plan.Encoding]);
        WriteVarint(into, unchecked(((ulong)plan.Min << 1) ^ (ulong)(plan.Min >> 63)));
        WriteVarint(into, unchecked((ulong)plan.Max - (ulong)plan.Min));
        WriteVarint(into, (ulong)plan.Bytes);
        NumberPage.Encode(numbers, plan, into.GetSpan(plan.Bytes)[..plan.Bytes]);
        into.Advance(plan.Bytes);
    }

    /// <summary>Reads as many numbers as <paramref name="numbers"/> has room for, at least one, and moves <paramref name="from"/> behind them.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> from, Span<long> numbers)
    {
        if (from.IsEmpty) return false;
        var encoding = (PageEncoding)from[0];
        from = from[1..];
        if (!TryReadVarint(ref from, out var zigzag) || !TryReadVarint(ref from, out var range) || !TryReadVarint(ref from, out var bytes) || bytes > (ulong)from.Length) return false;
        var min = unchecked((long)(zigzag >> 1) ^ -(long)(zigzag & 1));
        var max = unchecked((long)((ulong)min + range));
        if (max < min || NumberPage.StoredBytes(encoding, min, max, numbers.Length) != (long)bytes) return false;
        NumberPage.Decode(from[..(int)bytes], encoding, min, max, numbers, BitPacking.Best);
        from = from[(int)bytes..];
        return true;
    }

    public static void WriteVarint(PooledBuffer into, ulong value)
    {
        var span = into.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        into.Advance(length);
    }

    public static bool TryReadVarint(ref ReadOnlySpan<byte> from, out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < from.Length; i++)
        {
            if (i == 9 && from[i] > 1) return false;
            value |= (ulong)(from[i] & 0x7F) << (7 * i);
            if (from[i] >= 0x80) continue;
            from = from[(i + 1)..];
            return true;
        }
        return false;
    }
}
