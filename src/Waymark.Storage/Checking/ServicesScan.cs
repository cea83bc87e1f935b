// The services file read as it stands. Shared by the check of a store and the inspection of the one file.
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Checking;

/// <summary>What the file of services holds and where it is broken.</summary>
internal sealed class ServicesScan
{
    private ServicesScan(ReadOnlySpan<byte> content)
    {
        Length = content.Length;
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (!ServiceOrdinals.TryLine(content, out var line, out var next) || !ServiceOrdinals.IsHeader(line))
        {
            IsForeign = line.Length > 0 || !ServiceOrdinals.IsUnfinished(content);
            return;
        }
        Version = System.Text.Encoding.UTF8.GetString(line);
        for (End = next; ServiceOrdinals.TryLine(content[(int)End..], out line, out next) && ServiceOrdinals.TryUnescape(line, out var name) && known.Add(name); End += next) Names.Add(name);
        // A last line without its end was being written; anything else was not written so.
        IsDamaged = content[(int)End..].Contains((byte)'\n');
    }

    public long Length { get; }

    /// <summary>The first line; null when it can't be read.</summary>
    public string? Version { get; }

    /// <summary>The file is another's or a higher version's, or its first line is damaged: it is left alone.</summary>
    public bool IsForeign { get; }

    /// <summary>Lines that can't be read, with an end.</summary>
    public bool IsDamaged { get; }

    /// <summary>In the order of their numbers.</summary>
    public List<string> Names { get; } = [];

    /// <summary>Where the readable lines end.</summary>
    public long End { get; }

    public static ServicesScan Read(IFileSystem files, string path)
    {
        using var file = files.OpenRead(path);
        var bytes = new byte[Math.Min(file.Length, ServiceOrdinals.MaxFileBytes)];
        return new ServicesScan(bytes.AsSpan(0, file.Read(bytes, 0)));
    }
}
