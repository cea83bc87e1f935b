// `waymark trace ID`: one trace of a running server as a waterfall.
using System.CommandLine;
using Waymark.Model.Spans;
using Waymark.Server.Terminal;

namespace Waymark.Server.Commands;

/// <summary>Draws one trace, or prints it as <c>GET /api/v1/traces/{id}</c> answers it. Exit codes: <see cref="ExitCodes"/>.</summary>
public static class TraceCommand
{
    /// <summary>The command, to be added to the root command.</summary>
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "Trace id: up to 32 hex digits." };
        var all = new Option<bool>("--all") { Description = "Show every span: fold nothing, leave nothing out." };
        var attributes = new Option<bool>("--attributes") { Description = "Show attributes and events below each span." };
        var json = Screen.JsonOption();
        var width = Screen.WidthOption();
        var server = ServerOption.Create();
        var command = new Command("trace", "Show one trace of a running server as a waterfall.") { HelpWithExitCodes.Option(), id, all, attributes, json, width, server };
        command.SetAction((parse, cancellation) => Screen.RunAsync(parse, async () =>
        {
            var screen = Screen.Of(parse, parse.GetValue(width));
            var text = parse.GetValue(id)!.Trim();
            if (!TraceId.TryParse(text, out var trace))
                throw new CommandFailedException(ExitCodes.BadInput, $"\"{Cells.Clean(text)}\" is not a trace id: that is 1 to 32 hex digits, such as 4bf92f3577b34da6a3ce929d0e0e4736.");
            using var client = ServerClient.For(parse.GetValue(server)!);
            using var response = await client.GetAsync($"api/v1/traces/{trace}", $"The server has no trace {trace}.", cancellation);
            if (parse.GetValue(json))
            {
                await client.EchoAsync(response, screen.Output, cancellation);
                return ExitCodes.Ok;
            }
            var answer = await client.ReadAsync(response, NativeAnswers.Default.TraceAnswer, cancellation);
            using var second = await client.GetAsync($"api/v1/traces/{trace}/layout", $"The server has no trace {trace}.", cancellation);
            var layout = await client.ReadAsync(second, NativeAnswers.Default.LayoutAnswer, cancellation);
            await screen.WriteAsync(Waterfall.Render(answer.ToModel(layout), screen.Width, new WaterfallStyle(screen.Ink, parse.GetValue(all), parse.GetValue(attributes))));
            return ExitCodes.Ok;
        }));
        return command;
    }
}
