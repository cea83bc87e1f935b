// What the reading commands tell a script.
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Waymark.Server.Terminal;

/// <summary>Exit codes of <c>waymark traces</c> and <c>waymark trace</c>.</summary>
internal static class ExitCodes
{
    /// <summary>Answered; for a list, also when it is empty.</summary>
    public const int Ok = 0;

    /// <summary>The trace asked for is not stored.</summary>
    public const int NotFound = 1;

    /// <summary>An argument or option can't be understood, here or by the server.</summary>
    public const int BadInput = 2;

    /// <summary>Nothing answers at the server's address, or what answers is not (or not now) able to.</summary>
    public const int NoAnswer = 3;

    /// <summary>Interrupted by the user, as shells count it (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}

/// <summary>A <c>--help</c> that lists the exit codes below the options.</summary>
internal sealed class HelpWithExitCodes(string codes) : SynchronousCommandLineAction
{
    private const string OfServerCommands =
        """
        Exit codes:
          0  answered
          1  no such trace
          2  an argument or option that can't be understood
          3  no answer, or none that is usable, from the server
        """;

    private readonly HelpAction help = new();

    /// <param name="codes">What stands below the options; by default what the commands that ask a server share.</param>
    public static HelpOption Option(string codes = OfServerCommands) => new() { Action = new HelpWithExitCodes(codes) };

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(codes.ReplaceLineEndings());
        return exitCode;
    }
}

/// <summary>Ends a command with a sentence for the person at the terminal instead of a stack trace.</summary>
internal sealed class CommandFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
