// The list of traces over HTTP: filters, pages, and what is said about bad parameters.
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Native;

public sealed class FindTracesTests
{
    private const long Second = 1_000_000_000;
    private const long Base = 1_767_225_600 * Second;

    [Fact]
    public async Task Pages_joined_are_the_whole_list_newest_first_even_when_traces_arrive_between_them()
    {
        await using var host = await ApiHost.StartAsync();
        for (var i = 1; i <= 25; i++) host.Store.Add(Span(i, Base + (i / 2 * Second)));
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await host.GetAsync("/api/v1/traces?limit=4" + (next is null ? "" : "&after=" + next));
            seen.AddRange(page["traces"]!.AsArray().Select(t => t!["traceId"]!.GetValue<string>()));
            next = page["next"]?.GetValue<string>();
            host.Store.Add(Span(1000 + seen.Count, Base + (500 * Second) + seen.Count));
        }
        while (next is not null);
        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(i => i.ToString("x32", CultureInfo.InvariantCulture)), seen);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("?service=shop", 1)]
    [InlineData("?service=shop&operation=pay", 0)]
    [InlineData("?service=", 1)]
    [InlineData("?operation=pay", 1)]
    [InlineData("?kind=CLIENT", 1)]
    [InlineData("?status=error", 1)]
    [InlineData("?minDuration=1.5ms", 1)]
    [InlineData("?maxDuration=1499us", 2)]
    [InlineData("?minDuration=0&maxDuration=2s", 3)]
    [InlineData("?attribute=http.status_code=200&attribute=a=b%3Dc", 1)]
    [InlineData("?attribute=http.status_code=500", 0)]
    [InlineData("?from=1767225601&to=1767225602", 1)]
    [InlineData("?from=now-10s&to=now", 3)]
    [InlineData("?from=2026-01-01T00:00:01.5Z", 1)]
    public async Task A_filter_finds(string query, int expected)
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(
            Span(1, Base) with { Resource = NaiveResource.Of("shop"), Attributes = [NaiveAttribute.Int("http.status_code", 200), NaiveAttribute.Text("a", "b=c")] },
            Span(2, Base + Second) with { Resource = NaiveResource.Of("bank"), Name = "pay", Kind = SpanKind.Client, End = new UnixNanos(Base + Second + 1_500_000) },
            Span(3, Base + (2 * Second)) with { Status = StatusCode.Error });
        Assert.Equal(expected, (await host.GetAsync("/api/v1/traces" + query))["traces"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_line_of_the_list_has_what_a_person_needs()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(
            Span(7, Base) with { Resource = NaiveResource.Of("shop"), Name = "GET \"/\"" },
            Span(7, Base + 5, id: 2) with { ParentSpanId = new SpanId(1), Status = StatusCode.Error, Resource = NaiveResource.Of("größe") },
            Span(7, Base + 6, id: 3) with { ParentSpanId = new SpanId(99) });
        var actual = Assert.Single((await host.GetAsync("/api/v1/traces?service=shop"))["traces"]!.AsArray());
        var top = actual!["topContributor"]?.AsObject();
        actual.AsObject().Remove("topContributor");
        var expected = JsonNode.Parse($$"""
            {
              "traceId": "00000000000000000000000000000007", "startUnixNanos": "{{Base}}", "endUnixNanos": "{{Base + 1006}}", "durationNanos": 1006,
              "firstReceivedUnixNanos": "{{Base + (10 * Second)}}", "rootService": "shop", "rootOperation": "GET \"/\"", "spanCount": 3, "errorCount": 1, "matchedSpanCount": 1,
              "duplicateCount": 0, "oddities": ["orphans"],
              "services": [{"name":"shop","ordinal":0,"spanCount":1,"errorCount":0},{"name":"größe","ordinal":1,"spanCount":1,"errorCount":1},{"name":"","ordinal":2,"spanCount":1,"errorCount":0}]
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, actual), actual.ToJsonString());
        var layout = await host.GetAsync("/api/v1/traces/7/layout");
        var first = layout["contributors"]!.AsArray().First(c => c!["service"]!.GetValue<int>() >= 0)!;
        Assert.Equal(layout["services"]![first["service"]!.GetValue<int>()]!.GetValue<string>(), top!["service"]!.GetValue<string>());
        Assert.Equal(layout["names"]![first["name"]!.GetValue<int>()]!.GetValue<string>(), top["operation"]!.GetValue<string>());
        Assert.Equal((first["nanos"]!.GetValue<long>(), first["share"]!.GetValue<double>()), (top["nanos"]!.GetValue<long>(), top["share"]!.GetValue<double>()));
    }

    [Theory]
    [InlineData("servce=x", "servce", "did you mean 'service'?")]
    [InlineData("zzz=x", "zzz", "expected one of service, operation")]
    [InlineData("limit=0", "limit", "is '0'; expected a whole number from 1 to 1000.")]
    [InlineData("limit=1001", "limit", "is '1001'")]
    [InlineData("limit=", "limit", "is ''")]
    [InlineData("kind=web", "kind", "is 'web'; expected one of unspecified, internal, server")]
    [InlineData("status=bad", "status", "expected one of unset, ok, error")]
    [InlineData("minDuration=fast", "minDuration", "is 'fast'; expected a duration such as 1.5ms")]
    [InlineData("minDuration=2s&maxDuration=1s", "maxDuration", "expected 'maxDuration' at least 'minDuration'")]
    [InlineData("attribute=x", "attribute", "is 'x'; expected key=value.")]
    [InlineData("attribute=%3Dx", "attribute", "expected key=value.")]
    [InlineData("from=yesterday", "from", "is 'yesterday'; expected Unix time in s, ms, µs or ns")]
    [InlineData("from=now&to=now-1h", "to", "expected 'to' after 'from'")]
    [InlineData("after=nonsense", "after", "is 'nonsense'; expected the next of an earlier answer")]
    [InlineData("limit=1&limit=2", "limit", "is given 2 times")]
    public async Task A_bad_parameter_is_named_with_what_was_found_and_expected(string query, string parameter, string detail)
    {
        await using var host = await ApiHost.StartAsync();
        var problem = await host.FailAsync("/api/v1/traces?" + query, HttpStatusCode.BadRequest);
        Assert.Equal(parameter, problem["parameter"]!.GetValue<string>());
        Assert.Contains(detail, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(problem["found"]);
        Assert.NotNull(problem["expected"]);
    }

    [Fact]
    public async Task Another_method_is_told_which_ones_there_are()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Http.PostAsync("/api/v1/traces", new StringContent("{}"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_head_request_gets_the_headers_of_the_answer()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/v1/traces"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    private static NaiveSpan Span(int trace, long start, ulong id = 1) => new()
    {
        TraceId = new TraceId(0, (ulong)trace),
        SpanId = new SpanId(id),
        Start = new UnixNanos(start),
        End = new UnixNanos(start + 1000),
    };
}
