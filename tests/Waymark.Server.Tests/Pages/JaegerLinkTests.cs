// Links that were written for Jaeger.
using System.Net;

namespace Waymark.Server.Tests.Pages;

public sealed class JaegerLinkTests
{
    [Theory]
    [InlineData("/search", "/explore")]
    [InlineData("/search?service=shop", "/explore?service=shop")]
    [InlineData("/search?service=shop&operation=all&limit=20&lookback=2h&start=1700000000000000&end=1700007200000000", "/explore?service=shop&from=now-2h")]
    [InlineData("/search?service=shop&operation=GET%20%2Fcart&lookback=custom&start=1700000000000999&end=1700007200000001", "/explore?service=shop&operation=GET%20%2Fcart&from=1700000000000&to=1700007200001")]
    [InlineData("/search?minDuration=100ms&maxDuration=1.2s&service=a%26b", "/explore?service=a%26b&minDuration=100ms&maxDuration=1.2s")]
    [InlineData("/search?service=s&tags=%7B%22error%22%3A%22true%22%2C%22http.status_code%22%3A%22500%22%7D", "/explore?service=s&status=error&attribute=http.status_code%3D500")]
    [InlineData("/search?service=s&tag=a%3Ab%3Ac&tag=nonsense&tag=error%3Atrue", "/explore?service=s&attribute=a%3Db%3Ac&status=error")]
    [InlineData("/search?service=s&tags=%5B1%5D", "/explore?service=s")]
    [InlineData("/search?service=s&tags=%7Bbroken", "/explore?service=s")]
    [InlineData("/search?lookback=1h%0d%0aX:1&start=-5&end=99999999999999999999", "/explore")]
    [InlineData("/trace/abc?uiFind=error", "/trace/abc?find=error")]
    [InlineData("/trace/abc?uiFind=a%20b%26c&uiTimelineHideSummary=1&span=1", "/trace/abc?find=a%20b%26c&span=1")]
    public async Task A_link_of_jaeger_leads_to_the_same_thing_here(string link, string target)
    {
        await using var pages = await BuiltPages.StartAsync();
        using var answer = await pages.OpenAsync(link);
        Assert.Equal((HttpStatusCode.Found, target), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        using var there = await pages.OpenAsync(target);
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    [Fact]
    public async Task A_redirect_never_leaves_the_server()
    {
        await using var pages = await BuiltPages.StartAsync();
        foreach (var path in new[] { "//evil.example/search", "/trace//evil.example?uiFind=x", "/trace/%2F%2Fevil.example?uiFind=x" })
        {
            using var answer = await pages.OpenAsync(path);
            Assert.True(answer.Headers.Location is not { } location || location.OriginalString.StartsWith("/trace/", StringComparison.Ordinal), answer.Headers.Location?.OriginalString);
        }
    }
}
