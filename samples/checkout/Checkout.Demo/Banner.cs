// What is printed when all is up: where to look and what will happen, then a few lines for scripts.
namespace Checkout.Demo;

internal static class Banner
{
    /// <param name="temporaryFolder">Where the traces are when nobody asked to keep them.</param>
    public static async Task WriteAsync(TextWriter output, DemoOptions options, WaymarkAddresses waymark, Uri shop, string? temporaryFolder)
    {
        var lines = new List<string>
        {
            "",
            $"  Shop       {shop}    press Buy, then follow the link to its trace",
            $"  Waymark    {waymark.Http}",
            "",
        };
        if (options.Rate > 0) lines.Add(FormattableString.Invariant($"  Simulated customers send {options.Rate:0.##} requests a second."));
        if (options.ReleaseAfter is { } after) lines.Add($"  In {Words(after)} a release makes gold-tier payments in eu-west 10× slower. Find it.");
        if (temporaryFolder is not null) lines.Add($"  Traces are in {temporaryFolder} and gone at the end; --data DIR keeps them.");
        lines.AddRange(["  Ctrl-C ends everything.", "", $"listening shop {shop.GetLeftPart(UriPartial.Authority)}", $"listening waymark {waymark.Http.GetLeftPart(UriPartial.Authority)}"]);
        await output.WriteLineAsync(string.Join(output.NewLine, lines));
        await output.FlushAsync();
    }

    private static string Words(TimeSpan time) => time.TotalSeconds switch
    {
        60 => "1 minute",
        >= 60 and var seconds when seconds % 60 == 0 => FormattableString.Invariant($"{seconds / 60:0} minutes"),
        var seconds => FormattableString.Invariant($"{seconds:0.#} seconds"),
    };
}
