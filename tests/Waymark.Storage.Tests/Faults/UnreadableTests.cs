// A disk that refuses to give some bytes of a file: what lies there is missing from answers, which say so; the rest is there.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Stores;
using Waymark.Storage.Checking;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

public sealed class UnreadableTests
{
    [Fact]
    public async Task A_page_the_disk_refuses_makes_answers_partial_and_no_query_fails()
    {
        var (disk, truth) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.LogGone, 7);
        var known = truth.ToDictionary(s => s.Identity);
        var path = disk.List("/data/segments")[^1];
        List<(string Name, long Offset, int Bytes)> places = [];
        using (var segment = SegmentReader.Open(disk, path))
        {
            foreach (var column in segment.Columns)
            {
                foreach (var page in segment.Pages(column.Index).ToArray().Where(p => p.Bytes > 0)) places.Add((SegmentParts.Name(column.Key), page.Offset, page.Bytes));
            }
        }
        Assert.True(places.Count > 20);
        foreach (var (name, offset, bytes) in places)
        {
            var bad = new BadSectors(disk.Restart(), path, offset, offset + bytes);
            await using var store = await SpanStore.OpenAsync(bad, null, StoreClient.Options(), SentRequest.Decoder, new TestTime(), NullLogger.Instance, CancellationToken.None);
            var lost = 0;
            var isPartial = false;
            foreach (var trace in truth.GroupBy(s => s.TraceId))
            {
                var (spans, partial) = await StoreAnswers.FindAsync(store, trace.Key);
                Assert.All(spans, s => Assert.Equal(known[s.Identity], s));
                lost += trace.Count() - spans.Count;
                isPartial |= partial;
            }
            var answers = await StoreAnswers.AskAsync(store, name);
            Assert.All(answers.Listed.Values, s => Assert.Equal(known[s.Identity], s));
            Assert.True(lost == 0 || isPartial || answers.Status.Alarms.Count > 0, $"{name}: {lost} spans are missing, and nobody says so");
            if (bad.Refusals > 0) Assert.Contains(answers.Status.Alarms, a => a.Contains("bad sector", StringComparison.Ordinal) && a.Contains(path, StringComparison.Ordinal));
            var report = StoreCheck.Verify(bad, "/data", null, [], SentRequest.Decoder, null, CancellationToken.None);
            Assert.Contains(report.Findings, f => f.File == path && f.Offset == offset && f.What.Contains("bad sector", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_the_disk_refused_once_is_counted_when_it_gives_it_again()
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(6) { Oddity = 0 };
        var spans = random.Traces(30);
        await using (var writing = await StoreClient.OpenAsync(disk, StoreClient.Options() with { LogFileBytes = 1 << 20 }))
        {
            // Every trace in two pieces.
            foreach (var half in new[] { 0, 1 })
            {
                await writing.WriteAsync(SentRequest.Protobuf("", half == 0 ? spans : spans.Select(s => s with { SpanId = random.SpanId() })).Request, CancellationToken.None);
                await writing.SealNowAsync();
            }
        }
        var path = disk.List("/data/segments")[0];
        BadSectors bad;
        using (var segment = SegmentReader.Open(disk, path))
        {
            var page = segment.Page(segment.FindColumn(new ColumnKey(RowSpace.Traces, SegmentColumns.Trace.IdLow)), 0);
            Assert.True(page.Bytes > 0);
            bad = new BadSectors(disk, path, page.Offset, page.Offset + page.Bytes) { IsHealed = true };
        }
        await using var store = await SpanStore.OpenAsync(bad, null, StoreClient.Options() with { PageCacheBytes = 0 }, SentRequest.Decoder, new TestTime(), NullLogger.Instance, CancellationToken.None);
        var measure = new SpanMeasure { Under = new SpanCondition([]) };
        bad.IsHealed = false;
        Assert.True((await store.MeasureAsync(measure, CancellationToken.None)).IsPartial);
        bad.IsHealed = true;
        Assert.False((await store.MeasureAsync(measure, CancellationToken.None)).IsPartial);
        Assert.Equal(spans.Count * 2, (await store.MeasureAsync(new SpanMeasure(), CancellationToken.None)).Count);
    }

    /// <summary>Reads that touch [from, to) of a file fail.</summary>
    private sealed class BadSectors(IFileSystem files, string path, long from, long to) : IFileSystem
    {
        private int refusals;

        public int Refusals => refusals;

        /// <summary>Nothing fails.</summary>
        public volatile bool IsHealed;

        public void CreateDirectory(string path) => files.CreateDirectory(path);

        public IReadOnlyList<string> List(string directory) => files.List(directory);

        public bool Exists(string path) => files.Exists(path);

        public IFile Create(string path, long preallocate = 0) => files.Create(path, preallocate);

        public IFile Open(string path) => files.Open(path);

        public IFile OpenRead(string wanted) => wanted == path ? new BadFile(files.OpenRead(wanted), this) : files.OpenRead(wanted);

        public void Rename(string from, string to) => files.Rename(from, to);

        public void Delete(string path) => files.Delete(path);

        public void SyncDirectory(string path) => files.SyncDirectory(path);

        public (long Free, long Total) Space(string directory) => files.Space(directory);

        private sealed class BadFile(IFile file, BadSectors disk) : IFile
        {
            public string Path => file.Path;

            public long Length => file.Length;

            public int Read(Span<byte> buffer, long offset)
            {
                if (disk.IsHealed || offset + buffer.Length <= disk.From || offset >= disk.To) return file.Read(buffer, offset);
                Interlocked.Increment(ref disk.refusals);
                throw new IOException($"Reading {Path} failed: bad sector.");
            }

            public void Write(ReadOnlySpan<byte> bytes, long offset) => file.Write(bytes, offset);

            public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset) => file.Write(buffers, offset);

            public void SetLength(long length) => file.SetLength(length);

            public void Sync() => file.Sync();

            public void Dispose() => file.Dispose();
        }

        private long From => from;

        private long To => to;
    }
}
