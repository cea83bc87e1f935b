// One process per store directory: an advisory lock on the file LOCK, which the kernel drops when the process ends, however it ends.
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Waymark.Storage.FileSystem;

/// <summary>Holds a store directory for this process until disposed. The file itself stays: removing it would let two openers hold two different files.</summary>
internal sealed class StoreLock : IDisposable
{
    public const string FileName = "LOCK";

    private readonly SafeFileHandle handle;

    private StoreLock(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Takes the lock of an existing directory. Throws <see cref="IOException"/> naming the directory and the holder's process id when it is taken.</summary>
    public static StoreLock Acquire(string directory)
    {
        var path = Path.Combine(directory, FileName);
        SafeFileHandle taken;
        try
        {
            taken = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException inner)
        {
            throw new IOException($"Locking {directory} failed: {inner.Message}", inner);
        }
        catch (IOException inner)
        {
            var holder = ReadHolder(path);
            throw holder.Length == 0
                ? new IOException($"Locking {directory} failed: {inner.Message}", inner)
                : new StoreInUseException(directory, holder, inner);
        }

        try
        {
            RandomAccess.SetLength(taken, 0);
            RandomAccess.Write(taken, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
            return new StoreLock(taken);
        }
        catch (IOException inner)
        {
            taken.Dispose();
            throw new IOException($"Writing {path} failed: {inner.Message}", inner);
        }
    }

    /// <summary>
    /// For those who may read a directory and not write it: keeps everybody from acquiring the lock until disposed, and changes nothing. Null when there is no file to lock, or it can't be read;
    /// throws <see cref="StoreInUseException"/> when another process has the lock.
    /// </summary>
    public static StoreLock? Watch(string directory)
    {
        var path = Path.Combine(directory, FileName);
        try
        {
            return new StoreLock(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException inner)
        {
            var holder = ReadHolder(path);
            if (holder.Length == 0) return null;
            throw new StoreInUseException(directory, holder, inner);
        }
    }

    public void Dispose() => handle.Dispose();

    /// <summary>The process id in the file; empty when it can't be read, so that the first failure is told instead.</summary>
    private static string ReadHolder(string path)
    {
        using var read = LibC.OpenRead(path);
        if (read.IsInvalid) return "";
        try
        {
            Span<byte> text = stackalloc byte[20];
            return Encoding.ASCII.GetString(text[..RandomAccess.Read(read, text, 0)]);
        }
        catch (IOException)
        {
            return "";
        }
    }
}

/// <summary>Another process has the store open.</summary>
internal sealed class StoreInUseException(string directory, string holder, Exception inner)
    : IOException($"The store in {directory} is in use by process {holder}. One process may open it at a time.", inner)
{
    /// <summary>Its id, as it wrote it down.</summary>
    public string Holder { get; } = holder;
}
