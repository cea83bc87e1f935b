// The seam under the store: everything that touches the operating system's files goes through here, so that tests can fail, tear or stop it at any operation.
namespace Waymark.Storage.FileSystem;

/// <summary>
/// Files of the store. Failures are <see cref="IOException"/>s that name the path; a full volume is a <see cref="DiskFullException"/>. Paths are absolute. Any number of threads.
/// </summary>
internal interface IFileSystem
{
    void CreateDirectory(string path);

    /// <summary>Full paths of the files directly in a directory, in ordinal order.</summary>
    IReadOnlyList<string> List(string directory);

    bool Exists(string path);

    /// <summary>Creates a new file for reading and writing; fails if it exists. With <paramref name="preallocate"/> &gt; 0 its blocks are reserved, and reads as zeros.</summary>
    IFile Create(string path, long preallocate = 0);

    /// <summary>Opens an existing file for reading and writing.</summary>
    IFile Open(string path);

    /// <summary>Opens an existing file for reading.</summary>
    IFile OpenRead(string path);

    /// <summary>Atomically replaces <paramref name="to"/> if it exists. Durable only after <see cref="SyncDirectory"/>.</summary>
    void Rename(string from, string to);

    void Delete(string path);

    /// <summary>Makes creations, renames and deletions in the directory durable.</summary>
    void SyncDirectory(string path);

    /// <summary>Bytes an unprivileged writer may still use on the volume that holds <paramref name="directory"/>, and its size.</summary>
    (long Free, long Total) Space(string directory);
}

/// <summary>One open file. Positional reads may run beside each other and beside one writer.</summary>
internal interface IFile : IDisposable
{
    string Path { get; }
    long Length { get; }

    /// <summary>Reads until the buffer is full or the file ends; returns the bytes read.</summary>
    int Read(Span<byte> buffer, long offset);

    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Writes the buffers one after the other from <paramref name="offset"/> on.</summary>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset);

    void SetLength(long length);

    /// <summary>Makes everything written durable. After a failure the file's unsynced content is undefined: never retry, write elsewhere.</summary>
    void Sync();
}

/// <summary>No room on the volume.</summary>
internal sealed class DiskFullException(string message, Exception? inner = null) : IOException(message, inner);
