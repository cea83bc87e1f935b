// "index": what it costs to find traces among many segments: building filter and index, asking filters, asking whole segments for a seal's traces, opening a store with many continuations.
using System.CommandLine;
using System.Globalization;
using Waymark.Bench.Load;
using Waymark.Model.Spans;
using Waymark.Storage;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Scanning;
using Waymark.Storage.Sealing;
using Waymark.Storage.Segments;

namespace Waymark.Bench.Index;

internal static class IndexCommand
{
    private static readonly Option<int> Traces = new("--traces") { Description = "Traces of a segment.", DefaultValueFactory = _ => 35_000 };
    private static readonly Option<int> Segments = new("--segments") { Description = "Segments; 1,000 stand for some 250 million spans.", DefaultValueFactory = _ => 100 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds; the best counts.", DefaultValueFactory = _ => 7 };
    private static readonly Option<double> Continued = new("--continued") { Description = "Share of a segment's traces that have a piece in the segment before.", DefaultValueFactory = _ => 0.01 };

    private static readonly TimeSpan MinRound = TimeSpan.FromMilliseconds(200);

    public static Command Build()
    {
        var command = new Command("index", "Trace filter and trace index: CPU time and bytes.") { Traces, Segments, Rounds, Continued };
        command.SetAction(arguments => Run(arguments.GetValue(Traces), arguments.GetValue(Segments), arguments.GetValue(Rounds), arguments.GetValue(Continued)));
        return command;
    }

    private static void Run(int traces, int segments, int rounds, double continued)
    {
        var memcpy = Machine.MeasureMemcpyGigabytesPerSecond();
        Line($"{segments} segments of {traces} traces; {Machine.Describe()}, memcpy {memcpy:0.0} GB/s, so 16 bytes in {16 / memcpy:0.00} ns");
        var hash = TraceHash.KeyedBy(Guid.NewGuid());
        MeasureBuild(RandomIds(traces, seed: 1), hash, rounds);
        MeasureFilters(traces, segments, rounds);
        MeasureSegments(traces, segments, rounds, continued);
    }

    private static void MeasureBuild(TraceId[] ids, TraceHash hash, int rounds)
    {
        byte[] filter = [], index = [];
        var sort = Best(rounds, ids.Length, () => SortedHashes.Of(ids, hash).Dispose());
        using var sorted = SortedHashes.Of(ids, hash);
        var filterTime = Best(rounds, ids.Length, () => filter = TraceFilter.Build(sorted.Hashes)!);
        var indexTime = Best(rounds, ids.Length, () => index = TraceIndex.Build(sorted));
        Line($"build    hash and sort {sort:0.0} ns/trace, filter {filterTime:0.0}, index {indexTime:0.0}; filter {filter.Length * 8.0 / ids.Length:0.00} bits/trace, index {index.Length / (double)ids.Length:0.00} B/trace");
    }

    private static void MeasureFilters(int traces, int segments, int rounds)
    {
        var random = new Random(7);
        var filters = new TraceFilter[segments];
        for (var s = 0; s < segments; s++) filters[s] = new TraceFilter(TraceFilter.Build(Ascending(traces, random))!, "filter");
        // One id against all segments, as a look-up does: every filter is cold.
        var others = Ascending(20_000, random);
        random.Shuffle(others);
        var passed = 0L;
        var lookUp = Best(rounds, others.Length, () =>
        {
            passed = 0;
            foreach (var other in others)
            {
                foreach (var filter in filters) passed += filter.MayHave(other) ? 1 : 0;
            }
        });
        Line($"look-up  one trace among {segments} filters {lookUp:0} ns, {lookUp / segments:0.00} a filter, {(double)passed / others.Length:0.000} pass; filters {filters.Sum(f => (long)f.Bytes) / 1048576.0:0.0} MiB in memory");

        // All traces of a seal against each segment.
        var own = Ascending(traces, random);
        var positions = new int[traces];
        var many = Math.Min(segments, 100);
        var ascending = Best(rounds, (long)many * traces, () => Ask(own));
        random.Shuffle(own);
        var shuffled = Best(rounds, (long)many * traces, () => Ask(own));
        Line($"seal     filters alone {ascending:0.00} ns a probe in the order of hashes, {shuffled:0.00} in any order");

        void Ask(ulong[] hashes)
        {
            foreach (var filter in filters.AsSpan(0, many)) filter.Candidates(hashes, positions);
        }
    }

    /// <summary>Segments with nothing in them but what finds traces, on the real file system.</summary>
    private static void MeasureSegments(int traces, int segments, int rounds, double continued)
    {
        var directory = Directory.CreateTempSubdirectory("waymark-bench-").FullName;
        var opened = new List<OpenSegment>();
        try
        {
            var files = RealFileSystem.Instance;
            var store = Guid.NewGuid();
            TraceId[] before = [];
            for (var s = 0; s < segments; s++)
            {
                var ids = RandomIds(traces, seed: 100 + s);
                var late = (int)(before.Length * continued);
                for (var t = 0; t < late; t++) ids[t] = before[^(t + 1)];
                opened.Add(TraceSegment.Write(files, directory, store, (ulong)s + 1, ids, ids[..late]));
                before = ids;
            }
            var own = RandomIds(traces, seed: 5);
            var hits = 0;
            var seal = Best(rounds, (long)segments * traces, () =>
            {
                using var probe = new TraceProbe(own, TraceHash.KeyedBy(store));
                hits = opened.Sum(segment => probe.FindIn(segment).Count);
            });
            Line($"seal     {traces} new traces against {segments} segments: {seal:0.00} ns a probe, {seal * segments * traces / 1e6:0.0} ms ({hits} found)");
            var start = Best(rounds, 1, () => Sealer.MarkSplitTraces(opened, broken => throw broken));
            Line($"start    {opened.Sum(o => o.Continuations.Length)} continuations marked in {start / 1e6:0.0} ms; {opened.Sum(o => o.SplitTraces().Length)} split traces");
        }
        finally
        {
            foreach (var segment in opened) segment.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>
    /// CPU nanoseconds per item, the best of several rounds. A round is long enough for the coarse clock of CPU time: 10 ms a tick on some machines.
    /// </summary>
    private static double Best(int rounds, long items, Action action)
    {
        var best = double.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var times = 0;
            var before = Environment.CpuUsage.TotalTime;
            TimeSpan spent;
            do
            {
                action();
                times++;
                spent = Environment.CpuUsage.TotalTime - before;
            }
            while (spent < MinRound);
            best = Math.Min(best, spent.TotalNanoseconds / items / times);
        }
        return best;
    }

    private static TraceId[] RandomIds(int count, int seed)
    {
        var random = new Random(seed);
        var ids = new TraceId[count];
        for (var i = 0; i < count; i++) ids[i] = new TraceId((ulong)random.NextInt64(), (ulong)random.NextInt64(1, long.MaxValue));
        return ids;
    }

    private static ulong[] Ascending(int count, Random random)
    {
        var hashes = new ulong[count];
        for (var i = 0; i < count; i++) hashes[i] = TraceHash.Mix((ulong)random.NextInt64());
        Array.Sort(hashes);
        return hashes;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
