// Every name the store puts on disk (docs/formats/README.md).
using System.Globalization;

namespace Waymark.Storage;

/// <summary>Paths inside a store directory.</summary>
internal sealed class StorePaths(string directory)
{
    public const string SegmentExtension = ".wmseg";
    public const string TemporaryExtension = ".tmp";

    public string Root { get; } = Path.GetFullPath(directory);
    public string Manifest => Path.Combine(Root, Catalog.Catalog.FileName);
    public string Services => Path.Combine(Root, "services");
    public string Log => Path.Combine(Root, "wal");
    public string Segments => Path.Combine(Root, "segments");

    /// <summary>Segments that are not in the manifest after damage to it: kept for whoever wants to look.</summary>
    public string SetAside => Path.Combine(Root, "set-aside");

    public string Segment(ulong id) => Path.Combine(Segments, id.ToString("x16", CultureInfo.InvariantCulture) + SegmentExtension);

    /// <summary>The id in a segment file's name; null when it is no segment's.</summary>
    public static ulong? SegmentId(string path) =>
        path.EndsWith(SegmentExtension, StringComparison.Ordinal)
        && ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
        && Path.GetFileNameWithoutExtension(path).Length == 16
            ? id
            : null;
}
