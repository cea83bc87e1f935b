// What planning a page needs beside it: kept per thread, so that sealing allocates nothing per page.
using System.Diagnostics.CodeAnalysis;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// Arrays and buffers of one thread that plans pages: about 0.6 MB once pages of 8,192 rows have been planned. The arrays are named by number, for each encoding uses them for its own: the first two for what
/// a page consists of, the next three for encoding 7, which may be a part of it.
/// </summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as its thread; its arrays then go to the collector.")]
internal sealed class PlanScratch
{
    [ThreadStatic]
    private static PlanScratch? current;

    private readonly long[] sample = new long[SampleSize];
    private long[] first = [];
    private long[] second = [];
    private long[] third = [];
    private long[] fourth = [];
    private long[] fifth = [];
    private ushort[] slots = [];
    private long[] lists = [];
    private int[] order = [];
    private int[] ranks = [];
    private PooledBuffer best = new();
    private PooledBuffer trial = new();

    /// <summary>How many values a sample has.</summary>
    public const int SampleSize = 128;

    public static PlanScratch Current => current ??= new PlanScratch();

    /// <summary>The plan whose bytes <see cref="Best"/> holds.</summary>
    public int Ticket { get; private set; }

    /// <summary>The smallest form of the page found so far.</summary>
    public PooledBuffer Best => best;

    /// <summary>For a stream in encoding 7 inside a page.</summary>
    public PooledBuffer Nested { get; } = new();

    public Span<long> First(int count) => Room(ref first, count);

    public Span<long> Second(int count) => Room(ref second, count);

    public Span<long> Third(int count) => Room(ref third, count);

    public Span<long> Fourth(int count) => Room(ref fourth, count);

    public Span<long> Fifth(int count) => Room(ref fifth, count);

    /// <summary>For the lists beside the codes of a page of times.</summary>
    public Span<long> Lists(int count) => Room(ref lists, count);

    public Span<int> Order(int count) => Room(ref order, count);

    public Span<int> Ranks(int count) => Room(ref ranks, count);

    /// <summary>An empty hash table at most half full with <paramref name="most"/> entries; <paramref name="shift"/> takes the top bits of a hash to a slot.</summary>
    public Span<ushort> Slots(int most, out int shift)
    {
        var bits = Math.Max(6, NumberPage.Width(0, most) + 1);
        shift = 64 - bits;
        var table = Room(ref slots, 1 << bits);
        table.Clear();
        return table;
    }

    /// <summary>Values from all over the page, ascending; all of them when there are few.</summary>
    public ReadOnlySpan<long> Sample(ReadOnlySpan<long> numbers)
    {
        var count = Math.Min(numbers.Length, SampleSize);
        // Not every n-th: rows with a period (a trace of eight rows) would give the same place of it over and over.
        for (var i = 0; i < count; i++)
        {
            var from = (int)((long)i * numbers.Length / count);
            var width = (int)((long)(i + 1) * numbers.Length / count) - from;
            sample[i] = numbers[from + (int)((uint)(i * 0x9E3779B1L) % (uint)width)];
        }
        var values = sample.AsSpan(0, count);
        values.Sort();
        return values;
    }

    /// <summary>An empty buffer for another form.</summary>
    public PooledBuffer Trial()
    {
        trial.Clear();
        return trial;
    }

    /// <summary>How much was written to <see cref="Trial"/>.</summary>
    public int TrialLength => trial.Length;

    /// <summary>What was written to <see cref="Trial"/> is the best form now.</summary>
    public void Keep() => (best, trial) = (trial, best);

    /// <summary>A number for the plan that <see cref="Best"/> belongs to; never 0.</summary>
    public int NewTicket()
    {
        Ticket = Ticket == int.MaxValue ? 1 : Ticket + 1;
        return Ticket;
    }

    private static Span<T> Room<T>(ref T[] array, int count)
    {
        if (array.Length < count) array = new T[count];
        return array.AsSpan(0, count);
    }
}
