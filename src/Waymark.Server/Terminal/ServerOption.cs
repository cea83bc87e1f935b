// Where the server is that a reading command asks.
using System.CommandLine;

namespace Waymark.Server.Terminal;

/// <summary><c>--server</c>.</summary>
internal static class ServerOption
{
    public const string Default = "http://127.0.0.1:7070";
    public const string Variable = "WAYMARK_SERVER";

    public static Option<string> Create() => new("--server")
    {
        Description = $"URL of the running server. Also from {Variable}.",
        HelpName = "URL",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } url ? url : Default,
    };
}
