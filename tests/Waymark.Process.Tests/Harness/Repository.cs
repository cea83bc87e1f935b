// Where this clone is and what the process tests start from it.
namespace Waymark.Process.Tests.Harness;

internal static class Repository
{
    /// <summary>The folder that holds Waymark.slnx, found upward from the test executable.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The published server. Missing until ./build has run.</summary>
    public static string Waymark
    {
        get
        {
            var program = Path.Combine(Root, "artifacts", "waymark", "waymark");
            return File.Exists(program) ? program : throw new FileNotFoundException("The server has not been published: run ./build first.", program);
        }
    }

    /// <summary>Multiplies the length of the long tests: WAYMARK_TEST_SCALE, by default 1.</summary>
    public static double TestScale { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE"), System.Globalization.CultureInfo.InvariantCulture, out var scale) && scale > 0 ? scale : 1;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Waymark.slnx"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Waymark.slnx.");
    }
}
