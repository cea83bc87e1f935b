// What every store promises, whatever is behind it: one suite for the embedded store and for the naive one that stands in for it in other tests.
using System.Collections.Frozen;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public abstract class StoreContract : IAsyncLifetime
{
    private readonly RandomSpans spans = new(7);
    private ITraceStore? store;

    /// <summary>For the derived class's store.</summary>
    private protected TestTime Time { get; } = new();

    private ITraceStore Traces => store!;
    private ISpanWriter Writer => (ISpanWriter)store!;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        if (store is IAsyncDisposable disposable) await disposable.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<ITraceStore> OpenAsync();

    [Fact]
    public async Task A_stored_trace_comes_back_as_it_was_sent()
    {
        for (var round = 0; round < 50 * TestScale.Factor; round++)
        {
            var trace = spans.Trace();
            var receipt = await Writer.WriteAsync(Requests.Protobuf(trace), Cancellation);
            Assert.Equal(WriteOutcome.Stored, receipt.Outcome);
            Assert.Equal(trace.Count, receipt.Report.Accepted);
            var found = await Traces.FindTraceAsync(trace[0].TraceId, Cancellation);
            Assert.Equal(NaiveTopology.Rows(trace).Select(r => r.Span), Blocks.ToSpans(found!));
        }
    }

    [Fact]
    public async Task A_trace_comes_back_with_the_parts_that_were_selected()
    {
        for (var round = 0; round < 50 * TestScale.Factor; round++)
        {
            var trace = spans.Trace();
            await Writer.WriteAsync(Requests.Protobuf(trace), Cancellation);
            var whole = Blocks.ToSpans((await Traces.FindTraceAsync(trace[0].TraceId, Cancellation))!);
            var keys = whole.SelectMany(Elements).SelectMany(e => e).Select(a => a.Key).Distinct().Where((_, n) => n % 3 == round % 3).ToFrozenSet();
            var ids = whole.Select(s => s.SpanId).Where((_, n) => n % 2 == 0).ToFrozenSet();

            var withKeys = Blocks.ToSpans((await Traces.FindTraceAsync(trace[0].TraceId, SpanSelection.All with { Keys = keys }, Cancellation))!);
            Assert.Equal(whole.Select(s => Only(s, keys)), withKeys.Select(s => Only(s, keys)));

            var withSpans = Blocks.ToSpans((await Traces.FindTraceAsync(trace[0].TraceId, SpanSelection.All with { Spans = ids }, Cancellation))!);
            Assert.Equal(whole.Select(s => ids.Contains(s.SpanId) ? s : Bare(s)), withSpans.Select(s => ids.Contains(s.SpanId) ? s : Bare(s)));

            var core = Blocks.ToSpans((await Traces.FindTraceAsync(trace[0].TraceId, new SpanSelection(SpanParts.Core), Cancellation))!);
            Assert.Equal(whole.Select(Bare), core.Select(Bare));
        }
    }

    private static NaiveSpan Bare(NaiveSpan span) => span with { Attributes = [], Events = [], Links = [] };

    private static IEnumerable<Sequence<NaiveAttribute>> Elements(NaiveSpan span) => [span.Attributes, .. span.Events.Select(e => e.Attributes), .. span.Links.Select(l => l.Attributes)];

    private static NaiveSpan Only(NaiveSpan span, FrozenSet<string> keys)
    {
        return span with
        {
            Attributes = Wanted(span.Attributes),
            Events = [.. span.Events.Select(e => e with { Attributes = Wanted(e.Attributes) })],
            Links = [.. span.Links.Select(l => l with { Attributes = Wanted(l.Attributes) })],
        };

        Sequence<NaiveAttribute> Wanted(Sequence<NaiveAttribute> attributes) => [.. attributes.Where(a => keys.Contains(a.Key))];
    }

    [Fact]
    public async Task An_unknown_trace_is_not_there()
    {
        await Writer.WriteAsync(Requests.Protobuf(spans.Trace()), Cancellation);
        Assert.Null(await Traces.FindTraceAsync(new TraceId(1, 2), Cancellation));
    }

    [Fact]
    public async Task A_span_at_the_last_nanosecond_there_is_is_listed_where_no_end_is_set()
    {
        var span = spans.Span() with { Start = UnixNanos.Max, End = UnixNanos.Max };
        await Writer.WriteAsync(Requests.Protobuf(span), Cancellation);
        Assert.Equal(span.TraceId, Assert.Single((await TraceSearch.FindAsync(Traces, new TraceFilter(), Cancellation)).Traces).Id);
        var before = new TimeRange(UnixNanos.Min, new UnixNanos(UnixNanos.Max.Value - 1));
        Assert.Empty((await TraceSearch.FindAsync(Traces, new TraceFilter { Range = before }, Cancellation)).Traces);
    }

    [Fact]
    public async Task An_empty_store_answers_with_nothing()
    {
        Assert.Empty(await StoreComparison.ReadAsync(Traces, new SpanScan()));
        Assert.Empty(await Traces.GetOperationsAsync(Cancellation));
        Assert.Equal(0, Traces.GetStatus().Spans);
        Assert.Null(Traces.GetStatus().ReadOnlyReason);
    }

    [Fact]
    public async Task The_same_bytes_are_stored_once()
    {
        var request = Requests.Protobuf(spans.Trace());
        Assert.Equal(WriteOutcome.Stored, (await Writer.WriteAsync(request, Cancellation)).Outcome);
        Assert.Equal(WriteOutcome.AlreadyStored, (await Writer.WriteAsync(request, Cancellation)).Outcome);
        Assert.Equal(WriteOutcome.AlreadyStored, (await Writer.WriteAsync(Requests.Gzip(request), Cancellation)).Outcome);
        Assert.Equal(2, Traces.GetStatus().DuplicateRequests);
    }

    [Fact]
    public async Task A_span_that_comes_again_in_other_bytes_counts_once_and_keeps_its_first_content()
    {
        var span = spans.Span();
        await Writer.WriteAsync(Requests.Protobuf(span with { Name = "first" }), Cancellation);
        await Writer.WriteAsync(Requests.Protobuf(span with { Name = "second" }), Cancellation);
        var block = await Traces.FindTraceAsync(span.TraceId, Cancellation);
        Assert.Equal("first", Assert.Single(Blocks.ToSpans(block!)).Name);
        Assert.Equal(1, block!.Traces[0].Duplicates);
    }

    [Fact]
    public async Task A_request_without_spans_stores_nothing()
    {
        Assert.Equal(WriteOutcome.NothingToStore, (await Writer.WriteAsync(Requests.Plain(BodyKind.OtlpProtobuf, []), Cancellation)).Outcome);
        Assert.Equal(WriteOutcome.NothingToStore, (await Writer.WriteAsync(Requests.Plain(BodyKind.OtlpJson, "{}"u8.ToArray()), Cancellation)).Outcome);
        Assert.Equal(0, Traces.GetStatus().Spans);
    }

    [Fact]
    public async Task A_malformed_request_leaves_nothing_behind()
    {
        var trace = spans.Trace();
        var body = Requests.ProtobufBody(trace);
        for (var cut = 1; cut < Math.Min(body.Length, 400); cut += 7)
        {
            var receipt = await Writer.WriteAsync(Requests.Plain(BodyKind.OtlpProtobuf, body[..^cut]), Cancellation);
            Assert.Equal(WriteOutcome.Malformed, receipt.Outcome);
            Assert.True(receipt.Report.IsMalformed);
        }
        Assert.Null(await Traces.FindTraceAsync(trace[0].TraceId, Cancellation));
        await Writer.WriteAsync(Requests.Plain(BodyKind.OtlpProtobuf, body), Cancellation);
        Assert.Equal(NaiveTopology.Rows(trace).Select(r => r.Span), Blocks.ToSpans((await Traces.FindTraceAsync(trace[0].TraceId, Cancellation))!));
    }

    [Fact]
    public async Task Rejected_spans_are_left_out_and_counted()
    {
        var trace = spans.Trace();
        var receipt = await Writer.WriteAsync(Requests.Protobuf([trace[0] with { SpanId = default }, .. trace]), Cancellation);
        Assert.Equal(WriteOutcome.Stored, receipt.Outcome);
        Assert.Equal(1, receipt.Report.Rejected[(int)Reject.SpanIdZero]);
        Assert.Equal(trace.Count, (await Traces.FindTraceAsync(trace[0].TraceId, Cancellation))!.Count);
        Assert.Equal(WriteOutcome.NothingToStore, (await Writer.WriteAsync(Requests.Protobuf(trace[0] with { SpanId = default }), Cancellation)).Outcome);
    }

    [Fact]
    public async Task One_set_of_bytes_with_another_schema_url_is_another_resource()
    {
        var span = spans.Span() with { Resource = NaiveResource.Of("a"), Scope = new NaiveScope("s", "1", []) };
        List<NaiveSpan> sent =
        [
            span,
            span with { SpanId = new SpanId(2), Resource = span.Resource with { SchemaUrl = "urn:1" } },
            span with { SpanId = new SpanId(3), Scope = span.Scope with { SchemaUrl = "urn:2" } },
            span with { SpanId = new SpanId(4), Resource = span.Resource with { DroppedAttributes = 3 } },
        ];
        foreach (var one in sent) await Writer.WriteAsync(Requests.Protobuf(one), Cancellation);
        var found = Blocks.ToSpans((await Traces.FindTraceAsync(span.TraceId, Cancellation))!);
        Assert.Equal(sent.OrderBy(s => s.SpanId), found.OrderBy(s => s.SpanId));
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(0, 100, false)]
    [InlineData(100, 101, true)]
    [InlineData(101, 1000, false)]
    [InlineData(99, 100, false)]
    [InlineData(100, 100, false)]
    public async Task A_range_holds_its_first_nanosecond_and_not_its_last(long from, long to, bool isThere)
    {
        var start = from == 0 && to == 1 ? 0 : 100;
        await Writer.WriteAsync(Requests.Protobuf(spans.Span() with { Start = new UnixNanos(start), End = new UnixNanos(500) }), Cancellation);
        var page = await TraceSearch.FindAsync(Traces, new TraceFilter { Range = new TimeRange(new UnixNanos(from), new UnixNanos(to)) }, Cancellation);
        Assert.Equal(isThere ? 1 : 0, page.Traces.Length);
    }

    [Fact]
    public async Task Extreme_times_come_back_as_sent()
    {
        List<(long Start, long End)> times = [(0, 0), (0, long.MaxValue), (long.MaxValue, 0), (long.MaxValue, long.MaxValue), (5, 4)];
        var template = spans.Span();
        var trace = times.Select((t, i) => template with { SpanId = new SpanId((ulong)i + 1), Start = new UnixNanos(t.Start), End = new UnixNanos(t.End) }).ToList();
        await Writer.WriteAsync(Requests.Protobuf(trace), Cancellation);
        Assert.Equal(NaiveTopology.Rows(trace).Select(r => r.Span), Blocks.ToSpans((await Traces.FindTraceAsync(template.TraceId, Cancellation))!));
    }

    [Fact]
    public async Task Pages_that_are_read_while_traces_arrive_skip_none_that_was_there()
    {
        var before = Enumerable.Range(0, 40).Select(_ => spans.Trace()).ToList();
        foreach (var trace in before) await Writer.WriteAsync(Requests.Protobuf(trace), Cancellation);
        var seen = new HashSet<TraceId>();
        var filter = new TraceFilter { Limit = 3 };
        while (true)
        {
            var page = await TraceSearch.FindAsync(Traces, filter, Cancellation);
            foreach (var trace in page.Traces) seen.Add(trace.Id);
            if (page.Next is null) break;
            filter = filter with { After = page.Next };
            // A new trace, and an earlier span of one that is there: it moves towards the end, and may be seen twice.
            var moved = spans.Pick(before)[0];
            await Writer.WriteAsync(Requests.Protobuf([.. spans.Trace(), moved with { SpanId = spans.SpanId(), Start = new UnixNanos(moved.Start.Value - 5_000_000_000) }]), Cancellation);
        }
        Assert.Subset(seen, before.Select(t => t[0].TraceId).ToHashSet());
    }

    [Fact]
    public async Task Operations_are_counted_by_service_name_and_kind()
    {
        var sent = Enumerable.Range(0, 30).SelectMany(_ => spans.Trace()).ToList();
        foreach (var chunk in sent.Chunk(7)) await Writer.WriteAsync(Requests.Protobuf(chunk), Cancellation);
        var expected = sent.GroupBy(s => (s.Service, s.Name, s.Kind))
            .OrderBy(g => g.Key.Service, StringComparer.Ordinal).ThenBy(g => g.Key.Name, StringComparer.Ordinal).ThenBy(g => g.Key.Kind)
            .Select(g => new OperationSummary(g.Key.Service, g.Key.Name, g.Key.Kind, g.Count(), g.Max(s => s.Start)));
        Assert.Equal(expected, await Traces.GetOperationsAsync(Cancellation));
    }

    [Fact]
    public async Task A_scan_fills_in_the_parts_that_were_asked_for()
    {
        var trace = spans.Trace();
        await Writer.WriteAsync(Requests.Protobuf(trace), Cancellation);
        foreach (var parts in new[] { SpanParts.Core, SpanParts.Attributes, SpanParts.Events, SpanParts.Links, SpanParts.Attributes | SpanParts.Links, SpanParts.All })
        {
            var block = Assert.Single(await StoreComparison.ReadAsync(Traces, new SpanScan { Parts = parts })).Block;
            var expected = NaiveTopology.Rows(trace).Select(r => r.Span with
            {
                Attributes = parts.HasFlag(SpanParts.Attributes) ? r.Span.Attributes : [],
                Events = parts.HasFlag(SpanParts.Events) ? r.Span.Events : [],
                Links = parts.HasFlag(SpanParts.Links) ? r.Span.Links : [],
            });
            Assert.Equal(expected, Blocks.ToSpans(block));
        }
    }

    [Fact]
    public async Task A_scan_with_more_conditions_than_a_store_may_have_room_for_still_finds_its_trace()
    {
        var span = spans.Span() with { Attributes = [.. Enumerable.Range(0, 40).Select(i => NaiveAttribute.Int($"k{i}", i))] };
        await Writer.WriteAsync(Requests.Protobuf(span), Cancellation);
        var filter = new TraceFilter { Attributes = [.. Enumerable.Range(0, 40).Select(i => new AttributeFilter($"k{i}", $"{i}"))] };
        Assert.Single((await TraceSearch.FindAsync(Traces, filter, Cancellation)).Traces);
    }

    [Fact]
    public async Task A_scan_for_links_to_a_trace_finds_every_trace_that_has_one()
    {
        var ids = Enumerable.Range(0, 6).Select(_ => spans.TraceId()).ToList();
        var sent = new List<NaiveSpan>();
        for (var round = 0; round < 40 * TestScale.Factor; round++)
        {
            // Traces without links, with links to others, and in pieces of which only one has the link.
            var links = Enumerable.Range(0, round % 4 == 0 ? 0 : round % 5).Select(i => new NaiveLink(ids[(round + i) % ids.Count], spans.SpanId(), "", 0, [], 0)).ToList();
            var trace = spans.Trace().Select((s, i) => i == round % 7 ? s with { Links = [.. links] } : s).ToList();
            sent.AddRange(trace);
            foreach (var piece in round % 3 == 0 ? trace.Chunk(2) : [[.. trace]]) await Writer.WriteAsync(Requests.Protobuf(piece), Cancellation);
        }
        foreach (var id in ids.Append(new TraceId(1, 2)))
        {
            var scan = new SpanScan
            {
                Conditions = [new SpanCondition([new SpanPredicate(SpanField.LinkedTrace, PredicateOperator.Equal, Trace: id)])],
                Parts = SpanParts.Links,
            };
            var matcher = new TraceMatcher(scan);
            var found = new Dictionary<TraceId, int>();
            await foreach (var block in Traces.ScanAsync(scan, Cancellation))
            {
                var matched = matcher.Match(block);
                for (var t = 0; t < matched.Length; t++)
                {
                    if (matched[t] > 0) found.Add(block.Traces[t].Id, matched[t]);
                }
            }
            var expected = sent.Where(s => s.Links.Any(l => l.TraceId == id)).GroupBy(s => s.TraceId).ToDictionary(t => t.Key, t => t.Count());
            Assert.Equal(expected.OrderBy(t => t.Key), found.OrderBy(t => t.Key));
        }
    }

    [Fact]
    public async Task Measurements_count_each_span_once_whatever_pieces_its_trace_came_in()
    {
        var measures = new RandomMeasures(11, spans);
        var sent = new List<NaiveSpan>();
        var late = new List<NaiveSpan>();
        for (var round = 0; round < 25 * TestScale.Factor; round++)
        {
            // Some spans stay behind, some come again in other bytes, some are orphans until their parents come.
            var batch = spans.Traces(2).Concat(late).ToList();
            late = [.. batch.Where((_, i) => i % 7 == round % 7)];
            batch.RemoveAll(late.Contains);
            if (sent.Count > 0 && round % 3 == 0) batch.Add(spans.Pick(sent) with { Name = "again", Status = StatusCode.Ok });
            if (batch.Count == 0) continue;
            sent.AddRange(batch);
            await Writer.WriteAsync(Requests.Protobuf(batch), Cancellation);
            for (var question = 0; question < 12; question++)
            {
                var measure = measures.Next(sent);
                var measured = await Traces.MeasureAsync(measure, Cancellation);
                Assert.Equal(NaiveMeasure.Describe(NaiveMeasure.Of(sent, measure)), NaiveMeasure.Describe(measured));
            }
        }
    }

    [Fact]
    public async Task An_empty_store_measures_nothing()
    {
        Assert.Equal(new MeasuredGroup(null, 0, null), Assert.Single((await Traces.MeasureAsync(new SpanMeasure(), Cancellation)).Groups));
        Assert.Empty((await Traces.MeasureAsync(new SpanMeasure { By = new MeasureGroup(MeasureField.Name) }, Cancellation)).Groups);
    }

    [Fact]
    public async Task Names_and_attributes_are_found_by_what_they_contain()
    {
        var resource = NaiveResource.Of("shop", NaiveAttribute.Text("host.name", "node-17.eu"));
        var span = spans.Span() with { Name = "SELECT orders", Resource = resource, Attributes = [NaiveAttribute.Text("db.query.text", "SELECT * FROM orders WHERE größe = 3"), NaiveAttribute.Int("n", 123)] };
        await Writer.WriteAsync(Requests.Protobuf(span), Cancellation);
        Assert.True(await FindsAsync(SpanField.Name, "LECT ord"));
        Assert.True(await FindsAsync(SpanField.Name, ""));
        Assert.False(await FindsAsync(SpanField.Name, "select"));
        Assert.True(await FindsAsync(SpanField.Attribute, "größe", "db.query.text"));
        Assert.True(await FindsAsync(SpanField.Attribute, "17.eu", "host.name"));
        Assert.False(await FindsAsync(SpanField.Attribute, "17.eu", "db.query.text"));
        Assert.False(await FindsAsync(SpanField.Attribute, "2", "n"));

        async Task<bool> FindsAsync(SpanField field, string text, string key = "")
        {
            var condition = new SpanCondition([new SpanPredicate(field, PredicateOperator.Contains, text, Key: key)]);
            var scan = new SpanScan { Conditions = [condition], Parts = SpanParts.Attributes };
            var matcher = new TraceMatcher(scan);
            var found = (await StoreComparison.ReadAsync(Traces, scan)).Any(t => matcher.Match(t.Block).Any(m => m > 0));
            Assert.Equal(found ? 1 : 0, (await Traces.MeasureAsync(new SpanMeasure { Where = condition }, Cancellation)).Count);
            return found;
        }
    }

    [Fact]
    public void Services_are_numbered_as_they_are_first_asked_about() =>
        Assert.Equal([0, 1, 2, 1, 0], new[] { "shop", "", "größe", "", "shop" }.Select(Traces.OrdinalOf));
}
