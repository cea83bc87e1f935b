// The web UI as ./build leaves it: whole, compressed, and nothing in it that the policy forbids.
using System.Net;
using System.Text.RegularExpressions;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed partial class PublishedPagesTests
{
    [Fact]
    public async Task The_published_server_serves_its_page_and_all_that_the_page_refers_to_in_every_encoding()
    {
        await using var waymark = await WaymarkProcess.Start();
        using var client = new HttpClient { BaseAddress = waymark.Http };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var html = await client.GetStringAsync(new Uri("/explore", UriKind.Relative));
        var files = Reference().Matches(html).Select(static match => match.Groups["path"].Value).ToList();
        Assert.Contains(files, static file => file.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(files, static file => file.EndsWith(".css", StringComparison.Ordinal));
        foreach (var file in files)
        {
            var sizes = new List<long>();
            foreach (var coding in new[] { "identity", "gzip", "br" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(file, UriKind.Relative));
                request.Headers.AcceptEncoding.ParseAdd(coding);
                using var answer = await client.SendAsync(request);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                if (coding != "identity") Assert.Equal(coding, answer.Content.Headers.ContentEncoding.Single());
                sizes.Add((await answer.Content.ReadAsByteArrayAsync()).Length);
            }

            Assert.True(sizes[0] > sizes[1] && sizes[1] > sizes[2], $"{file}: {string.Join(", ", sizes)} bytes");
        }
    }

    [Fact]
    public void No_source_map_is_published_and_every_script_and_style_is_there_compressed()
    {
        var folder = Path.Combine(Path.GetDirectoryName(Repository.Waymark)!, "wwwroot");
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, static file => file.EndsWith(".map", StringComparison.Ordinal));
        foreach (var file in files.Where(static file => Path.GetExtension(file) is ".js" or ".css"))
        {
            Assert.Contains(file + ".br", files);
            Assert.Contains(file + ".gz", files);
        }
    }

    [Fact]
    public async Task The_page_has_no_inline_style_or_handler_which_its_policy_would_forbid()
    {
        await using var waymark = await WaymarkProcess.Start();
        using var client = new HttpClient { BaseAddress = waymark.Http };
        using var answer = await client.GetAsync(new Uri("/explore", UriKind.Relative));
        var html = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotMatch("<style|\\sstyle=|\\son[a-z]+=", html);
        Assert.Single(Regex.Matches(answer.Headers.GetValues("Content-Security-Policy").Single(), "'sha256-", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Single(Regex.Matches(html, "<script>", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [GeneratedRegex("(?:src|href)=\"\\./(?<path>assets/[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
