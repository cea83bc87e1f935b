// The contract's suite against each store, and against the embedded one in each of its states.
using Microsoft.Extensions.Logging.Abstractions;
using System.Runtime.CompilerServices;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage.Scanning;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class NaiveStoreContractTests : StoreContract
{
    private protected override Task<ITraceStore> OpenAsync() => Task.FromResult<ITraceStore>(new NaiveStore(new OtlpBodyDecoder(), Time));
}

public sealed class HeadContractTests : StoreContract
{
    private protected override async Task<ITraceStore> OpenAsync() =>
        await SpanStore.OpenAsync(new FaultFileSystem(), null, TestStore.SmallOptions, new OtlpBodyDecoder(), Time, NullLogger.Instance, TestContext.Current.CancellationToken);
}

/// <summary>Real files, one lane, tiny logs.</summary>
public sealed class RealFilesContractTests : StoreContract
{
    private protected override async Task<ITraceStore> OpenAsync()
    {
        var options = TestStore.SmallOptions with { Directory = Directory.CreateTempSubdirectory("waymark-store-").FullName, Lanes = 1, LogFileBytes = 8192, Durability = Durability.Os };
        return new DeletingStore(await SpanStore.OpenAsync(options, new OtlpBodyDecoder(), Time, NullLogger.Instance, TestContext.Current.CancellationToken), options.Directory);
    }

    private sealed class DeletingStore(SpanStore store, string directory) : SealingStore(store, everySeal: 5)
    {
        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }
}

/// <summary>Every request is sealed before the next call.</summary>
public sealed class SealedContractTests : StoreContract
{
    private protected override async Task<ITraceStore> OpenAsync() => new SealingStore(
        await SpanStore.OpenAsync(new FaultFileSystem(), null, TestStore.SmallOptions, new OtlpBodyDecoder(), Time, NullLogger.Instance, TestContext.Current.CancellationToken), everySeal: 1);
}

/// <summary>The same, and every scan looks for candidates on all processors from the start, in units of a few rows.</summary>
public sealed class SharedSearchContractTests : StoreContract
{
    private protected override async Task<ITraceStore> OpenAsync() => new SealingStore(
        await SpanStore.OpenAsync(
            new FaultFileSystem(), null, TestStore.SmallOptions with { SearchPace = new SearchPace(0, 20) }, new OtlpBodyDecoder(), Time, NullLogger.Instance, TestContext.Current.CancellationToken),
        everySeal: 1);
}

/// <summary>Every request is sealed before the next call, and each time most of what is young stays behind; the clock stands still, so all of it is.</summary>
public sealed class LingeringContractTests : StoreContract
{
    private protected override async Task<ITraceStore> OpenAsync() => new SealingStore(
        await SpanStore.OpenAsync(
            new FaultFileSystem(), null, TestStore.SmallOptions with { CarryShare = 0.7, LeastCarryShare = 1 }, new OtlpBodyDecoder(), Time, NullLogger.Instance, TestContext.Current.CancellationToken),
        everySeal: 1,
        lingers: true);
}

/// <summary>A <see cref="SpanStore"/> that seals after every so many writes.</summary>
internal class SealingStore(SpanStore store, int everySeal, bool lingers = false) : ITraceStore, ISpanWriter, IAsyncDisposable
{
    private int writes;

    public async ValueTask<WriteReceipt> WriteAsync(WriteRequest request, CancellationToken cancellation)
    {
        var receipt = await store.WriteAsync(request, cancellation);
        if (++writes % everySeal == 0) await (lingers ? store.SealLingeringAsync() : store.SealNowAsync());
        return receipt;
    }

    public ValueTask<SpanBlock?> FindTraceAsync(TraceId id, SpanSelection selection, CancellationToken cancellation) => store.FindTraceAsync(id, selection, cancellation);

    public async IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var block in store.ScanAsync(scan, cancellation)) yield return block;
    }

    public ValueTask<SpanMeasurement> MeasureAsync(SpanMeasure measure, CancellationToken cancellation) => store.MeasureAsync(measure, cancellation);

    public ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation) => store.GetOperationsAsync(cancellation);

    public int OrdinalOf(string service) => store.OrdinalOf(service);

    public StoreStatus GetStatus() => store.GetStatus();

    public virtual ValueTask DisposeAsync() => store.DisposeAsync();
}
