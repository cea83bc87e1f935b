// `waymark serve`: opens the store, starts the server, says where it listens, and stops in order.
using System.CommandLine;
using System.Runtime.InteropServices;
using Waymark.Server.Hosting;
using Waymark.Server.Options;

namespace Waymark.Server.Commands;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    /// <summary>Follows the generated help.</summary>
    public const string Notes =
        $"""
        ADDR is {ListenAddress.Forms}. Port 0 takes any free port.

        Options come from the command line, else from WAYMARK_* variables, else from {OptionSources.FileName}, else they have their defaults. In the file:
          otlp:
            http: 127.0.0.1:4318
          retention.age: 3d

        Once the server takes requests it prints one line per listener, for scripts to read:
          listening http http://127.0.0.1:7070
          listening otlp-http http://127.0.0.1:4318
          listening otlp-grpc http://127.0.0.1:4317
        GET /ready is then 200. Exit codes: 0 stopped in order, 1 could not run, 2 wrong command line or configuration.

        Examples:
          waymark serve --data /var/lib/waymark
          waymark serve --http 8080 --otlp-http 0 --otlp-grpc 0
          waymark serve --http 0.0.0.0:7070 --allow-anonymous --set server.hosts=traces.example
        """;

    public static Command Create(CommandContext context)
    {
        var command = new Command(Name, "Run the server: receivers, store and API in one process. Stops in order on Ctrl-C or SIGTERM.");
        var options = new CommonOptions(command);
        command.SetAction((parsed, _) => RunAsync(options.Load(parsed, context).ToServerOptions(), context));
        return command;
    }

    private static async Task<int> RunAsync(ServerOptions options, CommandContext context)
    {
        ListenRules.Check(options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        // The first signal asks; a second one finds the registration spent and ends the process.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Ask(signal, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Ask(signal, stop));
        using var logging = LoggerFactory.Create(ServerLog.Configure);
        var store = await OpenStoreAsync(options, context, logging, stop.Token);
        if (store is null) return 0;
        try
        {
            await using var host = WaymarkHost.Build(options, store.Traces, store.Writer, context.Time, logging);
            await host.StartAsync(CancellationToken.None);
            await StartUpText.WriteAsync(context.Out, options, host.Listeners);
            await WaitAsync(stop.Token);
            await host.StopAsync(CancellationToken.None);
        }
        finally
        {
            await store.Closing.DisposeAsync();
        }

        return 0;
    }

    /// <summary>Null when a stop was asked for before the store was open.</summary>
    private static async Task<OpenedStore?> OpenStoreAsync(ServerOptions options, CommandContext context, ILoggerFactory logging, CancellationToken stop)
    {
        try
        {
            return await context.OpenStore(options.Store, context.Time, logging.CreateLogger("Waymark.Storage"), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException(WhyNot(options.Store.Directory, exception), exception);
        }
    }

    /// <summary>One sentence or two. The store's own sentences are good; the operating system's are not, where the path itself is the mistake.</summary>
    private static string WhyNot(string directory, Exception exception)
    {
        const string Advice = $"Choose another with --data DIR ({OptionCatalog.DataDirectoryKey}).";
        for (var part = directory; part is not null; part = Path.GetDirectoryName(part))
        {
            if (File.Exists(part)) return $"The data directory {directory} can't be used: {(part == directory ? "it" : part)} is a file. {Advice}";
        }

        return (exception.InnerException ?? exception) switch
        {
            UnauthorizedAccessException => $"The data directory {directory} can't be used: this user may not write there. {Advice}",
            DirectoryNotFoundException or FileNotFoundException when !Directory.Exists(directory) => $"The data directory {directory} can't be made: there is no place for it. {Advice}",
            _ => $"The data directory {directory} could not be opened: {exception.Message}",
        };
    }

    private static void Ask(PosixSignalContext signal, CancellationTokenSource stop)
    {
        if (stop.IsCancellationRequested) return;
        signal.Cancel = true;
        stop.Cancel();
    }

    private static async Task WaitAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(stopped.SetResult);
        await stopped.Task;
    }
}
