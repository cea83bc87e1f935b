// The log when the disk misbehaves: at every operation, in every way.
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Tests.Wal;

public sealed class WalAnomalyTests
{
    private static readonly int[] Sizes = [100, 0, 700, 1500, 13, 5000, 300, 900, 1, 2000, 64, 450];

    internal static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<WalWorkload> RunAsync(FaultFileSystem fs, Durability durability, bool together)
    {
        var work = new WalWorkload(new Random(5));
        var log = work.Open(fs, WalWorkload.Options(durability: durability));
        for (var i = 0; i < Sizes.Length; i += together ? 3 : 1)
        {
            await work.AppendAsync(log, together ? Sizes[i..(i + 3)] : [Sizes[i]]);
            if (i != 6) continue;
            // Records up to 3 count as sealed.
            work.Covered = 3;
            log.DeleteThrough(3);
        }

        await log.DisposeAsync();
        return work;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fault_at_any_operation_loses_nothing_acknowledged(bool together)
    {
        var clean = new FaultFileSystem();
        var all = await RunAsync(clean, Durability.Sync, together);
        Assert.All(all.Appended, appended => Assert.Equal(WalOutcome.Durable, appended.Outcome));
        Assert.Empty(all.Check(clean.PowerCut(), "clean").Alarms);
        foreach (var fault in new[] { Fault.Fail, Fault.DiskFull, Fault.Tear, Fault.Crash })
        {
            for (var operation = 1; operation <= clean.Operations; operation++)
            {
                var fs = new FaultFileSystem(seed: operation);
                fs.Arm(operation, fault);
                var work = await RunAsync(fs, Durability.Sync, together);
                var context = $"{fault} at {operation}";
                if (fault != Fault.Crash) Assert.True(work.Appended.Count(appended => appended.Outcome != WalOutcome.Durable) <= (together ? 3 : 1), context);
                var durable = work.Check(fs.PowerCut(), context);
                if (!together) Assert.True(durable.Alarms.Count == 0, $"{context}: {string.Join("; ", durable.Alarms)}");
                work.Check(fs.Restart(), context + ", restart");
                for (var luck = 0; luck < 3; luck++)
                {
                    var torn = work.Check(fs.PowerCut(new Random(luck)), $"{context}, torn {luck}");
                    if (!together) Assert.True(torn.Alarms.Count == 0, $"{context}, torn {luck}: {string.Join("; ", torn.Alarms)}");
                }
            }
        }
    }

    [Fact]
    public async Task A_disk_that_stays_broken_refuses_and_recovers_when_it_works_again()
    {
        for (var times = 2; times < 12; times++)
        {
            for (var operation = 1; operation < 40; operation += 3)
            {
                var fs = new FaultFileSystem(seed: operation);
                fs.Arm(operation, Fault.Tear, times);
                var work = new WalWorkload(new Random(5));
                var log = work.Open(fs, WalWorkload.Options());
                while (fs.Operations < operation + times) await work.AppendAsync(log, Sizes[work.Appended.Count % Sizes.Length]);
                await work.AppendAsync(log, 100);
                Assert.Equal(WalOutcome.Durable, work.Appended[^1].Outcome);
                await log.DisposeAsync();
                work.Check(fs.PowerCut(new Random(times)), $"{times} from {operation}");
                work.Check(fs.Restart(), $"{times} from {operation}");
            }
        }
    }

    [Theory]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.Os)]
    public async Task Without_sync_a_crash_of_the_process_loses_nothing_acknowledged(object durability)
    {
        for (var operation = 1; operation < 60; operation++)
        {
            var fs = new FaultFileSystem(seed: operation);
            fs.Arm(operation, Fault.Crash);
            var work = await RunAsync(fs, (Durability)durability, together: operation % 2 == 0);
            Assert.Empty(work.Check(fs.Restart(), $"crash at {operation}").Alarms);
        }
    }

    [Fact]
    public async Task Many_lives_with_random_ends_keep_every_acknowledged_record()
    {
        for (var seed = 0; seed < 40 * Scale; seed++)
        {
            var random = new Random(seed);
            var work = new WalWorkload(random);
            var fs = new FaultFileSystem(seed: seed);
            for (var life = 0; life < 5; life++)
            {
                var result = work.Check(fs, $"seed {seed}, life {life}", adopt: true);
                var log = work.Open(fs, WalWorkload.Options(random.Next(256, 6000)), result.LastSequence + 1);
                var kind = (Fault)random.Next(1, 5);
                fs.Arm(fs.Operations + random.Next(1, 40), kind, random.Next(1, 4));
                for (var batch = random.Next(12); batch >= 0; batch--)
                {
                    await work.AppendAsync(log, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(random.Next(3000)))]);
                    if (random.Next(4) != 0) continue;
                    var covered = work.Appended.Where(appended => appended.Outcome == WalOutcome.Durable).Select(appended => appended.Sequence).DefaultIfEmpty(0UL).Max();
                    work.Covered = Math.Max(work.Covered, covered - Math.Min(covered, (ulong)random.Next(5)));
                    log.DeleteThrough(work.Covered);
                }

                await log.DisposeAsync();
                fs = random.Next(3) switch { 0 => fs.PowerCut(), 1 => fs.PowerCut(random), _ => fs.Restart() };
            }
        }
    }

    [Fact]
    public async Task A_flipped_bit_costs_at_most_its_record_and_is_told_when_something_follows()
    {
        var clean = new FaultFileSystem();
        var work = new WalWorkload(new Random(3));
        var log = work.Open(clean, WalWorkload.Options());
        foreach (var size in Sizes) await work.AppendAsync(log, size);
        await log.DisposeAsync();
        var random = new Random(7);
        foreach (var path in clean.List(WalWorkload.Root))
        {
            for (var offset = 0; offset < clean.Disk.Content(path).Length; offset += Scale > 1 ? 1 : random.Next(1, 10))
            {
                var disk = clean.Disk.PowerCut();
                disk.Corrupt(path, offset, (byte)(1 << random.Next(8)));
                var (records, result) = work.Replay(disk);
                var context = $"{path} at {offset}";
                Assert.All(records, record => Assert.True(WalWorkload.Same(work.Appended[(int)record.Sequence - 1].Entry, record), context));
                Assert.True(records.Count >= Sizes.Length - 1, context);
                Assert.Equal(records.Select(record => record.Sequence).Distinct().Order(), records.Select(record => record.Sequence));
                if (records.Count == Sizes.Length) continue;
                if (records[^1].Sequence != (ulong)Sizes.Length) continue;
                Assert.NotEmpty(result.Alarms);
                Assert.Contains(disk.List(WalWorkload.Root), name => name.EndsWith(".damaged", StringComparison.Ordinal));
                var again = work.Replay(disk);
                Assert.Equal(records.Count, again.Records.Count);
                Assert.NotEmpty(again.Result.Alarms);
            }
        }
    }

    [Fact]
    public async Task A_missing_file_and_a_file_of_another_store_are_told()
    {
        var fs = new FaultFileSystem();
        var work = new WalWorkload(new Random(3));
        var log = work.Open(fs, WalWorkload.Options());
        foreach (var size in Sizes) await work.AppendAsync(log, size);
        await log.DisposeAsync();
        var files = fs.List(WalWorkload.Root);
        var foreign = WalReplay.Run(fs, WalWorkload.Root, Guid.NewGuid(), 0, (in WalRecord _) => Assert.Fail("not ours"), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.Equal(files.Count, foreign.Alarms.Count);
        fs.Delete(files[1]);
        Assert.Contains(files[2], Assert.Single(work.Replay(fs).Result.Alarms), StringComparison.Ordinal);
        Assert.Equal(files.Count - 1, fs.List(WalWorkload.Root).Count);
    }

    [Fact]
    public async Task A_full_disk_refuses_and_takes_writes_again_when_room_returns()
    {
        var fs = new FaultFileSystem();
        fs.Disk.Capacity = 7000;
        var work = new WalWorkload(new Random(3));
        await using var log = work.Open(fs, WalWorkload.Options() with { ReserveBytes = 2000 });
        await work.AppendAsync(log, 1900);
        await work.AppendAsync(log, 1900);
        Assert.Null(log.FullReason);
        await work.AppendAsync(log, 1900);
        await work.AppendAsync(log, 1900);
        Assert.Equal([WalOutcome.Durable, WalOutcome.Durable, WalOutcome.DiskFull, WalOutcome.DiskFull], work.Appended.Select(appended => appended.Outcome));
        Assert.NotNull(log.FullReason);
        Assert.True(fs.Space(WalWorkload.Root).Free >= 2000);
        log.DeleteThrough(1);
        work.Covered = 1;
        work.Time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 100 && log.FullReason is not null; i++) await Task.Delay(50);
        Assert.Null(log.FullReason);
        await work.AppendAsync(log, 1900);
        Assert.Equal(WalOutcome.Durable, work.Appended[^1].Outcome);
        work.Check(fs.PowerCut(), "after recovery");
    }

    [Fact]
    public async Task A_full_disk_is_looked_at_once_per_second_at_most()
    {
        var fs = new FaultFileSystem();
        fs.Disk.Capacity = 100;
        var work = new WalWorkload(new Random(3));
        await using var log = work.Open(fs, WalWorkload.Options());
        Assert.Equal(WalOutcome.DiskFull, await log.Append(work.Entry(10)).Completion);
        fs.Disk.Capacity = 100_000;
        Assert.Equal(WalOutcome.DiskFull, await log.Append(work.Entry(10)).Completion);
        work.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(WalOutcome.Durable, await log.Append(work.Entry(10)).Completion);
        Assert.Null(log.FullReason);
    }
}
