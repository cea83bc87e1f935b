// Things in the data directory that this store did not put there, and things it put there that are gone.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

public sealed class ForeignFilesTests
{
    private const string Segments = "/data/segments/";

    [Fact]
    public async Task Files_with_other_names_are_left_alone()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        string[] foreign = ["/data/notes.txt", "/data/empty", Segments + "README", Segments + "1.wmseg", "/data/wal/a.wal", "/data/wal/0000000000000001.log", "/data/wal/empty"];
        foreach (var path in foreign) Put(disk, path, path.Contains("empty", StringComparison.Ordinal) ? [] : "not ours"u8);
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options())) await StoreAnswers.RequireExactlyAsync(store, truth, "beside foreign files");
        Assert.All(foreign, path => Assert.True(disk.Exists(path), path));
    }

    [Fact]
    public async Task An_empty_log_file_is_no_hindrance()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        Put(disk, "/data/wal/00000000000000ff.wal", []);
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options());
        Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(SentRequest.Json("", 5).Request, CancellationToken.None)).Outcome);
        await StoreAnswers.RequireExactlyAsync(store, [.. truth, .. SentRequest.Json("", 5).Spans], "with an empty log file");
    }

    [Fact]
    public async Task A_segment_of_another_store_is_not_answered_from()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        var (other, foreign) = await TwoSegmentsAsync(2);
        var path = Segments + "0000000000000001.wmseg";
        disk.Delete(path);
        Put(disk, path, other.Disk.Content(path));
        await RequireAlarmAsync(disk, truth, foreign, "another store");
    }

    [Fact]
    public async Task A_segment_under_the_name_of_another_is_not_answered_from()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        var content = disk.Disk.Content(Segments + "0000000000000001.wmseg");
        disk.Delete(Segments + "0000000000000002.wmseg");
        Put(disk, Segments + "0000000000000002.wmseg", content);
        await RequireAlarmAsync(disk, truth, [], "segment id");
    }

    [Fact]
    public async Task A_segment_that_is_gone_is_told()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        disk.Delete(Segments + "0000000000000002.wmseg");
        await RequireAlarmAsync(disk, truth, [], "0000000000000002.wmseg");
    }

    [Fact]
    public async Task A_segment_of_a_newer_version_is_told_and_kept()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        var path = Segments + "0000000000000002.wmseg";
        var content = disk.Disk.Content(path);
        content[8] = 99;
        BitConverter.TryWriteBytes(content.AsSpan(60), Crc32C.Compute(content.AsSpan(0, 60)));
        disk.Delete(path);
        Put(disk, path, content);
        await RequireAlarmAsync(disk, truth, [], "newer version");
        Assert.Equal(content, disk.Disk.Content(path));
    }

    [Fact]
    public async Task A_segment_nobody_listed_is_set_aside_when_its_spans_are_not_in_the_log()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        var content = disk.Disk.Content(Segments + "0000000000000002.wmseg");
        foreach (var log in disk.List("/data/wal")) disk.Delete(log);
        Put(disk, Segments + "0000000000000009.wmseg", content);
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options());
        var answers = await StoreAnswers.RequireExactlyAsync(store, truth, "with one segment more");
        Assert.Contains(answers.Status.Alarms, a => a.Contains("/data/set-aside/0000000000000009.wmseg", StringComparison.Ordinal));
        Assert.Equal(content, disk.Disk.Content("/data/set-aside/0000000000000009.wmseg"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_without_its_manifest_is_refused_and_left_as_it_is(bool withLog)
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        var manifest = disk.Disk.Content("/data/manifest");
        if (!withLog) foreach (var log in disk.List("/data/wal")) disk.Delete(log);
        disk.Delete("/data/manifest");
        disk.SyncDirectory("/data");
        for (var crash = 0; crash < 8; crash++)
        {
            // Wherever the process ends, nothing has been made that a later start would take for the truth.
            if (crash > 0) disk.Arm(disk.Operations + crash, Fault.Crash);
            var refused = await Assert.ThrowsAnyAsync<IOException>(() => StoreClient.OpenAsync(disk, StoreClient.Options()));
            if (!disk.Crashed)
            {
                Assert.Contains("/data/manifest", refused.Message, StringComparison.Ordinal);
                Assert.Contains("backup", refused.Message, StringComparison.Ordinal);
            }
            disk = disk.PowerCut();
        }
        Put(disk, "/data/manifest", manifest);
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options());
        await StoreAnswers.RequireExactlyAsync(store, truth, "manifest restored");
    }

    [Fact]
    public async Task A_log_that_is_gone_takes_only_what_was_not_sealed()
    {
        var (disk, truth) = await TwoSegmentsAsync(1);
        foreach (var log in disk.List("/data/wal")) disk.Delete(log);
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options());
        await StoreAnswers.RequireExactlyAsync(store, truth, "without a log");
        Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(SentRequest.Json("", 5).Request, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task A_second_opener_is_refused_and_the_first_goes_on()
    {
        var directory = Directory.CreateTempSubdirectory("waymark-faults").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(directory, "segments", "a directory"));
            Directory.CreateDirectory(Path.Combine(directory, "wal", "0000000000000001.wal.d"));
            Directory.CreateDirectory(Path.Combine(directory, "lost+found"));
            var options = StoreClient.Options() with { Directory = directory };
            Task<SpanStore> OpenAsync() => SpanStore.OpenAsync(options, SentRequest.Decoder, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
            var json = SentRequest.Json("", 5);
            await using (var store = await OpenAsync())
            {
                var refused = await Assert.ThrowsAnyAsync<IOException>(OpenAsync);
                Assert.Contains(directory, refused.Message, StringComparison.Ordinal);
                Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
                Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(json.Request, CancellationToken.None)).Outcome);
            }
            // What LOCK says means nothing, only who holds it.
            await File.WriteAllBytesAsync(Path.Combine(directory, "LOCK"), [0xFF, 0, 0x80]);
            await using var again = await OpenAsync();
            await StoreAnswers.RequireExactlyAsync(again, [.. json.Spans], "opened again");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(FaultFileSystem Disk, List<NaiveSpan> Truth)> TwoSegmentsAsync(int seed)
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(seed);
        var truth = new List<NaiveSpan>();
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options());
        for (var i = 0; i < 2; i++)
        {
            var spans = random.Trace();
            await store.WriteAsync(SentRequest.Protobuf("", spans).Request, CancellationToken.None);
            truth.AddRange(spans);
            await store.SealNowAsync();
        }
        return (disk, truth);
    }

    /// <summary>One segment is out of use: what is answered is right, something is missing, and an alarm says why.</summary>
    private static async Task RequireAlarmAsync(FaultFileSystem disk, List<NaiveSpan> truth, List<NaiveSpan> foreign, string alarm)
    {
        for (var start = 1; start <= 2; start++)
        {
            await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options());
            var answers = await StoreAnswers.AskAsync(store, alarm);
            Assert.Contains(answers.Status.Alarms, a => a.Contains(alarm, StringComparison.Ordinal) && a.Contains(Segments, StringComparison.Ordinal));
            Assert.All(answers.Listed.Values, s => Assert.Contains(s, truth));
            Assert.InRange(answers.Listed.Count, 1, truth.Count - 1);
            foreach (var span in foreign) Assert.Empty((await StoreAnswers.FindAsync(store, span.TraceId)).Spans);
        }
    }

    private static void Put(FaultFileSystem disk, string path, ReadOnlySpan<byte> content)
    {
        using var file = disk.Disk.Create(path);
        file.Write(content, 0);
        file.Sync();
        disk.Disk.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
