// What the reading commands tell a script.
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

    /// <summary>For the end of a command's description.</summary>
    public const string Description = "Exit codes: 0 answered, 1 no such trace, 2 bad argument, 3 no (usable) answer from the server.";
}

/// <summary>Ends a command with a sentence for the person at the terminal instead of a stack trace.</summary>
internal sealed class CommandFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
