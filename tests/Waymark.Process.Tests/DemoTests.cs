// ./run --demo as somebody uses it: it starts, customers come, a release goes out, and afterwards nothing is left.
using System.Net;
using System.Net.Sockets;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed class DemoTests
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_says_where_to_look_and_what_will_happen()
    {
        await using var demo = await DemoProcess.Start("--demo-release-after", "180");

        Assert.Contains($"Shop       {demo.Shop}", demo.Child.Output, StringComparison.Ordinal);
        Assert.Contains($"Waymark    {demo.Waymark.Http}", demo.Child.Output, StringComparison.Ordinal);
        Assert.Contains("In 3 minutes a release makes gold-tier payments in eu-west 10× slower. Find it.", demo.Child.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_it_is_stopped_nothing_is_left()
    {
        await using var demo = await DemoProcess.Start("--demo-rate", "5");
        var processes = DemoProcess.Descendants(demo.Child.Id);
        var folder = TemporaryFolderOf(demo);
        Assert.True(Directory.Exists(folder), folder);
        // Nine of the shop, the server, and the one that watches over it.
        Assert.Equal(11, processes.Count);

        Assert.Equal(0, await demo.Stop());

        Assert.DoesNotContain(processes, DemoProcess.IsRunning);
        Assert.False(Directory.Exists(folder), folder);
    }

    [Fact]
    public async Task When_it_is_killed_nothing_runs_on()
    {
        await using var demo = await DemoProcess.Start();
        var processes = DemoProcess.Descendants(demo.Child.Id);
        var folder = TemporaryFolderOf(demo);

        await demo.Child.Kill();

        var limit = Task.Delay(StopLimit);
        while (processes.Exists(DemoProcess.IsRunning) && !limit.IsCompleted) await Task.Delay(100);
        Assert.DoesNotContain(processes, DemoProcess.IsRunning);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task When_a_service_dies_it_says_which_and_ends()
    {
        await using var demo = await DemoProcess.Start();
        var processes = DemoProcess.Descendants(demo.Child.Id);
        using (var orders = System.Diagnostics.Process.GetProcessById(processes.Single(process => process.Program.EndsWith("Checkout.Orders", StringComparison.Ordinal)).Id)) orders.Kill();

        Assert.Equal(1, await demo.Child.WaitForExit(StopLimit));

        Assert.Contains("orders ended with code", demo.Child.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(processes, DemoProcess.IsRunning);
    }

    [Fact]
    public async Task A_port_in_use_is_said_plainly()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, _, errors) = await ChildProcess.Run(Path.Combine(Repository.Root, "run"), DemoProcess.Arguments("--otlp-http", $"127.0.0.1:{port}"), Repository.Root, StopLimit);

        Assert.Equal(1, code);
        Assert.Contains($"Port {port} on 127.0.0.1 is in use by another program.", errors, StringComparison.Ordinal);
        Assert.Contains("--otlp-http", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_release_makes_gold_payments_in_eu_west_ten_times_slower_and_no_others_and_fails_no_request()
    {
        await using var demo = await DemoProcess.Start("--demo-release-after", "8", "--demo-rate", "8");
        var (_, _, before) = await demo.Checkout("c-101", "tok_visa");
        Assert.Equal("string:1.4.0", (await Payment(demo, before)).Resource["service.version"]);

        await demo.Child.WaitForLine("A release went out.", StopLimit);

        foreach (var (customer, isSlow) in new[] { ("c-101", true), ("c-102", false), ("c-103", false) })
        {
            var (status, _, traceId) = await demo.Checkout(customer, "tok_visa");
            Assert.Equal(200, status);
            var payment = await Payment(demo, traceId);
            Assert.Equal("string:1.5.0", payment.Resource["service.version"]);
            Assert.Equal(isSlow, payment.End - payment.Start > 1_000_000_000);
        }

        var list = await demo.Waymark.GetJson("/api/v1/traces?limit=1000&service=shop&operation=POST%20%2Fcheckout&status=error");
        Assert.Empty(list.GetProperty("traces").EnumerateArray());
        var all = await demo.Waymark.GetJson("/api/v1/traces?limit=1000&service=shop");
        Assert.True(all.GetProperty("traces").GetArrayLength() > 20, all.GetRawText());
    }

    [Fact]
    public async Task With_RabbitMQ_the_trace_goes_on_at_the_worker_as_well()
    {
        await using var broker = await RabbitServer.StartOrSkip();
        await using var demo = await DemoProcess.Start("--rabbitmq", broker.Address);

        var (status, _, traceId) = await demo.Checkout("c-108", "tok_visa");
        Assert.Equal(200, status);

        var trace = await demo.Waymark.WaitForTrace(traceId, CheckoutTraceTests.IsConfirmed);
        CheckoutTraceTests.AssertPath(trace, ("shop", "POST /checkout"), ("shop", "publish order-confirmations"), ("worker", "process order-confirmations"), ("worker", "Send confirmation"));
        Assert.Equal("string:rabbitmq", trace.Single("worker", "process order-confirmations").Attributes["messaging.system"]);
        Assert.DoesNotContain(trace.Spans, span => span.Service == "queue");
        Assert.DoesNotContain(DemoProcess.Descendants(demo.Child.Id), process => process.Program.EndsWith("Checkout.Queue", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--demo-rate", "many")]
    [InlineData("--demo-release-after", "soon")]
    [InlineData("--demo-shop", "99999")]
    [InlineData("--rabbitmq", "http://127.0.0.1/")]
    public async Task A_wrong_option_is_said_before_anything_starts(string option, string value)
    {
        var (code, output, errors) = await ChildProcess.Run(Path.Combine(Repository.Root, "run"), ["--demo", option, value], Repository.Root, StopLimit);

        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.StartsWith(option + " takes ", errors, StringComparison.Ordinal);
    }

    private static async Task<StoredSpan> Payment(DemoProcess demo, string traceId) =>
        (await demo.Waymark.WaitForTrace(traceId, trace => trace.Spans.Any(span => span.Name == "POST /charges"))).Single("payments", "POST /charges");

    private static string TemporaryFolderOf(DemoProcess demo)
    {
        const string Before = "Traces are in ";
        var line = demo.Child.Output.Split('\n').Single(line => line.Contains(Before, StringComparison.Ordinal));
        return line[(line.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..].Split(' ')[0];
    }
}
