// The encodings of pages alone: size, and time to plan, encode and decode a value, beside a copy of the same numbers in the same run.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Waymark.Bench.Load;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;

namespace Waymark.Bench.Columns;

internal static class ColumnsCommand
{
    /// <summary>More than one, so that no branch predictor learns a page by heart.</summary>
    private const int Pages = 32;

    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds over 32 pages; the best counts.", DefaultValueFactory = _ => 40 };

    public static Command Build()
    {
        var command = new Command("columns", "Bytes and nanoseconds per value of each page encoding.") { Rounds };
        command.SetAction(arguments => Run(arguments.GetValue(Rounds)));
        return command;
    }

    private static void Run(int rounds)
    {
        var copy = Copy(rounds);
        Print($"{Machine.Describe()}; memcpy {Machine.MeasureMemcpyGigabytesPerSecond():0.0} GB/s from memory, {8 / copy:0.0} GB/s over these pages ({copy:0.00} ns per value)");
        Print($"{"column",-46} {"encoding",-15} {"B/value",8} {"plan+encode",12} {"decode",8} {"GB/s",6} {"x copy",7} {"int",6}   ns per value; int: into 32 bits, of durations the buckets alone");
        foreach (var (name, make) in ColumnShapes.All) Numbers(name, make, copy, rounds);
        foreach (var (name, clocks) in new[] { ("one clock of 1 ns", new byte[] { 0 }), ("one of 100 ns", [1]), ("a clock per span", [0, 1, 2, 3]) })
        {
            Times($"durations, {name}", clocks, isStarts: false, copy, rounds);
            Times($"starts, {name}", clocks, isStarts: true, copy, rounds);
        }
    }

    private static void Numbers(string name, Func<Random, long[]> make, double copy, int rounds)
    {
        var random = new Random(1);
        var pages = Enumerable.Range(0, Pages).Select(_ => make(random)).ToArray();
        var plans = new NumberPlan[Pages];
        var stored = new byte[Pages][];
        for (var i = 0; i < Pages; i++)
        {
            plans[i] = NumberPage.Plan(pages[i]);
            stored[i] = new byte[plans[i].Bytes];
            NumberPage.Encode(pages[i], plans[i], stored[i]);
        }
        var into = new long[ColumnShapes.PageRows];
        var narrow = new int[ColumnShapes.PageRows];
        var encode = Best(rounds, i =>
        {
            var plan = NumberPage.Plan(pages[i]);
            NumberPage.Encode(pages[i], plan, stored[i].AsSpan(0, plan.Bytes));
        });
        var decode = Best(rounds, i => Require(NumberPage.TryDecode(stored[i], plans[i].Encoding, plans[i].Min, plans[i].Max, into)));
        var isNarrow = plans.All(plan => plan.Min >= int.MinValue && plan.Max <= int.MaxValue);
        var decodeNarrow = isNarrow ? Best(rounds, i => Require(NumberPage.TryDecode(stored[i], plans[i].Encoding, plans[i].Min, plans[i].Max, narrow))) : 0;
        Report(name, plans[0].Encoding.ToString(), stored.Average(s => (double)s.Length), encode, decode, copy, decodeNarrow);
    }

    private static void Times(string name, byte[] clocks, bool isStarts, double copy, int rounds)
    {
        var random = new Random(1);
        var pages = Enumerable.Range(0, Pages).Select(_ => isStarts ? ColumnShapes.Starts(random, clocks) : ColumnShapes.Durations(random, clocks)).ToArray();
        var stored = Enumerable.Range(0, Pages).Select(_ => new PooledBuffer(64 * 1024)).ToArray();
        var into = new long[ColumnShapes.PageRows];
        var buckets = new int[ColumnShapes.PageRows];
        void Encode(int i)
        {
            stored[i].Clear();
            var (values, units) = pages[i];
            Require(isStarts ? TimePage.TryEncodeStarts(values, units, stored[i]) : TimePage.TryEncodeDurations(values, units, stored[i]));
        }
        var encode = Best(rounds, Encode);
        var decode = Best(rounds, i => Require(isStarts ? TimePage.TryDecodeStarts(stored[i].WrittenSpan, pages[i].Units, into) : TimePage.TryDecodeDurations(stored[i].WrittenSpan, pages[i].Units, into)));
        var codes = isStarts ? 0 : Best(rounds, i => Require(TimePage.TryReadBuckets(stored[i].WrittenSpan, buckets)));
        Report(name, isStarts ? "Starts" : "Durations", stored.Average(s => (double)s.Length), encode, decode, copy, codes);
        foreach (var buffer in stored) buffer.Dispose();
    }

    private static void Report(string name, string encoding, double bytes, double encode, double decode, double copy, double narrow) =>
        Print($"{name,-46} {encoding,-15} {bytes / ColumnShapes.PageRows,8:0.000} {encode,12:0.00} {decode,8:0.00} {8 / decode,6:0.0} {decode / copy,7:0.0} {(narrow > 0 ? narrow.ToString("0.00", CultureInfo.InvariantCulture) : "-"),6}");

    private static double Copy(int rounds)
    {
        var from = Enumerable.Range(0, Pages).Select(i => new long[ColumnShapes.PageRows]).ToArray();
        var into = new long[ColumnShapes.PageRows];
        return Best(rounds, i => from[i].CopyTo(into, 0));
    }

    /// <summary>Nanoseconds per value of the best round.</summary>
    private static double Best(int rounds, Action<int> page)
    {
        var best = double.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var clock = Stopwatch.GetTimestamp();
            for (var i = 0; i < Pages; i++) page(i);
            best = Math.Min(best, Stopwatch.GetElapsedTime(clock).TotalNanoseconds / Pages / ColumnShapes.PageRows);
        }
        return best;
    }

    private static void Require(bool isDecoded)
    {
        if (!isDecoded) throw new InvalidDataException("A page just encoded does not decode.");
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
