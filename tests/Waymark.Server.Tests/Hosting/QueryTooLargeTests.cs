// A question that would take too much memory, as everyone who may ask one is told of it.
using System.Net;
using System.Text.Json;
using Waymark.Model.Stores;
using Waymark.Server.Hosting;
using Waymark.Server.Terminal;

namespace Waymark.Server.Tests.Hosting;

public sealed class QueryTooLargeTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync();
        server.Store.QueryFailure = new QueryTooLargeException("store.query_memory_bytes", 1_048_576);
        return server;
    }

    [Theory]
    [InlineData("/api/v1/traces")]
    [InlineData("/api/v1/traces/" + Trace)]
    [InlineData("/api/v1/traces/" + Trace + "/otlp")]
    public async Task The_native_api_answers_422_with_the_option_and_its_value(string path)
    {
        await using var server = await StartAsync();
        using var answer = await server.Client.GetAsync(new Uri(server.Url(ListenerRole.Http), path));
        Assert.Equal((HttpStatusCode)422, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Contains("1048576 bytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("store.query_memory_bytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tempo/api/traces/")]
    [InlineData("/tempo/api/v2/traces/")]
    public async Task Tempos_api_answers_422_with_the_sentence_as_text(string path)
    {
        await using var server = await StartAsync();
        using var answer = await server.Client.GetAsync(new Uri(server.Url(ListenerRole.Http), path + Trace));
        Assert.Equal((HttpStatusCode)422, answer.StatusCode);
        Assert.Contains("store.query_memory_bytes", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_passes_the_sentence_on()
    {
        await using var server = await StartAsync();
        using var client = ServerClient.For(server.Url(ListenerRole.Http).ToString());
        var failure = await Assert.ThrowsAsync<CommandFailedException>(() => client.GetAsync("api/v1/traces/" + Trace, "", CancellationToken.None));
        Assert.Contains("422", failure.Message, StringComparison.Ordinal);
        Assert.Contains("store.query_memory_bytes", failure.Message, StringComparison.Ordinal);
    }
}
