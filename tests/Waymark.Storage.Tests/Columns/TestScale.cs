// How much the randomised tests do: WAYMARK_TEST_SCALE times the default.
using System.Globalization;

namespace Waymark.Storage.Tests.Columns;

/// <summary>How much random testing: WAYMARK_TEST_SCALE multiplies it, 1 where unset.</summary>
internal static class TestScale
{
    private static readonly double Factor =
        double.TryParse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE"), CultureInfo.InvariantCulture, out var factor) ? factor : 1;

    public static int Of(int count) => Math.Max(1, (int)(count * Factor));
}
