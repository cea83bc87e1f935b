// A store under test with the oracle beside it: both are sent the same requests, and must answer the same.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Tests.Checking;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

/// <summary>A <see cref="SpanStore"/> on a disk in memory, and a <see cref="NaiveStore"/>.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private static readonly OtlpBodyDecoder Decoder = new();
    private readonly StoreOptions options;
    private readonly HashSet<TraceId> ids = [];

    /// <summary>Since the store was opened.</summary>
    private long duplicateRequests;

    private TestStore(StoreOptions options, FaultFileSystem files)
    {
        this.options = options;
        Files = files;
        Oracle = new NaiveStore(Decoder, Time);
    }

    public TestTime Time { get; } = new();
    public NaiveStore Oracle { get; }
    public SpanStore Store { get; private set; } = null!;
    public FaultFileSystem Files { get; private set; }

    /// <summary>Every trace that was ever written.</summary>
    public IReadOnlyCollection<TraceId> Ids => ids;

    public static StoreOptions SmallOptions => new()
    {
        Directory = "/store",
        Lanes = 2,
        LogFileBytes = 64 * 1024,
        ReserveBytes = 0,
    };

    public static async Task<TestStore> OpenAsync(StoreOptions? options = null, FaultFileSystem? files = null)
    {
        var test = new TestStore(options ?? SmallOptions, files ?? new FaultFileSystem());
        await test.OpenStoreAsync();
        return test;
    }

    /// <summary>Sends a request to both, which must agree on what became of it.</summary>
    public async Task<WriteReceipt> WriteAsync(WriteRequest request, params IEnumerable<NaiveSpan> spans)
    {
        var expected = await Oracle.WriteAsync(request, TestContext.Current.CancellationToken);
        var receipt = await Store.WriteAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Outcome, receipt.Outcome);
        if (receipt.Outcome == WriteOutcome.AlreadyStored) duplicateRequests++;
        if (receipt.Outcome != WriteOutcome.AlreadyStored)
        {
            Assert.Equal(expected.Report.Accepted, receipt.Report.Accepted);
            Assert.Equal(expected.Report.RejectedTotal, receipt.Report.RejectedTotal);
            Assert.Equal(expected.Report.CutTotal, receipt.Report.CutTotal);
        }
        foreach (var span in spans) ids.Add(span.TraceId);
        return receipt;
    }

    public Task<WriteReceipt> WriteAsync(params IEnumerable<NaiveSpan> spans)
    {
        var list = spans.ToList();
        return WriteAsync(Requests.Protobuf(list), list);
    }

    public async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        await OpenStoreAsync();
    }

    /// <summary>Cuts the power: what was not durable may be there or not.</summary>
    public Task CrashAsync(Random? luck = null) => GoOnWithAsync(Files.PowerCut(luck));

    /// <summary>Kills the process: everything written is there.</summary>
    public Task KillAsync() => GoOnWithAsync(Files.Restart());

    /// <summary>Everything the store can be asked, against the oracle.</summary>
    public async Task AssertSameAsync()
    {
        await StoreComparison.AssertSameTracesAsync(Oracle, Store, Ids);
        await StoreComparison.AssertSameListAsync(Oracle, Store, Ids.Count);
        await StoreComparison.AssertSameSumsAsync(Oracle, Store);
        Assert.Equal(duplicateRequests, Store.GetStatus().DuplicateRequests);
        Assert.Empty(Store.GetStatus().Alarms);
    }

    /// <summary>Whatever life it had, a closed store is in order.</summary>
    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        var report = Checks.Verify(Files, root: options.Directory);
        Assert.True(report.IsSound, Checks.Describe(report));
    }

    /// <summary>Opens a copy of the disk; the old store goes on with the old one until it is closed.</summary>
    private async Task GoOnWithAsync(FaultFileSystem copy)
    {
        var store = Store;
        Files = copy;
        await OpenStoreAsync();
        await store.DisposeAsync();
    }

    private async Task OpenStoreAsync()
    {
        duplicateRequests = 0;
        Store = await SpanStore.OpenAsync(Files, null, options, Decoder, Time, NullLogger.Instance, TestContext.Current.CancellationToken);
    }
}
