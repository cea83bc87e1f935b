// What the sample shop's processes send, read back: one click, one trace, and everything in it that the waterfall is to show.
using System.Globalization;
using System.Text.Json;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

/// <summary>One demo for all tests of the class.</summary>
public sealed class CheckoutDemo : IAsyncLifetime
{
    internal DemoProcess Demo { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Demo = await DemoProcess.Start();

    public ValueTask DisposeAsync() => Demo is null ? ValueTask.CompletedTask : Demo.DisposeAsync();
}

public sealed class CheckoutTraceTests(CheckoutDemo fixture) : IClassFixture<CheckoutDemo>
{
    private readonly DemoProcess demo = fixture.Demo;

    [Fact]
    public async Task A_checkout_is_one_trace_from_the_shop_to_the_worker()
    {
        var (status, answer, traceId) = await demo.Checkout("c-101", "tok_visa");
        Assert.Equal(200, status);

        // The queue exports on its own time, like everyone else: only a real broker has no span here.
        var trace = await demo.Waymark.WaitForTrace(traceId, static trace => IsConfirmed(trace) && trace.Spans.Any(span => span is { Service: "queue", Name: "POST /queues/{queue}/messages" }));
        var root = trace.Single("shop", "POST /checkout");
        Assert.Equal("", root.ParentSpanId);
        Assert.All(trace.Spans, span => Assert.True(span == root || trace.IsBelow(span, root), $"{span.Name} is not below the root:\n{trace}"));
        string[] steps = ["Auth middleware", "Validate cart", "Charge payment", "Save order to DB", "publish order-confirmations"];
        Assert.Equal(steps, trace.Spans.Where(span => span.ParentSpanId == root.SpanId).OrderBy(span => span.Start).Select(span => span.Name));

        AssertPath(trace, ("shop", "Auth middleware"), ("shop", "GET"), ("auth", "GET /session"));
        AssertPath(trace, ("shop", "Validate cart"), ("shop", "POST"), ("cart", "POST /validations"), ("cart", "Inventory lookup"), ("cart", "SELECT inventory"));
        AssertPath(trace, ("shop", "Charge payment"), ("shop", "POST"), ("payments", "POST /charges"), ("payments", "Authorize card"), ("payments", "POST"), ("card-provider", "POST /authorizations"));
        AssertPath(trace, ("shop", "Save order to DB"), ("shop", "POST"), ("orders", "POST /orders"), ("orders", "INSERT orders"));
        AssertPath(trace, ("shop", "publish order-confirmations"), ("shop", "POST"), ("queue", "POST /queues/{queue}/messages"));
        AssertPath(trace, ("shop", "publish order-confirmations"), ("worker", "process order-confirmations"), ("worker", "Send confirmation"));
        AssertPath(trace, ("worker", "process order-confirmations"), ("worker", "PUT"), ("orders", "PUT /orders/{id}/confirmation"), ("orders", "UPDATE orders"));
        Assert.Equal(2, trace.Spans.Count(span => span is { Service: "cart", Name: "Inventory lookup" }));
        Assert.Equal(2, trace.Spans.Count(span => span is { Service: "orders", Name: "INSERT order_lines" }));
        Assert.All(trace.Spans, span => Assert.Equal(0, span.StatusCode));
        Assert.Equal(answer.GetProperty("order").GetProperty("id").GetString(), root.Attributes["order.id"]["string:".Length..]);
    }

    [Fact]
    public async Task Its_spans_carry_what_one_asks_for()
    {
        var (_, answer, traceId) = await demo.Checkout("c-101", "tok_visa");
        var trace = await demo.Waymark.WaitForTrace(traceId, IsConfirmed);
        var orderId = "string:" + answer.GetProperty("order").GetProperty("id").GetString();
        var root = trace.Single("shop", "POST /checkout");
        AssertAttributes(root, ("order.id", orderId), ("order.items_count", "int:3"), ("order.total", "double:40.9"), ("customer.id", "string:c-101"),
            ("customer.tier", "string:gold"), ("customer.region", "string:eu-west"), ("http.route", "string:/checkout"), ("http.request.method", "string:POST"),
            ("http.response.status_code", "int:200"), ("url.path", "string:/checkout"));
        Assert.Equal(2, root.Kind);
        Assert.Equal(orderId, Assert.Single(root.Events, e => e.Name == "order placed").Attributes["order.id"]);

        AssertAttributes(trace.Single("payments", "POST /charges"), ("order.id", orderId), ("customer.tier", "string:gold"), ("customer.region", "string:eu-west"), ("http.route", "string:/charges"));
        var insert = trace.Single("orders", "INSERT orders");
        Assert.Equal(3, insert.Kind);
        AssertAttributes(insert, ("db.system.name", "string:sqlite"), ("db.namespace", "string:orders"), ("db.operation.name", "string:INSERT"), ("db.collection.name", "string:orders"), ("db.query.summary", "string:INSERT orders"));
        Assert.StartsWith("string:INSERT INTO orders", insert.Attributes["db.query.text"], StringComparison.Ordinal);

        var (sent, processed) = (trace.Single("shop", "publish order-confirmations"), trace.Single("worker", "process order-confirmations"));
        Assert.Equal((4, 5), (sent.Kind, processed.Kind));
        AssertAttributes(sent, ("messaging.destination.name", "string:order-confirmations"), ("messaging.operation.type", "string:send"));
        AssertAttributes(processed, ("messaging.operation.type", "string:process"), ("messaging.message.id", sent.Attributes["messaging.message.id"]));
        AssertAttributes(trace.Single("worker", "Send confirmation"), ("order.id", orderId), ("customer.id", "string:c-101"));
        Assert.All(trace.Spans, span => Assert.Equal("string:1.4.0", span.Resource["service.version"]));
        Assert.All(trace.Spans, span => Assert.Equal("string:checkout", span.Resource["service.namespace"]));
        // The bottleneck: more than a tenth of a second of it is the provider's own.
        var provider = trace.Single("card-provider", "POST /authorizations");
        Assert.True(provider.End - provider.Start > 100_000_000, trace.ToString());
    }

    [Fact]
    public async Task A_declined_card_is_an_exception_where_it_happened_and_an_error_where_it_matters()
    {
        var (status, answer, traceId) = await demo.Checkout("c-103", "tok_declined");
        Assert.Equal(402, status);
        Assert.Equal("card_declined", answer.GetProperty("refusal").GetProperty("code").GetString());

        var trace = await demo.Waymark.WaitForTrace(traceId, trace => trace.Spans.Any(span => span.Name == "POST /checkout") && trace.Spans.Any(span => span is { Service: "card-provider" })
            && trace.Spans.Any(span => span.Name == "POST /charges"));
        var authorize = trace.Single("payments", "Authorize card");
        var declined = Assert.Single(authorize.Events, e => e.Name == "exception");
        Assert.Equal("string:Checkout.Payments.CardDeclinedException", declined.Attributes["exception.type"]);
        Assert.Equal("string:The card has insufficient funds.", declined.Attributes["exception.message"]);
        Assert.Contains("   at Checkout.Payments.CardCharger.AuthorizeAsync", declined.Attributes["exception.stacktrace"], StringComparison.Ordinal);
        Assert.Contains("CardCharger.cs:line", declined.Attributes["exception.stacktrace"], StringComparison.Ordinal);
        AssertAttributes(authorize, ("error.type", "string:Checkout.Payments.CardDeclinedException"), ("payment.decline_code", "string:insufficient_funds"));

        foreach (var failed in new[] { authorize, trace.Single("shop", "Charge payment") }) Assert.Equal((2, "The card has insufficient funds."), (failed.StatusCode, failed.StatusMessage));
        Assert.Equal("string:card_declined", trace.Single("shop", "Charge payment").Attributes["error.type"]);
        // A server that answers 402 has not failed: its span has no status.
        foreach (var (service, name) in new[] { ("payments", "POST /charges"), ("shop", "POST /checkout"), ("card-provider", "POST /authorizations") })
        {
            Assert.Equal(0, trace.Single(service, name).StatusCode);
            Assert.Equal("int:402", trace.Single(service, name).Attributes["http.response.status_code"]);
        }

        Assert.DoesNotContain(trace.Spans, span => span.Service is "orders" or "queue" or "worker" || span.Name == "Save order to DB");
    }

    [Fact]
    public async Task Something_sold_out_ends_at_the_cart()
    {
        var (status, answer, traceId) = await demo.Checkout("c-104", "tok_visa", [new { sku = "clock-wall", quantity = 1 }]);
        Assert.Equal(409, status);
        Assert.Equal("out_of_stock", answer.GetProperty("refusal").GetProperty("code").GetString());

        var trace = await demo.Waymark.WaitForTrace(traceId, trace => trace.Spans.Any(span => span.Name == "POST /checkout") && trace.Spans.Any(span => span.Name == "POST /validations"));
        var validate = trace.Single("shop", "Validate cart");
        Assert.Equal((2, "Wall clock is sold out."), (validate.StatusCode, validate.StatusMessage));
        Assert.DoesNotContain(trace.Spans, span => span.Name == "Charge payment");
    }

    [Fact]
    public async Task Recommendations_ask_once_per_product()
    {
        var (status, traceId) = await demo.Get("/recommendations", "c-105");
        Assert.Equal(200, status);

        var trace = await demo.Waymark.WaitForTrace(traceId, trace => trace.Spans.Any(span => span is { Service: "shop", Name: "GET /recommendations" }) && trace.Spans.Any(span => span.Name == "GET /recommendations/{customer}"));
        var page = trace.Single("cart", "GET /recommendations/{customer}");
        var queries = trace.Spans.Where(span => span.Name == "SELECT products").OrderBy(span => span.Start).ToList();
        Assert.Equal(15, queries.Count);
        Assert.All(queries, query => Assert.Equal(page.SpanId, query.ParentSpanId));
        Assert.All(queries.Zip(queries.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
    }

    [Fact]
    public async Task A_bug_is_an_exception_on_the_server_span_and_an_error_up_to_the_root()
    {
        var (status, traceId) = await demo.Get("/recommendations", "c-112");
        Assert.Equal(500, status);

        var trace = await demo.Waymark.WaitForTrace(traceId, trace => trace.Spans.Any(span => span is { Service: "shop", Name: "GET /recommendations" }) && trace.Spans.Any(span => span.Name == "GET /recommendations/{customer}"));
        var broken = trace.Single("cart", "GET /recommendations/{customer}");
        Assert.Equal(2, broken.StatusCode);
        AssertAttributes(broken, ("error.type", "string:System.InvalidOperationException"), ("http.response.status_code", "int:500"));
        var exception = Assert.Single(broken.Events, e => e.Name == "exception");
        Assert.Equal("string:Product mug-2019 has no price.", exception.Attributes["exception.message"]);
        Assert.Contains("Checkout.Cart.Recommendations.ReadProduct", exception.Attributes["exception.stacktrace"], StringComparison.Ordinal);
        Assert.Equal(2, trace.Single("shop", "GET /recommendations").StatusCode);
    }

    [Fact]
    public async Task Waiting_at_the_queue_and_health_checks_leave_no_trace()
    {
        var (_, _, traceId) = await demo.Checkout("c-106", "tok_visa");
        await demo.Waymark.WaitForTrace(traceId, IsConfirmed);
        Assert.Equal("", await demo.GetText("/health"));
        await Task.Delay(TimeSpan.FromSeconds(1.5));

        var list = await demo.Waymark.GetJson("/api/v1/traces?limit=200");
        var roots = list.GetProperty("traces").EnumerateArray().Select(trace => trace.GetRawText()).ToList();
        Assert.NotEmpty(roots);
        Assert.DoesNotContain(roots, root => root.Contains("/receive", StringComparison.Ordinal) || root.Contains("/health", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_knows_where_traces_go_and_where_to_look_at_them()
    {
        var page = await demo.GetText("/");
        var start = page.IndexOf("id=\"configuration\">", StringComparison.Ordinal) + "id=\"configuration\">".Length;
        var configuration = JsonSerializer.Deserialize<JsonElement>(page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)]);

        Assert.Equal(demo.Waymark.Http, new Uri(configuration.GetProperty("waymark").GetString()!));
        using var client = new HttpClient();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, new Uri(new Uri(configuration.GetProperty("otlp").GetString()!), "/v1/traces"));
        preflight.Headers.Add("Origin", demo.Shop.GetLeftPart(UriPartial.Authority));
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type");
        using var answer = await client.SendAsync(preflight);
        Assert.Equal(demo.Shop.GetLeftPart(UriPartial.Authority), Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("click Buy", await demo.GetText("/page/app.js"), StringComparison.Ordinal);
    }

    internal static bool IsConfirmed(StoredTrace trace) =>
        trace.Spans.Any(span => span.Name == "POST /checkout") && trace.Spans.Any(span => span.Name == "process order-confirmations") && trace.Spans.Any(span => span.Name == "UPDATE orders")
        && trace.Spans.Any(span => span.Name == "POST /charges") && trace.Spans.Any(span => span.Name == "POST /validations") && trace.Spans.Any(span => span.Service == "auth")
        && trace.Spans.Any(span => span.Name == "POST /authorizations") && trace.Spans.Any(span => span.Name == "POST /orders") && trace.Spans.Any(span => span.Name.StartsWith("PUT /orders", StringComparison.Ordinal));

    /// <summary>Somewhere in the trace there is a span, a child of it, a child of that, and so on, with these services and names.</summary>
    internal static void AssertPath(StoredTrace trace, params (string Service, string Name)[] path)
    {
        var found = trace.Spans.Where(span => (span.Service, span.Name) == path[0]).Select(span => span.SpanId).ToHashSet();
        foreach (var step in path.Skip(1)) found = trace.Spans.Where(span => (span.Service, span.Name) == step && found.Contains(span.ParentSpanId)).Select(span => span.SpanId).ToHashSet();
        Assert.True(found.Count > 0, $"No path {string.Join(" → ", path)} in\n{trace}");
    }

    private static void AssertAttributes(StoredSpan span, params (string Key, string Value)[] expected)
    {
        foreach (var (key, value) in expected) Assert.True(span.Attributes.TryGetValue(key, out var found) && found == value, string.Create(CultureInfo.InvariantCulture, $"{span.Name}: {key} is {span.Attributes.GetValueOrDefault(key)}, not {value}"));
    }
}
