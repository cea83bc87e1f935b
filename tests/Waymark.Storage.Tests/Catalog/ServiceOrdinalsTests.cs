// A service keeps its number over restarts, and nothing that can happen to the file keeps a store from answering.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Protocols.Otlp;
using Waymark.Storage.Catalog;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Tests.Store;

namespace Waymark.Storage.Tests.Catalog;

public sealed class ServiceOrdinalsTests
{
    private const string Path = "/store/services";
    private static readonly string[] Names = ["shop", "", "größe-服务", "back\\slash", "line\nfeed", "\\n", "\0", "a b"];

    [Fact]
    public void Services_are_numbered_in_the_order_they_are_asked_about_and_keep_their_numbers_over_restarts()
    {
        var disk = new FaultFileSystem();
        foreach (var start in new[] { 0, 1, 2 })
        {
            using var ordinals = Open(disk);
            // Asked in another order each time.
            foreach (var n in Enumerable.Range(start == 0 ? 0 : Names.Length / 2, Names.Length)) Assert.Equal(n % Names.Length, ordinals.Of(Names[n % Names.Length]));
            Assert.Equal(Names.Length + start, ordinals.Of($"new {start}"));
        }
    }

    [Fact]
    public async Task A_store_answers_with_them_before_and_after_it_was_opened_again()
    {
        var disk = new FaultFileSystem();
        await using (var store = await OpenStoreAsync(disk))
        {
            Assert.Equal([0, 1, 0, 2], new[] { "b", "a", "b", "c" }.Select(store.OrdinalOf));
        }
        await using var again = await OpenStoreAsync(disk);
        Assert.Equal([3, 2, 1, 0], new[] { "d", "c", "a", "b" }.Select(again.OrdinalOf));
        Assert.Empty(again.GetStatus().Alarms);
    }

    [Fact]
    public void A_file_cut_or_damaged_anywhere_keeps_the_lines_before_and_takes_new_ones()
    {
        var disk = new FaultFileSystem();
        using (var ordinals = Open(disk))
        {
            foreach (var name in Names) ordinals.Of(name);
        }
        var whole = disk.Disk.Content(Path);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var bytes in new[] { whole[..at], [.. whole[..at], (byte)(whole[at] ^ 4), .. whole[(at + 1)..]], [.. whole[..at], .. new byte[whole.Length - at]] })
            {
                var damaged = new FaultFileSystem();
                Put(damaged, bytes);
                var kept = Numbers(damaged, Names.Reverse());
                // Names whose lines are whole have their old numbers; each has one, and no two the same.
                var lines = whole[..at].Count(b => b == '\n') - 1;
                for (var n = 0; n < lines; n++) Assert.Equal(n, kept[Names[n]]);
                Assert.Equal(Enumerable.Range(0, Names.Length), kept.Values.Order());
                var isForeign = lines < 0 && damaged.Disk.Content(Path).AsSpan().SequenceEqual(bytes);
                if (!isForeign) Assert.Equal(kept, Numbers(damaged, Names));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("something else altogether\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task Whatever_is_in_the_file_the_store_opens_and_a_foreign_file_is_left_alone_with_an_alarm(string content)
    {
        var disk = new FaultFileSystem();
        Put(disk, System.Text.Encoding.UTF8.GetBytes(content));
        await using var store = await OpenStoreAsync(disk);
        Assert.Equal([0, 1, 0], new[] { "a", "b", "a" }.Select(store.OrdinalOf));
        var isForeign = content.StartsWith("something", StringComparison.Ordinal);
        Assert.Equal(isForeign, store.GetStatus().Alarms.Any(a => a.Contains(Path, StringComparison.Ordinal)));
        Assert.Equal(isForeign, System.Text.Encoding.UTF8.GetString(disk.Disk.Content(Path)) == content);
    }

    [Fact]
    public void A_later_minor_version_is_read_and_a_later_major_one_left_alone()
    {
        foreach (var (version, isRead) in new[] { ("1.7", true), ("2.0", false) })
        {
            var disk = new FaultFileSystem();
            Put(disk, System.Text.Encoding.UTF8.GetBytes(Line($"WAYSERV {version}") + Line("x") + Line("y")));
            using var ordinals = Open(disk);
            Assert.Equal(isRead ? 1 : 0, ordinals.Of("y"));
        }
    }

    [Fact]
    public void A_disk_that_fails_costs_nothing_but_memory_of_the_latest_names()
    {
        for (var operation = 1; operation < 12; operation++)
        {
            foreach (var fault in new[] { Fault.Fail, Fault.DiskFull, Fault.Tear, Fault.Crash })
            {
                var disk = new FaultFileSystem();
                disk.Arm(operation, fault);
                using (var ordinals = Open(disk))
                {
                    for (var n = 0; n < Names.Length; n++) Assert.Equal(n, ordinals.Of(Names[n]));
                }
                var after = fault == Fault.Crash ? disk.Restart() : disk;
                var numbers = Numbers(after, Names);
                if (fault != Fault.Crash) Assert.Equal(Enumerable.Range(0, Names.Length), Names.Select(n => numbers[n]));
                Assert.Equal(numbers, Numbers(after, Names.Reverse()));
            }
        }
    }

    [Fact]
    public void Names_beyond_the_limits_share_numbers_that_are_always_the_same()
    {
        var disk = new FaultFileSystem();
        var longName = new string('x', ServiceOrdinals.MaxNameBytes + 1);
        using var ordinals = Open(disk);
        var shared = ordinals.Of(longName);
        Assert.InRange(shared, ServiceOrdinals.MaxNames, (2 * ServiceOrdinals.MaxNames) - 1);
        for (var n = 0; n < ServiceOrdinals.MaxNames; n++) Assert.Equal(n, ordinals.Of($"service-{n}"));
        var late = ordinals.Of("too late");
        Assert.InRange(late, ServiceOrdinals.MaxNames, (2 * ServiceOrdinals.MaxNames) - 1);
        using var again = Open(disk);
        Assert.Equal((shared, late, 17), (again.Of(longName), again.Of("too late"), again.Of("service-17")));
    }

    [Fact]
    public async Task Many_threads_get_one_number_per_name()
    {
        using var ordinals = Open(new FaultFileSystem());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 200).Select(n => ordinals.Of($"s{n % 50}")).ToArray())));
        Assert.All(answers, a => Assert.Equal(answers[0], a));
        Assert.Equal(50, answers[0].Distinct().Count());
    }

    private static Dictionary<string, int> Numbers(FaultFileSystem disk, IEnumerable<string> names)
    {
        using var ordinals = Open(disk);
        return names.ToDictionary(n => n, ordinals.Of);
    }

    private static ServiceOrdinals Open(FaultFileSystem disk) => new(disk, Path, new Alarms(NullLogger.Instance));

    private static Task<SpanStore> OpenStoreAsync(FaultFileSystem disk) =>
        SpanStore.OpenAsync(disk, null, TestStore.SmallOptions, new OtlpBodyDecoder(), new TestTime(), NullLogger.Instance, TestContext.Current.CancellationToken);

    private static string Line(string text) => $"{Waymark.Storage.Columns.Crc32C.Compute(System.Text.Encoding.UTF8.GetBytes(text)):x8} {text}\n";

    private static void Put(FaultFileSystem disk, ReadOnlySpan<byte> content)
    {
        using var file = disk.Disk.Create(Path);
        file.Write(content, 0);
    }
}
