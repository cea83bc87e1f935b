// What the tests of checking share.
using Waymark.Storage.Checking;
using Waymark.Storage.Tests.Faults;
using Waymark.Storage.Tests.FileSystem;

namespace Waymark.Storage.Tests.Checking;

internal static class Checks
{
    public static CheckReport Verify(FaultFileSystem disk, string[]? strangers = null, string root = "/data") =>
        StoreCheck.Verify(disk, root, null, strangers ?? [], SentRequest.Decoder, null, CancellationToken.None);

    public static InspectedFile Inspect(FaultFileSystem disk, string path, string? column = null) => FileInspection.Run(disk, path, column, CancellationToken.None);

    public static List<string> AllFiles(FaultFileSystem disk) => [.. new[] { "/data", "/data/wal", "/data/segments", "/data/set-aside" }.SelectMany(disk.List)];

    public static string Describe(CheckReport report) => report.Findings.Count == 0 ? "nothing found" : string.Join("; ", report.Findings);

    public static void Replace(FaultFileSystem disk, string path, ReadOnlySpan<byte> content)
    {
        disk.Delete(path);
        Put(disk, path, content);
    }

    public static void Put(FaultFileSystem disk, string path, ReadOnlySpan<byte> content)
    {
        using var file = disk.Disk.Create(path);
        file.Write(content, 0);
        file.Sync();
        disk.Disk.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
