// `waymark inspect FILE`: what is in one file of a data directory.
using System.CommandLine;
using Waymark.Server.Terminal;
using Waymark.Storage.Checking;

namespace Waymark.Server.Commands;

/// <summary>Lays one file open, also a damaged one. Changes nothing, and is in nobody's way.</summary>
internal static class InspectCommand
{
    private const string Codes =
        """
        Exit codes:
          0  shown
          1  shown, and something in the file is broken or written by a newer version
          2  the file can't be read, or is none of a store's

        On a terminal the tables fit its width; piped, each row is one line.
        """;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A segment, a log file, the manifest, services or LOCK." };
        var pages = new Option<string?>("--pages") { Description = "List the pages of this column of a segment instead: span.http.route, span:start, or just the attribute's key.", HelpName = "COLUMN" };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var width = Screen.WidthOption();
        var command = new Command("inspect", "Show what is in a file of a data directory: for a segment every column with its size, encodings and values.") { HelpWithExitCodes.Option(Codes), file, pages, json, width };
        command.SetAction((parse, cancellation) => Screen.RunAsync(parse, async () =>
        {
            var screen = Screen.Of(parse, parse.GetValue(width));
            InspectedFile inspected;
            try
            {
                inspected = await Task.Run(() => StoreCheck.Inspect(parse.GetValue(file)!, parse.GetValue(pages), cancellation), cancellation);
            }
            catch (Exception impossible) when (impossible is IOException or UnauthorizedAccessException)
            {
                throw new CommandFailedException(VerifyCommand.CannotCheck, "waymark: " + impossible.Message);
            }
            if (parse.GetValue(json)) await CheckJson.WriteAsync(inspected, screen.Output, cancellation);
            else await screen.WriteAsync(InspectedText.Render(inspected, screen.IsTerminal || parse.GetValue(width) is not null ? screen.Width : int.MaxValue, screen.Ink));
            return inspected.Findings.All(f => f.Severity == CheckSeverity.Notice) ? VerifyCommand.Sound : VerifyCommand.ProblemsFound;
        }));
        return command;
    }
}
