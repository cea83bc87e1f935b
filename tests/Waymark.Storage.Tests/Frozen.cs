// Sample files of every version of every format, kept in the folder Frozen: later code must read them for ever.
using System.Runtime.CompilerServices;

namespace Waymark.Storage.Tests;

/// <summary>
/// Reads samples. With WAYMARK_REGENERATE=1 a sample that is missing is written by today's code: bump the version, run the tests once like this, look at the file, and commit it. One that is there is never
/// written over: what was released stays as it was released.
/// </summary>
internal static class Frozen
{
    /// <summary>The sample's bytes, from <paramref name="make"/> where it is to be made.</summary>
    public static byte[] Load(string name, Func<byte[]> make)
    {
        var path = Path.Combine(Folder(), name);
        if (!File.Exists(path))
        {
            Assert.True(Environment.GetEnvironmentVariable("WAYMARK_REGENERATE") == "1", $"There is no sample {name} of this version yet: run once with WAYMARK_REGENERATE=1 and commit it.");
            File.WriteAllBytes(path, make());
        }
        return File.ReadAllBytes(path);
    }

    /// <summary>Every sample of a format, whatever its version.</summary>
    public static IReadOnlyList<string> All(string start) => [.. Directory.GetFiles(Folder(), start + "*").Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder(), name));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Frozen");
}
