// Which encoding a page of numbers gets: estimates first, and only what promises to be smaller is made and measured.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// Packed pages are the quickest to scan, run lengths and page dictionaries come next; so an encoding is taken only when it is at least a tenth smaller than the best of the quicker ones. Planning runs over
/// every page of every column at seal: each question is first put to a sample or given up as soon as its answer can't matter.
/// </summary>
internal static class NumberPlanner
{
    /// <summary>Pages below it stay packed: the heads of streams alone are a dozen bytes.</summary>
    private const int MinBytes = 48;

    /// <summary>What the head of a composite page takes, about: counts, and per stream encoding, min, range and length.</summary>
    private const int HeadBytes = 16;

    /// <summary>The plan to use instead of <paramref name="packed"/>, or that one.</summary>
    public static NumberPlan Improve(ReadOnlySpan<long> numbers, in NumberPlan packed)
    {
        if (packed.Bytes < MinBytes) return packed;
        var scratch = PlanScratch.Current;
        var width = NumberPage.Width(packed.Min, packed.Max);
        var sample = scratch.Sample(numbers);
        var most = Tenth(packed.Bytes);
        // What these two would take is known without making them, and spares making others.
        var patched = FindWindow(numbers, sample, packed.Min, packed.Max, most, out var window) ? window.Bytes : int.MaxValue;
        var divisor = FindDivisor(numbers, sample, packed.Min, width, most);
        var scaled = divisor == 0 ? int.MaxValue : NumberPage.Packed(numbers.Length, NumberPage.Width(0, (long)(unchecked((ulong)packed.Max - (ulong)packed.Min) / divisor))).Bytes + HeadBytes;
        var either = Math.Min(patched, scaled);
        var best = packed;
        most = (int)Math.Min(most, either + (either / 9L));
        TryRunLength(numbers, width, most, scratch, ref best);
        TryDictionary(numbers, width, Math.Min(most, best.Bytes - 1), scratch, ref best);
        if (either <= Tenth(best.Bytes))
        {
            if (scaled < patched) Scaled.Write(numbers, packed.Min, divisor, scratch, scratch.Trial());
            else Write(numbers, window, scratch, scratch.Trial());
            Keep(scaled < patched ? PageEncoding.Scaled : PageEncoding.Patched, Tenth(best.Bytes), scratch, ref best);
        }
        return best.Encoding == packed.Encoding ? packed : best with { Ticket = scratch.NewTicket() };
    }

    /// <summary>The bytes of a plan that packs in no simple way: those that planning made, if no other page was planned since.</summary>
    public static ReadOnlySpan<byte> Made(ReadOnlySpan<long> numbers, in NumberPlan plan)
    {
        var scratch = PlanScratch.Current;
        if (plan.Ticket != scratch.Ticket || scratch.Best.Length != plan.Bytes) Improve(numbers, NumberPage.PlanPacked(numbers));
        return scratch.Best.WrittenSpan;
    }

    /// <summary>Encoding 7 for a stream inside a page, where it pays. The bytes are good until the next stream.</summary>
    public static bool TryPatch(ReadOnlySpan<long> numbers, in NumberPlan packed, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (packed.Bytes < MinBytes) return false;
        var scratch = PlanScratch.Current;
        var most = Tenth(packed.Bytes);
        if (!FindWindow(numbers, scratch.Sample(numbers), packed.Min, packed.Max, most, out var window)) return false;
        scratch.Nested.Clear();
        Write(numbers, window, scratch, scratch.Nested);
        bytes = scratch.Nested.WrittenSpan;
        return bytes.Length <= most;
    }

    /// <summary>The bytes an encoding may take to be a tenth smaller.</summary>
    private static int Tenth(int bytes) => bytes - (bytes / 10);

    private static void TryRunLength(ReadOnlySpan<long> numbers, int width, int most, PlanScratch scratch, ref NumberPlan best)
    {
        var runs = RunLength.Count(numbers);
        // Lengths take at least one bit each where runs are not all alike.
        if (HeadBytes + ((long)runs * (width + 1) / 8) > most) return;
        RunLength.Write(numbers, runs, scratch, scratch.Trial());
        Keep(PageEncoding.RunLength, most, scratch, ref best);
    }

    private static void TryDictionary(ReadOnlySpan<long> numbers, int width, int most, PlanScratch scratch, ref NumberPlan best)
    {
        var limit = MostDistinct(numbers.Length, width, most);
        if (limit < 2) return;
        var distinct = PageDictionary.Collect(numbers, limit, scratch);
        if (distinct < 2) return;
        PageDictionary.Write(numbers.Length, distinct, scratch, scratch.Trial());
        Keep(PageEncoding.PageDictionary, most, scratch, ref best);
    }

    /// <summary>How many distinct values of a width a page dictionary may have to take no more than <paramref name="most"/> bytes.</summary>
    private static int MostDistinct(int count, int width, int most)
    {
        var limit = 0;
        for (var bits = 1; bits < width && 1 << bits <= PageDictionary.MaxDistinct; bits++)
        {
            var room = most - HeadBytes - NumberPage.Packed(count, bits).Bytes;
            // Ascending values are stored as differences, which are narrower than the values by about the bits of their count; two bits of that are lost to unevenness.
            var stepBits = Math.Max(1, width - Math.Max(0, bits - 3));
            var fit = (int)Math.Clamp(room * 8L / stepBits, 0, 1 << bits);
            if (fit > 1 << (bits - 1)) limit = fit;
        }
        return Math.Min(limit, count);
    }

    /// <summary>A divisor of all differences to min that is large enough to matter; 0: there is none.</summary>
    private static ulong FindDivisor(ReadOnlySpan<long> numbers, ReadOnlySpan<long> sample, long min, int width, int most)
    {
        var gain = 1;
        while (gain < width && NumberPage.Packed(numbers.Length, width - gain).Bytes + HeadBytes > most) gain++;
        // Dividing by less than 2^(gain − 1) can't take that many bits away.
        return gain >= width ? 0 : Scaled.CommonDivisor(numbers, sample, min, Math.Max(2, 1UL << (gain - 1)));
    }

    private static void Keep(PageEncoding encoding, int most, PlanScratch scratch, ref NumberPlan best)
    {
        var bytes = scratch.TrialLength;
        if (bytes > most) return;
        scratch.Keep();
        best = best with { Encoding = encoding, Bytes = bytes };
    }

    /// <summary>Where most values lie: from Low to Low + Span. Fill stands where an exception is. Bytes: what the page takes, about.</summary>
    private readonly record struct Window(long Low, ulong Span, long Fill, int Bytes);

    private static void Write(ReadOnlySpan<long> numbers, in Window window, PlanScratch scratch, PooledBuffer into) =>
        Patched.Write(numbers, window.Low, window.Span, window.Fill, scratch, into);

    /// <summary>
    /// The window whose packed rows and exceptions take the fewest bytes, when that is not more than <paramref name="most"/>. The sample says whether the outliers are above, below or on both sides; where they
    /// are on one, all values are counted by the bits of their distance from the other end.
    /// </summary>
    private static bool FindWindow(ReadOnlySpan<long> numbers, ReadOnlySpan<long> sample, long min, long max, int most, out Window window)
    {
        window = default;
        var width = NumberPage.Width(min, max);
        if (width < 2) return false;
        var (low, high) = Densest(sample, width);
        var inside = unchecked((ulong)high - (ulong)low);
        var bits = NumberPage.Width(low, high);
        if (PatchedBytes(numbers.Length, bits, 0, width) > most) return false;
        var below = unchecked((ulong)low - (ulong)min);
        var above = unchecked((ulong)max - (ulong)high);
        if (below <= inside || below <= above >> 3)
        {
            return TryWidths(numbers, min, max, fromTop: false, most, out window);
        }
        if (above <= inside || above <= below >> 3)
        {
            return TryWidths(numbers, min, max, fromTop: true, most, out window);
        }
        // Outliers on both sides: the sample's window in the middle of the width it needs.
        var span = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        var slack = Math.Min((span - inside) / 2, below);
        var from = unchecked((long)((ulong)low - slack));
        if (unchecked((ulong)max - (ulong)from) < span) from = unchecked((long)((ulong)max - span));
        var outside = 0;
        foreach (var number in numbers)
        {
            if (unchecked((ulong)number - (ulong)from) > span) outside++;
        }
        window = new Window(from, span, low, PatchedBytes(numbers.Length, bits, outside, width));
        return outside > 0 && window.Bytes <= most;
    }

    /// <summary>The part of the sample that would be cheapest to keep: a few of its lowest and highest values left out.</summary>
    private static (long Low, long High) Densest(ReadOnlySpan<long> sample, int width)
    {
        var best = (Low: sample[0], High: sample[^1]);
        var bestCost = Cost(sample, 0, 0, width);
        for (var below = 0; below < sample.Length / 4; below = below == 0 ? 1 : below * 2)
        {
            for (var above = 0; above < sample.Length / 4; above = above == 0 ? 1 : above * 2)
            {
                var cost = Cost(sample, below, above, width);
                if (cost >= bestCost) continue;
                bestCost = cost;
                best = (sample[below], sample[^(above + 1)]);
            }
        }
        return best;

        static int Cost(ReadOnlySpan<long> sample, int below, int above, int width) =>
            (NumberPage.Width(sample[below], sample[^(above + 1)]) * sample.Length) + ((below + above) * (width + 6));
    }

    private static bool TryWidths(ReadOnlySpan<long> numbers, long min, long max, bool fromTop, int most, out Window window)
    {
        Span<int> counts = stackalloc int[65 * 2];
        counts.Clear();
        CountWidths(numbers, min, max, fromTop, counts);
        var width = NumberPage.Width(min, max);
        var outside = 0;
        var bestBits = width;
        var bestBytes = int.MaxValue;
        for (var bits = width - 1; bits >= 0; bits--)
        {
            outside += counts[bits + 1] + counts[65 + bits + 1];
            if (outside > numbers.Length / 2) break;
            var bytes = PatchedBytes(numbers.Length, bits, outside, width);
            if (outside == 0 || bytes >= bestBytes) continue;
            bestBytes = bytes;
            bestBits = bits;
        }
        var span = bestBits == 0 ? 0 : ulong.MaxValue >> (64 - bestBits);
        window = fromTop ? new Window(unchecked((long)((ulong)max - span)), span, max, bestBytes) : new Window(min, span, min, bestBytes);
        return bestBytes <= most;
    }

    /// <summary>How many distances take 0, 1, … 64 bits, in two rows of 65: neighbours are often alike, and adding twice to the same place has to wait.</summary>
    private static void CountWidths(ReadOnlySpan<long> numbers, long min, long max, bool fromTop, Span<int> counts)
    {
        ref var first = ref MemoryMarshal.GetReference(counts);
        var row = 0;
        foreach (var number in numbers)
        {
            var distance = unchecked(fromTop ? (ulong)max - (ulong)number : (ulong)number - (ulong)min);
            Unsafe.Add(ref first, row + 64 - BitOperations.LeadingZeroCount(distance))++;
            row ^= 65;
        }
    }

    /// <summary>About what encoding 7 takes: positions are differences, a few times their mean at most.</summary>
    private static int PatchedBytes(int count, int bits, int exceptions, int width)
    {
        var bytes = NumberPage.Packed(count, bits).Bytes + HeadBytes;
        return exceptions == 0 ? bytes : bytes + (int)(((long)exceptions * (width + BitOperations.Log2((uint)(4 * count / exceptions)) + 1)) / 8);
    }
}
