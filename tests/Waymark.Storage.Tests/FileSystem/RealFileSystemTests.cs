// The operating system's files, on the machine's temporary directory.
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Tests.FileSystem;

public sealed class RealFileSystemTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("waymark-").FullName;
    private readonly RealFileSystem fs = RealFileSystem.Instance;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private string At(string name) => Path.Combine(directory, name);

    [Fact]
    public void A_preallocated_file_has_its_length_and_reads_as_zeros()
    {
        using var file = fs.Create(At("a"), 100_000);
        Assert.Equal(100_000, file.Length);
        var bytes = new byte[100_001];
        Assert.Equal(100_000, file.Read(bytes, 0));
        Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void A_gathered_write_puts_its_buffers_one_after_the_other()
    {
        var buffers = Enumerable.Range(0, 3000).Select(i => (ReadOnlyMemory<byte>)new[] { (byte)i, (byte)(i >> 8) }).ToList();
        using (var file = fs.Create(At("a")))
        {
            file.Write(buffers, 7);
            file.Sync();
        }

        fs.SyncDirectory(directory);
        using var read = fs.OpenRead(At("a"));
        var bytes = new byte[6000];
        Assert.Equal(6000, read.Read(bytes, 7));
        Assert.Equal(buffers.SelectMany(buffer => buffer.ToArray()), bytes);
    }

    [Fact]
    public void Failures_name_the_path()
    {
        Assert.Contains(At("missing"), Assert.Throws<IOException>(() => fs.Open(At("missing"))).Message, StringComparison.Ordinal);
        Assert.Contains(At("no/dir"), Assert.Throws<IOException>(() => fs.Create(At("no/dir"))).Message, StringComparison.Ordinal);
        Assert.Contains(At("gone"), Assert.Throws<IOException>(() => fs.SyncDirectory(At("gone"))).Message, StringComparison.Ordinal);
        Assert.Contains(At("gone"), Assert.Throws<IOException>(() => fs.List(At("gone"))).Message, StringComparison.Ordinal);
        fs.Create(At("twice")).Dispose();
        Assert.Contains(At("twice"), Assert.Throws<IOException>(() => fs.Create(At("twice"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_device_is_a_disk_full_exception()
    {
        if (!File.Exists("/dev/full")) Assert.Skip("This system has no /dev/full.");
        using var file = fs.Open("/dev/full");
        Assert.Contains("/dev/full", Assert.Throws<DiskFullException>(() => file.Write(new byte[100], 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_room_than_the_volume_has_is_refused_and_leaves_no_file()
    {
        var (free, total) = fs.Space(directory);
        Assert.InRange(free, 1, total);
        Assert.ThrowsAny<IOException>(() => fs.Create(At("huge"), 1L << 60));
        Assert.False(fs.Exists(At("huge")));
    }

    [Fact]
    public void Renaming_replaces_and_listing_is_ordinal()
    {
        using (var file = fs.Create(At("b"))) file.Write("new"u8, 0);
        fs.Create(At("B")).Dispose();
        fs.Create(At("a")).Dispose();
        fs.Rename(At("b"), At("a"));
        Assert.Equal([At("B"), At("a")], fs.List(directory));
        using var read = fs.OpenRead(At("a"));
        Assert.Equal(3, read.Length);
    }

    [Fact]
    public void A_second_opener_learns_who_holds_the_directory()
    {
        using (StoreLock.Acquire(directory))
        {
            var error = Assert.ThrowsAny<IOException>(() => StoreLock.Acquire(directory));
            Assert.Contains(directory, error.Message, StringComparison.Ordinal);
            Assert.Contains(Environment.ProcessId.ToString(), error.Message, StringComparison.Ordinal);
        }

        StoreLock.Acquire(directory).Dispose();
    }

    [Fact]
    public void Who_only_watches_learns_of_the_holder_and_keeps_the_next_one_away()
    {
        Assert.Null(StoreLock.Watch(directory));
        using (StoreLock.Acquire(directory)) Assert.Equal(Environment.ProcessId.ToString(), Assert.Throws<StoreInUseException>(() => StoreLock.Watch(directory)).Holder);
        var path = Path.Combine(directory, StoreLock.FileName);
        File.WriteAllText(path, "as it was");
        using (StoreLock.Watch(directory)!)
        {
            using var other = StoreLock.Watch(directory)!;
            Assert.ThrowsAny<IOException>(() => StoreLock.Acquire(directory));
        }
        Assert.Equal("as it was", File.ReadAllText(path));
        StoreLock.Acquire(directory).Dispose();
    }
}
