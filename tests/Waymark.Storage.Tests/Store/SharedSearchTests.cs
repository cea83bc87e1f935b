// Scans that must look at much: whoever helps, what comes back and in which order is the same.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Scanning;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class SharedSearchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 40)]
    [InlineData(3, 100)]
    [InlineData(9, 1_000_000)]
    public async Task The_answer_does_not_depend_on_who_looks_for_it(int patientBlocks, int unitRows)
    {
        await using var store = await TestStore.OpenAsync(TestStore.SmallOptions with { SearchPace = new SearchPace(patientBlocks, unitRows) });
        var random = new RandomSpans(patientBlocks + unitRows);
        // Traces in one segment, in two, in all, and in memory, at times that overlap.
        var kept = new List<NaiveSpan>();
        for (var segment = 0; segment < 6; segment++)
        {
            var spans = random.Traces(25);
            await store.WriteAsync([.. spans.Where((_, i) => i % 5 != 0), .. kept]);
            kept = [.. spans.Where((_, i) => i % 5 == 0)];
            if (segment < 5) await store.Store.SealNowAsync();
        }
        await store.WriteAsync(kept);
        foreach (var wanted in new[] { 1, 1_000 })
        {
            foreach (var condition in Conditions())
            {
                var scan = new SpanScan { Parts = SpanParts.All, Wanted = wanted, Conditions = condition is null ? [] : [condition] };
                var expected = await MatchingAsync(store.Oracle, scan);
                Assert.Equal(expected, await MatchingAsync(store.Store, scan));
                for (var at = 0; at < expected.Count; at += 1 + (expected.Count / 3))
                {
                    var later = scan with { After = expected[at] };
                    Assert.Equal(expected[(at + 1)..], await MatchingAsync(store.Store, later));
                }
            }
        }
    }

    [Fact]
    public async Task A_scan_that_is_left_half_way_lets_go_of_all_it_held()
    {
        await using var store = await TestStore.OpenAsync(TestStore.SmallOptions with { SearchPace = new SearchPace(0, 10) });
        var random = new RandomSpans(4);
        for (var segment = 0; segment < 5; segment++)
        {
            await store.WriteAsync(random.Traces(80));
            await store.Store.SealNowAsync();
        }
        for (var blocks = 1; blocks <= 4; blocks++)
        {
            var left = blocks;
            await foreach (var block in store.Store.ScanAsync(new SpanScan { Parts = SpanParts.All, Wanted = 5 }, Cancellation))
            {
                Assert.NotEmpty(block.Traces);
                if (--left == 0) break;
            }
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (var block in store.Store.ScanAsync(new SpanScan { Wanted = 5 }, stop.Token)) await stop.CancelAsync();
            });
        }
        // Whoever still read would find the files closed.
        await store.ReopenAsync();
        await StoreComparison.AssertSameListAsync(store.Oracle, store.Store, store.Ids.Count);
    }

    [Theory]
    [InlineData(64 << 20, 32, 1_000_000)]
    [InlineData(64 << 20, 0, 50)]
    [InlineData(30_000, 0, 1)]
    [InlineData(0, 2, 200)]
    public async Task A_text_that_one_trace_has_is_found_with_and_without_filters(int cacheBytes, int patientBlocks, int unitRows)
    {
        await using var store = await TestStore.OpenAsync(TestStore.SmallOptions with { PageCacheBytes = cacheBytes, SearchPace = new SearchPace(patientBlocks, unitRows) });
        var random = new RandomSpans(cacheBytes + patientBlocks);
        var chance = new Random(patientBlocks);
        var texts = new List<string>();
        for (var segment = 0; segment < 5; segment++)
        {
            foreach (var trace in random.Traces(60).GroupBy(s => s.TraceId).Chunk(20))
            {
                var spans = trace.SelectMany(t =>
                {
                    // Of the kinds of text that a page of texts stores, and a key that only some spans have.
                    texts.Add((texts.Count % 3) switch
                    {
                        0 => $"{chance.Next():x8}-{chance.Next(65_536):x4}-4{chance.Next(4_096):x3}-a000-{chance.Next():x12}",
                        1 => $"GET /cart/{chance.Next()}",
                        _ => new string((char)chance.Next('a', 'z'), 1 + texts.Count),
                    });
                    var text = texts[^1];
                    return t.Select((s, i) => i % 3 == 2 ? s : s with { Attributes = [.. s.Attributes, NaiveAttribute.Text("one.trace", text)] });
                });
                await store.WriteAsync([.. spans]);
            }
            if (segment < 4) await store.Store.SealNowAsync();
        }
        foreach (var round in new[] { 0, 1 })
        {
            foreach (var text in texts.Where((_, i) => i % 7 == round).Append("nowhere").Append(Guid.Empty.ToString()))
            {
                var scan = new SpanScan { Parts = SpanParts.Attributes, Conditions = [new SpanCondition([new SpanPredicate(SpanField.Attribute, PredicateOperator.Equal) { Key = "one.trace", Text = text }])] };
                Assert.Equal(await MatchingAsync(store.Oracle, scan), await MatchingAsync(store.Store, scan));
                // A second condition, which pieces elsewhere satisfy, too.
                scan = scan with { Conditions = [.. scan.Conditions, new SpanCondition([new SpanPredicate(SpanField.Duration, PredicateOperator.AtLeast, Number: 0)])] };
                Assert.Equal(await MatchingAsync(store.Oracle, scan), await MatchingAsync(store.Store, scan));
            }
        }
    }

    private static IEnumerable<SpanCondition?> Conditions() =>
    [
        null,
        new SpanCondition([new SpanPredicate(SpanField.Service, PredicateOperator.Equal) { Text = "payments" }]),
        new SpanCondition([new SpanPredicate(SpanField.Attribute, PredicateOperator.Equal) { Key = "user.id", Text = "3.0" }]),
        new SpanCondition([new SpanPredicate(SpanField.Name, PredicateOperator.Contains) { Text = "orders" }]),
        new SpanCondition([new SpanPredicate(SpanField.Name, PredicateOperator.Equal) { Text = "nothing has this name" }]),
    ];

    /// <summary>The places of the traces that match, in order: a store may return others besides.</summary>
    private static async Task<List<TraceCursor>> MatchingAsync(ITraceStore store, SpanScan scan)
    {
        var places = new List<TraceCursor>();
        foreach (var (block, slice) in await StoreComparison.ReadAsync(store, scan))
        {
            var rows = new bool[block.Count];
            rows.AsSpan(slice.FirstRow, slice.Count).Fill(true);
            if (!scan.Conditions.IsEmpty) new ConditionEvaluator(scan.Conditions[0]).Narrow(block, rows);
            if (rows.Contains(true)) places.Add(slice.Cursor);
        }
        return places;
    }
}
