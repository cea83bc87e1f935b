// The two ways in which a file of the store can be unreadable although the disk gave its bytes.
namespace Waymark.Storage.Segments;

/// <summary>A file's content contradicts its own checksums or lengths. Nothing of the part named was decoded.</summary>
internal sealed class CorruptFileException(string path, long offset, string what)
    : IOException($"'{path}' is corrupt at offset {offset}: {what}")
{
    public string Path { get; } = path;

    /// <summary>Where the part that failed starts, in bytes.</summary>
    public long Offset { get; } = offset;

    public string What { get; } = what;
}

/// <summary>The file is intact, but uses something this program does not know.</summary>
internal sealed class NewerFormatException(string path, string what)
    : IOException($"'{path}' was written by a newer version: {what}")
{
    public string Path { get; } = path;

    /// <summary>What it is that this program doesn't know.</summary>
    public string What { get; } = what;
}
