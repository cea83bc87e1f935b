// One trace over HTTP: whole, as columns, in parts, as a file.
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Otlp;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Native;

public sealed class TraceTests
{
    private const long Base = 1_767_225_600_000_000_000;

    [Fact]
    public async Task A_whole_trace_has_every_field_of_every_span_in_pre_order()
    {
        await using var host = await ApiHost.StartAsync();
        for (var seed = 0; seed < 10; seed++)
        {
            var spans = new RandomSpans(seed).Trace();
            host.Store.Add(spans);
            var answer = await host.GetAsync($"/api/v1/traces/{spans[0].TraceId}");
            var rows = NaiveTopology.Rows(spans);
            Assert.Equal(rows.Count, answer["spanCount"]!.GetValue<int>());
            Assert.Equal(spans.Count(s => s.Status == StatusCode.Error), answer["errorCount"]!.GetValue<int>());
            for (var row = 0; row < rows.Count; row++) AssertSpan(rows[row], row, answer["spans"]![row]!, answer);
        }
    }

    private static void AssertSpan(NaiveRow expected, int row, JsonNode actual, JsonNode trace)
    {
        var span = expected.Span;
        Assert.Equal(row, actual["row"]!.GetValue<int>());
        Assert.Equal(expected.ParentRow, actual["parentRow"]!.GetValue<int>());
        Assert.Equal(span.SpanId.ToString(), actual["spanId"]!.GetValue<string>());
        Assert.Equal(span.ParentSpanId.IsZero ? null : span.ParentSpanId.ToString(), actual["parentSpanId"]?.GetValue<string>());
        Assert.Equal(span.Name, actual["name"]!.GetValue<string>());
        Assert.Equal(span.Resource.Service, actual["service"]?.GetValue<string>());
        Assert.Equal(span.Kind.ToString().ToLowerInvariant(), actual["kind"]!.GetValue<string>());
        Assert.Equal(span.Status.ToString().ToLowerInvariant(), actual["status"]!.GetValue<string>());
        Assert.Equal(span.StatusMessage, actual["statusMessage"]!.GetValue<string>());
        Assert.Equal(span.Start.Value.ToString(), actual["startUnixNanos"]!.GetValue<string>());
        Assert.Equal(span.End.Value.ToString(), actual["endUnixNanos"]!.GetValue<string>());
        Assert.Equal(span.Duration.Value, actual["durationNanos"]!.GetValue<long>());
        Assert.Equal(span.TraceState, actual["traceState"]!.GetValue<string>());
        Assert.Equal(span.Flags, actual["flags"]!.GetValue<uint>());
        Assert.Equal((span.DroppedAttributes, span.DroppedEvents, span.DroppedLinks), (actual["droppedAttributes"]!.GetValue<uint>(), actual["droppedEvents"]!.GetValue<uint>(), actual["droppedLinks"]!.GetValue<uint>()));
        var marks = expected.Marks == 0 ? [] : expected.Marks.ToString().Split(", ").Select(m => char.ToLowerInvariant(m[0]) + m[1..]);
        Assert.Equal(marks, actual["marks"]!.AsArray().Select(m => m!.GetValue<string>()));
        Assert.Equal(span.Attributes.Select(a => a.Key).Distinct().Order(), actual["attributes"]!.AsObject().Select(a => a.Key).Order());
        Assert.Equal(span.Events.Select(e => e.Name), actual["events"]!.AsArray().Select(e => e!["name"]!.GetValue<string>()));
        Assert.Equal(span.Links.Select(l => l.TraceId.ToString()), actual["links"]!.AsArray().Select(l => l!["traceId"]!.GetValue<string>()));
        var resource = trace["resources"]![actual["resource"]!.GetValue<int>()]!;
        Assert.Equal(span.Resource.Attributes.Select(a => a.Key).Distinct().Order(), resource["attributes"]!.AsObject().Select(a => a.Key).Order());
        Assert.Equal(span.Resource.SchemaUrl, resource["schemaUrl"]!.GetValue<string>());
        var scope = trace["scopes"]![actual["scope"]!.GetValue<int>()]!;
        Assert.Equal((span.Scope.Name, span.Scope.Version), (scope["name"]!.GetValue<string>(), scope["version"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Attributes_are_plain_json_values()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(Span(1, 0) with
        {
            Attributes =
            [
                NaiveAttribute.Text("text", "größe <b>"), NaiveAttribute.Int("int", 3), NaiveAttribute.Double("double", 0.5), NaiveAttribute.Bool("bool", true),
                NaiveAttribute.Int("twice", 1), NaiveAttribute.Int("twice", 2), new("empty", NaiveValue.Empty), new("bytes", NaiveValue.Bytes([1, 2, 3])),
                new("array", NaiveValue.Array(NaiveValue.Int(1), NaiveValue.Text("two"))), new("map", NaiveValue.KeyValues(NaiveAttribute.Bool("x", false))),
            ],
        });
        var attributes = (await host.GetAsync("/api/v1/traces/1"))["spans"]![0]!["attributes"]!;
        var expected = JsonNode.Parse("""{"text":"größe <b>","int":3,"double":0.5,"bool":true,"twice":2,"empty":null,"bytes":"AQID","array":[1,"two"],"map":{"x":false}}""");
        Assert.True(JsonNode.DeepEquals(expected, attributes), attributes.ToJsonString());
    }

    [Fact]
    public async Task The_layout_is_the_trace_as_columns()
    {
        await using var host = await ApiHost.StartAsync();
        for (var seed = 0; seed < 10; seed++)
        {
            var spans = new RandomSpans(seed) { Oddity = 0.3 }.Trace();
            host.Store.Add(spans);
            var layout = await host.GetAsync($"/api/v1/traces/{spans[0].TraceId}/layout");
            var rows = NaiveTopology.Rows(spans);
            var start = spans.Min(s => s.Start.Value);
            Assert.Equal(start.ToString(), layout["baseUnixNanos"]!.GetValue<string>());
            Assert.Equal(rows.Select(r => r.Span.SpanId.ToString()), layout["spanId"]!.AsArray().Select(v => v!.GetValue<string>()));
            Assert.Equal(rows.Select(r => (long)r.ParentRow), Column(layout, "parent"));
            Assert.Equal(rows.Select(r => (long)r.SubtreeEnd), Column(layout, "subtreeEnd"));
            Assert.Equal(rows.Select(r => (long)Depth(rows, r)), Column(layout, "depth"));
            Assert.Equal(rows.Select(r => r.Span.Start.Value - start), Column(layout, "startNanos"));
            Assert.Equal(rows.Select(r => r.Span.Duration.Value), Column(layout, "durationNanos"));
            Assert.Equal(rows.Select(r => (long)r.Span.Kind), Column(layout, "kind"));
            Assert.Equal(rows.Select(r => (long)r.Span.Status), Column(layout, "status"));
            Assert.Equal(rows.Select(r => (long)r.Marks), Column(layout, "marks"));
            Assert.Equal(rows.Select(r => (long)r.Span.Flags), Column(layout, "flags"));
            Assert.Equal(rows.Select(r => r.Span.Name), Column(layout, "name").Select(c => layout["names"]![(int)c]!.GetValue<string>()));
            Assert.Equal(rows.Select(r => r.Span.Service), Column(layout, "service").Select(c => layout["services"]![(int)c]!.GetValue<string>()));
            Assert.All(Column(layout, "selfNanos").Zip(Column(layout, "durationNanos")), p => Assert.InRange(p.First, 0, p.Second));
            Assert.Equal(layout["names"]!.AsArray().Count, rows.Select(r => r.Span.Name).Distinct().Count());
        }
    }

    [Fact]
    public async Task The_otlp_file_decodes_to_the_very_spans_that_were_stored()
    {
        await using var host = await ApiHost.StartAsync();
        for (var seed = 0; seed < 10; seed++)
        {
            var spans = new RandomSpans(seed).Trace();
            host.Store.Add(spans);
            using var response = await host.Http.GetAsync($"/api/v1/traces/{spans[0].TraceId}/otlp");
            Assert.Equal($"attachment; filename=\"trace-{spans[0].TraceId}.json\"", response.Content.Headers.GetValues("Content-Disposition").Single());
            AssertSame(spans, Decode(await response.Content.ReadAsByteArrayAsync()));
        }
    }

    [Fact]
    public async Task The_otlp_file_of_a_large_trace_comes_in_pieces_and_is_whole()
    {
        await using var host = await ApiHost.StartAsync();
        var spans = Enumerable.Range(0, 4500).Select(i => Span((ulong)i + 1, i == 0 ? 0UL : 1) with { Start = new UnixNanos(Base + i) }).ToList();
        host.Store.Add(spans);
        AssertSame(spans, Decode(await host.Http.GetByteArrayAsync("/api/v1/traces/1/otlp")));
        var layout = await host.GetAsync("/api/v1/traces/1/layout");
        Assert.Equal(4500, layout["depth"]!.AsArray().Count);
        Assert.Equal(4500, (await host.GetAsync("/api/v1/traces/1"))["spans"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_client_that_goes_away_halfway_harms_nobody()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(Enumerable.Range(0, 30_000).Select(i => Span((ulong)i + 1, 0) with { Attributes = [NaiveAttribute.Text("a", new string('x', 500))] }));
        for (var i = 0; i < 3; i++)
        {
            using var response = await host.Http.GetAsync("/api/v1/traces/1", HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1000]);
        }
        Assert.Single((await host.GetAsync("/api/v1/traces"))["traces"]!.AsArray());
    }

    [Fact]
    public async Task Some_spans_come_in_pre_order_and_ids_without_one_are_listed()
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(Span(1, 0), Span(2, 1), Span(3, 2), Span(3, 1) with { Kind = SpanKind.Server });
        var answer = await host.GetAsync("/api/v1/traces/1/spans?ids=0000000000000003,0000000000000001,00000000000000ff");
        Assert.Equal(["0000000000000001", "0000000000000003", "0000000000000003"], answer["spans"]!.AsArray().Select(s => s!["spanId"]!.GetValue<string>()));
        Assert.Equal("00000000000000ff", Assert.Single(answer["missing"]!.AsArray())!.GetValue<string>());
        var one = await host.GetAsync("/api/v1/traces/1/spans/0000000000000002");
        Assert.Equal("0000000000000002", Assert.Single(one["spans"]!.AsArray())!["spanId"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/api/v1/traces/2", HttpStatusCode.NotFound, "id", "There is no trace 00000000000000000000000000000002")]
    [InlineData("/api/v1/traces/2/layout", HttpStatusCode.NotFound, "id", "There is no trace")]
    [InlineData("/api/v1/traces/2/otlp", HttpStatusCode.NotFound, "id", "There is no trace")]
    [InlineData("/api/v1/traces/xyz", HttpStatusCode.BadRequest, "id", "is 'xyz'; expected 1 to 32 hex digits.")]
    [InlineData("/api/v1/traces/000000000000000000000000000000001", HttpStatusCode.BadRequest, "id", "expected 1 to 32 hex digits.")]
    [InlineData("/api/v1/traces/1?limit=1", HttpStatusCode.BadRequest, "limit", "expected no parameters")]
    [InlineData("/api/v1/traces/1/spans", HttpStatusCode.BadRequest, "ids", "Parameter 'ids' is missing")]
    [InlineData("/api/v1/traces/1/spans?ids=1,2", HttpStatusCode.BadRequest, "ids", "span ids of 16 hex digits")]
    [InlineData("/api/v1/traces/1/spans/0000000000000009", HttpStatusCode.NotFound, "spanId", "has no span 0000000000000009")]
    [InlineData("/api/v1/traces/1/spans/9", HttpStatusCode.BadRequest, "spanId", "expected 16 hex digits.")]
    public async Task What_is_not_there_or_not_an_id_is_said_so(string url, HttpStatusCode status, string parameter, string detail)
    {
        await using var host = await ApiHost.StartAsync();
        host.Store.Add(Span(1, 0));
        var problem = await host.FailAsync(url, status);
        Assert.Equal(parameter, problem["parameter"]!.GetValue<string>());
        Assert.Contains(detail, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_operations_and_status_count_what_is_stored()
    {
        await using var host = await ApiHost.StartAsync(ApiHost.SomeCounts());
        host.Store.Add(
            Span(1, 0) with { Resource = NaiveResource.Of("b"), Name = "x", Kind = SpanKind.Server },
            Span(2, 1) with { Resource = NaiveResource.Of("b"), Name = "x", Kind = SpanKind.Client },
            Span(3, 1) with { Resource = NaiveResource.Of("a"), Name = "y", Start = new UnixNanos(Base + 7) });
        var services = (await host.GetAsync("/api/v1/services"))["services"]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""[{"name":"a","ordinal":0,"operationCount":1,"spanCount":1,"lastStartUnixNanos":"{{Base + 7}}"},{"name":"b","ordinal":1,"operationCount":1,"spanCount":2,"lastStartUnixNanos":"{{Base}}"}]"""), services), services.ToJsonString());
        var operations = (await host.GetAsync("/api/v1/operations?service=b"))["operations"]!.AsArray();
        Assert.Equal(["server", "client"], operations.Select(o => o!["kind"]!.GetValue<string>()));
        Assert.Equal(3, (await host.GetAsync("/api/v1/operations"))["operations"]!.AsArray().Count);
        foreach (var (list, all) in new[] { ("services", 2), ("operations", 3) })
        {
            foreach (var limit in new[] { 1, all - 1, all, all + 1, 100_000 })
            {
                var answer = await host.GetAsync($"/api/v1/{list}?limit={limit}");
                Assert.Equal((limit, Math.Min(limit, all), limit < all), (limit, answer[list]!.AsArray().Count, answer["isCut"]!.GetValue<bool>()));
            }
            foreach (var wrong in new[] { "0", "100001", "-1", "x" })
                Assert.Equal("limit", (await host.FailAsync($"/api/v1/{list}?limit={wrong}", HttpStatusCode.BadRequest))["parameter"]!.GetValue<string>());
        }
        var status = await host.GetAsync("/api/v1/status");
        Assert.Equal(3, status["store"]!["spanCount"]!.GetValue<int>());
        Assert.True(status["acceptsWrites"]!.GetValue<bool>());
        Assert.Equal(12, status["ingest"]!["acceptedSpans"]!.GetValue<int>());
        Assert.Equal(1, status["ingest"]!["rejectedSpans"]!["traceIdZero"]!.GetValue<int>());
    }

    private static List<NaiveSpan> Decode(byte[] body)
    {
        var sink = new NaiveSink();
        var report = default(DecodeReport);
        OtlpJsonDecoder.Decode(body, SpanLimits.None, ref sink, ref report);
        Assert.False(report.IsMalformed, $"{report.Malformed} at {report.MalformedAt}: {Encoding.UTF8.GetString(body)[..Math.Min(200, body.Length)]}");
        Assert.Equal(0, report.RejectedTotal);
        return sink.Spans;
    }

    private static void AssertSame(IEnumerable<NaiveSpan> expected, IEnumerable<NaiveSpan> actual) =>
        Assert.Equal(expected.OrderBy(s => s.SpanId).ThenBy(s => s.Start).ThenBy(s => s.Kind).ThenBy(s => s.Name), actual.OrderBy(s => s.SpanId).ThenBy(s => s.Start).ThenBy(s => s.Kind).ThenBy(s => s.Name));

    private static IEnumerable<long> Column(JsonNode layout, string name) => layout[name]!.AsArray().Select(v => v!.GetValue<long>());

    private static int Depth(List<NaiveRow> rows, NaiveRow row) => row.ParentRow < 0 ? 0 : 1 + Depth(rows, rows[row.ParentRow]);

    private static NaiveSpan Span(ulong id, ulong parent) => new()
    {
        TraceId = new TraceId(0, 1),
        SpanId = new SpanId(id),
        ParentSpanId = new SpanId(parent),
        Start = new UnixNanos(Base),
        End = new UnixNanos(Base + 1000),
    };
}
