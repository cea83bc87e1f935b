// The server's log messages: one catalogue, event ids 500 to 599.
using Microsoft.Extensions.Logging.Console;

namespace Waymark.Server;

/// <summary>What the server itself logs.</summary>
internal static partial class ServerLog
{
    /// <summary>The category everything here is logged under.</summary>
    public const string Category = "Waymark.Server";

    /// <summary>One line an event, on standard error: standard output belongs to the start-up lines, which programs read. The framework is heard from warnings on.</summary>
    public static void Configure(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Waymark", LogLevel.Information);
        // What keeps the host from starting is thrown as well, and told in one sentence.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        logging.AddSimpleConsole(static console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    [LoggerMessage(500, LogLevel.Error, "A request to {Path} failed through a fault of Waymark")]
    public static partial void RequestFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(501, LogLevel.Warning, "Listening on {Address}, which other machines can reach, without authentication (--allow-anonymous)")]
    public static partial void ReachableWithoutAuthentication(ILogger logger, string address);
}
