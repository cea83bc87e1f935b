// The check of a store that is changing under it: what a running server seals and deletes meanwhile is no damage.
using Waymark.Storage.Checking;
using Waymark.Storage.Tests.Faults;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Checking;

public sealed class RunningStoreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Log_files_that_a_server_seals_and_deletes_during_the_check_are_not_damage(int step)
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(8) { MaxSpans = 20 };
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options() with { LogFileBytes = 4096 });
        await WriteAsync();
        await store.SealNowAsync();
        await WriteAsync();
        var files = disk.List("/data/wal").Count;
        Assert.True(files > 3);
        var steps = 0;
        var report = StoreCheck.Verify(disk, "/data", "1", [], SentRequest.Decoder, _ => Interfere(), CancellationToken.None);
        Assert.True(steps >= step);
        Assert.Empty(report.Findings);

        void Interfere()
        {
            if (++steps != step) return;
            Task.Run(async () =>
            {
                await store.SealNowAsync();
                await WriteAsync();
            }).GetAwaiter().GetResult();
        }

        async Task WriteAsync()
        {
            for (var i = 0; i < 20; i++) await store.WriteAsync(SentRequest.Protobuf("", random.Trace()).Request, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_log_file_that_is_missing_is_damage_though_a_server_runs()
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(8) { MaxSpans = 20 };
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options() with { LogFileBytes = 4096 });
        for (var i = 0; i < 20; i++) await store.WriteAsync(SentRequest.Protobuf("", random.Trace()).Request, CancellationToken.None);
        disk.Delete(disk.List("/data/wal")[1]);
        var report = StoreCheck.Verify(disk, "/data", "1", [], SentRequest.Decoder, null, CancellationToken.None);
        Assert.Contains(report.Findings, f => f.Severity == CheckSeverity.Damage && f.What.Contains("missing", StringComparison.Ordinal));
    }
}
