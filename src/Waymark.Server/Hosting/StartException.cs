// A reason not to start, in one sentence for the person at the terminal.
namespace Waymark.Server.Hosting;

/// <summary>The server can't start; the message says why and what to do. Exit code 1, no stack trace.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
