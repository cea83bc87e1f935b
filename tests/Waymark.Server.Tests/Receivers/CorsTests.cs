// Browsers: pages on this machine may send traces, others only when allowed.
using System.Net;
using Waymark.Server.Hosting;
using Waymark.Server.Tests.Hosting;
using static Waymark.Server.Tests.Receivers.OtlpHttpTests;

namespace Waymark.Server.Tests.Receivers;

public sealed class CorsTests
{
    private static HttpRequestMessage Preflight(Uri port, string path, string origin, bool privateNetwork = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, new Uri(port, path));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,x-custom");
        if (privateNetwork) request.Headers.Add("Access-Control-Request-Private-Network", "true");
        return request;
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://localhost", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("https://shop.example", true)]
    [InlineData("https://evil.example", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("http://shop.example", false)]
    [InlineData("null", false)]
    public async Task A_preflight_is_allowed_for_loopback_and_configured_origins_only(string origin, bool allowed)
    {
        await using var server = await TestServer.StartAsync(static o => o with { CorsOrigins = ["https://shop.example"] });
        foreach (var role in new[] { ListenerRole.OtlpHttp, ListenerRole.Http })
        {
            foreach (var path in new[] { "/v1/traces", "/" })
            {
                using var answer = await server.Client.SendAsync(Preflight(server.Url(role), path, origin, privateNetwork: true));
                Assert.Equal(allowed ? HttpStatusCode.NoContent : HttpStatusCode.Forbidden, answer.StatusCode);
                Assert.Equal(allowed ? origin : null, Header(answer, "Access-Control-Allow-Origin"));
                Assert.Equal(allowed ? "true" : null, Header(answer, "Access-Control-Allow-Private-Network"));
                Assert.Equal(allowed ? "content-type,x-custom" : null, Header(answer, "Access-Control-Allow-Headers"));
                if (allowed) Assert.Contains("POST", Header(answer, "Access-Control-Allow-Methods"));
            }
        }
    }

    [Fact]
    public async Task The_answer_to_a_post_can_be_read_by_an_allowed_page_whatever_it_is()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var type in new[] { Json, "text/plain" })
        {
            var request = Post("/v1/traces", "{}"u8.ToArray(), type);
            request.Headers.Add("Origin", "http://localhost:3000");
            using var answer = await server.Client.SendAsync(request);
            Assert.Equal("http://localhost:3000", Header(answer, "Access-Control-Allow-Origin"));
            Assert.Contains("Origin", answer.Headers.Vary);
        }
    }

    [Fact]
    public async Task A_star_allows_every_origin()
    {
        await using var server = await TestServer.StartAsync(static o => o with { CorsOrigins = ["*"] });
        using var answer = await server.Client.SendAsync(Preflight(server.Url(ListenerRole.OtlpHttp), "/v1/traces", "https://evil.example"));
        Assert.Equal("https://evil.example", Header(answer, "Access-Control-Allow-Origin"));
        Assert.Null(Header(answer, "Access-Control-Allow-Private-Network"));
    }
}
