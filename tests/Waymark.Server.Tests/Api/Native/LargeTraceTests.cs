// A very large trace is answered at the pace of the client, without an object per span.
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Server.Api.Native;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Native;

/// <summary>Runs alone: it counts what the whole process allocates.</summary>
[CollectionDefinition(nameof(LargeTraceTests), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(LargeTraceTests))]
public sealed class LargeTraceTests
{
    private const int Spans = 30_000;
    private static readonly OneBlock Store = new(MakeBlock());

    [Theory]
    [InlineData("", 450 * Spans, 0)]
    [InlineData("/layout", 50 * Spans, 100)] // Row columns of its own: depth and two of text codes; times, clocks, self and critical time of the analysis, and its path.
    [InlineData("/otlp", 400 * Spans, 0)]
    public async Task A_large_trace_is_streamed_in_bounded_memory(string part, int leastBytes, int allocatedPerSpan)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ITraceStore>(Store);
        await using var app = builder.Build();
        app.MapNativeApi();
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var buffer = new byte[64 * 1024];
        var url = $"/api/v1/traces/1{part}";
        await ReadAsync(http, url, buffer);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var length = await ReadAsync(http, url, buffer);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(length > leastBytes, $"{length} bytes");
        Assert.True(allocated < 3_000_000 + ((long)allocatedPerSpan * Spans), $"{allocated} bytes allocated, {allocated / (double)Spans} per span");
        await app.StopAsync();
    }

    private static async Task<long> ReadAsync(HttpClient http, string url, byte[] buffer)
    {
        using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var body = await response.Content.ReadAsStreamAsync();
        var length = 0L;
        for (var read = 1; read > 0; length += read) read = await body.ReadAsync(buffer);
        return length;
    }

    private static SpanBlock MakeBlock()
    {
        var resources = Enumerable.Range(0, 5).Select(i => NaiveResource.Of($"service-{i}")).ToList();
        return Blocks.From(Enumerable.Range(1, Spans).Select(i => new NaiveSpan
        {
            TraceId = new TraceId(0, 1),
            SpanId = new SpanId((ulong)i),
            ParentSpanId = new SpanId((ulong)(i / 8)),
            Start = new UnixNanos(1_767_225_600_000_000_000 + (i * 1000L)),
            End = new UnixNanos(1_767_225_600_000_000_000 + (i * 3000L)),
            Name = $"operation {i % 50}",
            Kind = (SpanKind)(i % 6),
            Attributes = [NaiveAttribute.Text("request.id", $"id-{i}"), NaiveAttribute.Int("n", i), NaiveAttribute.Double("d", i / 7.0), NaiveAttribute.Bool("b", i % 2 == 0)],
            Resource = resources[i % resources.Count],
        }));
    }

    /// <summary>Answers with one block that is there already, so that only the answer's own memory counts.</summary>
    private sealed class OneBlock(SpanBlock block) : ITraceStore
    {
        public ValueTask<SpanBlock?> FindTraceAsync(TraceId id, SpanSelection selection, CancellationToken cancellation) => new(block);

        public IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<SpanMeasurement> MeasureAsync(SpanMeasure measure, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public int OrdinalOf(string service) => 0;

        public StoreStatus GetStatus() => throw new NotSupportedException();
    }
}
