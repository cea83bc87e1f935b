// Tempo's API over HTTP, as Grafana calls it: routes, statuses, encodings and what is refused.
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Server.Api;
using Waymark.Server.Api.Tempo;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Tempo;

/// <summary>The Tempo dialect over a real socket, on the naive store.</summary>
public sealed class TempoApiTests : IAsyncLifetime
{
    private readonly FixedStore store = new();
    private WebApplication? app;
    private HttpClient http = new();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddSingleton<ITraceStore>(store);
        app = builder.Build();
        app.UseRouting();
        app.MapGroup("/tempo").MapTempoApi();
        await app.StartAsync();
        http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (app is not null) await app.DisposeAsync();
    }

    [Fact]
    public async Task Echo_echoes() => Assert.Equal("echo", await http.GetStringAsync("/tempo/api/echo"));

    [Theory]
    [InlineData("/tempo/api/traces/")]
    [InlineData("/tempo/api/v2/traces/")]
    public async Task A_trace_that_is_not_there_is_404_and_an_id_that_is_none_400(string route)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(route + "4bf92f3577b34da6a3ce929d0e0e4736")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(route + "1")).StatusCode);
        foreach (var id in (string[])["xyz", "4bf92f3577b34da6a3ce929d0e0e47361", "0x12", "%20", "-1"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(route + id)).StatusCode);
        }
    }

    [Theory]
    [InlineData("start=0&end=0", HttpStatusCode.OK)]
    [InlineData("start=1763810000&end=1763813600", HttpStatusCode.OK)]
    [InlineData("start=&end=", HttpStatusCode.OK)]
    [InlineData("start=yesterday", HttpStatusCode.BadRequest)]
    [InlineData("end=-5", HttpStatusCode.BadRequest)]
    [InlineData("start=10&end=5", HttpStatusCode.BadRequest)]
    public async Task Times_are_checked_but_hide_nothing(string query, HttpStatusCode status)
    {
        var trace = store.Add(new RandomSpans(1).Trace());
        Assert.Equal(status, (await http.GetAsync($"/tempo/api/v2/traces/{trace}?{query}")).StatusCode);
    }

    [Fact]
    public async Task A_short_id_is_padded_on_the_left()
    {
        store.Add([.. new RandomSpans(2).Trace().Select(s => s with { TraceId = new TraceId(0, 0xabc) })]);
        foreach (var id in (string[])["abc", "ABC", "0000000000000abc", "00000000000000000000000000000abc"])
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/tempo/api/traces/" + id)).StatusCode);
        }
    }

    [Fact]
    public async Task The_second_version_in_json_is_otlp_inside_an_envelope()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var spans = new RandomSpans(seed).Trace();
            var trace = store.Add(spans);
            var response = await http.GetAsync($"/tempo/api/v2/traces/{trace}");
            Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
            Assert.Equal(["trace", "metrics", "status", "message"], document.RootElement.EnumerateObject().Select(p => p.Name));
            Assert.Equal("COMPLETE", document.RootElement.GetProperty("status").GetString());
            var inner = System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetProperty("trace").GetRawText());
            AssertSame(spans, Decode(BodyKind.OtlpJson, inner));
        }
    }

    [Fact]
    public async Task The_first_version_in_json_has_batches_with_ids_in_base64()
    {
        var spans = new RandomSpans(3).Trace();
        var trace = store.Add(spans);
        using var document = JsonDocument.Parse(await http.GetByteArrayAsync($"/tempo/api/traces/{trace}"));
        Assert.Equal(["batches"], document.RootElement.EnumerateObject().Select(p => p.Name));
        var sent = document.RootElement.GetProperty("batches").EnumerateArray()
            .SelectMany(batch => batch.GetProperty("scopeSpans").EnumerateArray())
            .SelectMany(scope => scope.GetProperty("spans").EnumerateArray()).ToList();
        Assert.Equal(spans.Count, sent.Count);
        Assert.All(sent, span => Assert.Equal(trace, TraceId.Read(span.GetProperty("traceId").GetBytesFromBase64())));
        Assert.Equal(spans.Select(s => s.SpanId).Order(), sent.Select(span => SpanId.Read(span.GetProperty("spanId").GetBytesFromBase64())).Order());
    }

    [Fact]
    public async Task Both_versions_in_protobuf_hold_the_whole_trace()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var spans = new RandomSpans(seed).Trace();
            var trace = store.Add(spans);
            AssertSame(spans, Decode(BodyKind.OtlpProtobuf, await GetProtobufAsync($"/tempo/api/traces/{trace}")));
            var envelope = Envelope.Read(await GetProtobufAsync($"/tempo/api/v2/traces/{trace}"));
            AssertSame(spans, Decode(BodyKind.OtlpProtobuf, envelope.Trace));
            Assert.Equal((0UL, ""), (envelope.Status, envelope.Message));
        }
    }

    [Fact]
    public async Task A_trace_of_which_a_part_is_lost_is_partial_and_says_why()
    {
        var spans = new RandomSpans(4).Trace();
        var trace = store.Add(spans, isPartial: true);
        using var document = JsonDocument.Parse(await http.GetByteArrayAsync($"/tempo/api/v2/traces/{trace}"));
        Assert.Equal("PARTIAL", document.RootElement.GetProperty("status").GetString());
        var envelope = Envelope.Read(await GetProtobufAsync($"/tempo/api/v2/traces/{trace}"));
        Assert.Equal(1UL, envelope.Status);
        Assert.Equal(document.RootElement.GetProperty("message").GetString(), envelope.Message);
        Assert.NotEqual("", envelope.Message);
        AssertSame(spans, Decode(BodyKind.OtlpProtobuf, envelope.Trace));
    }

    [Fact]
    public async Task A_trace_of_many_pieces_comes_back_whole_in_every_form()
    {
        // Three pieces, the last of them short.
        var count = 2 * TracePieces.SpansPerPiece + 17;
        var source = new RandomSpans(5) { Oddity = 0 };
        var traceId = new TraceId(1, 2);
        var spans = Enumerable.Range(1, count).Select(i => source.Span() with { TraceId = traceId, SpanId = new SpanId((ulong)i), ParentSpanId = default }).ToList();
        store.Add(spans);
        AssertSame(spans, Decode(BodyKind.OtlpProtobuf, await GetProtobufAsync($"/tempo/api/traces/{traceId}")));
        AssertSame(spans, Decode(BodyKind.OtlpProtobuf, Envelope.Read(await GetProtobufAsync($"/tempo/api/v2/traces/{traceId}")).Trace));
        using var document = JsonDocument.Parse(await http.GetByteArrayAsync($"/tempo/api/v2/traces/{traceId}"));
        AssertSame(spans, Decode(BodyKind.OtlpJson, System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetProperty("trace").GetRawText())));
    }

    private async Task<byte[]> GetProtobufAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/protobuf"));
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/protobuf", response.Content.Headers.ContentType!.ToString());
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static List<NaiveSpan> Decode(BodyKind kind, byte[] body)
    {
        var sink = new NaiveSink();
        var report = default(DecodeReport);
        new OtlpBodyDecoder().Decode(kind, body, SpanLimits.None, ref sink, ref report);
        Assert.False(report.IsMalformed, $"{report.Malformed} at {report.MalformedAt}");
        Assert.Equal(0, report.RejectedTotal);
        return sink.Spans;
    }

    private static void AssertSame(List<NaiveSpan> expected, List<NaiveSpan> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        var byIdentity = expected.ToDictionary(s => s.Identity);
        Assert.All(actual, span => Assert.Equal(byIdentity[span.Identity], span));
    }

    /// <summary><c>tempopb.TraceByIDResponse</c>, read by hand.</summary>
    private sealed record Envelope(byte[] Trace, ulong Status, string Message)
    {
        public static Envelope Read(byte[] bytes)
        {
            var at = 0;
            byte[]? trace = null;
            var (status, message, metrics) = (0UL, "", -1);
            while (at < bytes.Length)
            {
                var tag = Varint(bytes, ref at);
                var value = Varint(bytes, ref at);
                if (tag == 3 << 3)
                {
                    status = value;
                    continue;
                }
                var content = bytes.AsSpan(at, checked((int)value)).ToArray();
                at += content.Length;
                if (tag == (1 << 3 | 2)) trace = content;
                else if (tag == (2 << 3 | 2)) metrics = content.Length;
                else if (tag == (4 << 3 | 2)) message = System.Text.Encoding.UTF8.GetString(content);
                else Assert.Fail($"Unexpected tag {tag}.");
            }
            Assert.NotNull(trace);
            Assert.Equal(0, metrics);
            return new Envelope(trace, status, message);
        }

        private static ulong Varint(byte[] bytes, ref int at)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = bytes[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }
    }

    /// <summary>A store of blocks made beforehand.</summary>
    private sealed class FixedStore : ITraceStore
    {
        private readonly Dictionary<TraceId, SpanBlock> blocks = [];

        public TraceId Add(List<NaiveSpan> spans, bool isPartial = false)
        {
            var block = Blocks.From(spans);
            block.Traces[0] = block.Traces[0] with { IsPartial = isPartial };
            blocks[spans[0].TraceId] = block;
            return spans[0].TraceId;
        }

        public ValueTask<SpanBlock?> FindTraceAsync(TraceId id, SpanSelection selection, CancellationToken cancellation) => new(blocks.GetValueOrDefault(id));

        public IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<SpanMeasurement> MeasureAsync(SpanMeasure measure, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public int OrdinalOf(string service) => 0;

        public StoreStatus GetStatus() => throw new NotSupportedException();
    }
}
