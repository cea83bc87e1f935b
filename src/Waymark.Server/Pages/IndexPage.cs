// The one HTML page that every page of the UI is drawn in, made ready at the start: where the server is mounted, and what a browser may run in it.
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Waymark.Server.Pages;

/// <summary>
/// The policy lets the page load and call this server alone; of scripts that stand in the page itself, only those that were built in run, known by their hash.
/// </summary>
internal sealed partial class IndexPage
{
    private readonly PageFile file;

    private IndexPage(PageFile file, string policy) => (this.file, Policy) = (file, policy);

    /// <summary>The Content-Security-Policy.</summary>
    public string Policy { get; }

    /// <param name="html">As built, with a base element.</param>
    /// <param name="pathBase">Like "/waymark", or empty.</param>
    public static IndexPage Of(string html, string pathBase)
    {
        if (!BaseElement().IsMatch(html)) throw new InvalidDataException("The web UI's index.html has no <base href>: it was not built by this version.");
        var mounted = BaseElement().Replace(html, $"<base href=\"{WebUtility.HtmlEncode(new PathString(pathBase).ToUriComponent())}/\" />", 1);
        var bytes = Encoding.UTF8.GetBytes(mounted);
        return new IndexPage(new PageFile("text/html; charset=utf-8", "no-cache", PageFolder.TagOf(bytes), bytes), PolicyOf(mounted));
    }

    /// <param name="status">200, or 404 for an address where the UI has no page, which it says itself.</param>
    public Task AnswerAsync(HttpContext http, int status)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Referrer-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
        // The root is also a text, for those who do not ask for HTML.
        headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        http.Response.StatusCode = status;
        return file.AnswerAsync(http);
    }

    private static string PolicyOf(string html)
    {
        var scripts = InlineScript().Matches(html).Select(static match => $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(match.Groups["text"].Value)))}'");
        return $"default-src 'self'; script-src 'self'{string.Concat(scripts)}; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
    }

    [GeneratedRegex("<base href=\"[^\"]*\" ?/?>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BaseElement();

    [GeneratedRegex("<script>(?<text>.*?)</script>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InlineScript();
}
