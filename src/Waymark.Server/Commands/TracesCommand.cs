// `waymark traces`: the traces a running server has, newest first.
using System.CommandLine;
using System.Globalization;
using System.Text;
using Waymark.Server.Api.Native;
using Waymark.Server.Terminal;

namespace Waymark.Server.Commands;

/// <summary>Lists traces, filtered as <c>GET /api/v1/traces</c> filters. Exit codes: <see cref="ExitCodes"/>.</summary>
public static class TracesCommand
{
    /// <summary>The command, to be added to the root command.</summary>
    public static Command Create()
    {
        var options = new Options();
        var command = new Command("traces", "List recent traces of a running server, newest first.") { HelpWithExitCodes.Option() };
        foreach (var option in options.All) command.Options.Add(option);
        command.SetAction((parse, cancellation) => Screen.RunAsync(parse, () => RunAsync(parse, options, cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, Options options, CancellationToken cancellation)
    {
        var screen = Screen.Of(parse, parse.GetValue(options.Width));
        var query = Query(parse, options);
        using var client = ServerClient.For(parse.GetValue(options.Server)!);
        using var response = await client.GetAsync("api/v1/traces" + query, "The server has no list of traces: is it another version?", cancellation);
        if (parse.GetValue(options.Json))
        {
            await client.EchoAsync(response, screen.Output, cancellation);
            return ExitCodes.Ok;
        }
        var traces = (await client.ReadAsync(response, NativeAnswers.Default.TraceListAnswer, cancellation)).ToModel();
        if (traces.Count == 0) await screen.Error.WriteLineAsync(query.Contains('&', StringComparison.Ordinal) ? "No trace matches." : "The server has no traces yet.");
        await screen.WriteAsync(TraceTable.Render(traces, screen.Width, screen.Ink));
        return ExitCodes.Ok;
    }

    /// <summary>The options as the API's query string, "?" included.</summary>
    private static string Query(ParseResult parse, Options options)
    {
        var query = new StringBuilder();
        Add("limit", parse.GetValue(options.Limit).ToString(CultureInfo.InvariantCulture));
        Add("service", parse.GetValue(options.Service));
        Add("operation", parse.GetValue(options.Operation));
        Add("status", parse.GetValue(options.Status));
        foreach (var attribute in parse.GetValue(options.Attributes) ?? [])
        {
            if (attribute.IndexOf('=', StringComparison.Ordinal) < 1) throw new CommandFailedException(ExitCodes.BadInput, $"--attribute {Cells.Clean(attribute)}: it looks like key=value.");
            Add("attribute", attribute);
        }
        Add("minDuration", Duration("--min-duration", parse.GetValue(options.MinDuration)));
        Add("maxDuration", Duration("--max-duration", parse.GetValue(options.MaxDuration)));
        // The server's clock counts: it knows when its spans started.
        if (Duration("--since", parse.GetValue(options.Since)) is { } age) Add("from", "now-" + age);
        return query.ToString();

        void Add(string name, string? value)
        {
            if (value is not null) query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }

    /// <summary>Checks a duration before it travels; the API would take a bare number too, but as nanoseconds, which nobody means here.</summary>
    private static string? Duration(string option, string? text)
    {
        if (text is null || (!char.IsAsciiDigit(text.LastOrDefault('0')) && DurationText.TryParse(text, out _))) return text;
        throw new CommandFailedException(ExitCodes.BadInput, $"{option} {Cells.Clean(text)}: a duration has a number and a unit (ns, us, ms, s, m, h, d, w), such as 250ms or 15m.");
    }

    private sealed class Options
    {
        public Option<string?> Service { get; } = new("--service") { Description = "Only traces with a span of this service.", HelpName = "NAME" };
        public Option<string?> Operation { get; } = new("--operation") { Description = "Only traces with a span of this name.", HelpName = "NAME" };
        public Option<string?> Status { get; } = new("--status") { Description = "Only traces with a span of this status: error, ok or unset.", HelpName = "STATUS" };
        public Option<string[]> Attributes { get; } = new("--attribute") { Description = "Only traces with a span, or its resource, that has this attribute. Can be given several times.", HelpName = "KEY=VALUE" };
        public Option<string?> MinDuration { get; } = new("--min-duration") { Description = "Only traces with a span at least this long, such as 250ms.", HelpName = "DURATION" };
        public Option<string?> MaxDuration { get; } = new("--max-duration") { Description = "Only traces with a span at most this long.", HelpName = "DURATION" };
        public Option<string?> Since { get; } = new("--since") { Description = "Only traces with such a span that started within this time, such as 15m.", HelpName = "DURATION" };
        public Option<int> Limit { get; } = new("--limit") { Description = "Traces to list, at most 1000.", HelpName = "N", DefaultValueFactory = _ => 20 };
        public Option<bool> Json { get; } = Screen.JsonOption();
        public Option<int?> Width { get; } = Screen.WidthOption();
        public Option<string> Server { get; } = ServerOption.Create();

        public IEnumerable<Option> All => [Service, Operation, Status, Attributes, MinDuration, MaxDuration, Since, Limit, Json, Width, Server];
    }
}
