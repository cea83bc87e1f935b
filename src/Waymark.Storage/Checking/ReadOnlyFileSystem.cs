// The file system a check works on: whatever code runs on top of it, nothing on the disk changes.
using System.Diagnostics;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Checking;

/// <summary>Passes reads on and refuses everything else: a change would be our mistake.</summary>
internal sealed class ReadOnlyFileSystem(IFileSystem files) : IFileSystem
{
    /// <summary>Nothing: whoever asks lists the directory next, and finds it or fails.</summary>
    public void CreateDirectory(string path)
    {
    }

    /// <summary>Empty for a directory that is not there.</summary>
    public IReadOnlyList<string> List(string directory)
    {
        try
        {
            return files.List(directory);
        }
        catch (IOException missing) when (missing is DirectoryNotFoundException || missing.InnerException is DirectoryNotFoundException)
        {
            return [];
        }
    }

    public bool Exists(string path) => files.Exists(path);

    public IFile OpenRead(string path) => files.OpenRead(path);

    public (long Free, long Total) Space(string directory) => files.Space(directory);

    public IFile Create(string path, long preallocate = 0) => throw Changes(path);

    public IFile Open(string path) => throw Changes(path);

    public void Rename(string from, string to) => throw Changes(from);

    public void Delete(string path) => throw Changes(path);

    public void SyncDirectory(string path) => throw Changes(path);

    private static UnreachableException Changes(string path) => new($"A check would have changed {path}.");
}
