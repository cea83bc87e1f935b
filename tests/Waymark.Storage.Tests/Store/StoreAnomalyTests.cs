// A store whose disk fails, fills up or loses power at every single operation of a short life: nothing acknowledged is lost, nothing is there twice, and it goes on afterwards.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class StoreAnomalyTests
{
    private static readonly StoreOptions Options = TestStore.SmallOptions with { LogFileBytes = 16 * 1024 };
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Power_may_be_cut_at_any_operation()
    {
        var operations = await CountOperationsAsync();
        for (var n = 1; n <= operations; n++)
        {
            for (var round = 0; round < TestScale.Factor; round++)
            {
                var files = new FaultFileSystem(seed: (n * 100) + round);
                files.Arm(n, Fault.Crash);
                var life = new ShortLife(n);
                try
                {
                    await life.RunAsync(files);
                }
                catch (SimulatedCrashException)
                {
                    // The process is gone; its disk is looked at below.
                }
                await life.AssertRecoversAsync(files.PowerCut(n % 2 == 0 ? new Random(n) : null), $"crash at {n}");
            }
        }
    }

    [Theory]
    [InlineData("Fail")]
    [InlineData("DiskFull")]
    [InlineData("Tear")]
    public async Task Any_operation_may_fail_once(string fault)
    {
        var operations = await CountOperationsAsync();
        for (var n = 1; n <= operations; n++)
        {
            var files = new FaultFileSystem(seed: n);
            files.Arm(n, Enum.Parse<Fault>(fault));
            var life = new ShortLife(n);
            await life.RunAsync(files);
            await life.AssertRecoversAsync(files.Restart(), $"{fault} at {n}");
        }
    }

    private static async Task<int> CountOperationsAsync()
    {
        var files = new FaultFileSystem();
        await new ShortLife(1).RunAsync(files);
        Assert.InRange(files.Operations, 30, 300);
        return files.Operations;
    }

    /// <summary>Opens, writes, seals, writes, reopens, seals and closes, however often it is refused.</summary>
    private sealed class ShortLife
    {
        private readonly List<(WriteRequest Request, List<NaiveSpan> Trace)> requests;
        private readonly HashSet<int> acknowledged = [];
        private readonly TestTime time = new();

        public ShortLife(int seed)
        {
            var spans = new RandomSpans(seed) { MaxSpans = 6 };
            requests = [.. Enumerable.Range(0, 6).Select(_ => spans.Trace()).Select(t => (Requests.Protobuf(t), t))];
        }

        public async Task RunAsync(FaultFileSystem files)
        {
            for (var part = 0; part < 2; part++)
            {
                var store = await OpenAsync(files);
                try
                {
                    for (var i = part * 3; i < (part * 3) + 3; i++)
                    {
                        await WriteAsync(store, i);
                        if (i % 3 == 1) await SealAsync(store, files);
                    }
                }
                finally
                {
                    await store.DisposeAsync();
                }
            }
        }

        /// <summary>What was acknowledged is there; sending everything again adds what is missing and nothing else.</summary>
        public async Task AssertRecoversAsync(FaultFileSystem files, string what)
        {
            await using var store = await OpenAsync(files);
            var oracle = new NaiveStore(new OtlpBodyDecoder());
            for (var i = 0; i < requests.Count; i++)
            {
                var (request, trace) = requests[i];
                var found = await store.FindTraceAsync(trace[0].TraceId, Cancellation);
                Assert.True(found is not null || !acknowledged.Contains(i), $"{what}: request {i} was acknowledged and is lost");
                var again = await store.WriteAsync(request, Cancellation);
                Assert.Equal((what, found is null ? WriteOutcome.Stored : WriteOutcome.AlreadyStored), (what, again.Outcome));
                await oracle.WriteAsync(request, Cancellation);
            }
            await store.SealNowAsync();
            Assert.Equal((what, requests.Sum(r => (long)r.Trace.Count)), (what, store.GetStatus().Spans));
            await StoreComparison.AssertSameTracesAsync(oracle, store, requests.Select(r => r.Trace[0].TraceId));
            await StoreComparison.AssertSameListAsync(oracle, store, requests.Count);
            Assert.Equal((what, 0), (what, store.GetStatus().Alarms.Count));
        }

        private async Task<SpanStore> OpenAsync(FaultFileSystem files)
        {
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    return await SpanStore.OpenAsync(files, null, Options, new OtlpBodyDecoder(), time, NullLogger.Instance, Cancellation);
                }
                catch (IOException) when (!files.Crashed && attempt < 2)
                {
                    // Whoever runs the store starts it again.
                }
            }
        }

        /// <summary>As a client does: again, until it is taken.</summary>
        private async Task WriteAsync(SpanStore store, int i)
        {
            for (var attempt = 0; attempt < 4; attempt++)
            {
                var receipt = await store.WriteAsync(requests[i].Request, Cancellation);
                if (receipt.Outcome is WriteOutcome.Stored or WriteOutcome.AlreadyStored)
                {
                    acknowledged.Add(i);
                    return;
                }
                Assert.Equal(WriteOutcome.Refused, receipt.Outcome);
                time.Advance(TimeSpan.FromSeconds(2));
            }
        }

        private static async Task SealAsync(SpanStore store, FaultFileSystem files)
        {
            try
            {
                await store.SealNowAsync();
            }
            catch (IOException) when (!files.Crashed)
            {
                await store.SealNowAsync();
            }
        }
    }
}
