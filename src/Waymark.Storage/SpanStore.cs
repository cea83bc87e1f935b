using Microsoft.Extensions.Logging;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Storage;

/// <summary>The embedded store: log, heads and segments in one directory.</summary>
public sealed class SpanStore : ITraceStore, ISpanWriter, IAsyncDisposable
{
    private SpanStore()
    {
    }

    /// <summary>Opens the store in a directory, replaying its log. Throws <see cref="IOException"/> naming the file when it can't, or when another process has it open.</summary>
    public static Task<SpanStore> OpenAsync(StoreOptions options, IBodyDecoder decoder, TimeProvider time, ILogger logger, CancellationToken cancellation) =>
        throw new System.Diagnostics.UnreachableException();

    public ValueTask<WriteReceipt> WriteAsync(WriteRequest request, CancellationToken cancellation) => throw new System.Diagnostics.UnreachableException();
    public ValueTask<SpanBlock?> FindTraceAsync(TraceId id, CancellationToken cancellation) => throw new System.Diagnostics.UnreachableException();
    public IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, CancellationToken cancellation) => throw new System.Diagnostics.UnreachableException();
    public ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation) => throw new System.Diagnostics.UnreachableException();
    public StoreStatus GetStatus() => throw new System.Diagnostics.UnreachableException();

    /// <summary>Seals what is in memory and closes everything.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
