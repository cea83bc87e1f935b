// The manifest: edits are there whole or not at all, whatever the disk does; damage is told and never taken for an end.
using System.Buffers.Binary;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Retries;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Tests.Wal;
using Manifest = Waymark.Storage.Catalog.Catalog;

namespace Waymark.Storage.Tests.Catalog;

public sealed class CatalogTests
{
    private const string Root = "/store";
    private const string File = "/store/manifest";
    private readonly TestTime time = new();

    private Manifest Open(IFileSystem fs) => Manifest.Open(fs, Root, time, NullLogger.Instance, TimeSpan.FromMinutes(15));

    private static SegmentEntry Segment(ulong id) => new(id, 10 + (long)id, 20, 3, new(4), new(5), new(6), new(7), (uint)id * 3);

    private ImmutableArray<RetryEntry> RetriesOf(ulong id) =>
        [.. Enumerable.Range(0, (int)(id % 4)).Select(i => new RetryEntry((uint)i, new UInt128(id, (ulong)i), UnixNanos.Now(time)))];

    private CatalogEdit Edit(ulong id) => new()
    {
        Add = [Segment(id)],
        Drop = id > 3 ? [id - 3] : [],
        LogCovered = id * 10,
        Retries = RetriesOf(id),
    };

    private string Text(Manifest manifest) =>
        $"{manifest.StoreId} {manifest.LogCovered} {manifest.NextSegmentId} {string.Join(',', manifest.Segments)} {string.Join(',', manifest.Retries)}";

    [Fact]
    public void What_was_applied_is_read_back()
    {
        var fs = new FaultFileSystem();
        string text;
        using (var manifest = Open(fs))
        {
            Assert.True(manifest.IsNew);
            Assert.Equal((0UL, 1UL), (manifest.LogCovered, manifest.NextSegmentId));
            for (ulong id = 1; id <= 9; id++) manifest.Apply(Edit(id));
            text = Text(manifest);
            Assert.Equal([Segment(7), Segment(8), Segment(9)], manifest.Segments);
        }

        using var again = Open(fs.PowerCut());
        Assert.Equal(text, Text(again));
        Assert.False(again.IsNew);
        Assert.True(again.EndsCleanly);
        Assert.Empty(again.Alarms);
    }

    [Fact]
    public void Ids_of_dropped_segments_are_never_given_out_again()
    {
        var fs = new FaultFileSystem();
        for (var round = 0; round < 3; round++)
        {
            using var manifest = Open(fs);
            var id = manifest.NextSegmentId;
            Assert.Equal((ulong)round + 1, id);
            manifest.Apply(new CatalogEdit { Add = [Segment(id)] });
            manifest.Apply(new CatalogEdit { Drop = [id], Retries = [.. Enumerable.Range(0, 50_000).Select(i => new RetryEntry(1, (UInt128)i, UnixNanos.Now(time)))] });
        }
    }

    [Fact]
    public void A_fault_at_any_operation_leaves_the_state_before_or_after_the_edit()
    {
        var clean = new FaultFileSystem();
        Run(clean, out _);
        foreach (var fault in new[] { Fault.Fail, Fault.DiskFull, Fault.Tear, Fault.Crash })
        {
            foreach (var times in new[] { 1, 4 })
            {
                for (var operation = 1; operation <= clean.Operations; operation++)
                {
                    var fs = new FaultFileSystem(seed: operation);
                    fs.Arm(operation, fault, times);
                    var states = Run(fs, out var memory);
                    var context = $"{fault} x {times} at {operation}";
                    if (fault != Fault.Crash && memory is not null) Assert.True(states.Contains(memory), context);
                    foreach (var after in new[] { fs.PowerCut(), fs.PowerCut(new Random(operation)), fs.PowerCut(new Random(operation + 1)), fs.Restart() })
                    {
                        using var manifest = Open(after);
                        Assert.True(manifest.EndsCleanly, context);
                        if (states.Count == 0) continue;
                        Assert.True(states.Contains(Text(manifest)), $"{context}: {Text(manifest)} is none of {string.Join(" | ", states)}");
                    }
                }
            }
        }
    }

    /// <summary>Applies edits, each until it succeeds or the process is gone. Returns the states that may be on disk: the last one that succeeded, and every one tried since.</summary>
    private List<string> Run(FaultFileSystem fs, out string? memory)
    {
        var states = new List<string>();
        memory = null;
        Manifest? manifest = null;
        for (var attempt = 0; manifest is null && attempt < 10 && !fs.Crashed; attempt++)
        {
            try
            {
                manifest = Open(fs);
            }
            catch (IOException)
            {
                // Tried again: a new store whose first file could not be made is no store yet.
            }
        }

        if (manifest is null) return states;
        states.Add(Text(manifest));
        for (ulong id = 1; id <= 9; id++)
        {
            var before = Text(manifest);
            try
            {
                manifest.Apply(Edit(id));
                states.Clear();
                states.Add(Text(manifest));
            }
            catch (IOException)
            {
                Assert.Equal(before, Text(manifest));
                states.Add(TextWith(before, id));
                if (fs.Crashed) return states;
            }
        }

        memory = Text(manifest);
        manifest.Dispose();
        return states;
    }

    /// <summary>The text of a state after a further edit, worked out on a sound disk: by the one selection of the edits before it that gives the same state.</summary>
    private string TextWith(string before, ulong id)
    {
        for (var mask = 0; mask < 1 << (int)(id - 1); mask++)
        {
            var sound = new FaultFileSystem();
            using var candidate = Open(sound);
            for (ulong edit = 1; edit < id; edit++)
            {
                if ((mask & (1 << (int)(edit - 1))) == 0) candidate.Apply(Edit(edit));
            }

            if (Tail(Text(candidate)) != Tail(before)) continue;
            candidate.Apply(Edit(id));
            return before[..36] + Tail(Text(candidate));
        }

        throw new InvalidOperationException("No sequence of edits gives this state.");
    }

    private static string Tail(string text) => text[36..];

    [Fact]
    public void After_a_failed_edit_the_next_one_works_and_the_failed_one_is_gone()
    {
        var fs = new FaultFileSystem();
        using var manifest = Open(fs);
        manifest.Apply(Edit(1));
        fs.Arm(fs.Operations + 1, Fault.DiskFull, 2);
        Assert.ThrowsAny<IOException>(() => manifest.Apply(Edit(2)));
        manifest.Apply(Edit(3));
        using var again = Open(fs.PowerCut());
        Assert.Equal([1UL, 3UL], again.Segments.Select(segment => segment.Id));
    }

    [Fact]
    public void A_flipped_bit_never_invents_anything_and_is_told_when_an_edit_follows()
    {
        var fs = new FaultFileSystem();
        var prefixes = new List<string>();
        using (var manifest = Open(fs))
        {
            prefixes.Add(Text(manifest));
            for (ulong id = 1; id <= 8; id++)
            {
                manifest.Apply(Edit(id));
                prefixes.Add(Text(manifest));
            }
        }

        var length = fs.Disk.Content(File).Length;
        var all = prefixes[^1];
        for (var offset = 0; offset < length; offset++)
        {
            var disk = fs.Disk.PowerCut();
            disk.Corrupt(File, offset, (byte)(1 << (offset % 8)));
            try
            {
                using var manifest = Open(disk);
                if (Text(manifest) == all)
                {
                    Assert.Equal(manifest.EndsCleanly, manifest.Alarms.Count == 0);
                    continue;
                }

                Assert.True(!manifest.EndsCleanly || prefixes.Contains(Text(manifest)), $"byte {offset}");
                if (manifest.EndsCleanly) Assert.Equal(prefixes[^2], Text(manifest));
                else Assert.NotEmpty(manifest.Alarms);
                Assert.All(manifest.Segments, segment => Assert.Equal(Segment(segment.Id), segment));
            }
            catch (IOException error)
            {
                Assert.Contains(File, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Damage_is_remembered_over_restarts_until_it_is_accepted()
    {
        var fs = new FaultFileSystem();
        using (var manifest = Open(fs))
        {
            for (ulong id = 1; id <= 3; id++) manifest.Apply(Edit(id));
        }

        fs.Disk.Corrupt(File, 64 + 16 + 24 + 16 + 16 + 16 + 30, 1);
        using (var manifest = Open(fs))
        {
            Assert.False(manifest.EndsCleanly);
            Assert.Contains(File, Assert.Single(manifest.Alarms), StringComparison.Ordinal);
            Assert.Equal(30UL, manifest.LogCovered);
            Assert.True(fs.Exists("/store/manifest.damaged"));
            manifest.Apply(Edit(4));
        }

        using (var manifest = Open(fs.PowerCut()))
        {
            Assert.False(manifest.EndsCleanly);
            Assert.NotEmpty(manifest.Alarms);
        }

        using (var manifest = Open(fs))
        {
            manifest.AcceptDamage();
            Assert.True(manifest.EndsCleanly);
        }

        using var last = Open(fs.PowerCut());
        Assert.True(last.EndsCleanly);
        Assert.Empty(last.Alarms);
        Assert.Equal(40UL, last.LogCovered);
    }

    [Fact]
    public void A_damaged_header_does_not_cost_the_store_its_identity()
    {
        var fs = new FaultFileSystem();
        Guid id;
        using (var manifest = Open(fs)) id = manifest.StoreId;
        fs.Disk.Corrupt(File, 20, 4);
        using var again = Open(fs);
        Assert.Equal(id, again.StoreId);
        Assert.False(again.EndsCleanly);
    }

    [Fact]
    public void Retries_outside_the_window_are_left_out_when_the_file_is_rewritten()
    {
        var fs = new FaultFileSystem();
        using (var manifest = Open(fs))
        {
            manifest.Apply(new CatalogEdit { Retries = [.. Enumerable.Range(0, 30_000).Select(i => new RetryEntry(1, (UInt128)i, UnixNanos.Now(time)))] });
            time.Advance(TimeSpan.FromMinutes(10));
            manifest.Apply(new CatalogEdit { Retries = RetriesOf(3) });
            Assert.Equal(30_003, manifest.Retries.Count);
        }

        time.Advance(TimeSpan.FromMinutes(10));
        using var again = Open(fs);
        Assert.Equal(3, again.Retries.Count);
        Assert.True(fs.Disk.Content(File).Length < 1000);
    }

    [Fact]
    public void The_file_stays_within_twice_its_snapshot_and_a_mebibyte()
    {
        var fs = new FaultFileSystem();
        using var manifest = Open(fs);
        for (ulong id = 1; id <= 200; id++)
        {
            manifest.Apply(new CatalogEdit { Add = [Segment(id)], Drop = [id - 1], Retries = [.. Enumerable.Range(0, 1000).Select(i => new RetryEntry(1, new UInt128(id, (ulong)i), UnixNanos.Now(time)))] });
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(fs.Disk.Content(File).Length, 64, (2 << 20) + (17 * 28_000 * 2));
        var text = manifest.Segments;
        using var again = Open(fs.PowerCut());
        Assert.Equal(text, again.Segments);
        Assert.InRange(again.Retries.Count, 15_000, 17_000);
    }

    [Fact]
    public void Unknown_optional_items_are_skipped_and_required_ones_refused()
    {
        foreach (var flags in new ushort[] { 1, 0 })
        {
            var fs = new FaultFileSystem();
            using (var manifest = Open(fs)) manifest.Apply(Edit(1));
            var bytes = fs.Disk.Content(File);
            // The edit's last item is the retry list of one entry: 8 + 28 bytes at the end.
            var item = bytes.Length - 36;
            Assert.Equal((ushort)CatalogItem.RetryFingerprints, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(item)));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(item), 999);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(item + 2), flags);
            var record = 64;
            while (record + CatalogFormat.Align(8 + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(record))) < bytes.Length)
                record += CatalogFormat.Align(8 + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(record)));
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(record));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(record + 4), Waymark.Storage.Columns.Crc32C.Compute(bytes.AsSpan(record + 8, length)));
            fs.Delete(File);
            using (var file = fs.Create(File)) file.Write(bytes, 0);
            if (flags == 0)
            {
                Assert.Contains("999", Assert.Throws<IOException>(() => Open(fs)).Message, StringComparison.Ordinal);
                continue;
            }

            using var again = Open(fs);
            Assert.Equal([1UL], again.Segments.Select(segment => segment.Id));
            Assert.Empty(again.Retries);
        }
    }

    [Fact]
    public void A_newer_major_version_is_refused_by_name()
    {
        var fs = new FaultFileSystem();
        Open(fs).Dispose();
        var bytes = fs.Disk.Content(File);
        bytes[8] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Waymark.Storage.Columns.Crc32C.Compute(bytes.AsSpan(0, 60)));
        fs.Delete(File);
        using (var file = fs.Create(File)) file.Write(bytes, 0);
        Assert.Contains(File, Assert.Throws<IOException>(() => Open(fs)).Message, StringComparison.Ordinal);
        Assert.Equal(bytes, fs.Disk.Content(File));
    }
}
