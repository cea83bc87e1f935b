// The README's commands, run as they are written; only the ports are those of the server under test.
using System.ComponentModel;
using System.Text.RegularExpressions;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed partial class ReadmeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_curl_command_of_the_README_stores_a_span()
    {
        await SkipWithoutCurl();
        await using var waymark = await WaymarkProcess.Start();

        await RunBlock(waymark, ReadmeBlock("curl"));

        var trace = await waymark.WaitForTrace(ReadmeTraceId(), trace => trace.Spans.Count > 0);
        var span = Assert.Single(trace.Spans);
        Assert.Equal("shop", span.Service);
        Assert.Equal("POST /checkout", span.Name);
        Assert.Equal("string:A-1", span.Attributes["order.id"]);
        Assert.Equal(250_000_000, span.End - span.Start);
    }

    [Fact]
    public async Task The_trace_command_of_the_README_shows_the_span()
    {
        await SkipWithoutCurl();
        await using var waymark = await WaymarkProcess.Start();
        await RunBlock(waymark, ReadmeBlock("curl"));

        var shown = await RunBlock(waymark, ReadmeBlock("artifacts/waymark/waymark trace"));

        Assert.Contains("POST /checkout", shown, StringComparison.Ordinal);
        Assert.Contains("shop", shown, StringComparison.Ordinal);
        Assert.Contains("250", shown, StringComparison.Ordinal);
    }

    private static async Task SkipWithoutCurl()
    {
        try
        {
            await ChildProcess.Run("curl", ["--version"], "/", Limit);
        }
        catch (Win32Exception)
        {
            Assert.Skip("curl is not installed");
        }
    }

    private static async Task<string> RunBlock(WaymarkProcess waymark, string command)
    {
        var onTestPorts = command
            .Replace("http://127.0.0.1:4318", waymark.OtlpHttp.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
            .Replace("http://127.0.0.1:7070", waymark.Http.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        if (onTestPorts.Contains("waymark trace", StringComparison.Ordinal) && !onTestPorts.Contains("--server", StringComparison.Ordinal))
        {
            onTestPorts = onTestPorts.TrimEnd() + " --server " + waymark.Http.GetLeftPart(UriPartial.Authority);
        }

        var (code, output, errors) = await ChildProcess.Run("bash", ["-c", onTestPorts], Repository.Root, Limit);
        Assert.True(code == 0, $"Code {code}: {errors}\n{output}");
        return output;
    }

    /// <summary>The first shell block of the README that starts with <paramref name="start"/>.</summary>
    private static string ReadmeBlock(string start)
    {
        var block = ShellBlock().Matches(Readme()).Select(match => match.Groups["body"].Value).FirstOrDefault(body => body.StartsWith(start, StringComparison.Ordinal));
        Assert.True(block is not null, $"README.md has no shell block that starts with \"{start}\".");
        return block;
    }

    private static string ReadmeTraceId() => TraceIdInJson().Match(Readme()).Groups["id"].Value;

    private static string Readme() => File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [GeneratedRegex("""^```sh\n(?<body>.*?)^```$""", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(""""traceId": "(?<id>[0-9a-f]{32})"""", RegexOptions.ExplicitCapture)]
    private static partial Regex TraceIdInJson();
}
