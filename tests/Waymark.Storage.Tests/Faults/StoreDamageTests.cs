// Bits that flip and files that are cut off, in every kind of file: answers are right, or say that they are not.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Checking;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Checking;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Wal;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

public sealed class StoreDamageTests
{
    private static readonly string[] Kinds = ["/data/manifest", "/data/services", ".wal", ".wmseg"];

    /// <summary>What became of the store before the damage.</summary>
    public enum State
    {
        /// <summary>It was killed: the newest spans are in the log only.</summary>
        Running,

        /// <summary>It was closed: all is in segments, the last log file is still there.</summary>
        Closed,

        /// <summary>It was started and closed once more: no log.</summary>
        LogGone,
    }

    [Theory]
    [InlineData(State.Running, 7)]
    [InlineData(State.Closed, 7)]
    [InlineData(State.LogGone, 7)]
    [InlineData(State.Running, 8)]
    public async Task A_flipped_bit_anywhere_is_harmless_or_told(State state, int seed)
    {
        var (disk, truth) = await SomeStoreAsync(state, seed);
        foreach (var kind in Kinds)
        {
            foreach (var path in Files(disk, kind))
            {
                var length = UsedBytes(disk, path);
                var step = Math.Max(1, length / (kind == ".wmseg" ? (state == State.Closed ? 16 : 4) : 24) / TestScale.Factor);
                await Parallel.ForAsync(0, length / step, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (k, _) =>
                {
                    var offset = (k * step) + (k % step);
                    var damaged = new FaultFileSystem(disk.Disk.Restart());
                    damaged.Disk.Corrupt(path, offset, (byte)(1 << (k % 8)));
                    await RequireHonestAsync(damaged, truth, $"{path} bit {k % 8} of byte {offset}", IsLastRecord(disk, path, offset), mustBeFound: HasMeaning(disk, path, offset));
                });
            }
        }
    }

    [Theory]
    [InlineData(State.Running)]
    [InlineData(State.Closed)]
    [InlineData(State.LogGone)]
    public async Task A_file_cut_off_anywhere_is_harmless_or_told(State state)
    {
        var (disk, truth) = await SomeStoreAsync(state, 7);
        foreach (var kind in Kinds)
        {
            foreach (var path in Files(disk, kind))
            {
                var length = UsedBytes(disk, path);
                var step = Math.Max(1, length / 6 / TestScale.Factor);
                await Parallel.ForAsync(0, length / step, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (k, _) =>
                {
                    var damaged = new FaultFileSystem(disk.Disk.Restart());
                    using (var file = damaged.Disk.Open(path)) file.SetLength(k * step);
                    // What a log had at its end and has no more, nothing can know of: it looks like writes that were never made.
                    // The same holds for lines of the services file.
                    await RequireHonestAsync(damaged, truth, $"{path} cut off at {k * step}", isLogEnd: path == LastLog(disk), mustBeFound: path.EndsWith(".wmseg", StringComparison.Ordinal));
                });
            }
        }
    }

    [Fact]
    public async Task A_broken_page_of_any_column_is_told()
    {
        var (disk, truth) = await SomeStoreAsync(State.Closed, 7);
        foreach (var path in Files(disk, ".wmseg").Take(TestScale.Factor))
        {
            var places = new List<(string Name, long Offset)>();
            using (var segment = SegmentReader.Open(disk, path))
            {
                foreach (var column in segment.Columns)
                {
                    foreach (var page in segment.Pages(column.Index))
                    {
                        if (page.Bytes > 0) places.Add((column.Key.ToString(), page.Offset));
                    }
                }
            }
            Assert.True(places.Count > 20, $"{path} has only {places.Count} pages.");
            await Parallel.ForEachAsync(places, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (place, _) =>
            {
                var damaged = new FaultFileSystem(disk.Disk.Restart());
                damaged.Disk.Corrupt(path, (int)place.Offset, 1);
                await RequireHonestAsync(damaged, truth, $"{path}, {place.Name}", isLogEnd: false, mustBeFound: true);
            });
        }
    }

    [Fact]
    public async Task A_broken_page_of_a_long_trace_leaves_the_rest_and_says_that_it_is_not_all()
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(11);
        var first = random.Span() with { Events = [], Links = [] };
        var truth = Enumerable.Range(1, (2 * SegmentFormat.PageRows) + 10).Select(i => first with { SpanId = new SpanId((ulong)i * 7), Start = new UnixNanos(first.Start.Value + i), Name = $"n{i % 50}" }).ToList();
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options() with { LogFileBytes = 4 << 20 }))
            Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(SentRequest.Protobuf("", truth).Request, CancellationToken.None)).Outcome);
        var path = Assert.Single(Files(disk, ".wmseg"));
        long offset;
        using (var segment = SegmentReader.Open(disk, path)) offset = segment.Page(segment.FindColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Span.Name)), 1).Offset;
        disk.Disk.Corrupt(path, (int)offset, 4);

        await using var damaged = await StoreClient.OpenAsync(disk, StoreClient.Options());
        var (spans, isPartial) = await StoreAnswers.FindAsync(damaged, first.TraceId);
        Assert.True(isPartial);
        Assert.Equal(SegmentFormat.PageRows + 10, spans.Count);
        var sent = truth.ToDictionary(s => s.SpanId);
        Assert.All(spans, s => Assert.Equal(sent[s.SpanId], s));
        var answers = await StoreAnswers.AskAsync(damaged, "list");
        Assert.True(answers.IsPartial);
        Assert.Contains(answers.Status.Alarms, a => a.Contains(path, StringComparison.Ordinal));
    }

    /// <summary>Several segments, and, unless closed, records in the log that are in no segment.</summary>
    internal static async Task<(FaultFileSystem Disk, List<NaiveSpan> Truth)> SomeStoreAsync(State state, int seed)
    {
        var disk = new FaultFileSystem();
        var truth = new List<NaiveSpan>();
        var random = new RandomSpans(seed) { MaxSpans = 30 };
        var time = new TestTime();
        var store = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
        for (var i = 0; i < 6; i++)
        {
            List<NaiveSpan> trace = random.Trace(), other = random.Trace();
            // A piece of each second trace comes later.
            var late = i % 2 == 0 ? trace.Skip(trace.Count / 2).ToList() : [];
            foreach (var spans in new[] { trace.Except(late).Concat(other).ToList(), late })
            {
                if (spans.Count > 0) Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(SentRequest.Protobuf("", spans).Request, CancellationToken.None)).Outcome);
                time.Advance(TimeSpan.FromSeconds(3));
                if (i % 3 == 1) await store.SealNowAsync();
                truth.AddRange(spans);
            }
        }
        await StoreAnswers.RequireExactlyAsync(store, truth, "before");
        foreach (var service in truth.Select(s => s.Service).Distinct()) store.OrdinalOf(service);
        var killed = disk.Restart();
        await store.DisposeAsync();
        if (state == State.Running) return (killed, truth);
        if (state == State.LogGone)
        {
            await using var once = await StoreClient.OpenAsync(disk, StoreClient.Options(), time);
            await StoreAnswers.RequireExactlyAsync(once, truth, "started once more");
        }
        return (disk, truth);
    }

    /// <summary>Opens and asks: what is answered is right; what is missing is told of.</summary>
    /// <param name="isLogEnd">The damage can't be told from a last write that was never finished.</param>
    /// <param name="mustBeFound">A check from outside has to find something.</param>
    private static async Task RequireHonestAsync(FaultFileSystem disk, List<NaiveSpan> truth, string context, bool isLogEnd, bool mustBeFound)
    {
        var report = Checks.Verify(disk);
        Assert.True(!mustBeFound || report.Findings.Count > 0, $"{context}: the check found nothing");
        SpanStore store;
        try
        {
            store = await StoreClient.OpenAsync(disk, StoreClient.Options());
        }
        catch (IOException refused)
        {
            Assert.True(refused.Message.Contains("/data/", StringComparison.Ordinal), $"{context}: {refused.Message}");
            Assert.False(report.IsSound, $"{context}: the store is refused ({refused.Message}), and the check says: {Checks.Describe(report)}");
            return;
        }
        var known = truth.ToDictionary(s => s.Identity);
        var lost = 0;
        var isPartial = false;
        foreach (var id in truth.Select(s => s.TraceId).Distinct())
        {
            var (spans, partial) = await StoreAnswers.FindAsync(store, id);
            Assert.All(spans, s => Assert.True(known[s.Identity].Equals(s), $"{context}: sent {known[s.Identity]}, found {s}"));
            lost += truth.Count(s => s.TraceId == id) - spans.Count;
            isPartial |= partial;
        }
        RequireDistinctOrdinals(store, truth, context);
        var answers = await StoreAnswers.AskAsync(store, context);
        Assert.All(answers.Listed.Values, s => Assert.True(known.TryGetValue(s.Identity, out var sent) && sent.Equals(s), $"{context}: listed {s}"));
        var alarms = answers.Status.Alarms;
        if (!isLogEnd && alarms.Count == 0)
        {
            Assert.True(lost == 0 && !isPartial, $"{context}: {lost} spans are missing by id, and nobody says so");
            Assert.True(answers.Listed.Count == truth.Count && !answers.IsPartial, $"{context}: {truth.Count - answers.Listed.Count} spans are missing from the list, and nobody says so");
            Assert.True(answers.Operations.Sum(o => o.Spans) == truth.Count, $"{context}: operations are missing, and nobody says so");
        }
        // Whatever the store complains of, the check finds too; what it finds broken, and nobody misses, has been sealed or given anew.
        Assert.True(!report.IsSound || (alarms.Count == 0 && !isPartial && !answers.IsPartial), $"{context}: the store says {StoreAnswers.Alarms(answers.Status)}, and the check: {Checks.Describe(report)}");
        // It takes spans, and the next start is no worse.
        var fresh = SentRequest.Json("fresh", 4711);
        Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(fresh.Request, CancellationToken.None)).Outcome);
        await store.DisposeAsync();
        var again = await StoreClient.OpenAsync(disk, StoreClient.Options());
        var second = await StoreAnswers.AskAsync(again, context);
        Assert.True(second.Listed.ContainsKey(fresh.Spans[0].Identity), $"{context}: a span written after the damage is gone");
        Assert.True(answers.Listed.Keys.All(second.Listed.ContainsKey), $"{context}: the second start has lost spans that the first still had");
        await again.DisposeAsync();
    }

    /// <summary>Numbers may be given anew; no two services share one.</summary>
    private static void RequireDistinctOrdinals(SpanStore store, List<NaiveSpan> truth, string context)
    {
        var services = truth.Select(s => s.Service).Distinct().ToList();
        Assert.True(services.Select(store.OrdinalOf).Distinct().Count() == services.Count, $"{context}: two services have one number");
    }

    /// <summary>Alignment in a segment carries none (docs/formats/segment.md), nor do capitals in a checksum of the services (docs/formats/services.md); everything else does.</summary>
    private static bool HasMeaning(FaultFileSystem disk, string path, int offset)
    {
        if (path == "/data/services") return !char.IsAsciiHexDigit((char)(disk.Disk.Content(path)[offset] ^ 0x20));
        if (!path.EndsWith(".wmseg", StringComparison.Ordinal)) return true;
        using var segment = SegmentReader.Open(disk, path);
        return SegmentParts.All(segment).Exists(part => offset >= part.Offset && offset < part.Offset + part.Bytes);
    }

    private static List<string> Files(FaultFileSystem disk, string kind) =>
        [.. new[] { "/data", "/data/wal", "/data/segments" }.SelectMany(disk.List).Where(p => p.EndsWith(kind, StringComparison.Ordinal))];

    /// <summary>Without the zeros at the end that a log file is made with.</summary>
    private static int UsedBytes(FaultFileSystem disk, string path) => disk.Disk.Content(path).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private static string? LastLog(FaultFileSystem disk) => Files(disk, ".wal").LastOrDefault();

    /// <summary>Whether a byte belongs to the last record of the last log file: damaged, it looks like a write that was never finished.</summary>
    private static bool IsLastRecord(FaultFileSystem disk, string path, int offset)
    {
        if (path != LastLog(disk)) return false;
        var content = disk.Disk.Content(path);
        var at = WalFormat.FileHeaderBytes;
        while (true)
        {
            var next = at + (int)WalFormat.Align(WalFormat.LengthFrom + BitConverter.ToInt32(content, at));
            if (next >= content.Length - 8 || BitConverter.ToInt32(content, next) == 0) return offset >= at;
            at = next;
        }
    }
}
