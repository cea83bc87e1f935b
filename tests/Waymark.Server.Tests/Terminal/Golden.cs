// Golden files: what was drawn before, to be looked at by a person whenever it changes.
namespace Waymark.Server.Tests.Terminal;

/// <summary>Compares text with a file beside the tests. With WAYMARK_REGENERATE=1 it writes the file instead: then look at the difference.</summary>
internal static class Golden
{
    public static void Check(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(Folder(), name + ".txt");
        var actual = string.Concat(lines.Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("WAYMARK_REGENERATE") == "1") File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"{path} is missing: run with WAYMARK_REGENERATE=1 and look at it.");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Folder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Waymark.slnx"))) return Directory.CreateDirectory(Path.Combine(at.FullName, "tests/Waymark.Server.Tests/Terminal/Golden")).FullName;
        }
        throw new DirectoryNotFoundException("No Waymark.slnx above the test program.");
    }
}
