// What was not taken can be looked up: the sentence its sender got, and for senders at a wrong address what would be right.
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Server.Hosting;
using Waymark.Server.SelfTelemetry;
using Waymark.Server.Tests.Hosting;

namespace Waymark.Server.Tests.Receivers;

public sealed class RecentRefusalTests
{
    [Fact]
    public async Task The_status_names_version_listeners_and_the_latest_refusals_newest_first()
    {
        await using var server = await TestServer.StartAsync();
        await SendAsync(server, ListenerRole.OtlpHttp, "/v1/traces", "text/plain");
        server.Store.Answer = static _ => new(WriteOutcome.Malformed, new DecodeReport { Malformed = Malformed.BadJson, MalformedAt = 7 });
        await SendAsync(server, ListenerRole.Http, "/v1/traces", "application/json");
        server.Store.Answer = static _ => new(WriteOutcome.Refused, default, Refusal.DiskFull);
        await SendAsync(server, ListenerRole.Http, "/v1/traces", "application/x-protobuf");
        server.Store.Answer = static _ =>
        {
            var report = new DecodeReport { Accepted = 3 };
            report.Count(Reject.SpanIdZero);
            return new(WriteOutcome.Stored, report);
        };
        await SendAsync(server, ListenerRole.Http, "/v1/traces", "application/json");
        var status = await StatusAsync(server);
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+", status["version"]!.GetValue<string>());
        Assert.Equal(
            server.Host.Listeners.Select(l => (l.Name.Replace("-h", "H").Replace("-g", "G"), l.Url)),
            status["listeners"]!.AsArray().Select(l => (l!["role"]!.GetValue<string>(), l["url"]!.GetValue<string>())));
        Assert.Equal(
            [
                ("otlpHttpJson", "spanIdZero", "Rejected 1 span with an all-zero span id."),
                ("otlpHttpProtobuf", "diskFull", "The disk is full; spans are taken again when there is room."),
                ("otlpHttpJson", "malformed", "The body is not valid OTLP JSON: it is not JSON (byte 7). Nothing of it was stored."),
                ("otlpHttpOther", "contentType", "The Content-Type must be application/x-protobuf or application/json. This was \"text/plain; charset=utf-8\"."),
            ],
            Refusals(status));
    }

    [Theory]
    [InlineData("/v1/trace", "This was POST /v1/trace.")]
    [InlineData("/v1/spans", "This was POST /v1/spans.")]
    [InlineData("/otlp/v1/traces", "This was POST /otlp/v1/traces.")]
    [InlineData("/v1/traces/v1/traces?key=secret", "exporters append /v1/traces to OTEL_EXPORTER_OTLP_ENDPOINT themselves")]
    [InlineData("/api/traces", "which is Jaeger's: use an OTLP exporter.")]
    [InlineData("/api/v2/spans", "which is Zipkin's: use an OTLP exporter.")]
    [InlineData("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "a gRPC method, but not over HTTP/2.")]
    public async Task A_sender_at_a_wrong_address_is_told_what_is_right_on_both_http_ports(string path, string hint)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var role in new[] { ListenerRole.Http, ListenerRole.OtlpHttp })
        {
            using var answer = await SendAsync(server, role, path, "application/x-protobuf");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            var (_, reason, sentence) = Refusals(await StatusAsync(server))[0];
            Assert.Equal("path", reason);
            Assert.StartsWith("Nothing is served here; traces go to POST /v1/traces or, over gRPC, TraceService/Export. ", sentence, StringComparison.Ordinal);
            Assert.Contains(hint, sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", sentence, StringComparison.Ordinal);
        }
        Assert.Equal(2, Refusals(await StatusAsync(server)).Count);
        Assert.Empty(server.Store.Written);
    }

    [Fact]
    public async Task Other_protocols_on_the_grpc_port_and_wrong_methods_are_noted_and_a_browsers_look_is_not()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var role in new[] { ListenerRole.OtlpHttp, ListenerRole.OtlpGrpc })
        {
            foreach (var path in new[] { "/", "/favicon.ico" }) (await server.Client.GetAsync(new Uri(server.Url(role), path))).Dispose();
        }
        (await server.Client.GetAsync(new Uri(server.Url(ListenerRole.Http), "/api/v1/nothing"))).Dispose();
        (await SendAsync(server, ListenerRole.Http, "/api/v1/traces", "application/json")).Dispose();
        Assert.Empty(Refusals(await StatusAsync(server)));
        (await server.Client.GetAsync(new Uri(server.Url(ListenerRole.OtlpHttp), "/v1/traces/"))).Dispose();
        (await SendAsync(server, ListenerRole.OtlpGrpc, "/api/v2/spans", "application/json")).Dispose();
        Assert.Equal(["contentType", "method"], Refusals(await StatusAsync(server)).Select(r => r.Reason));
    }

    [Fact]
    public async Task Only_the_latest_are_kept_and_long_sentences_are_cut()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < RecentRefusals.Max + 5; i++) (await SendAsync(server, ListenerRole.OtlpHttp, $"/v1/wrong{i}", "application/json")).Dispose();
        var kept = Refusals(await StatusAsync(server));
        Assert.Equal(Enumerable.Range(5, RecentRefusals.Max).Reverse().Select(i => $"This was POST /v1/wrong{i}."), kept.Select(r => r.Sentence[r.Sentence.IndexOf("This", StringComparison.Ordinal)..]));
        (await SendAsync(server, ListenerRole.OtlpHttp, "/v1/traces", "text/" + new string('x', 1000))).Dispose();
        Assert.Equal(RecentRefusals.MaxSentence + 1, Refusals(await StatusAsync(server))[0].Sentence.Length);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestServer server, ListenerRole role, string path, string type)
    {
        var content = new StringContent("{}", Encoding.UTF8);
        content.Headers.ContentType = type == "text/plain" ? new MediaTypeHeaderValue(type, "utf-8") : new MediaTypeHeaderValue(type);
        return await server.Client.PostAsync(new Uri(server.Url(role), path), content);
    }

    private static async Task<JsonNode> StatusAsync(TestServer server) => JsonNode.Parse(await server.Client.GetStringAsync(new Uri(server.Url(ListenerRole.Http), "/api/v1/status")))!;

    private static List<(string Protocol, string Reason, string Sentence)> Refusals(JsonNode status) =>
        [.. status["ingest"]!["recentRefusals"]!.AsArray().Select(r => (r!["protocol"]!.GetValue<string>(), r["reason"]!.GetValue<string>(), r["sentence"]!.GetValue<string>()))];
}
