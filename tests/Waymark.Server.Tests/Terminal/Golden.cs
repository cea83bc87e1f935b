// Golden files: what was drawn before, to be looked at by a person whenever it changes.
namespace Waymark.Server.Tests.Terminal;

/// <summary>Compares text with a file beside the tests. With WAYMARK_REGENERATE=1 it writes the file instead: then look at the difference.</summary>
internal static class Golden
{
    /// <summary>The folder that holds Waymark.slnx.</summary>
    public static string Root { get; } = FindRoot();

    public static void Check(string name, IEnumerable<string> lines) =>
        CheckFile(Path.Combine("tests/Waymark.Server.Tests/Terminal/Golden", name + ".txt"), string.Concat(lines.Select(line => line + "\n")));

    /// <param name="path">Below <see cref="Root"/>.</param>
    public static void CheckFile(string path, string actual)
    {
        path = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("WAYMARK_REGENERATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing: run with WAYMARK_REGENERATE=1 and look at it.");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Waymark.slnx"))) return at.FullName;
        }
        throw new DirectoryNotFoundException("No Waymark.slnx above the test program.");
    }
}
