// The small questions a page asks: what can be filtered by, what is usual, what to change when nothing was found, where a text is, who points here.
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Native;

public sealed class QuestionTests
{
    private const long Second = 1_000_000_000;

    /// <summary>The host's clock.</summary>
    private static readonly long Now = UnixNanos.From(ApiHost.Now).Value;

    [Fact]
    public async Task Attributes_come_with_their_values_by_frequency()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(
            Span(1) with { Resource = NaiveResource.Of("shop"), Attributes = [NaiveAttribute.Text("region", "eu"), NaiveAttribute.Int("items", 3)] },
            Span(2) with { Resource = NaiveResource.Of("shop"), Attributes = [NaiveAttribute.Text("region", "eu")] },
            Span(3) with { Resource = NaiveResource.Of("cart"), Attributes = [NaiveAttribute.Text("region", "us")] });
        var answer = await host.GetAsync("/api/v1/attributes?service=shop");
        var expected = JsonNode.Parse("""
            {"traceCount":2,"keys":[
              {"key":"region","spanCount":2,"values":[{"value":"eu","spanCount":2}],"isCut":false},
              {"key":"service.name","spanCount":2,"values":[{"value":"shop","spanCount":2}],"isCut":false},
              {"key":"items","spanCount":1,"values":[{"value":"3","spanCount":1}],"isCut":false}]}
            """);
        Assert.True(JsonNode.DeepEquals(expected, answer), answer.ToJsonString());
        Assert.Equal(0, (await host.GetAsync($"/api/v1/attributes?from={Now + 1}"))["traceCount"]!.GetValue<int>());
    }

    [Fact]
    public async Task Usual_durations_are_those_of_traces_with_this_root()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(Enumerable.Range(1, 100).Select(i => Span(i) with { Resource = NaiveResource.Of("shop"), Name = "buy", End = new UnixNanos(Now + i) }));
        host.Store.Add(Span(101) with { Resource = NaiveResource.Of("shop"), Name = "sell" });
        var listed = (await host.GetAsync("/api/v1/traces?limit=1000&operation=buy"))["traces"]!.AsArray().Select(t => t!["durationNanos"]!.GetValue<long>()).Order().ToList();
        var answer = await host.GetAsync("/api/v1/root-durations?service=shop&operation=buy");
        var expected = JsonNode.Parse($$"""{"traceCount":100,"p50Nanos":{{listed[49]}},"p95Nanos":{{listed[94]}},"p99Nanos":{{listed[98]}},"maxNanos":{{listed[99]}}}""");
        Assert.True(JsonNode.DeepEquals(expected, answer), answer.ToJsonString());
        answer = await host.GetAsync("/api/v1/root-durations?service=&operation=buy");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"traceCount":0,"p50Nanos":null,"p95Nanos":null,"p99Nanos":null,"maxNanos":null}"""), answer), answer.ToJsonString());
    }

    [Fact]
    public async Task A_text_is_found_in_values_of_every_type_as_details_show_them()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(
            Span(1, 1) with { Name = "root" },
            Span(1, 2) with { ParentSpanId = new SpanId(1), Start = new UnixNanos(Now + 1), Attributes = [new("list", NaiveValue.Array(NaiveValue.Int(1427), NaiveValue.Text("größe")))] },
            Span(1, 3) with { ParentSpanId = new SpanId(1), Start = new UnixNanos(Now + 2), Attributes = [new("map", NaiveValue.KeyValues(NaiveAttribute.Text("Deep", "x")))], Events = [new NaiveEvent(new UnixNanos(Now), "exception", [NaiveAttribute.Text("m", "Card declined")], 0)] },
            Span(1, 4) with { ParentSpanId = new SpanId(1), Start = new UnixNanos(Now + 3), Attributes = [new("raw", NaiveValue.Bytes([1, 2, 3]))] });
        foreach (var (text, rows) in new[] { ("ROOT", "[0]"), ("1427", "[1]"), ("GRÖ", "[1]"), ("deep", "[2]"), ("card%20d", "[2]"), ("AQID", "[3]"), ("0000000000000004", "[3]"), ("0000", "[0,1,2,3]"), ("zzz", "[]") })
            Assert.Equal(rows, (await host.GetAsync($"/api/v1/traces/1/find?text={text}"))["rows"]!.ToJsonString());
    }

    [Fact]
    public async Task Links_from_other_traces_are_listed_newest_first()
    {
        await using var host = await ApiHost.StartAsync();
        for (var i = 1; i <= 5; i++)
        {
            host.Store.Add(Span(i) with { Start = new UnixNanos(Now + i), Name = $"batch {i}", Resource = NaiveResource.Of("worker"), Links = [new NaiveLink(new TraceId(0, 77), new SpanId((ulong)i), "", 0, [], 0)] });
        }
        var answer = await host.GetAsync("/api/v1/traces/4d/backlinks?limit=2");
        var expected = JsonNode.Parse($$"""
            {"links":[
              {"traceId":"00000000000000000000000000000005","spanId":"0000000000000001","service":"worker","name":"batch 5","startUnixNanos":"{{Now + 5}}","toSpanId":"0000000000000005"},
              {"traceId":"00000000000000000000000000000004","spanId":"0000000000000001","service":"worker","name":"batch 4","startUnixNanos":"{{Now + 4}}","toSpanId":"0000000000000004"}],
             "isCut":true,"searchedTraceCount":3}
            """);
        Assert.True(JsonNode.DeepEquals(expected, answer), answer.ToJsonString());
        answer = await host.GetAsync("/api/v1/traces/4d/backlinks");
        Assert.Equal((5, false), (answer["links"]!.AsArray().Count, answer["isCut"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Each_remedy_counts_what_the_list_returns_with_it()
    {
        await using var host = await ApiHost.StartAsync();
        var random = new RandomSpans(11) { Base = new UnixNanos(Now - (30 * 86_400 * Second)), Spread = 30 * 86_400 * Second, MaxSpans = 4, Oddity = 0.05 };
        var spans = random.Traces(150);
        host.Store.Add(spans);
        var seen = new HashSet<string>();
        for (var i = 0; i < 25 * TestScale.Factor; i++)
        {
            var given = RandomFilter(random, new Random(i), spans);
            var remedies = (await host.GetAsync("/api/v1/traces/remedies?" + Query(given)))["remedies"]!.AsArray();
            Assert.Equal(remedies.Select(r => r!["count"]!.GetValue<int>()).OrderDescending(), remedies.Select(r => r!["count"]!.GetValue<int>()));
            foreach (var remedy in remedies)
            {
                var changed = Apply(given, remedy!);
                var found = (await host.GetAsync("/api/v1/traces?limit=1000&" + Query(changed)))["traces"]!.AsArray().Count;
                Assert.Equal((Math.Min(found, 100), found > 100), (remedy!["count"]!.GetValue<int>(), remedy["isMore"]!.GetValue<bool>()));
                Assert.True(found > 0);
                seen.Add(remedy["kind"]!.GetValue<string>() + " " + remedy["parameter"]!.GetValue<string>());
            }
            // Whatever is not offered finds nothing.
            foreach (var filter in given.Where(f => f.Name is not ("from" or "to") && !remedies.Any(r => r!["parameter"]!.GetValue<string>() == f.Name && r["value"]!.GetValue<string>() == f.Value)))
                Assert.Empty((await host.GetAsync("/api/v1/traces?" + Query([.. given.Where(g => g != filter)])))["traces"]!.AsArray());
        }
        Assert.Superset(new HashSet<string> { "widen from", "without service", "without attribute", "without status", "without minDuration" }, seen);
    }

    [Fact]
    public async Task Wider_times_are_offered_only_where_they_are_wider()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(Span(1));
        async Task<string> OfferedAsync(string query) =>
            string.Join(' ', (await host.GetAsync("/api/v1/traces/remedies?" + query))["remedies"]!.AsArray().Select(r => r!["from"]?.GetValue<string>() ?? "-"));
        Assert.Equal("", await OfferedAsync(""));
        Assert.Equal("now-24h now-7d all", await OfferedAsync("from=now-1h"));
        Assert.Equal("now-7d all", await OfferedAsync("from=now-24h"));
        Assert.Equal("all", await OfferedAsync("from=now-30d"));
        Assert.Equal("all", await OfferedAsync("to=now-1h"));
        Assert.Equal("now-24h now-7d all", await OfferedAsync("from=now-2h&to=now-1h"));
    }

    [Theory]
    [InlineData("/api/v1/root-durations?service=a", "operation", "Parameter 'operation' is missing")]
    [InlineData("/api/v1/root-durations?operation=a", "service", "Parameter 'service' is missing")]
    [InlineData("/api/v1/attributes?from=now&to=now-1h", "to", "expected 'to' after 'from'")]
    [InlineData("/api/v1/attributes?operation=x", "operation", "There is no parameter 'operation' here")]
    [InlineData("/api/v1/traces/remedies?limit=5", "limit", "There is no parameter 'limit' here")]
    [InlineData("/api/v1/traces/remedies?minDuration=2s&maxDuration=1s", "maxDuration", "expected 'maxDuration' at least 'minDuration'")]
    [InlineData("/api/v1/traces/1/find", "text", "Parameter 'text' is missing")]
    [InlineData("/api/v1/traces/1/find?text=", "text", "is ''; expected 1 to 500 characters.")]
    [InlineData("/api/v1/traces/1/backlinks?limit=0", "limit", "expected a whole number from 1 to 1000.")]
    [InlineData("/api/v1/traces/1/backlinks?limit=1001", "limit", "expected a whole number from 1 to 1000.")]
    [InlineData("/api/v1/traces/1/backlinks?after=x", "after", "There is no parameter 'after' here")]
    [InlineData("/api/v1/traces/xyz/backlinks", "id", "is 'xyz'; expected 1 to 32 hex digits.")]
    public async Task A_bad_parameter_is_named(string url, string parameter, string detail)
    {
        await using var host = await ApiHost.StartAsync();
        var problem = await host.FailAsync(url, HttpStatusCode.BadRequest);
        Assert.Equal(parameter, problem["parameter"]!.GetValue<string>());
        Assert.Contains(detail, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_is_looked_for_in_a_trace_that_is_there_and_of_some_length_at_most()
    {
        await using var host = await ApiHost.StartAsync();
        await host.FailAsync("/api/v1/traces/1/find?text=x", HttpStatusCode.NotFound);
        host.Store.Add(Span(1));
        await host.FailAsync("/api/v1/traces/1/find?text=" + new string('x', 501), HttpStatusCode.BadRequest);
        Assert.Empty((await host.GetAsync("/api/v1/traces/1/find?text=" + new string('x', 500)))["rows"]!.AsArray());
        // A trace that has gone may still be pointed at.
        Assert.Empty((await host.GetAsync("/api/v1/traces/2/backlinks"))["links"]!.AsArray());
    }

    private static List<(string Name, string Value)> RandomFilter(RandomSpans random, Random dice, List<NaiveSpan> spans)
    {
        var given = new List<(string, string)>();
        var (one, other) = (random.Pick(spans), random.Pick(spans));
        if (dice.Next(2) == 0) given.Add(("service", one.Service));
        if (dice.Next(3) == 0) given.Add(("operation", other.Name));
        if (dice.Next(3) == 0) given.Add(("kind", other.Kind.ToString()));
        if (dice.Next(2) == 0) given.Add(("status", other.Status.ToString()));
        if (dice.Next(3) == 0) given.Add(("minDuration", (one.Duration.Value + 1).ToString(CultureInfo.InvariantCulture)));
        foreach (var span in new[] { one, other })
        {
            if (span.Attributes.FirstOrDefault(a => a.Value.Type == AttributeType.Text && !a.Key.Contains('=')) is { } attribute) given.Add(("attribute", attribute.Key + "=" + attribute.Value.Content));
        }
        if (dice.Next(3) > 0) given.Add(("from", dice.Next(2) == 0 ? "now-1h" : "now-3d"));
        if (dice.Next(3) == 0) given.Add(("to", "now-10m"));
        return given;
    }

    private static List<(string Name, string Value)> Apply(List<(string Name, string Value)> given, JsonNode remedy)
    {
        var (parameter, value) = (remedy["parameter"]!.GetValue<string>(), remedy["value"]!.GetValue<string>());
        if (remedy["kind"]!.GetValue<string>() == "without")
        {
            List<(string, string)> rest = [.. given];
            Assert.True(rest.Remove((parameter, value)));
            return rest;
        }
        var from = remedy["from"]!.GetValue<string>();
        return [.. given.Where(f => f.Name is not ("from" or "to")), .. from == "all" ? [] : new[] { ("from", from) }];
    }

    private static string Query(List<(string Name, string Value)> given) => string.Join('&', given.Select(g => g.Name + "=" + Uri.EscapeDataString(g.Value)));

    private static NaiveSpan Span(int trace, ulong id = 1) => new()
    {
        TraceId = new TraceId(0, (ulong)trace),
        SpanId = new SpanId(id),
        Start = new UnixNanos(Now),
        End = new UnixNanos(Now + 1000),
    };
}
