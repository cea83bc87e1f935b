// The ways in which a part of a store's file can be out of reach: damaged, refused by the disk, or of a newer version.
namespace Waymark.Storage.Segments;

/// <summary>A file's content contradicts its own checksums or lengths, or the disk does not give it. Nothing of the part named was decoded; the rest of the file may be well.</summary>
/// <param name="refused">Why the disk did not give it.</param>
internal sealed class CorruptFileException(string path, long offset, string what, IOException? refused = null)
    : IOException(refused is null ? $"'{path}' is corrupt at offset {offset}: {what}" : $"'{path}' can't be read at offset {offset}: {what}: {refused.Message}", refused)
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
