// Files in memory, as much of a file system as the segment tests need.
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Tests.Segments;

/// <summary>Files by path; every path is its own, directories exist by being named.</summary>
internal sealed class MemoryFileSystem : IFileSystem
{
    private readonly Dictionary<string, MemoryFile> files = new(StringComparer.Ordinal);

    public byte[] this[string path]
    {
        get => files[path].Content;
        set => files[path] = new MemoryFile(path) { Content = value };
    }

    public int Syncs(string path) => files[path].Syncs;

    public int Reads(string path) => files[path].Reads;

    public int Open_handles(string path) => files[path].Handles;

    public void CreateDirectory(string path)
    {
    }

    public IReadOnlyList<string> List(string directory) =>
        [.. files.Keys.Where(path => Path.GetDirectoryName(path) == directory).Order(StringComparer.Ordinal)];

    public bool Exists(string path) => files.ContainsKey(path);

    public IFile Create(string path, long preallocate = 0)
    {
        if (Exists(path)) throw new IOException($"'{path}' exists");
        return (files[path] = new MemoryFile(path) { Content = new byte[preallocate] }).Opened();
    }

    public IFile Open(string path) => Exists(path) ? files[path].Opened() : throw new FileNotFoundException(path);

    public IFile OpenRead(string path) => Open(path);

    public void Rename(string from, string to)
    {
        files[to] = files[from];
        files.Remove(from);
    }

    public void Delete(string path) => files.Remove(path);

    public void SyncDirectory(string path)
    {
    }

    public (long Free, long Total) Space(string directory) => (long.MaxValue, long.MaxValue);

    private sealed class MemoryFile(string path) : IFile
    {
        public byte[] Content { get; set; } = [];
        public int Syncs { get; private set; }
        public int Reads { get; private set; }
        public int Handles { get; private set; }
        public string Path => path;
        public long Length => Content.Length;

        public MemoryFile Opened()
        {
            Handles++;
            return this;
        }

        public int Read(Span<byte> buffer, long offset)
        {
            Reads++;
            if (offset < 0) throw new IOException("negative offset");
            var count = (int)Math.Min(buffer.Length, Math.Max(0, Content.Length - offset));
            if (count > 0) Content.AsSpan((int)offset, count).CopyTo(buffer);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            if (offset + bytes.Length > Content.Length) SetLength(offset + bytes.Length);
            bytes.CopyTo(Content.AsSpan((int)offset));
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
            var content = Content;
            Array.Resize(ref content, (int)length);
            Content = content;
        }

        public void Sync() => Syncs++;

        public void Dispose() => Handles--;
    }
}
