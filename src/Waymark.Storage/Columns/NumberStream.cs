// Numbers inside a page: a run of them that says itself how it is encoded, for encodings that are made of several.
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// <c>u8 encoding | varint min as zigzag | varint max − min | varint bytes | bytes</c>; how many numbers there are the surrounding page knows. Encodings 0 to 3, and 7 except inside 7: streams do not nest
/// further. Reading trusts nothing: a stream that contradicts itself is refused, and no byte outside it is touched.
/// </summary>
internal static class NumberStream
{
    /// <summary>Appends at least one number.</summary>
    public static void Write(ReadOnlySpan<long> numbers, PooledBuffer into)
    {
        var plan = NumberPage.PlanPacked(numbers);
        if (NumberPlanner.TryPatch(numbers, plan, out var patched))
        {
            WriteHead(into, PageEncoding.Patched, plan.Min, plan.Max, patched.Length);
            into.Write(patched);
        }
        else
        {
            WritePacked(numbers, plan, into);
        }
    }

    /// <summary>The same in encodings 0 to 3 alone: where reading must be quickest, and inside encoding 7.</summary>
    public static void WritePacked(ReadOnlySpan<long> numbers, PooledBuffer into) => WritePacked(numbers, NumberPage.PlanPacked(numbers), into);

    /// <summary>Reads as many numbers as <paramref name="numbers"/> has room for, at least one, and moves <paramref name="from"/> behind them.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> from, Span<long> numbers) => TryRead(ref from, numbers, BitPacking.Best);

    /// <summary>The same; false also when their min or max does not fit 32 bits.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> from, Span<int> numbers) => TryRead(ref from, numbers, BitPacking.Best);

    internal static bool TryRead(scoped ref ReadOnlySpan<byte> from, Span<long> numbers, SimdLevel level) =>
        TryOpen(ref from, numbers.Length, out var view) && NumberPage.TryDecode(view.Stored, view.Encoding, view.Min, view.Max, numbers, level);

    internal static bool TryRead(scoped ref ReadOnlySpan<byte> from, Span<int> numbers, SimdLevel level) =>
        TryOpen(ref from, numbers.Length, out var view) && NumberPage.TryDecode(view.Stored, view.Encoding, view.Min, view.Max, numbers, level);

    /// <summary>Finds the next stream of <paramref name="count"/> numbers without decoding it, and moves <paramref name="from"/> behind it. What is opened is what a page of its own would be.</summary>
    public static bool TryOpen(scoped ref ReadOnlySpan<byte> from, int count, out NumberView view)
    {
        view = default;
        if (from.IsEmpty || count < 1) return false;
        var encoding = (PageEncoding)from[0];
        var rest = from[1..];
        if (!TryReadVarint(ref rest, out var zigzag) || !TryReadVarint(ref rest, out var range) || !TryReadVarint(ref rest, out var bytes) || bytes > (ulong)rest.Length) return false;
        var min = unchecked((long)(zigzag >> 1) ^ -(long)(zigzag & 1));
        var max = unchecked((long)((ulong)min + range));
        if (max < min || (encoding != PageEncoding.Patched && NumberPage.StoredBytes(encoding, min, max, count) != (long)bytes)) return false;
        view = new NumberView(encoding, min, max, count, rest[..(int)bytes]);
        from = rest[(int)bytes..];
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

    public static bool TryReadVarint(scoped ref ReadOnlySpan<byte> from, out ulong value)
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

    /// <summary>A varint that counts something of which there are <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static bool TryReadCount(scoped ref ReadOnlySpan<byte> from, int least, int most, out int count)
    {
        var isRead = TryReadVarint(ref from, out var value);
        count = isRead && value <= (ulong)most ? (int)value : -1;
        return count >= least;
    }

    private static void WritePacked(ReadOnlySpan<long> numbers, in NumberPlan plan, PooledBuffer into)
    {
        WriteHead(into, plan.Encoding, plan.Min, plan.Max, plan.Bytes);
        NumberPage.Encode(numbers, plan, into.GetSpan(plan.Bytes)[..plan.Bytes]);
        into.Advance(plan.Bytes);
    }

    private static void WriteHead(PooledBuffer into, PageEncoding encoding, long min, long max, int bytes)
    {
        into.Write([(byte)encoding]);
        WriteVarint(into, unchecked(((ulong)min << 1) ^ (ulong)(min >> 63)));
        WriteVarint(into, unchecked((ulong)max - (ulong)min));
        WriteVarint(into, (ulong)bytes);
    }
}

/// <summary>A stream found but not decoded: the same facts a page's directory entry gives.</summary>
internal readonly ref struct NumberView(PageEncoding encoding, long min, long max, int count, ReadOnlySpan<byte> stored)
{
    public PageEncoding Encoding { get; } = encoding;
    public long Min { get; } = min;
    public long Max { get; } = max;
    public int Count { get; } = count;
    public ReadOnlySpan<byte> Stored { get; } = stored;

    /// <summary>Decodes values <paramref name="from"/> and on, as many as fit <paramref name="into"/>; <paramref name="from"/> is a multiple of 1,024, where every packing has a byte boundary.</summary>
    public bool TryDecode(int from, Span<int> into, SimdLevel level)
    {
        if (Min < int.MinValue || Max > int.MaxValue || from % BitPacking.BlockValues != 0 || from + into.Length > Count) return false;
        if (Encoding == PageEncoding.Patched) return Patched.TryDecode(Stored, Count, from, into, level);
        var width = Encoding == PageEncoding.Raw ? 64 : NumberPage.Width(Min, Max);
        var start = (int)((long)from * width / 8);
        // The stored length was checked when the stream was opened, and so is this part's, being what stands there.
        var length = NumberPage.StoredBytes(Encoding, Min, Max, into.Length);
        NumberPage.Decode(Stored.Slice(start, (int)length), Encoding, Min, Max, into, level);
        return true;
    }
}
