// The web UI as a browser, a proxy and an attacker meet it.
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Waymark.Server.Hosting;
using Waymark.Server.Pages;
using Waymark.Server.Tests.Hosting;
using Waymark.Server.Tests.Terminal;

namespace Waymark.Server.Tests.Pages;

public sealed partial class PagesTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("br;q=0.5, gzip;q=0.9", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *;q=0.1", "gzip")]
    [InlineData("gzip;q=0, br;q=0", null)]
    [InlineData("*;q=0", null)]
    [InlineData("identity, gzip;q=0.5", null)]
    [InlineData("deflate", null)]
    [InlineData("GZIP", "gzip")]
    [InlineData("br;q=nonsense", null)]
    public async Task A_script_goes_out_in_the_encoding_the_browser_likes_best(string? accepts, string? coding)
    {
        await using var pages = await BuiltPages.StartAsync();
        using var answer = accepts is null ? await pages.GetAsync(BuiltPages.Script) : await pages.GetAsync(BuiltPages.Script, ("Accept-Encoding", accepts));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", answer.Headers.Vary.Single());
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(bytes.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(BuiltPages.ScriptText, Decode(bytes, coding));
    }

    [Fact]
    public async Task Files_with_a_hash_in_their_name_are_kept_for_ever_and_others_asked_for_again()
    {
        await using var pages = await BuiltPages.StartAsync();
        using var script = await pages.GetAsync(BuiltPages.Script);
        using var icon = await pages.GetAsync("/favicon.svg");
        using var html = await pages.OpenAsync("/");
        Assert.Equal("public,max-age=31536000,immutable", string.Join(',', script.Headers.GetValues("Cache-Control")).Replace(" ", "", StringComparison.Ordinal));
        Assert.True(icon.Headers.CacheControl!.NoCache && html.Headers.CacheControl!.NoCache);
        Assert.Equal(("text/javascript", "image/svg+xml", "text/html"), (Type(script), Type(icon), Type(html)));
        // Compressed it would be larger: it goes out as it is, whatever is accepted.
        Assert.Equal("<svg/>", await icon.Content.ReadAsStringAsync());
        foreach (var answer in new[] { script, icon, html }) Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task What_the_browser_already_has_is_answered_with_304()
    {
        await using var pages = await BuiltPages.StartAsync();
        foreach (var (path, encoding) in new[] { (BuiltPages.Script, "br"), (BuiltPages.Script, "gzip"), (BuiltPages.Script, "identity"), ("/favicon.svg", "br"), ("/explore", "br") })
        {
            using var first = await pages.GetAsync(path, ("Accept-Encoding", encoding));
            var tag = first.Headers.ETag!;
            Assert.False(tag.IsWeak);
            foreach (var known in new[] { tag.Tag, "W/" + tag.Tag, "\"other\", " + tag.Tag, "*" })
            {
                using var again = await pages.GetAsync(path, ("Accept-Encoding", encoding), ("If-None-Match", known));
                Assert.Equal((HttpStatusCode.NotModified, tag), (again.StatusCode, again.Headers.ETag));
                Assert.Empty(await again.Content.ReadAsByteArrayAsync());
                Assert.Equal(first.Headers.CacheControl, again.Headers.CacheControl);
            }

            using var changed = await pages.GetAsync(path, ("Accept-Encoding", encoding), ("If-None-Match", "\"other\""));
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        }
    }

    [Fact]
    public async Task Each_encoding_of_a_file_has_a_tag_of_its_own()
    {
        await using var pages = await BuiltPages.StartAsync();
        var tags = new HashSet<string>();
        foreach (var encoding in new[] { "br", "gzip", "identity" })
        {
            using var answer = await pages.GetAsync(BuiltPages.Script, ("Accept-Encoding", encoding));
            Assert.True(tags.Add(answer.Headers.ETag!.Tag));
        }
    }

    [Fact]
    public async Task HEAD_has_the_headers_of_GET_and_no_body_and_other_methods_are_refused()
    {
        await using var pages = await BuiltPages.StartAsync();
        foreach (var path in new[] { BuiltPages.Script, "/explore" })
        {
            using var get = await pages.GetAsync(path, ("Accept-Encoding", "br"));
            using var head = await pages.SendAsync(HttpMethod.Head, path, ("Accept-Encoding", "br"));
            Assert.Equal((get.StatusCode, get.Headers.ETag, get.Content.Headers.ContentLength), (head.StatusCode, head.Headers.ETag, head.Content.Headers.ContentLength));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }

        using var delete = await pages.SendAsync(HttpMethod.Delete, BuiltPages.Script);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, delete.StatusCode);
    }

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/explore", 200)]
    [InlineData("/explore?service=shop&from=now-1h", 200)]
    [InlineData("/trace/5b8efff798038103d269b633813fc60c", 200)]
    [InlineData("/connect/node", 200)]
    [InlineData("/index.html", 200)]
    [InlineData("/explorer", 404)]
    [InlineData("/no/such/page", 404)]
    public async Task Every_address_of_the_ui_opens_its_page_and_unknown_ones_say_so_in_it(string path, int status)
    {
        await using var pages = await BuiltPages.StartAsync();
        using var answer = await pages.OpenAsync(path);
        Assert.Equal((status, "text/html"), ((int)answer.StatusCode, Type(answer)));
        Assert.Contains("<base href=\"/\" />", await answer.Content.ReadAsStringAsync());
        Assert.Contains("Accept", answer.Headers.Vary);
    }

    [Fact]
    public async Task Who_does_not_ask_for_html_gets_the_text_at_the_root_and_a_plain_404_elsewhere()
    {
        await using var pages = await BuiltPages.StartAsync();
        foreach (var accept in new[] { "*/*", "application/json", "text/html;q=0, text/plain" })
        {
            using var root = await pages.GetAsync("/", ("Accept", accept));
            Assert.Equal("text/plain", Type(root));
            Assert.Equal("Accept", root.Headers.Vary.Single());
            Assert.Contains($"Open {pages.Root.GetLeftPart(UriPartial.Authority)}/ in a browser", await root.Content.ReadAsStringAsync());
            using var nothing = await pages.GetAsync("/no/such/page", ("Accept", accept));
            Assert.Equal((HttpStatusCode.NotFound, 0), (nothing.StatusCode, (await nothing.Content.ReadAsByteArrayAsync()).Length));
        }
    }

    [Theory]
    [InlineData("/api/v1/nothing", "application/problem+json")]
    [InlineData("/api/v1/status", "application/json")]
    [InlineData("/tempo/nothing", null)]
    [InlineData("/ready", "text/plain")]
    public async Task The_apis_answer_in_their_own_words_also_to_a_browser(string path, string? type)
    {
        await using var pages = await BuiltPages.StartAsync();
        using var answer = await pages.OpenAsync(path);
        Assert.Equal(type, Type(answer));
    }

    [Theory]
    [InlineData("/assets/nothing.js")]
    [InlineData("/assets/")]
    [InlineData("/assets/..%2f..%2fetc%2fpasswd")]
    [InlineData("/assets/..%2findex.html")]
    [InlineData("/assets/%2e%2e%2f%2e%2e%2fetc/passwd")]
    [InlineData("/assets/..%5c..%5cetc%5cpasswd")]
    [InlineData("/assets//etc/passwd")]
    [InlineData("/assets/index-abc123.js%00.png")]
    [InlineData("/assets/INDEX-abc123.js")]
    [InlineData("/assets/index-abc123.js/")]
    [InlineData("/assets/index-abc123.js.map")]
    [InlineData("/assets/index-abc123.js.br")]
    public async Task Only_files_listed_at_the_start_exist_under_assets(string path)
    {
        await using var pages = await BuiltPages.StartAsync();
        using var answer = await pages.OpenAsync(path);
        // %00 is no path at all.
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{path}: {answer.StatusCode}");
        Assert.NotEqual("text/html", Type(answer));
        if (answer.StatusCode == HttpStatusCode.NotFound) Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("/../SECRET")]
    [InlineData("/%2e%2e/SECRET")]
    [InlineData("/..%2fSECRET")]
    [InlineData("/assets/..%2f..%2fSECRET")]
    [InlineData("/assets/../../SECRET")]
    [InlineData("/..%5cSECRET")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("//etc/passwd")]
    public async Task A_path_that_climbs_leads_nowhere(string path)
    {
        await using var pages = await BuiltPages.StartAsync();
        using var answer = await pages.GetAsync(path.Replace("SECRET", pages.SecretName, StringComparison.Ordinal));
        Assert.True((int)answer.StatusCode is 400 or 404, $"{path}: {answer.StatusCode}");
    }

    [Fact]
    public async Task The_page_may_run_and_call_only_what_came_with_it()
    {
        await using var pages = await BuiltPages.StartAsync();
        using var answer = await pages.OpenAsync("/");
        var html = await answer.Content.ReadAsStringAsync();
        var script = InlineScript().Match(html).Groups["text"].Value;
        Assert.Equal(BuiltPages.ThemeScript, script);
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.Equal(
            $"default-src 'self'; script-src 'self' 'sha256-{hash}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
            answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.Contains("camera=()", answer.Headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/waymark")]
    [InlineData("/a/b")]
    public async Task Below_a_path_base_the_page_works_behind_proxies_that_keep_the_prefix_and_those_that_cut_it(string prefix)
    {
        await using var pages = await BuiltPages.StartAsync(o => o with { PathBase = prefix });
        foreach (var seen in new[] { prefix, "" })
        {
            foreach (var path in new[] { "/", "/explore", "/trace/1" })
            {
                using var page = await pages.OpenAsync(seen + path);
                Assert.Equal(HttpStatusCode.OK, page.StatusCode);
                Assert.Contains($"<base href=\"{prefix}/\" />", await page.Content.ReadAsStringAsync());
            }

            using var script = await pages.GetAsync(seen + BuiltPages.Script);
            Assert.Equal(BuiltPages.ScriptText, await script.Content.ReadAsStringAsync());
            using var api = await pages.GetAsync(seen + "/api/v1/status");
            Assert.Equal("application/json", Type(api));
            using var search = await pages.OpenAsync(seen + "/search?service=shop");
            Assert.Equal(prefix + "/explore?service=shop", search.Headers.Location!.OriginalString);
        }

        using var bare = await pages.OpenAsync(prefix);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (bare.StatusCode, Type(bare)));
    }

    [Fact]
    public async Task The_otlp_ports_have_no_pages_and_an_unknown_host_gets_none()
    {
        await using var pages = await BuiltPages.StartAsync();
        using var client = new HttpClient();
        foreach (var path in new[] { "/", "/explore", BuiltPages.Script })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(pages.Server.Url(ListenerRole.OtlpHttp), path));
            request.Headers.Accept.ParseAdd("text/html");
            using var otlp = await client.SendAsync(request);
            Assert.False(otlp.IsSuccessStatusCode, path);
            Assert.NotEqual("text/html", Type(otlp));
            using var misled = await pages.GetAsync(path, ("Accept", "text/html"), ("Host", "evil.example"));
            Assert.Equal(HttpStatusCode.MisdirectedRequest, misled.StatusCode);
        }

        using var grpc = new HttpRequestMessage(HttpMethod.Get, new Uri(pages.Server.Url(ListenerRole.OtlpGrpc), "/explore")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        grpc.Headers.Accept.ParseAdd("text/html");
        using var refused = await client.SendAsync(grpc);
        Assert.NotEqual("text/html", Type(refused));
    }

    [Fact]
    public async Task Without_a_built_ui_the_front_page_says_so_and_everything_else_works()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url(ListenerRole.Http) };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        Assert.Contains("without the web UI", await client.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("timeUnixNanos", await client.GetStringAsync(new Uri("/api/v1/status", UriKind.Relative)), StringComparison.Ordinal);
        using var page = await client.GetAsync(new Uri("/explore", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    [Fact]
    public void Every_page_of_the_ui_is_known_to_the_server()
    {
        var app = File.ReadAllText(Path.Combine(Golden.Root, "ui/src/app/App.tsx"));
        var inUi = RoutePath().Matches(app).Select(static match => match.Groups["first"].Value).Where(static first => first != "/").ToHashSet();
        Assert.NotEmpty(inUi);
        Assert.Equal(inUi.Order(StringComparer.Ordinal), PagesMiddleware.Routes.Order(StringComparer.Ordinal));
    }

    private static string? Type(HttpResponseMessage answer) => answer.Content.Headers.ContentType?.MediaType;

    private static string Decode(byte[] bytes, string? coding)
    {
        using var source = new MemoryStream(bytes);
        using Stream decoded = coding switch { "br" => new BrotliStream(source, CompressionMode.Decompress), "gzip" => new GZipStream(source, CompressionMode.Decompress), _ => source };
        using var reader = new StreamReader(decoded);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("<script>(?<text>.*?)</script>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InlineScript();

    [GeneratedRegex("<Route path=\"(?<first>/[^/\"]*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoutePath();
}
