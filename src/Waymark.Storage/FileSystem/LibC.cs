// The few calls of the C library that .NET has no API for: handles on directories, reading past .NET's own file locks, and reserving blocks.
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Waymark.Storage.FileSystem;

/// <summary>Linux x64 and arm64 (64-bit offsets). Blittable arguments only, so that no unsafe code is generated.</summary>
internal static class LibC
{
    /// <summary>Opens a file or directory for reading, without the shared lock .NET would ask for. Check <c>IsInvalid</c>, then <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static SafeFileHandle OpenRead(string path)
    {
        const int ReadOnlyCloseOnExec = 0x80000;
        return new SafeFileHandle(Open(Encoding.UTF8.GetBytes(path + "\0"), ReadOnlyCloseOnExec), ownsHandle: true);
    }

    /// <summary>0, or −1 with <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Sync(SafeFileHandle file);

    /// <summary>The data of a file and what is needed to read it back, its length included, but not its times. 0, or −1 with <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int SyncData(SafeFileHandle file);

    /// <summary>Reserves blocks: 0 or an error number.</summary>
    [DllImport("libc", EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Allocate(SafeFileHandle file, long offset, long length);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
