// `waymark verify DIR`: is everything in a data directory as it should be?
using System.CommandLine;
using Waymark.Protocols.Otlp;
using Waymark.Server.Terminal;
using Waymark.Storage.Checking;

namespace Waymark.Server.Commands;

/// <summary>Checks every file of a store and says what is broken and what to do. Changes nothing.</summary>
internal static class VerifyCommand
{
    public const int Sound = 0;
    public const int ProblemsFound = 1;
    public const int CannotCheck = 2;

    private const string Codes =
        """
        Exit codes:
          0  nothing is broken (notes don't count)
          1  something is broken, or written by a newer version
          2  the directory can't be checked

        Nothing is changed. While a server runs on the directory, only files that don't change any more are checked;
        otherwise no server can start on it until the check is done.
        """;

    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The data directory of a server." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var width = Screen.WidthOption();
        var command = new Command("verify", "Check every file of a data directory: each checksum, and whether what is stored fits together.") { HelpWithExitCodes.Option(Codes), directory, json, width };
        command.SetAction((parse, cancellation) => Screen.RunAsync(parse, async () =>
        {
            var screen = Screen.Of(parse, parse.GetValue(width));
            var isTerminal = ReferenceEquals(screen.Error, Console.Error) && !Console.IsErrorRedirected;
            var progress = new ProgressLine(screen.Error, isTerminal, screen.Width, TimeProvider.System);
            var start = TimeProvider.System.GetTimestamp();
            CheckReport report;
            try
            {
                report = await Task.Run(() => StoreCheck.Verify(parse.GetValue(directory)!, new OtlpBodyDecoder(), progress.Show, cancellation), cancellation);
            }
            catch (Exception impossible) when (impossible is IOException or UnauthorizedAccessException)
            {
                throw new CommandFailedException(CannotCheck, "waymark: " + impossible.Message);
            }
            finally
            {
                progress.Clear();
            }
            if (parse.GetValue(json)) await CheckJson.WriteAsync(report, screen.Output, cancellation);
            else await screen.WriteAsync(FindingLines.Render(report, TimeProvider.System.GetElapsedTime(start), screen.Width, screen.Ink));
            return report.IsSound ? Sound : ProblemsFound;
        }));
        return command;
    }
}
