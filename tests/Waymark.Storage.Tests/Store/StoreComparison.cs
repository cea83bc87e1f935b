// What it means that two stores hold the same.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

internal static class StoreComparison
{
    /// <summary>Every trace by its id, in every detail, and nothing under ids that nobody sent.</summary>
    public static async Task AssertSameTracesAsync(ITraceStore expected, ITraceStore actual, IEnumerable<TraceId> ids)
    {
        foreach (var id in ids)
        {
            var wanted = await expected.FindTraceAsync(id, TestContext.Current.CancellationToken);
            var found = await actual.FindTraceAsync(id, TestContext.Current.CancellationToken);
            Assert.Equal(wanted is null, found is null);
            if (wanted is not null) AssertSame(wanted, found!);
            Assert.Null(await actual.FindTraceAsync(new TraceId(id.High ^ 1, id.Low), TestContext.Current.CancellationToken));
        }
    }

    /// <summary>All traces in one scan: strictly descending, each once and whole.</summary>
    public static async Task AssertSameListAsync(ITraceStore expected, ITraceStore actual, int traces)
    {
        var scan = new SpanScan { Parts = SpanParts.All };
        var wanted = await ReadAsync(expected, scan);
        var found = await ReadAsync(actual, scan);
        Assert.Equal(traces, found.Count);
        Assert.Equal(wanted.Select(t => t.Slice.Cursor), found.Select(t => t.Slice.Cursor));
        for (var t = 0; t < found.Count; t++) AssertSame(wanted[t].Block, wanted[t].Slice, found[t].Block, found[t].Slice);
    }

    /// <summary>Counts and operations. A repeated span counts as long as its pieces are apart, so these are equal only without repeats.</summary>
    public static async Task AssertSameSumsAsync(ITraceStore expected, ITraceStore actual)
    {
        var (wanted, found) = (expected.GetStatus(), actual.GetStatus());
        Assert.Null(found.ReadOnlyReason);
        Assert.InRange(found.HeadSpans, 0, found.Spans);
        Assert.Equal(wanted.Traces, found.Traces);
        if ((await ReadAsync(expected, new SpanScan())).Any(t => t.Slice.Duplicates > 0)) return;
        Assert.Equal(wanted.Spans, found.Spans);
        Assert.Equal(await expected.GetOperationsAsync(TestContext.Current.CancellationToken), await actual.GetOperationsAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A scan to its end; fails when it is out of order.</summary>
    public static async Task<List<(SpanBlock Block, TraceSlice Slice)>> ReadAsync(ITraceStore store, SpanScan scan)
    {
        var all = new List<(SpanBlock, TraceSlice)>();
        TraceCursor? last = null;
        await foreach (var block in store.ScanAsync(scan, TestContext.Current.CancellationToken))
        {
            foreach (var slice in block.Traces)
            {
                Assert.True(last is null || slice.Cursor.CompareTo(last.Value) > 0, "The scan is out of order.");
                last = slice.Cursor;
                all.Add((block, slice));
            }
        }
        return all;
    }

    public static void AssertSame(SpanBlock expected, SpanBlock actual)
    {
        Assert.Single(actual.Traces);
        AssertSame(expected, expected.Traces[0], actual, actual.Traces[0]);
    }

    private static void AssertSame(SpanBlock expected, TraceSlice wanted, SpanBlock actual, TraceSlice found)
    {
        // An oracle without a clock can't say when.
        var received = wanted.FirstReceived == default ? default : found.FirstReceived;
        Assert.Equal(wanted with { FirstRow = 0 }, found with { FirstRow = 0, FirstReceived = received });
        for (var r = 0; r < wanted.Count; r++)
        {
            var (w, f) = (wanted.FirstRow + r, found.FirstRow + r);
            Assert.Equal(Relative(expected.ParentRow[w], wanted), Relative(actual.ParentRow[f], found));
            Assert.Equal(expected.SubtreeEnd[w] - wanted.FirstRow, actual.SubtreeEnd[f] - found.FirstRow);
            Assert.Equal(expected.Marks[w], actual.Marks[f]);
        }
        var spans = SpansOf(expected).GetRange(wanted.FirstRow, wanted.Count);
        var others = SpansOf(actual).GetRange(found.FirstRow, found.Count);
        for (var r = 0; r < spans.Count; r++) Assert.Equal(spans[r], others[r]);
    }

    private static int Relative(int row, TraceSlice trace) => row < 0 ? -1 : row - trace.FirstRow;

    private static List<NaiveSpan> SpansOf(SpanBlock block) => Cache.GetValue(block, static b => Blocks.ToSpans(b));

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<SpanBlock, List<NaiveSpan>> Cache = [];
}
