// The log when all is well: order, sharing of syncs, rotation, deletion, large records.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Tests.Wal;

public sealed class WriteAheadLogTests
{
    [Fact]
    public void The_checksum_is_crc32c()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0u, Crc32C.Compute([]));
        Assert.Equal(Crc32C.Compute("123456789"u8), Crc32C.Compute("6789"u8, Crc32C.Compute("12345"u8)));
    }

    [Fact]
    public async Task Eight_threads_share_syncs_on_a_real_disk_and_all_is_read_back()
    {
        var directory = Directory.CreateTempSubdirectory("waymark-").FullName;
        try
        {
            var wal = Path.Combine(directory, "wal");
            var work = new WalWorkload(new Random(1));
            ulong highest = 0;
            var log = WriteAheadLog.Open(RealFileSystem.Instance, wal, WalWorkload.Options(1 << 20), WalWorkload.StoreId, 1, TimeProvider.System, NullLogger.Instance);
            log.Durable = sequence => highest = sequence;
            var entries = Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 150).Select(i => work.Entry(i * 40)).ToList()).ToList();
            var appended = new System.Collections.Concurrent.ConcurrentDictionary<ulong, WalEntry>();
            await Task.WhenAll(entries.Select(mine => Task.Run(async () =>
            {
                foreach (var entry in mine)
                {
                    var ticket = log.Append(entry);
                    Assert.True(appended.TryAdd(ticket.Sequence, entry));
                    Assert.Equal(WalOutcome.Durable, await ticket.Completion);
                    Assert.True(Volatile.Read(ref highest) >= ticket.Sequence);
                }
            })));
            Assert.Equal(1200UL, log.LastSequence);
            Assert.Equal(Directory.GetFiles(wal).Sum(path => new FileInfo(path).Length), log.Bytes);
            await log.DisposeAsync();
            var read = new List<ulong>();
            var result = WalReplay.Run(
                RealFileSystem.Instance,
                wal,
                WalWorkload.StoreId,
                0,
                (in WalRecord record) =>
                {
                    Assert.True(WalWorkload.Same(appended[record.Sequence], record));
                    read.Add(record.Sequence);
                },
                NullLogger.Instance);
            Assert.Equal(Enumerable.Range(1, 1200).Select(i => (ulong)i), read);
            Assert.Empty(result.Alarms);
            Assert.Equal(1200, result.Records);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Records_that_arrive_during_a_sync_share_the_next_one_and_complete_in_order()
    {
        var fs = new FaultFileSystem();
        using var hold = new ManualResetEventSlim();
        using var syncing = new ManualResetEventSlim();
        var work = new WalWorkload(new Random(1));
        await using var log = work.Open(fs, WalWorkload.Options(1 << 20));
        Assert.Equal(WalOutcome.Durable, await log.Append(work.Entry(10)).Completion);
        fs.Before = (what, _) =>
        {
            if (what != "sync") return;
            syncing.Set();
            hold.Wait();
        };
        var first = log.Append(work.Entry(10));
        syncing.Wait();
        var before = fs.Syncs;
        var durable = new List<ulong>();
        log.Durable = durable.Add;
        var rest = Enumerable.Range(0, 100).Select(_ => log.Append(work.Entry(10))).ToList();
        Assert.All(rest, ticket => Assert.False(ticket.Completion.IsCompleted));
        hold.Set();
        Assert.Equal(WalOutcome.Durable, await first.Completion);
        foreach (var ticket in rest) Assert.Equal(WalOutcome.Durable, await ticket.Completion);
        Assert.Equal(before + 2, fs.Syncs);
        Assert.Equal([2UL, 102UL], durable);
    }

    [Fact]
    public async Task A_failed_sync_moves_the_group_to_a_new_file_under_the_same_sequences()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        var log = work.Open(fs, WalWorkload.Options(1 << 16));
        await work.AppendAsync(log, 10, 20);
        fs.Arm(fs.Operations + 2, Fault.Fail);
        await work.AppendAsync(log, 30);
        await work.AppendAsync(log, 40);
        Assert.All(work.Appended, appended => Assert.Equal(WalOutcome.Durable, appended.Outcome));
        Assert.Equal([1UL, 2, 3, 4], work.Appended.Select(appended => appended.Sequence));
        Assert.Equal(2, fs.List(WalWorkload.Root).Count);
        await log.DisposeAsync();
        Assert.Empty(work.Check(fs.PowerCut(), "sync failed").Alarms);
        Assert.Empty(work.Check(fs.Restart(), "sync failed, not cut").Alarms);
    }

    [Fact]
    public async Task What_a_file_held_before_its_sync_failed_is_suspect_and_the_file_is_never_touched_again()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        var log = work.Open(fs, WalWorkload.Options(1 << 16));
        var suspected = new List<(string Alarm, ulong Through)>();
        log.Suspected = alarm => suspected.Add((alarm, log.SuspectThrough));
        await work.AppendAsync(log, 10, 20);
        Assert.Equal(0UL, log.SuspectThrough);
        var first = Assert.Single(fs.List(WalWorkload.Root));
        fs.Arm(fs.Operations + 2, Fault.Fail);
        await work.AppendAsync(log, 30);
        Assert.Equal(WalOutcome.Durable, work.Appended[^1].Outcome);
        Assert.Equal(2UL, Assert.Single(suspected).Through);
        Assert.Contains(first, suspected[0].Alarm, StringComparison.Ordinal);
        var touched = new List<string>();
        fs.Before = (what, path) => touched.Add(path);
        await work.AppendAsync(log, 40, 50);
        await log.DisposeAsync();
        Assert.DoesNotContain(first, touched);
        Assert.NotEmpty(touched);
    }

    [Fact]
    public async Task A_sync_that_fails_before_anything_was_acknowledged_makes_nothing_suspect()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        await using var log = work.Open(fs, WalWorkload.Options(1 << 16));
        // The header's own, and then that of the first group.
        foreach (var ahead in new[] { 3, 5 })
        {
            fs.Arm(fs.Operations + ahead, Fault.Fail);
            await work.AppendAsync(log, 30);
            Assert.Equal(0UL, log.SuspectThrough);
        }
    }

    [Fact]
    public async Task Without_a_sync_per_request_a_carry_over_record_is_synced_all_the_same()
    {
        foreach (var durability in new[] { Durability.Interval, Durability.Os })
        {
            var fs = new FaultFileSystem();
            var work = new WalWorkload(new Random(1));
            await using var log = work.Open(fs, WalWorkload.Options(1 << 16, durability) with { SyncInterval = TimeSpan.FromHours(1) });
            await work.AppendAsync(log, 100);
            Assert.Empty(work.Replay(fs.PowerCut()).Records);
            var carried = log.Append(work.Entry(50) with { IsCarryOver = true });
            Assert.Equal(WalOutcome.Durable, await carried.Completion);
            Assert.Equal([false, true], work.Replay(fs.PowerCut()).Records.Select(record => record.IsCarryOver));
        }
    }

    [Fact]
    public void A_file_of_version_one_dot_zero_is_read()
    {
        var header = new byte[WalFormat.FileHeaderBytes];
        new WalFileHeader(WalWorkload.StoreId, 7, 6, new(5)).Write(header);
        Assert.Equal(1, header[10]);
        header[10] = 0;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(60), Crc32C.Compute(header.AsSpan(0, 60)));
        Assert.Equal(WalHeaderState.Good, WalFileHeader.Read(header, out var read));
        Assert.Equal((WalWorkload.StoreId, 7UL, 6UL), (read.StoreId, read.FirstSequence, read.Follows));
    }

    [Fact]
    public async Task A_failed_group_is_announced_before_its_tickets_complete()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        await using var log = work.Open(fs, WalWorkload.Options());
        var failed = new List<(ulong, ulong)>();
        log.Failed = (first, last) => failed.Add((first, last));
        await work.AppendAsync(log, 10);
        fs.Arm(fs.Operations + 1, Fault.Fail);
        await work.AppendAsync(log, 10);
        Assert.Equal(WalOutcome.DiskError, work.Appended[^1].Outcome);
        Assert.Equal([(2UL, 2UL)], failed);
    }

    [Fact]
    public async Task Covered_files_are_deleted_but_never_the_one_being_written()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        var log = work.Open(fs, WalWorkload.Options());
        for (var i = 0; i < 6; i++) await work.AppendAsync(log, 1500);
        Assert.Equal(6, fs.List(WalWorkload.Root).Count);
        log.DeleteThrough(3);
        Assert.Equal([4UL, 5, 6], work.Replay(fs).Records.Select(record => record.Sequence));
        log.DeleteThrough(6);
        Assert.Single(fs.List(WalWorkload.Root));
        Assert.Equal(2048, log.Bytes);
        await log.DisposeAsync();
        await using var next = work.Open(fs, WalWorkload.Options(), 7);
        Assert.Equal(2048, next.Bytes);
        await work.AppendAsync(next, 10);
        next.DeleteThrough(6);
        Assert.Equal([7UL], work.Replay(fs).Records.Select(record => record.Sequence));
        Assert.Single(fs.List(WalWorkload.Root));
    }

    [Fact]
    public async Task A_record_of_seventy_mebibytes_gets_a_file_of_its_own_and_is_read_back()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        var log = work.Open(fs, WalWorkload.Options(1 << 16));
        await work.AppendAsync(log, 100);
        await work.AppendAsync(log, 70 << 20);
        await work.AppendAsync(log, 100);
        await log.DisposeAsync();
        Assert.Equal(3, fs.List(WalWorkload.Root).Count);
        Assert.Empty(work.Check(fs, "large").Alarms);
    }

    [Fact]
    public async Task The_interval_sync_happens_by_itself()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        await using var log = work.Open(fs, WalWorkload.Options(1 << 16, Durability.Interval) with { SyncInterval = TimeSpan.FromMilliseconds(20) });
        await work.AppendAsync(log, 100);
        var before = fs.Syncs;
        for (var i = 0; i < 200 && fs.Syncs == before; i++) await Task.Delay(10);
        Assert.Single(work.Replay(fs.PowerCut()).Records);
    }

    [Fact]
    public async Task After_closing_appends_are_refused_and_what_was_queued_is_stored()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        var log = work.Open(fs, WalWorkload.Options());
        var tickets = Enumerable.Range(0, 20).Select(_ => log.Append(work.Entry(200))).ToList();
        await log.DisposeAsync();
        foreach (var ticket in tickets) Assert.Equal(WalOutcome.Durable, await ticket.Completion);
        Assert.Equal(WalOutcome.Closed, await log.Append(work.Entry(1)).Completion);
        Assert.Equal(20, work.Replay(fs.PowerCut()).Records.Count);
        await log.DisposeAsync();
    }

    [Fact]
    public async Task An_append_allocates_less_than_200_bytes()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(1));
        await using var log = work.Open(fs, WalWorkload.Options(16 << 20));
        var entry = work.Entry(100);
        var allocated = 0L;
        for (var i = 0; i < 2000; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var ticket = log.Append(entry);
            if (i >= 1000) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            await ticket.Completion;
        }

        Assert.InRange(allocated / 1000, 0, 200);
    }
}
