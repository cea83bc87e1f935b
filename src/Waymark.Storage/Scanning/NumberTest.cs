// A predicate once it has been judged against a segment's tables: an interval of numbers or a set of codes.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Numbers in [Low, High], or, where there is a set, those whose bit is in it.</summary>
internal readonly record struct NumberTest(long Low, long High, ulong[]? Set = null)
{
    /// <summary>Rows of a page up to which each is looked at by itself.</summary>
    private const int FewRows = 256;

    /// <summary>Nothing passes.</summary>
    public static readonly NumberTest None = new(1, 0);

    public static NumberTest Equal(long value) => new(value, value);

    /// <summary>The codes or indexes i with <c>matches[i]</c>.</summary>
    public static NumberTest In(ReadOnlySpan<bool> matches)
    {
        var set = new ulong[(matches.Length + 63) / 64];
        var (low, high) = (long.MaxValue, long.MinValue);
        for (var i = 0; i < matches.Length; i++)
        {
            if (!matches[i]) continue;
            set[i / 64] |= 1UL << (i % 64);
            (low, high) = (Math.Min(low, i), i);
        }
        return new NumberTest(low, high, set);
    }

    /// <summary>Those of <paramref name="count"/> codes or indexes that are listed, ascending.</summary>
    public static NumberTest In(ReadOnlySpan<int> listed, int count)
    {
        if (listed.IsEmpty) return None;
        var set = new ulong[(count + 63) / 64];
        foreach (var i in listed) set[i / 64] |= 1UL << (i % 64);
        return new NumberTest(listed[0], listed[^1], set);
    }

    /// <summary>The numbers of an attribute column that equal a text (<see cref="AttributeText.Matches"/>), as intervals; none when no number can.</summary>
    public static NumberTest[] Of(AttributeText text, AttributeType type) => type switch
    {
        AttributeType.Int => text.Int is { } whole ? [Equal(whole)] : [],
        AttributeType.Double => text.Double is { } real ? OfDouble(real) : [],
        AttributeType.Bool => text.Bool switch
        {
            true => [new NumberTest(long.MinValue, -1), new NumberTest(1, long.MaxValue)],
            false => [Equal(0)],
            null => [],
        },
        _ => [],
    };

    /// <summary>No number can pass.</summary>
    public bool IsImpossible => Low > High;

    /// <summary>False when no value of the page can pass.</summary>
    public bool MayMatch(in PageInfo page) => page.Count > 0 && !IsImpossible && Low <= page.Max && High >= page.Min;

    /// <summary>The values of a page that pass, a bit each.</summary>
    public void Find(SegmentCursor cursor, int column, int page, Span<ulong> bits)
    {
        ref readonly var info = ref cursor.Info(column, page);
        if (info.Encoding is PageEncoding.Starts or PageEncoding.Durations)
        {
            if (info.Count == 0 || !MayMatch(info)) bits.Clear();
            else if (Set is null && Low <= info.Min && High >= info.Max) RowBits.Fill(bits, info.Count);
            else if (Set is not null || info.Encoding == PageEncoding.Starts || !TryFindDurations(cursor, column, page, bits)) FindTimes(cursor, column, page, bits);
            return;
        }
        var stored = cursor.NumberBytes(column, page);
        var isFound = Set is null ? NumberKernels.Between(stored, info, Low, High, bits, BitPacking.Best) : NumberKernels.InSet(stored, info, Set, bits, BitPacking.Best);
        if (!isFound) throw cursor.Contradiction(info);
    }

    /// <summary>Takes out those of the rows in <paramref name="bits"/> whose values do not pass: a few are looked at one by one.</summary>
    public void Narrow(SegmentCursor cursor, int column, int page, Span<ulong> bits)
    {
        ref readonly var info = ref cursor.Info(column, page);
        var areFew = RowBits.Count(bits) <= FewRows;
        if (areFew && info.Encoding == PageEncoding.Durations && TryNarrowDurations(cursor, column, page, bits)) return;
        if (areFew && PointKernels.IsPlaced(info.Encoding))
        {
            var stored = cursor.NumberBytes(column, page);
            foreach (var row in RowBits.Enumerate(bits))
            {
                if (!Holds(PointKernels.At(stored, info, row))) bits[row / 64] &= ~(1UL << (row % 64));
            }
            return;
        }
        Span<ulong> found = stackalloc ulong[RowBits.Words];
        Find(cursor, column, page, found);
        RowBits.And(bits, found);
    }

    /// <summary>True for numbers that pass.</summary>
    public bool Holds(long value) => value >= Low && value <= High && (Set is null || (value >= 0 && value >> 6 < Set.Length && (Set[value >> 6] >> (int)(value & 63) & 1) != 0));

    private void FindTimes(SegmentCursor cursor, int column, int page, Span<ulong> bits)
    {
        var numbers = cursor.Numbers(column, page);
        NumberKernels.Between(numbers, Low, High, bits, BitPacking.Best);
        if (Set is null) return;
        bits.Clear();
        for (var r = 0; r < numbers.Length; r++)
        {
            if (numbers[r] >= 0 && numbers[r] >> 6 < Set.Length && (Set[numbers[r] >> 6] >> (int)(numbers[r] & 63) & 1) != 0) bits[r / 64] |= 1UL << (r % 64);
        }
    }

    /// <summary>By their buckets, which need no residuals; only the rows of the buckets that the bounds lie in are read exactly. False: a bound that says nothing about buckets.</summary>
    private bool TryFindDurations(SegmentCursor cursor, int column, int page, Span<ulong> bits)
    {
        if (!SaysBuckets) return false;
        ref readonly var info = ref cursor.Info(column, page);
        Span<ulong> open = stackalloc ulong[RowBits.Words];
        var stored = cursor.NumberBytes(column, page);
        if (!TimePage.TryFindBuckets(stored, info.Count, Low, High, bits, open, BitPacking.Best)) throw cursor.Contradiction(info);
        Decide(cursor, column, page, open, bits);
        return true;
    }

    /// <summary>The same for a few rows. False, and nothing changed: the page is to be asked as a whole.</summary>
    private bool TryNarrowDurations(SegmentCursor cursor, int column, int page, Span<ulong> bits)
    {
        if (Set is not null || !SaysBuckets) return false;
        ref readonly var info = ref cursor.Info(column, page);
        Span<ulong> open = stackalloc ulong[RowBits.Words];
        if (DurationKernels.Narrow(cursor.NumberBytes(column, page), info.Count, Low, High, bits, open, BitPacking.Best) is not { } isRead) return false;
        if (!isRead) throw cursor.Contradiction(info);
        Decide(cursor, column, page, open, bits);
        return true;
    }

    /// <summary>All that is not above High includes the negative ones, which have no bucket but are exceptions.</summary>
    private bool SaysBuckets => (Low >= 0 || Low == long.MinValue) && High >= 0;

    /// <summary>Takes out those of the open rows whose residual says that they don't pass.</summary>
    private void Decide(SegmentCursor cursor, int column, int page, ReadOnlySpan<ulong> open, Span<ulong> bits)
    {
        if (RowBits.IsEmpty(open)) return;
        if (!TimePage.TryDecide(cursor.NumberBytes(column, page), cursor.Units(column, page), Low, High, open, bits, BitPacking.Best)) throw cursor.Contradiction(cursor.Info(column, page));
    }

    /// <summary>By their bits: both zeros are equal, and so are all the bits that are no number.</summary>
    private static NumberTest[] OfDouble(double real)
    {
        const long infinity = 0x7FF0_0000_0000_0000;
        if (double.IsNaN(real)) return [new NumberTest(infinity + 1, long.MaxValue), new NumberTest(long.MinValue + infinity + 1, -1)];
        if (real == 0) return [Equal(0), Equal(long.MinValue)];
        return [Equal(BitConverter.DoubleToInt64Bits(real))];
    }
}
