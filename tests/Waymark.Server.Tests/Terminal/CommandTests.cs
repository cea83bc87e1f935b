// The commands that ask a server (`trace`, `traces`), against a real one on a free port.
using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Server.Api.Native;
using Waymark.Server.Commands;
using Waymark.Server.Terminal;
using Waymark.Testing;

namespace Waymark.Server.Tests.Terminal;

/// <summary>The commands against the real native API over a socket.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly NaiveStore store = new();
    private WebApplication? app;
    private string server = "";

    public async ValueTask InitializeAsync() => (app, server) = await StartAsync(routes => routes.MapNativeApi());

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
    }

    [Fact]
    public async Task A_trace_is_drawn_from_the_servers_answer()
    {
        store.Add(Span(1, 0, "frontend", "POST /checkout", 0, 900), Span(2, 1, "payments", "charge\u001b[31m", 100, 700) with { Status = StatusCode.Error, StatusMessage = "card declined" });
        var (exit, output, error) = await RunAsync("trace", "4bf92f3577b34da6a3ce929d0e0e4736");
        Assert.Equal((ExitCodes.Ok, ""), (exit, error));
        Assert.Contains("frontend · POST /checkout", output, StringComparison.Ordinal);
        Assert.Contains("2 spans · 2 services · ✗ 1 error", output, StringComparison.Ordinal);
        Assert.Contains("→ 78% (700 µs of 900 µs) waits for payments · charge␛[31m,", output, StringComparison.Ordinal);
        Assert.Contains("┗━ ✗ charge␛[31m", output, StringComparison.Ordinal);
        Assert.Contains("card declined", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task Spans_whose_clock_is_off_are_drawn_where_they_can_have_run()
    {
        store.Add(
            Span(1, 0, "frontend", "POST", 0, 1_000) with { Kind = SpanKind.Client },
            Span(2, 1, "payments", "charge", 400_000_000, 800) with { Kind = SpanKind.Server });
        var (_, output, _) = await RunAsync("trace", "4bf92f3577b34da6a3ce929d0e0e4736");
        Assert.Contains("\n1.00 ms · ", output, StringComparison.Ordinal);
        Assert.Contains("+100 µs", output, StringComparison.Ordinal);
        Assert.Contains("! clock corrected (1 span)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attributes_and_events_are_drawn_when_asked_for()
    {
        var span = Span(1, 0, "frontend", "GET /", 0, 900) with
        {
            Attributes = [new NaiveAttribute("http.route", NaiveValue.Text("/cart/{id}")), new NaiveAttribute("retries", NaiveValue.Int(3))],
            Events = [new NaiveEvent(TraceSample.Start + new DurationNanos(500_000), "cache miss", [new NaiveAttribute("key", NaiveValue.Text("cart:7"))], 0)],
        };
        store.Add(span);
        var (_, output, _) = await RunAsync("trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--attributes");
        Assert.Contains("http.route = /cart/{id}", output, StringComparison.Ordinal);
        Assert.Contains("retries = 3", output, StringComparison.Ordinal);
        Assert.Contains("◆ cache miss  +500 µs", output, StringComparison.Ordinal);
        Assert.Contains("key = cart:7", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_for_json_the_commands_print_what_the_server_answers()
    {
        store.Add(Span(1, 0, "frontend", "c1 \u009b and del \u007f", 0, 900));
        using var http = new HttpClient();
        foreach (var (path, arguments) in ((string, string[])[])
                 [("/api/v1/traces/4bf92f3577b34da6a3ce929d0e0e4736", ["trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--json"]), ("/api/v1/traces", ["traces", "--json"])])
        {
            var (exit, output, _) = await RunAsync(arguments);
            Assert.Equal(ExitCodes.Ok, exit);
            Assert.DoesNotContain(output.TrimEnd('\n'), char.IsControl);
            using var printed = JsonDocument.Parse(output);
            using var answered = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(server + path)));
            Assert.True(JsonElement.DeepEquals(printed.RootElement, answered.RootElement));
        }
    }

    [Fact]
    public async Task Traces_are_listed_newest_first_and_filtered()
    {
        for (var n = 1UL; n <= 3; n++)
        {
            store.Add(Span(n, 0, n == 2 ? "payments" : "frontend", $"GET /{n}", (long)n * 1_000, 100 * (long)n) with
            {
                TraceId = new TraceId(0, n),
                Status = n == 3 ? StatusCode.Error : StatusCode.Unset,
                Attributes = [new NaiveAttribute("tenant", NaiveValue.Text(n == 1 ? "a&b=c" : "other"))],
            });
        }
        Assert.Equal([3, 2, 1], await ListAsync());
        Assert.Equal([3], await ListAsync("--limit", "1"));
        Assert.Equal([2], await ListAsync("--service", "payments"));
        Assert.Equal([1], await ListAsync("--operation", "GET /1"));
        Assert.Equal([3], await ListAsync("--status", "error"));
        Assert.Equal([1], await ListAsync("--attribute", "tenant=a&b=c"));
        Assert.Equal([], await ListAsync("--attribute", "tenant=a&b=c", "--attribute", "tenant=other"));
        Assert.Equal([3, 2], await ListAsync("--min-duration", "200us"));
        Assert.Equal([2, 1], await ListAsync("--max-duration", "0.2ms"));
        Assert.Equal([3, 2, 1], await ListAsync("--since", "20m"));
        Assert.Equal([], await ListAsync("--since", "1m"));
    }

    [Fact]
    public async Task An_empty_list_is_explained_where_it_does_not_disturb_a_pipe()
    {
        Assert.Equal((ExitCodes.Ok, "", "The server has no traces yet.\n"), await RunAsync("traces"));
        Assert.Equal((ExitCodes.Ok, "", "No trace matches.\n"), await RunAsync("traces", "--service", "nobody"));
    }

    [Fact]
    public async Task A_trace_that_is_not_there_ends_with_1()
    {
        var (exit, output, error) = await RunAsync("trace", "abc");
        Assert.Equal((ExitCodes.NotFound, "", "The server has no trace 00000000000000000000000000000abc.\n"), (exit, output, error));
    }

    [Theory]
    [InlineData("trace", "xyz")]
    [InlineData("trace", "4bf92f3577b34da6a3ce929d0e0e47361")]
    [InlineData("trace", "abc", "--width", "10")]
    [InlineData("trace", "abc", "--server", "ftp://x")]
    [InlineData("traces", "--since", "15")]
    [InlineData("traces", "--min-duration", "long")]
    [InlineData("traces", "--attribute", "novalue")]
    [InlineData("traces", "--status", "broken")]
    [InlineData("traces", "--limit", "0")]
    [InlineData("traces", "--min-duration", "2s", "--max-duration", "1s")]
    public async Task What_can_not_be_understood_ends_with_2_and_one_sentence(params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments);
        Assert.Equal((ExitCodes.BadInput, ""), (exit, output));
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.EndsWith(".\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_server_the_commands_say_what_to_do()
    {
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)unused.LocalEndpoint).Port}";
        unused.Stop();
        Assert.Equal(
            (ExitCodes.NoAnswer, "", $"Nothing answers at {address}: is `waymark serve` running? Use --server URL.\n"),
            await RunAsync("traces", "--server", address));
    }

    [Theory]
    [InlineData(200, "text/html", "<html>")]
    [InlineData(404, "text/html", "<html>")]
    [InlineData(200, "application/json", "{}")]
    [InlineData(200, "application/json", "[1")]
    [InlineData(503, "application/problem+json", "{\"detail\":\"Starting.\"}")]
    [InlineData(500, "text/plain", "oops")]
    public async Task Something_else_at_the_address_ends_with_3(int status, string type, string body)
    {
        var (other, address) = await StartAsync(routes => routes.MapGet("/{**any}", async (HttpContext context) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.WriteAsync(body);
        }));
        await using var stop = other;
        foreach (var arguments in (string[][])[["traces", "--server", address], ["trace", "abc", "--server", address]])
        {
            var (exit, output, error) = await RunAsync(arguments);
            Assert.Equal((ExitCodes.NoAnswer, ""), (exit, output));
            Assert.Single(error.TrimEnd('\n').Split('\n'));
        }
    }

    [Fact]
    public void Colour_is_for_terminals_that_want_it()
    {
        Assert.True(Ink.For(isTerminal: true, noColor: null, term: "xterm-256color").HasColour);
        Assert.True(Ink.For(isTerminal: true, noColor: "", term: null).HasColour);
        Assert.False(Ink.For(isTerminal: true, noColor: "1", term: "xterm").HasColour);
        Assert.False(Ink.For(isTerminal: true, noColor: null, term: "dumb").HasColour);
        Assert.False(Ink.For(isTerminal: false, noColor: null, term: "xterm").HasColour);
    }

    [Fact]
    public async Task Help_tells_options_and_exit_codes_but_the_overview_only_what_a_command_does()
    {
        foreach (var command in (string[])["traces", "trace"])
        {
            var (exit, help, error) = await RunAsync(command, "--help");
            Assert.Equal((ExitCodes.Ok, ""), (exit, error));
            Assert.Contains("--server", help, StringComparison.Ordinal);
            Assert.Contains("Exit codes:\n  0  answered\n", help, StringComparison.Ordinal);
        }
        var (_, overview, _) = await RunAsync("--help");
        Assert.DoesNotContain("Exit codes", overview, StringComparison.Ordinal);
    }

    private async Task<List<int>> ListAsync(params string[] arguments)
    {
        var (exit, output, _) = await RunAsync(["traces", .. arguments]);
        Assert.Equal(ExitCodes.Ok, exit);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line[^1] - '0')];
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var root = new RootCommand { TracesCommand.Create(), TraceCommand.Create() };
        var configuration = new InvocationConfiguration { Output = new StringWriter { NewLine = "\n" }, Error = new StringWriter { NewLine = "\n" } };
        string[] all = arguments.Contains("--server") ? arguments : [.. arguments, "--server", server];
        var exit = await root.Parse(all).InvokeAsync(configuration);
        return (exit, configuration.Output.ToString()!, configuration.Error.ToString()!);
    }

    private async Task<(WebApplication App, string Address)> StartAsync(Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddSingleton<ITraceStore>(store).AddSingleton<TimeProvider>(new TenMinutesLater());
        var started = builder.Build();
        started.UseRouting();
        map(started);
        await started.StartAsync();
        return (started, started.Urls.First());
    }

    private static NaiveSpan Span(ulong id, ulong parent, string service, string name, long fromMicros, long micros) => new()
    {
        TraceId = TraceId.TryParse(TraceSample.Id, out var trace) ? trace : default,
        SpanId = new SpanId(id),
        ParentSpanId = new SpanId(parent),
        Name = name,
        Start = TraceSample.Start + new DurationNanos(fromMicros * 1_000),
        End = TraceSample.Start + new DurationNanos((fromMicros + micros) * 1_000),
        Resource = new NaiveResource([new NaiveAttribute("service.name", NaiveValue.Text(service))]),
    };

    private sealed class TenMinutesLater : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => TraceSample.Start.ToDateTimeOffset().AddMinutes(10);
    }
}
