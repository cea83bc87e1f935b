// How much random testing to do: short runs on every build, long ones on purpose.
using System.Globalization;

namespace Waymark.Testing;

/// <summary>Multiplies the volume of random tests.</summary>
public static class TestScale
{
    /// <summary>From the environment variable WAYMARK_TEST_SCALE; 1 when unset.</summary>
    public static int Factor { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE"), NumberStyles.None, CultureInfo.InvariantCulture, out var factor) ? Math.Max(1, factor) : 1;
}
