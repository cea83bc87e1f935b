// Where the reading commands write, and how they end.
using System.CommandLine;

namespace Waymark.Server.Terminal;

/// <summary>Where a command writes: how wide, and whether in colour.</summary>
internal sealed record Screen(TextWriter Output, TextWriter Error, int Width, Ink Ink)
{
    /// <summary>Width when the output is no terminal.</summary>
    private const int PipedWidth = 120;

    /// <summary>False when the output is piped or captured.</summary>
    public bool IsTerminal { get; init; }

    public static Option<int?> WidthOption() => new("--width")
    {
        Description = "Width of the drawing in columns, 40 to 1000. Default: the terminal's, or 120 when piped.",
        HelpName = "COLUMNS",
    };

    public static Option<bool> JsonOption() => new("--json") { Description = "Print the server's JSON answer instead of drawing it." };

    /// <summary>The screen of an invocation: a terminal only when it writes to the console, and that is not redirected.</summary>
    public static Screen Of(ParseResult parse, int? width)
    {
        if (width is < Waterfall.MinWidth or > 1000) throw new CommandFailedException(ExitCodes.BadInput, "--width is a number of columns from 40 to 1000.");
        var configuration = parse.InvocationConfiguration;
        var isTerminal = ReferenceEquals(configuration.Output, Console.Out) && !Console.IsOutputRedirected;
        var ink = Ink.For(isTerminal, Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM"));
        return new Screen(configuration.Output, configuration.Error, width ?? (isTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : PipedWidth), ink) { IsTerminal = isTerminal };
    }

    /// <summary>Runs a command's body; what fails with a sentence ends with that sentence on the error output.</summary>
    public static async Task<int> RunAsync(ParseResult parse, Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (CommandFailedException failure)
        {
            await parse.InvocationConfiguration.Error.WriteLineAsync(failure.Message);
            return failure.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    public async Task WriteAsync(IReadOnlyList<string> lines)
    {
        foreach (var line in lines) await Output.WriteLineAsync(line);
        await Output.FlushAsync();
    }
}
