// A real application: samples/node as two processes with its own OpenTelemetry set-up, sending to the real server.
using System.Net.Http.Json;
using System.Text.Json;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed class NodeSampleTests : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient client = new();
    private WaymarkProcess waymark = null!;
    private ChildProcess? payments;
    private ChildProcess? shop;
    private Uri shopAddress = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.True(Directory.Exists(Path.Combine(Repository.Root, "samples", "node", "node_modules")), "samples/node is not installed: run npm ci there.");
        waymark = await WaymarkProcess.Start();
        payments = StartService("payments");
        var paymentsAddress = await payments.WaitForLine("listening ", StartLimit);
        shop = StartService("shop", ("PAYMENTS_URL", paymentsAddress));
        shopAddress = new Uri(await shop.WaitForLine("listening ", StartLimit));
    }

    public async ValueTask DisposeAsync()
    {
        if (shop is not null) await shop.DisposeAsync();
        if (payments is not null) await payments.DisposeAsync();
        if (waymark is not null) await waymark.DisposeAsync();
        client.Dispose();
    }

    [Fact]
    public async Task An_order_that_goes_through_comes_back_as_one_whole_trace_of_both_services()
    {
        var (status, traceId) = await Checkout("A-1", price: 12.45, quantity: 2);
        Assert.Equal(200, status);

        var trace = await waymark.WaitForTrace(traceId, IsWhole);
        var root = trace.Single("shop", "POST /checkout");
        var order = trace.Single("shop", "place order");
        var call = trace.Single("shop", "charge card");
        var charge = trace.Single("payments", "POST /charge");
        var authorize = trace.Single("payments", "authorize");

        Assert.Equal("", root.ParentSpanId);
        Assert.Equal(2, root.Kind);
        Assert.True(trace.IsBelow(order, root), trace.ToString());
        Assert.Equal(order.SpanId, call.ParentSpanId);
        Assert.Equal(3, call.Kind);
        Assert.Equal(call.SpanId, charge.ParentSpanId);
        Assert.True(trace.IsBelow(authorize, charge), trace.ToString());
        Assert.All(trace.Spans, span => Assert.True(span.SpanId == root.SpanId || trace.IsBelow(span, root), $"{span.Name} is not below the root:\n{trace}"));
        Assert.All(trace.Spans, span => Assert.Equal(traceId, span.TraceId));
        Assert.All(trace.Spans, span => Assert.True(span.Start > 0 && span.End >= span.Start, span.Name));
        Assert.Equal(trace.Spans.Count, trace.Spans.Select(span => span.SpanId).Distinct().Count());

        Assert.Equal("string:A-1", order.Attributes["order.id"]);
        Assert.Equal("int:1", order.Attributes["order.items_count"]);
        Assert.Equal("double:24.9", order.Attributes["order.total"]);
        Assert.Equal("bool:false", order.Attributes["order.express"]);
        Assert.Equal("array:[string:tea]", order.Attributes["order.skus"]);
        Assert.Equal(1, order.StatusCode);
        Assert.Equal("string:R-A-1", Assert.Single(order.Events, e => e.Name == "order placed").Attributes["receipt.id"]);
        Assert.Equal("int:200", call.Attributes["http.response.status_code"]);
        Assert.Equal("shop", order.Scope);
        Assert.Equal("string:web", trace.Single("shop", "request handler - /checkout").Attributes["order.channel"]);
        Assert.Equal("string:nodejs", root.Resource["telemetry.sdk.language"]);
        Assert.StartsWith("int:", root.Resource["process.pid"], StringComparison.Ordinal);
        Assert.StartsWith("array:[", root.Resource["process.command_args"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_declined_order_comes_back_with_its_exceptions_and_error_states()
    {
        var (status, traceId) = await Checkout("A-2", price: 612.5, quantity: 1);
        Assert.Equal(402, status);

        var trace = await waymark.WaitForTrace(traceId, IsWhole);
        const string Reason = "card declined: 612.5 is above the limit of 500";
        var order = trace.Single("shop", "place order");
        var authorize = trace.Single("payments", "authorize");

        foreach (var span in new[] { order, trace.Single("shop", "charge card"), authorize })
        {
            Assert.Equal(2, span.StatusCode);
            Assert.Equal(Reason, span.StatusMessage);
        }

        var declined = Assert.Single(authorize.Events, e => e.Name == "exception");
        Assert.Equal("string:RangeError", declined.Attributes["exception.type"]);
        Assert.Equal("string:" + Reason, declined.Attributes["exception.message"]);
        Assert.Contains("payments.js", declined.Attributes["exception.stacktrace"], StringComparison.Ordinal);
        Assert.InRange(declined.Time, authorize.Start, authorize.End);
        Assert.Equal("string:" + Reason, Assert.Single(order.Events, e => e.Name == "exception").Attributes["exception.message"]);
        Assert.Equal(0, trace.Single("payments", "POST /charge").StatusCode);
        Assert.Equal("int:402", trace.Single("payments", "POST /charge").Attributes[ResponseStatusKey(trace.Single("payments", "POST /charge"))]);
    }

    /// <summary>The instrumentation has used two names for it over the years.</summary>
    private static string ResponseStatusKey(StoredSpan span) =>
        span.Attributes.ContainsKey("http.response.status_code") ? "http.response.status_code" : "http.status_code";

    private static bool IsWhole(StoredTrace trace) =>
        trace.Spans.Any(span => span is { Service: "shop", Name: "POST /checkout" }) && trace.Spans.Any(span => span is { Service: "payments", Name: "POST /charge" });

    private async Task<(int Status, string TraceId)> Checkout(string orderId, double price, int quantity)
    {
        var order = new { id = orderId, card = "4242424242424242", items = new[] { new { sku = "tea", price, quantity } } };
        using var response = await client.PostAsJsonAsync(new Uri(shopAddress, "/checkout"), order);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return ((int)response.StatusCode, answer.GetProperty("traceId").GetString()!);
    }

    private ChildProcess StartService(string name, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = waymark.OtlpHttp.GetLeftPart(UriPartial.Authority),
            ["OTEL_SERVICE_NAME"] = name,
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["PORT"] = "0",
        };
        foreach (var (key, value) in more) environment[key] = value;
        return ChildProcess.Start("node", ["--require", "./tracing.js", name + ".js"], Path.Combine(Repository.Root, "samples", "node"), environment);
    }
}
