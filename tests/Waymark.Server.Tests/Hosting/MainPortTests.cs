// The main port: who may call it, and how it says whether it is ready.
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Waymark.Server.Hosting;
using Waymark.Server.Options;

namespace Waymark.Server.Tests.Hosting;

public sealed class MainPortTests
{
    private static Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null) => TestServer.StartAsync(change, static app =>
    {
        app.MapGet("/api/v1/thing", static () => "got");
        app.MapPost("/api/v1/thing", static () => "posted");
        app.MapDelete("/api/v1/thing", static () => "deleted");
    });

    private static async Task<HttpResponseMessage> SendAsync(TestServer server, HttpMethod method, string path, string? host = null, string? origin = null, string? type = null)
    {
        var request = new HttpRequestMessage(method, new Uri(server.Url(ListenerRole.Http), path));
        if (host is not null) request.Headers.Host = host;
        if (origin is not null) request.Headers.TryAddWithoutValidation("Origin", origin);
        if (type is not null) request.Content = new StringContent("{}", Encoding.UTF8, type);
        return await server.Client.SendAsync(request);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("localhost:1234", true)]
    [InlineData("waymark.localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:80", true)]
    [InlineData("traces.example", true)]
    [InlineData("TRACES.example:8443", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("10.1.2.3", false)]
    public async Task An_unknown_host_is_421_on_pages_and_api_but_not_on_otlp_routes(string host, bool known)
    {
        await using var server = await StartAsync(static o => o with { Hosts = ["traces.example"] });
        foreach (var path in new[] { "/", "/api/v1/thing" })
        {
            using var answer = await SendAsync(server, HttpMethod.Get, path, host);
            Assert.Equal(known ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, answer.StatusCode);
            if (!known) Assert.Contains("server.hosts", await answer.Content.ReadAsStringAsync());
        }

        using var otlp = await SendAsync(server, HttpMethod.Post, "/v1/traces", host, type: "application/json");
        Assert.Equal(HttpStatusCode.OK, otlp.StatusCode);
        using var ready = await SendAsync(server, HttpMethod.Get, "/ready", host);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Changing_requests_need_the_same_origin_or_none_and_json()
    {
        await using var server = await StartAsync();
        var own = server.Url(ListenerRole.Http).GetLeftPart(UriPartial.Authority);
        (string? Origin, string? Type, HttpMethod Method, HttpStatusCode Expected)[] cases =
        [
            (null, "application/json", HttpMethod.Post, HttpStatusCode.OK),
            (own, "application/json", HttpMethod.Post, HttpStatusCode.OK),
            (own, null, HttpMethod.Delete, HttpStatusCode.OK),
            ("https://evil.example", "application/json", HttpMethod.Post, HttpStatusCode.Forbidden),
            ("null", "application/json", HttpMethod.Post, HttpStatusCode.Forbidden),
            ("http://localhost:1", null, HttpMethod.Delete, HttpStatusCode.Forbidden),
            (null, "text/plain", HttpMethod.Post, HttpStatusCode.UnsupportedMediaType),
            (null, null, HttpMethod.Post, HttpStatusCode.UnsupportedMediaType),
            ("https://evil.example", null, HttpMethod.Get, HttpStatusCode.OK),
        ];
        foreach (var (origin, type, method, expected) in cases)
        {
            using var answer = await SendAsync(server, method, "/api/v1/thing", origin: origin, type: type);
            Assert.Equal((origin, type, method, expected), (origin, type, method, answer.StatusCode));
        }
    }

    [Fact]
    public async Task The_path_base_is_stripped_and_otlp_works_with_and_without_it()
    {
        await using var server = await StartAsync(static o => o with { PathBase = "/waymark" });
        using var api = await SendAsync(server, HttpMethod.Get, "/waymark/api/v1/thing");
        Assert.Equal("got", await api.Content.ReadAsStringAsync());
        foreach (var path in new[] { "/waymark/v1/traces", "/v1/traces" })
        {
            using var otlp = await SendAsync(server, HttpMethod.Post, path, type: "application/json");
            Assert.Equal(HttpStatusCode.OK, otlp.StatusCode);
        }
    }

    [Fact]
    public async Task Ready_says_whether_the_store_takes_spans_on_both_ports()
    {
        await using var server = await StartAsync();
        foreach (var role in new[] { ListenerRole.Http, ListenerRole.OtlpHttp })
        {
            server.Store.ReadOnlyReason = null;
            using var ready = await server.Client.GetAsync(new Uri(server.Url(role), "/ready"));
            Assert.Equal((HttpStatusCode.OK, "ready\n"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
            server.Store.ReadOnlyReason = "the disk is full";
            using var full = await server.Client.GetAsync(new Uri(server.Url(role), "/ready"));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "not taking spans: the disk is full\n"), (full.StatusCode, await full.Content.ReadAsStringAsync()));
            using var health = await server.Client.GetAsync(new Uri(server.Url(role), "/health"));
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        }
    }

    [Fact]
    public async Task The_root_of_the_main_port_belongs_to_the_pages_except_for_otlp_bodies()
    {
        await using var server = await StartAsync();
        using var page = await SendAsync(server, HttpMethod.Get, "/");
        Assert.StartsWith("Waymark ", await page.Content.ReadAsStringAsync());
        using var form = await SendAsync(server, HttpMethod.Post, "/", type: "text/plain");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, form.StatusCode);
        Assert.Empty(server.Store.Written);
        using var otlp = await SendAsync(server, HttpMethod.Post, "/", type: "application/json");
        Assert.Single(server.Store.Written);
    }

    [Fact]
    public async Task The_front_page_is_text_that_names_the_api_and_where_to_send_spans()
    {
        await using var server = await TestServer.StartAsync(static o => o with { PathBase = "/waymark" });
        using var page = await SendAsync(server, HttpMethod.Get, "/waymark/");
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        var text = await page.Content.ReadAsStringAsync();
        var here = server.Url(ListenerRole.Http).GetLeftPart(UriPartial.Authority) + "/waymark";
        Assert.Contains($" {here}/api/v1/openapi.json,", text);
        Assert.Contains($"OTEL_EXPORTER_OTLP_ENDPOINT={server.Url(ListenerRole.OtlpHttp).GetLeftPart(UriPartial.Authority)} ", text);
        Assert.Contains($"OTEL_EXPORTER_OTLP_ENDPOINT={server.Url(ListenerRole.OtlpGrpc).GetLeftPart(UriPartial.Authority)} ", text);
        Assert.Contains($"waymark traces --server {here}\n", text);
        using var head = await SendAsync(server, HttpMethod.Head, "/");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task One_address_for_main_and_otlp_http_is_one_listener_with_both_names()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = new ListenAddress(IPAddress.Loopback, ((IPEndPoint)free.LocalEndpoint).Port);
        free.Stop();
        await using var server = await TestServer.StartAsync(o => o with { Http = address, OtlpHttp = address });
        Assert.Equal(["http", "otlp-http", "otlp-grpc"], server.Host.Listeners.Select(static l => l.Name));
        Assert.Equal(server.Url(ListenerRole.Http), server.Url(ListenerRole.OtlpHttp));
    }

    [Theory]
    [InlineData("0.0.0.0", "http://127.0.0.1:80", "http://localhost:80")]
    [InlineData("::", "http://[::1]:80", "http://localhost:80")]
    [InlineData("127.0.0.1", "http://127.0.0.1:80", "http://127.0.0.1:80")]
    [InlineData("10.1.2.3", "http://10.1.2.3:80", "http://10.1.2.3:80")]
    public void A_wildcard_address_is_shown_as_one_that_can_be_connected_to(string address, string url, string clickable)
    {
        var listener = new BoundListener(ListenerRole.Http, new IPEndPoint(IPAddress.Parse(address), 80));
        Assert.Equal((url, clickable), (listener.Url, listener.ClickableUrl));
    }

    [Fact]
    public async Task A_running_request_is_finished_before_the_server_stops()
    {
        var server = await StartAsync();
        server.Store.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = SendAsync(server, HttpMethod.Post, "/v1/traces", type: "application/json");
        await Eventually.TrueAsync(() => server.Host.Services.InFlight().Used > 0);
        var stopping = server.Host.StopAsync(CancellationToken.None);
        await Task.Delay(100);
        Assert.False(stopping.IsCompleted);
        server.Store.Gate.SetResult();
        using var answer = await running;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await stopping;
        await server.DisposeAsync();
    }
}
