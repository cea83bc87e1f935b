// The check of a whole store: silent about stores in order, and naming each thing that is not.
using System.Globalization;
using Waymark.Model.Stores;
using Waymark.Storage.Checking;
using Waymark.Storage.Columns;
using Waymark.Storage.Tests.Faults;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Checking;

public sealed class StoreCheckTests
{
    private const string Segments = "/data/segments/";

    [Theory]
    [InlineData(StoreDamageTests.State.Running)]
    [InlineData(StoreDamageTests.State.Closed)]
    [InlineData(StoreDamageTests.State.LogGone)]
    public async Task A_store_in_order_is_checked_in_full_and_nothing_is_found(StoreDamageTests.State state)
    {
        for (var seed = 1; seed <= 5 * TestScale.Factor; seed++)
        {
            var (disk, truth) = await StoreDamageTests.SomeStoreAsync(state, seed);
            var report = Checks.Verify(disk);
            Assert.Empty(report.Findings);
            Assert.True(report.IsSound);
            Assert.Equal(disk.List("/data/segments").Count, report.Checked.Segments);
            if (state == StoreDamageTests.State.Running)
            {
                Assert.True(report.Checked.LogSpans > 0);
                Assert.True(report.Checked.Spans + report.Checked.LogSpans >= truth.Count);
            }
            else
            {
                Assert.Equal(truth.Count, report.Checked.Spans);
            }
        }
    }

    [Fact]
    public async Task A_check_changes_nothing()
    {
        var (disk, _) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.Running, 3);
        foreach (var path in disk.List("/data/segments")) disk.Disk.Corrupt(path, 100, 1);
        disk.Disk.Corrupt("/data/manifest", 100, 1);
        var before = Checks.AllFiles(disk).ToDictionary(p => p, disk.Disk.Content);
        var operations = disk.Operations;
        Assert.False(Checks.Verify(disk).IsSound);
        foreach (var path in before.Keys) Checks.Inspect(disk, path);
        Assert.Equal(operations, disk.Operations);
        Assert.Equal(before.Keys, Checks.AllFiles(disk));
        Assert.All(before, file => Assert.Equal(file.Value, disk.Disk.Content(file.Key)));
    }

    [Fact]
    public async Task Retention_leaves_a_store_in_order()
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(5);
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options()))
        {
            for (var i = 0; i < 4; i++)
            {
                await store.WriteAsync(SentRequest.Protobuf("", random.Trace()).Request, CancellationToken.None);
                await store.SealNowAsync();
            }
        }
        var all = disk.List("/data/segments");
        var time = new TestTime();
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options(retentionBytes: all.Skip(2).Sum(p => (long)disk.Disk.Content(p).Length) + 10), time)) await store.SealNowAsync();
        Assert.True(disk.List("/data/segments").Count < all.Count);
        Assert.Empty(Checks.Verify(disk).Findings);
    }

    [Fact]
    public async Task What_does_not_belong_is_named_and_not_held_against_the_store()
    {
        var (disk, _) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.Closed, 1);
        string[] strangers = ["/data/notes.txt", Segments + "README", Segments + "1.wmseg", "/data/wal/a.wal", "/data/set-aside/0000000000000007.wmseg", "/data/manifest.tmp", "/data/manifest.damaged", Segments + "00000000000000ff.wmseg.tmp"];
        foreach (var path in strangers) Checks.Put(disk, path, "not ours"u8);
        var report = Checks.Verify(disk, ["/data/lost+found"]);
        Assert.True(report.IsSound);
        Assert.Equal(strangers.Append("/data/lost+found").Order(StringComparer.Ordinal), report.Findings.Select(f => f.File).Order(StringComparer.Ordinal));
        Assert.All(report.Findings, f => Assert.True(f.Severity == CheckSeverity.Notice && f.Remedy.Length > 10, f.ToString()));
    }

    [Fact]
    public async Task A_missing_segment_a_foreign_one_and_one_under_the_wrong_name_are_named()
    {
        var (disk, _) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.Closed, 1);
        var (other, _) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.Closed, 2);
        var paths = disk.List("/data/segments");
        Assert.True(paths.Count >= 3);
        disk.Delete(paths[0]);
        Checks.Replace(disk, paths[1], other.Disk.Content(other.List("/data/segments")[0]));
        Checks.Replace(disk, paths[2], disk.Disk.Content(paths[^1] == paths[2] ? paths[1] : paths[^1]));
        var report = Checks.Verify(disk);
        Assert.Contains(report.Findings, f => f.File == paths[0] && f.What.Contains("missing", StringComparison.Ordinal) && f.Severity == CheckSeverity.Damage);
        Assert.Contains(report.Findings, f => f.File == paths[1] && f.What.Contains("another store", StringComparison.Ordinal));
        Assert.Contains(report.Findings, f => f.File == paths[2] && f.Severity == CheckSeverity.Damage);
    }

    [Fact]
    public async Task A_newer_version_is_told_as_one()
    {
        var (disk, _) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.Closed, 1);
        var path = disk.List("/data/segments")[0];
        var content = disk.Disk.Content(path);
        content[8] = 99;
        BitConverter.TryWriteBytes(content.AsSpan(60), Crc32C.Compute(content.AsSpan(0, 60)));
        Checks.Replace(disk, path, content);
        var finding = Assert.Single(Checks.Verify(disk).Findings);
        Assert.Equal((CheckSeverity.Newer, path), (finding.Severity, finding.File));
        Assert.Contains("99", finding.What, StringComparison.Ordinal);
        Assert.Contains("later", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_manifest_a_store_is_named_broken_and_its_segments_are_checked_by_themselves()
    {
        var (disk, truth) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.Closed, 1);
        disk.Delete("/data/manifest");
        var report = Checks.Verify(disk);
        var finding = Assert.Single(report.Findings, f => f.Severity == CheckSeverity.Damage);
        Assert.Equal("/data/manifest", finding.File);
        Assert.Contains("backup", finding.Remedy, StringComparison.Ordinal);
        Assert.Equal(truth.Count, report.Checked.Spans);
        disk.Disk.Corrupt(disk.List("/data/segments")[0], 80, 1);
        Assert.Contains(Checks.Verify(disk).Findings, f => f.Severity == CheckSeverity.Damage && f.File != "/data/manifest");
    }

    [Fact]
    public async Task Under_a_running_server_only_what_stands_still_is_checked()
    {
        var directory = Directory.CreateTempSubdirectory("waymark-check").FullName;
        try
        {
            var options = StoreClient.Options() with { Directory = directory };
            await using (var store = await SpanStore.OpenAsync(options, SentRequest.Decoder, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None))
            {
                await store.WriteAsync(SentRequest.Protobuf("", new RandomSpans(1).Trace()).Request, CancellationToken.None);
                await store.SealNowAsync();
                await store.WriteAsync(SentRequest.Json("", 7).Request, CancellationToken.None);
                var beside = StoreCheck.Verify(directory, SentRequest.Decoder, null, CancellationToken.None);
                Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), beside.UsedBy);
                Assert.Empty(beside.Findings);
                Assert.Equal(1, beside.Checked.Segments);
                Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(SentRequest.Json("", 8).Request, CancellationToken.None)).Outcome);
            }
            var alone = StoreCheck.Verify(directory, SentRequest.Decoder, null, CancellationToken.None);
            Assert.Null(alone.UsedBy);
            Assert.Empty(alone.Findings);
            Assert.Equal(2, alone.Checked.Segments);
            Directory.CreateDirectory(Path.Combine(directory, "lost+found"));
            Assert.Contains(StoreCheck.Verify(directory, SentRequest.Decoder, null, CancellationToken.None).Findings, f => f.File == Path.Combine(directory, "lost+found"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void What_is_no_store_is_refused_and_left_as_it_is()
    {
        var directory = Directory.CreateTempSubdirectory("waymark-check").FullName;
        try
        {
            Assert.Contains("not a store", Assert.Throws<CheckImpossibleException>(() => StoreCheck.Verify(directory, SentRequest.Decoder, null, CancellationToken.None)).Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(directory));
            Assert.Throws<CheckImpossibleException>(() => StoreCheck.Verify(Path.Combine(directory, "none"), SentRequest.Decoder, null, CancellationToken.None));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Progress_ends_where_the_files_end()
    {
        var (disk, _) = await StoreDamageTests.SomeStoreAsync(StoreDamageTests.State.Closed, 1);
        var steps = new List<CheckProgress>();
        var report = StoreCheck.Verify(disk, "/data", null, [], SentRequest.Decoder, steps.Add, CancellationToken.None);
        Assert.True(steps.Count > report.Checked.Segments);
        Assert.Equal(steps.OrderBy(s => s.Bytes), steps);
        Assert.Equal(report.Checked.Bytes, steps[^1].Bytes);
        Assert.All(steps, s => Assert.True(s.Bytes <= s.TotalBytes && s.Files <= s.TotalFiles));
    }
}
