// Encodings 8 and 9: durations and starts as a logarithmic code per row, and the bits the code leaves open counted in ticks of the row's clock.
using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>
/// Pages of times. Every row has a clock unit (<see cref="ClockUnits"/>), which the caller knows from elsewhere; a row that is no multiple of its unit costs an exception, nothing else.
/// Encoders leave what <see cref="NumberPage.Plan"/> made on this thread alone, so that a plan may be tried against them and then still be encoded.
/// </summary>
internal static class TimePage
{
    private const int BlockRows = BitPacking.BlockValues;

    /// <summary>Rows of a page up to which each is looked at by itself.</summary>
    private const int FewRows = 256;

    /// <summary>Appends a page of durations in encoding 8; false, and nothing written, when a page of plain numbers is as small.</summary>
    public static bool TryEncodeDurations(ReadOnlySpan<long> values, ReadOnlySpan<byte> units, PooledBuffer into) => TryEncodeDurations(values, units, NumberPage.Plan(values).Bytes, into);

    /// <summary>The same against <paramref name="below"/>, the bytes it must stay under.</summary>
    public static bool TryEncodeDurations(ReadOnlySpan<long> values, ReadOnlySpan<byte> units, int below, PooledBuffer into)
    {
        Debug.Assert(values.Length == units.Length && !values.IsEmpty);
        var scratch = PlanScratch.Current;
        var codes = scratch.First(values.Length);
        var lowest = long.MaxValue;
        for (var i = 0; i < values.Length; i++)
        {
            codes[i] = values[i] < 0 ? -1 : LogBuckets.Of(values[i]);
            lowest = Math.Min(lowest, values[i] < 0 ? long.MaxValue : codes[i]);
        }
        var parts = new TimeWriter(values.Length, scratch);
        for (var i = 0; i < values.Length; i++)
        {
            if (i % BlockRows == 0) parts.StartBlock(i / BlockRows);
            var isNegative = codes[i] < 0;
            // The code of a row that has none is one that does not widen the others'.
            if (isNegative) codes[i] = lowest == long.MaxValue ? 0 : lowest;
            var ticks = BucketTicks.Of(ref BucketTicks.First, units[i], (uint)codes[i]);
            var tick = BucketTicks.Divide(unchecked((ulong)values[i] - (ulong)ticks.Lowest), units[i]);
            var isException = isNegative || tick >= BucketTicks.Count(units[i], (int)codes[i]);
            if (isException) parts.AddException(i, values[i]);
            parts.AddResidual(isException ? 0 : tick, ticks.Width);
        }
        return parts.TryFinish(codes, default, below, into);
    }

    /// <summary>Appends a page of starts in encoding 9; false, and nothing written, when a page of plain numbers is as small.</summary>
    public static bool TryEncodeStarts(ReadOnlySpan<long> values, ReadOnlySpan<byte> units, PooledBuffer into) => TryEncodeStarts(values, units, NumberPage.Plan(values).Bytes, into);

    /// <summary>The same against <paramref name="below"/>, the bytes it must stay under.</summary>
    public static bool TryEncodeStarts(ReadOnlySpan<long> values, ReadOnlySpan<byte> units, int below, PooledBuffer into)
    {
        Debug.Assert(values.Length == units.Length && !values.IsEmpty);
        var scratch = PlanScratch.Current;
        var codes = scratch.First(values.Length);
        var restarts = scratch.Second((values.Length + BlockRows - 1) / BlockRows);
        var parts = new TimeWriter(values.Length, scratch);
        var clock = default(TickClock);
        for (var i = 0; i < values.Length; i++)
        {
            if (i % BlockRows == 0)
            {
                parts.StartBlock(i / BlockRows);
                restarts[i / BlockRows] = values[i];
                clock = new TickClock(values[i], units[i]);
            }
            clock.Switch(units[i]);
            var step = unchecked(ClockUnits.Floor(values[i], units[i]) - clock.Ticks);
            var code = StepCodes.Of(step);
            codes[i] = code;
            parts.AddResidual(StepCodes.Residual(step), StepCodes.WidthOf(code));
            if (clock.Advance(step) != values[i]) parts.AddException(i, values[i]);
        }
        return parts.TryFinish(codes, restarts, below, into);
    }

    /// <summary>Reads a page of durations; <paramref name="units"/> has the unit of each of its rows, and as many as <paramref name="values"/>.</summary>
    public static bool TryDecodeDurations(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> units, Span<long> values) =>
        values.Length == units.Length && TryDecode(stored, hasRestarts: false, units, 0, values, BitPacking.Best);

    /// <summary>Reads rows <paramref name="from"/> and on, as many as <paramref name="values"/> holds, decoding no more than the blocks of 1,024 rows they lie in; <paramref name="units"/>: of all rows of the page.</summary>
    public static bool TryDecodeDurations(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> units, int from, Span<long> values) => TryDecode(stored, hasRestarts: false, units, from, values, BitPacking.Best);

    /// <summary>Reads a page of starts; <paramref name="units"/> has the unit of each of its rows, and as many as <paramref name="values"/>.</summary>
    public static bool TryDecodeStarts(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> units, Span<long> values) =>
        values.Length == units.Length && TryDecode(stored, hasRestarts: true, units, 0, values, BitPacking.Best);

    /// <summary>Reads rows <paramref name="from"/> and on, as many as <paramref name="values"/> holds, decoding no more than the blocks of 1,024 rows they lie in; <paramref name="units"/>: of all rows of the page.</summary>
    public static bool TryDecodeStarts(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> units, int from, Span<long> values) => TryDecode(stored, hasRestarts: true, units, from, values, BitPacking.Best);

    /// <summary>
    /// Asks for durations in [low, high] without reading residuals: <paramref name="bits"/> are the rows whose bucket has any, and <paramref name="open"/> those of them whose bucket has others as well.
    /// A bound is not negative, but for a low one that excludes nothing.
    /// </summary>
    public static bool TryFindBuckets(ReadOnlySpan<byte> stored, int count, long low, long high, Span<ulong> bits, Span<ulong> open, SimdLevel level)
    {
        if (!TimeView.TryOpen(stored, count, hasRestarts: false, out var view)) return false;
        var (first, last) = (low <= 0 ? 0 : LogBuckets.Of(low), LogBuckets.Of(high));
        var codes = CompositeKernels.InfoOf(view.Codes);
        if (!NumberKernels.Between(view.Codes.Stored, codes, first, last, bits, level)) return false;
        if (!TryFindOpen(view.Codes.Stored, codes, low > LogBuckets.Lower(first) ? first : -1, high < LogBuckets.Upper(last) ? last : -1, bits, open, level)) return false;
        if (view.Exceptions == 0) return true;
        var rented = ArrayPool<long>.Shared.Rent(2 * view.Exceptions);
        var isRead = Patched.TryReadExceptions(view.Positions, view.Values, count, rented, level, out var at, out var numbers);
        for (var i = 0; isRead && i < at.Length; i++)
        {
            var (word, bit) = ((int)at[i] / 64, 1UL << (int)(at[i] % 64));
            bits[word] = numbers[i] >= low && numbers[i] <= high ? bits[word] | bit : bits[word] & ~bit;
            open[word] &= ~bit;
        }
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }

    /// <summary>Of the rows in <paramref name="bits"/> those with one of two codes, −1 being none.</summary>
    private static bool TryFindOpen(ReadOnlySpan<byte> stored, in PageInfo codes, int first, int last, ReadOnlySpan<ulong> bits, Span<ulong> open, SimdLevel level)
    {
        open.Clear();
        if (PointKernels.IsPlaced(codes.Encoding) && RowBits.Count(bits) <= FewRows)
        {
            foreach (var row in RowBits.Enumerate(bits))
            {
                var code = PointKernels.At(stored, codes, row);
                if (code == first || code == last) open[row / 64] |= 1UL << (row % 64);
            }
            return true;
        }
        if (first >= 0 && !NumberKernels.Equal(stored, codes, first, open, level)) return false;
        if (last < 0 || last == first) return true;
        Span<ulong> atLast = stackalloc ulong[RowBits.Words];
        if (!NumberKernels.Equal(stored, codes, last, atLast, level)) return false;
        RowBits.Or(open, atLast);
        return true;
    }

    /// <summary>Takes out of <paramref name="bits"/> the rows of <paramref name="open"/> whose duration is not in [low, high]. They are no exceptions. Residuals of other rows are skipped.</summary>
    [SkipLocalsInit]
    public static bool TryDecide(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> units, long low, long high, ReadOnlySpan<ulong> open, Span<ulong> bits, SimdLevel level)
    {
        if (!TimeView.TryOpen(stored, units.Length, hasRestarts: false, out var view)) return false;
        Span<long> offsets = stackalloc long[view.Blocks];
        if (!view.TryReadBlocks(offsets, default, level)) return false;
        Span<int> codes = stackalloc int[BlockRows];
        var (first, row, bit) = (-1, 0, 0L);
        foreach (var wanted in RowBits.Enumerate(open))
        {
            if (first < 0 || wanted >= first + BlockRows)
            {
                first = wanted - (wanted % BlockRows);
                (row, bit) = (first, offsets[first / BlockRows]);
                var ofBlock = codes[..Math.Min(BlockRows, units.Length - first)];
                if (!view.Codes.TryDecode(first, ofBlock, level) || ofBlock.ContainsAnyExceptInRange(0, LogBuckets.Count - 1)) return false;
            }
            bit += BucketTicks.WidthOf(codes[(row - first)..(wanted - first)], units[row..]);
            row = wanted;
            var ticks = BucketTicks.Of(ref BucketTicks.First, units[row], (uint)codes[row - first]);
            if (bit + ticks.Width > view.Residuals.Length * 8L) return false;
            var value = unchecked(ticks.Lowest + ((long)ResidualBits.At(view.Residuals, bit, ticks.Width) * ticks.Nanos));
            if (value < low || value > high) bits[row / 64] &= ~(1UL << (row % 64));
        }
        return true;
    }

    /// <summary>The bucket of each duration of a page, without its residuals; −1 for negative durations. <paramref name="buckets"/> is as long as the page.</summary>
    public static bool TryReadBuckets(ReadOnlySpan<byte> stored, Span<int> buckets)
    {
        if (!TimeView.TryOpen(stored, buckets.Length, hasRestarts: false, out var view) || !view.Codes.TryDecode(0, buckets, BitPacking.Best)) return false;
        // Packed codes are no larger than what they are said to have at most, but for the room their bits leave.
        var fits = view.Codes.Encoding == PageEncoding.Interleaved && view.Codes.Min >= 0 && view.Codes.Min + (1L << NumberPage.Width(view.Codes.Min, view.Codes.Max)) <= LogBuckets.Count;
        if (!fits && buckets.ContainsAnyExceptInRange(0, LogBuckets.Count - 1)) return false;
        if (view.Exceptions == 0) return true;
        var rented = ArrayPool<long>.Shared.Rent(2 * view.Exceptions);
        var isRead = Patched.TryReadExceptions(view.Positions, view.Values, buckets.Length, rented, BitPacking.Best, out var at, out var numbers);
        for (var i = 0; isRead && i < at.Length; i++) buckets[(int)at[i]] = numbers[i] < 0 ? -1 : LogBuckets.Of(numbers[i]);
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }

    internal static bool TryDecode(ReadOnlySpan<byte> stored, bool hasRestarts, ReadOnlySpan<byte> units, int from, Span<long> values, SimdLevel level)
    {
        if (values.IsEmpty || from < 0 || from > units.Length - values.Length || units.ContainsAnyExceptInRange((byte)0, (byte)(ClockUnits.Count - 1))) return false;
        if (!TimeView.TryOpen(stored, units.Length, hasRestarts, out var view)) return false;
        var rented = ArrayPool<long>.Shared.Rent((2 * view.Blocks) + (2 * view.Exceptions) + BlockRows);
        var isDecoded = TryDecode(view, units, from, values, rented, level);
        ArrayPool<long>.Shared.Return(rented);
        return isDecoded;
    }

    private static bool TryDecode(in TimeView view, ReadOnlySpan<byte> units, int from, Span<long> values, Span<long> room, SimdLevel level)
    {
        var offsets = room[..view.Blocks];
        var restarts = room.Slice(view.Blocks, view.Blocks);
        if (!view.TryReadBlocks(offsets, restarts, level)) return false;
        Span<int> codes = stackalloc int[BlockRows];
        Span<byte> residuals = stackalloc byte[ResidualBits.BlockBytes];
        var partial = room.Slice(2 * view.Blocks, BlockRows);
        for (var block = from / BlockRows; block * BlockRows < from + values.Length; block++)
        {
            var first = block * BlockRows;
            var rows = Math.Min(BlockRows, units.Length - first);
            var isWhole = first >= from && first + rows <= from + values.Length;
            var into = isWhole ? values.Slice(first - from, rows) : partial[..rows];
            if (!view.Codes.TryDecode(first, codes[..rows], level)) return false;
            var bit = ResidualBits.Copy(view.Residuals, offsets[block], residuals);
            var end = view.Restarts.Count == 0
                ? Durations(codes[..rows], units.Slice(first, rows), residuals, bit, into)
                : Starts(codes[..rows], units.Slice(first, rows), residuals, bit, restarts[block], into);
            if (end < 0) return false;
            end += offsets[block] - bit;
            // Where the next block's bits begin, this one's end.
            if (block + 1 < view.Blocks ? end != offsets[block + 1] : (end + 7) / 8 != view.Residuals.Length) return false;
            if (isWhole) continue;
            var (low, high) = (Math.Max(first, from), Math.Min(first + rows, from + values.Length));
            into[(low - first)..(high - first)].CopyTo(values[(low - from)..]);
        }
        if (view.Exceptions == 0) return true;
        if (!Patched.TryReadExceptions(view.Positions, view.Values, units.Length, room[((2 * view.Blocks) + BlockRows)..], level, out var at, out var numbers)) return false;
        for (var i = 0; i < at.Length; i++)
        {
            var position = (int)at[i] - from;
            if ((uint)position < (uint)values.Length) values[position] = numbers[i];
        }
        return true;
    }

    /// <summary>
    /// Decodes a block and returns the bit behind it; −1 for a code that there is not. <paramref name="residuals"/> has room for the widest block. References rather than spans, and the tables' outside the
    /// loop: with its bounds checked it took 3.5 ns per value, without them 3.0.
    /// </summary>
    private static long Durations(ReadOnlySpan<int> codes, ReadOnlySpan<byte> units, ReadOnlySpan<byte> residuals, long bit, Span<long> into)
    {
        Debug.Assert(residuals.Length == ResidualBits.BlockBytes && into.Length <= BlockRows);
        ref var code = ref MemoryMarshal.GetReference(codes[..into.Length]);
        ref var unit = ref MemoryMarshal.GetReference(units[..into.Length]);
        ref var from = ref MemoryMarshal.GetReference(residuals);
        ref var to = ref MemoryMarshal.GetReference(into);
        ref var table = ref BucketTicks.First;
        var worst = 0u;
        for (nint i = 0; i < into.Length; i++)
        {
            var bucket = (uint)Unsafe.Add(ref code, i);
            worst = Math.Max(worst, bucket);
            var ticks = BucketTicks.Of(ref table, Unsafe.Add(ref unit, i), bucket);
            var tick = ResidualBits.Load(ref from, bit, ticks.Width);
            bit += ticks.Width;
            Unsafe.Add(ref to, i) = unchecked(ticks.Lowest + ((long)tick * ticks.Nanos));
        }
        return worst < LogBuckets.Count ? bit : -1;
    }

    private static long Starts(ReadOnlySpan<int> codes, ReadOnlySpan<byte> units, ReadOnlySpan<byte> residuals, long bit, long restart, Span<long> into)
    {
        Debug.Assert(residuals.Length == ResidualBits.BlockBytes && into.Length <= BlockRows);
        ref var code = ref MemoryMarshal.GetReference(codes[..into.Length]);
        ref var unit = ref MemoryMarshal.GetReference(units[..into.Length]);
        ref var from = ref MemoryMarshal.GetReference(residuals);
        ref var to = ref MemoryMarshal.GetReference(into);
        ref var table = ref StepCodes.First;
        var clock = new TickClock(restart, unit);
        for (nint i = 0; i < into.Length; i++)
        {
            if ((uint)Unsafe.Add(ref code, i) >= StepCodes.Count) return -1;
            var step = Unsafe.Add(ref table, Unsafe.Add(ref code, i));
            var residual = step.Width <= ResidualBits.Narrow ? ResidualBits.Load(ref from, bit, step.Width) : ResidualBits.LoadWide(ref from, bit, step.Width);
            bit += step.Width;
            clock.Switch(Unsafe.Add(ref unit, i));
            Unsafe.Add(ref to, i) = clock.Advance(step.Step(residual));
        }
        return bit;
    }
}

/// <summary>The time of the row before, in ticks of the clock of the row at hand.</summary>
internal struct TickClock(long nanos, byte unit)
{
    private byte unit = unit;
    private long nanosPerTick = ClockUnits.Nanos(unit);

    /// <summary>The time in whole ticks, rounded down.</summary>
    public long Ticks { get; private set; } = ClockUnits.Floor(nanos, unit);

    /// <summary>Counts on in another unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Switch(byte next)
    {
        if (next == unit) return;
        Ticks = ClockUnits.Floor(unchecked(Ticks * nanosPerTick), next);
        unit = next;
        nanosPerTick = ClockUnits.Nanos(next);
    }

    /// <summary>Adds ticks and returns the time in nanoseconds, wrapping.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Advance(long ticks)
    {
        Ticks = unchecked(Ticks + ticks);
        return unchecked(Ticks * nanosPerTick);
    }
}
