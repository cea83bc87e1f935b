// A flipped bit anywhere in a segment: what comes back is right, what can't be read is said to be missing, and the store goes on.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class DamageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flipped_bit_costs_spans_but_never_gives_a_wrong_one()
    {
        var spans = new RandomSpans(31);
        var random = new Random(31);
        List<List<NaiveSpan>> traces = [.. Enumerable.Range(0, 12).Select(_ => spans.Trace())];
        await using var whole = await TestStore.OpenAsync();
        // Each trace in two segments.
        await whole.WriteAsync(traces.SelectMany(t => t[..((t.Count + 1) / 2)]));
        await whole.Store.SealNowAsync();
        await whole.WriteAsync(traces.SelectMany(t => t[((t.Count + 1) / 2)..]));
        await whole.Store.DisposeAsync();
        var segments = whole.Files.List("/store/segments");
        Assert.Equal(2, segments.Count);
        var sent = traces.SelectMany(t => t).ToLookup(s => (s.TraceId, s.SpanId));

        for (var round = 0; round < 60 * TestScale.Factor; round++)
        {
            var files = whole.Files.Restart();
            var path = segments[random.Next(2)];
            files.Disk.Corrupt(path, random.Next(files.Disk.Content(path).Length), (byte)(1 << random.Next(8)));
            await using var store = await SpanStore.OpenAsync(files, null, TestStore.SmallOptions, new OtlpBodyDecoder(), new TestTime(), NullLogger.Instance, Cancellation);
            var missing = 0;
            foreach (var trace in traces)
            {
                var block = await store.FindTraceAsync(trace[0].TraceId, Cancellation);
                missing += trace.Count - (block?.Count ?? 0);
                if (block is not null) Assert.All(Blocks.ToSpans(block), s => Assert.Contains(s, sent[(s.TraceId, s.SpanId)]));
            }
            foreach (var (block, slice) in await StoreComparison.ReadAsync(store, new SpanScan { Parts = SpanParts.All }))
            {
                Assert.All(Blocks.ToSpans(block), s => Assert.Contains(s, sent[(s.TraceId, s.SpanId)]));
                Assert.InRange(slice.Count, 1, traces.Single(t => t[0].TraceId == slice.Id).Count);
            }
            await store.GetOperationsAsync(Cancellation);
            if (missing > 0) Assert.NotEmpty(store.GetStatus().Alarms);
            var fresh = spans.Trace();
            Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(Requests.Protobuf(fresh), Cancellation)).Outcome);
            await store.SealNowAsync();
            Assert.Equal(fresh.Count, (await store.FindTraceAsync(fresh[0].TraceId, Cancellation))!.Count);
        }
    }
}
