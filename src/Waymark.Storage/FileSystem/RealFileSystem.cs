// The operating system's files (Linux). Exception policy: every failure is an IOException naming the path; no room is a DiskFullException.
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Waymark.Storage.FileSystem;

/// <summary>The file system of the machine.</summary>
internal sealed class RealFileSystem : IFileSystem
{
    private const int NoSpace = 28;
    private const int OverQuota = 122;
    private const int InvalidArgument = 22;
    private const int NotSupported = 95;

    public static readonly RealFileSystem Instance = new();

    private RealFileSystem()
    {
    }

    public void CreateDirectory(string path) => Guard("Creating directory", path, () => Directory.CreateDirectory(path));

    public IReadOnlyList<string> List(string directory)
    {
        string[] files = [];
        Guard("Listing", directory, () => files = Directory.GetFiles(directory));
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    public bool Exists(string path) => File.Exists(path);

    public IFile Create(string path, long preallocate = 0)
    {
        var file = Open("Creating", path, FileMode.CreateNew, FileAccess.ReadWrite);
        if (preallocate <= 0) return file;
        try
        {
            file.Preallocate(preallocate);
            return file;
        }
        catch (IOException)
        {
            file.Dispose();
            Delete(path);
            throw;
        }
    }

    public IFile Open(string path) => Open("Opening", path, FileMode.Open, FileAccess.ReadWrite);

    public IFile OpenRead(string path) => Open("Opening", path, FileMode.Open, FileAccess.Read);

    public void Rename(string from, string to) => Guard("Renaming", from, () => File.Move(from, to, overwrite: true));

    public void Delete(string path) => Guard("Deleting", path, () => File.Delete(path));

    public void SyncDirectory(string path)
    {
        using var handle = LibC.OpenRead(path);
        if (handle.IsInvalid) throw Failure("Opening directory", path, Marshal.GetLastPInvokeError());
        if (LibC.Sync(handle) != 0) throw Failure("Syncing directory", path, Marshal.GetLastPInvokeError());
    }

    public (long Free, long Total) Space(string directory)
    {
        (long, long) space = default;
        Guard("Measuring the volume of", directory, () =>
        {
            var drive = new DriveInfo(directory);
            space = (drive.AvailableFreeSpace, drive.TotalSize);
        });
        return space;
    }

    private static RealFile Open(string what, string path, FileMode mode, FileAccess access)
    {
        SafeFileHandle? handle = null;
        Guard(what, path, () => handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
        return new RealFile(path, handle!);
    }

    private static void Guard(string what, string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
        {
            throw Failure(what, path, inner);
        }
    }

    private static IOException Failure(string what, string path, Exception inner) =>
        inner.HResult is NoSpace or OverQuota
            ? new DiskFullException($"{what} {path} failed: no room on the volume.", inner)
            : new IOException($"{what} {path} failed: {inner.Message}", inner);

    private static IOException Failure(string what, string path, int error) =>
        error is NoSpace or OverQuota
            ? new DiskFullException($"{what} {path} failed: no room on the volume.")
            : new IOException($"{what} {path} failed: {Marshal.GetPInvokeErrorMessage(error)}", error);

    private sealed class RealFile(string path, SafeFileHandle handle) : IFile
    {
        public string Path => path;

        public long Length
        {
            get
            {
                long length = 0;
                Guard("Measuring", path, () => length = RandomAccess.GetLength(handle));
                return length;
            }
        }

        public int Read(Span<byte> buffer, long offset)
        {
            var total = 0;
            try
            {
                while (total < buffer.Length)
                {
                    var read = RandomAccess.Read(handle, buffer[total..], offset + total);
                    if (read == 0) break;
                    total += read;
                }

                return total;
            }
            catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
            {
                throw Failure("Reading", $"{path} at {offset + total}", inner);
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
            }
            catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
            {
                throw Failure("Writing", $"{path} at {offset}", inner);
            }
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            try
            {
                RandomAccess.Write(handle, buffers, offset);
            }
            catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
            {
                throw Failure("Writing", $"{path} at {offset}", inner);
            }
        }

        public void SetLength(long length) => Guard("Resizing", path, () => RandomAccess.SetLength(handle, length));

        // The file's times are of no interest, and journalling them costs about as much as the data.
        public void Sync()
        {
            if (LibC.SyncData(handle) != 0) throw Failure("Syncing", path, Marshal.GetLastPInvokeError());
        }

        public void Dispose() => handle.Dispose();

        public void Preallocate(long bytes)
        {
            var error = LibC.Allocate(handle, 0, bytes);
            if (error == 0) return;
            // A volume that can't reserve blocks (some network and overlay ones): the length alone; running out then shows at the write.
            if (error is not (InvalidArgument or NotSupported)) throw Failure("Reserving room for", path, error);
            SetLength(bytes);
        }
    }
}
