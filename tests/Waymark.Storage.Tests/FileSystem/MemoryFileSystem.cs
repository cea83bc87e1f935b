// A disk in memory that knows what would survive a loss of power: what was synced, and nothing else for certain.
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Tests.FileSystem;

/// <summary>
/// Two images of every file and every directory: what programs see, and what is durable. File content becomes durable sector by sector (512 B) at a sync, names when their directory is
/// synced. Directories themselves are durable when made. Any number of threads.
/// </summary>
internal sealed class MemoryFileSystem : IFileSystem
{
    public const int SectorBytes = 512;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Node> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> durableNames = new(StringComparer.Ordinal);
    private readonly List<NameChange> pendingNames = [];

    /// <summary>Bytes of the volume.</summary>
    public long Capacity { get; set; } = 1L << 40;

    public void CreateDirectory(string path)
    {
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (gate) return [.. names.Keys.Where(name => Path.GetDirectoryName(name) == directory).Order(StringComparer.Ordinal)];
    }

    public bool Exists(string path)
    {
        lock (gate) return names.ContainsKey(path);
    }

    public IFile Create(string path, long preallocate = 0)
    {
        lock (gate)
        {
            if (names.ContainsKey(path)) throw new IOException($"{path} exists.");
            TakeRoom(path, preallocate);
            var node = new Node();
            node.SetLength((int)preallocate);
            Change(new NameChange(path, node, null));
            return new MemoryFile(this, path, node);
        }
    }

    public IFile Open(string path) => OpenRead(path);

    public IFile OpenRead(string path)
    {
        lock (gate) return new MemoryFile(this, path, Get(path));
    }

    public void Rename(string from, string to)
    {
        lock (gate) Change(new NameChange(to, Get(from), from));
    }

    public void Delete(string path)
    {
        lock (gate)
        {
            if (names.ContainsKey(path)) Change(new NameChange(path, null, null));
        }
    }

    public void SyncDirectory(string path)
    {
        lock (gate)
        {
            foreach (var change in pendingNames.Where(change => change.Directory == path)) change.ApplyTo(durableNames);
            pendingNames.RemoveAll(change => change.Directory == path);
        }
    }

    public (long Free, long Total) Space(string directory)
    {
        lock (gate) return (Capacity - Used(), Capacity);
    }

    /// <summary>What a sync that fails does on a real system: the changes are dropped from its books, and a later sync does not bring them to disk.</summary>
    public void LoseChanges(string path)
    {
        lock (gate) Get(path).Dirty.Clear();
    }

    /// <summary>Flips bits of a byte in both images.</summary>
    public void Corrupt(string path, int offset, byte mask)
    {
        lock (gate)
        {
            var node = Get(path);
            node.Data[offset] ^= mask;
            node.Durable[offset] ^= mask;
        }
    }

    public byte[] Content(string path)
    {
        lock (gate)
        {
            var node = Get(path);
            return node.Data[..node.Length];
        }
    }

    /// <summary>The disk after a power cut: what was durable; with <paramref name="luck"/>, each unsynced sector, and a first part of each directory's unsynced changes, may have made it too.</summary>
    public MemoryFileSystem PowerCut(Random? luck = null)
    {
        lock (gate)
        {
            var surviving = new Dictionary<string, Node>(durableNames, StringComparer.Ordinal);
            if (luck is not null)
            {
                foreach (var directory in pendingNames.GroupBy(change => change.Directory))
                {
                    foreach (var change in directory.Take(luck.Next(directory.Count() + 1))) change.ApplyTo(surviving);
                }
            }

            var result = new MemoryFileSystem { Capacity = Capacity };
            foreach (var (name, node) in surviving)
            {
                var copy = node.AfterPowerCut(luck);
                result.names.Add(name, copy);
                result.durableNames.Add(name, copy);
            }

            return result;
        }
    }

    /// <summary>The disk after the process ended but the machine went on: everything written is there, durable or not as before.</summary>
    public MemoryFileSystem Restart()
    {
        lock (gate)
        {
            var copies = new Dictionary<Node, Node>();
            Node Copy(Node node) => copies.TryGetValue(node, out var copy) ? copy : copies[node] = node.Copy();
            var result = new MemoryFileSystem { Capacity = Capacity };
            foreach (var (name, node) in names) result.names.Add(name, Copy(node));
            foreach (var (name, node) in durableNames) result.durableNames.Add(name, Copy(node));
            result.pendingNames.AddRange(pendingNames.Select(change => change with { Node = change.Node is null ? null : Copy(change.Node) }));
            return result;
        }
    }

    private void Change(NameChange change)
    {
        change.ApplyTo(names);
        pendingNames.Add(change);
    }

    private Node Get(string path) => names.TryGetValue(path, out var node) ? node : throw new IOException($"{path} does not exist.");

    private long Used() => names.Values.Sum(node => (long)node.Length);

    private void TakeRoom(string path, long bytes)
    {
        if (Used() + bytes > Capacity) throw new DiskFullException($"No room for {path}.");
    }

    private sealed record NameChange(string Name, Node? Node, string? From)
    {
        public string? Directory => Path.GetDirectoryName(Name);

        public void ApplyTo(Dictionary<string, Node> names)
        {
            if (From is not null) names.Remove(From);
            if (Node is null) names.Remove(Name);
            else names[Name] = Node;
        }
    }

    private sealed class Node
    {
        public byte[] Data = [];
        public int Length;
        public byte[] Durable = [];
        public int DurableLength;

        public HashSet<int> Dirty { get; } = [];

        public void SetLength(int length)
        {
            if (Data.Length < length)
            {
                Array.Resize(ref Data, Math.Max(length, Data.Length * 2));
                Array.Resize(ref Durable, Data.Length);
            }

            if (length < Length)
            {
                Array.Clear(Data, length, Length - length);
                Touch(length, Length - length);
            }

            Length = length;
        }

        public void Touch(int offset, int count)
        {
            if (count == 0) return;
            for (var sector = offset / SectorBytes; sector <= (offset + count - 1) / SectorBytes; sector++) Dirty.Add(sector);
        }

        public void Sync()
        {
            foreach (var sector in Dirty) CopySector(sector, Durable);
            Dirty.Clear();
            DurableLength = Length;
        }

        public Node AfterPowerCut(Random? luck)
        {
            var bytes = new byte[luck is null || luck.Next(2) == 0 ? DurableLength : Length];
            Durable.AsSpan(0, Math.Min(DurableLength, bytes.Length)).CopyTo(bytes);
            if (luck is not null)
            {
                foreach (var sector in Dirty.Order().Where(_ => luck.Next(2) == 0)) CopySector(sector, bytes);
            }

            return new Node { Data = bytes, Length = bytes.Length, Durable = [.. bytes], DurableLength = bytes.Length };
        }

        public Node Copy()
        {
            var copy = new Node { Data = [.. Data], Length = Length, Durable = [.. Durable], DurableLength = DurableLength };
            copy.Dirty.UnionWith(Dirty);
            return copy;
        }

        private void CopySector(int sector, byte[] to)
        {
            var start = sector * SectorBytes;
            var count = Math.Min(SectorBytes, Math.Min(Data.Length, to.Length) - start);
            if (count > 0) Data.AsSpan(start, count).CopyTo(to.AsSpan(start));
        }
    }

    private sealed class MemoryFile(MemoryFileSystem disk, string path, Node node) : IFile
    {
        private bool disposed;

        public string Path => path;

        public long Length
        {
            get
            {
                lock (disk.gate) return node.Length;
            }
        }

        public int Read(Span<byte> buffer, long offset)
        {
            lock (disk.gate)
            {
                Check();
                var count = (int)Math.Clamp(node.Length - offset, 0, buffer.Length);
                node.Data.AsSpan((int)Math.Min(offset, node.Length), count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (disk.gate)
            {
                Check();
                var end = (int)offset + bytes.Length;
                if (end > node.Length)
                {
                    disk.TakeRoom(path, end - node.Length);
                    node.SetLength(end);
                }

                bytes.CopyTo(node.Data.AsSpan((int)offset));
                node.Touch((int)offset, bytes.Length);
            }
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            foreach (var buffer in buffers)
            {
                Write(buffer.Span, offset);
                offset += buffer.Length;
            }
        }

        public void SetLength(long length)
        {
            lock (disk.gate)
            {
                Check();
                if (length > node.Length) disk.TakeRoom(path, length - node.Length);
                node.SetLength((int)length);
            }
        }

        public void Sync()
        {
            lock (disk.gate)
            {
                Check();
                node.Sync();
            }
        }

        public void Dispose() => disposed = true;

        private void Check() => ObjectDisposedException.ThrowIf(disposed, this);
    }
}
