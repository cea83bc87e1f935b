// What a command may use of the world, so that tests can give it another one.
using System.Collections;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage;

namespace Waymark.Server.Commands;

/// <summary>An open store and how to close it.</summary>
internal sealed record OpenedStore(ITraceStore Traces, ISpanWriter Writer, IAsyncDisposable Closing);

/// <summary>Opens the store. Throws <see cref="IOException"/> with a sentence when it can't.</summary>
internal delegate Task<OpenedStore> StoreOpener(StoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation);

/// <summary>The surroundings of one command line.</summary>
/// <param name="IsTerminal">True when <paramref name="Out"/> is a terminal: tables and colours.</param>
/// <param name="Directory">Where waymark.yaml is looked for.</param>
internal sealed record CommandContext(TextWriter Out, TextWriter Error, bool IsTerminal, IDictionary Environment, string Directory, TimeProvider Time, StoreOpener OpenStore)
{
    /// <summary>Asks a running <c>serve</c> to stop, besides SIGINT and SIGTERM.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The process's own surroundings.</summary>
    public static CommandContext ForProcess() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected, System.Environment.GetEnvironmentVariables(), System.Environment.CurrentDirectory, TimeProvider.System, OpenEmbeddedStoreAsync);

    private static async Task<OpenedStore> OpenEmbeddedStoreAsync(StoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var store = await SpanStore.OpenAsync(options, new OtlpBodyDecoder(), time, logger, cancellation);
        return new(store, store, store);
    }
}
