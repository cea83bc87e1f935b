// The layout's head and analysis: what is stated once must agree with the columns and with itself.
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Query.Analysis;
using Waymark.Server.Api.Native;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Native;

public sealed class LayoutTests
{
    private const long Base = 1_767_225_600_000_000_000;

    [Fact]
    public async Task Head_and_columns_are_the_analysis_of_the_trace()
    {
        await using var host = await ApiHost.StartAsync();
        for (var seed = 0; seed < 20 * TestScale.Factor; seed++)
        {
            var spans = new RandomSpans(seed) { Oddity = 0.2 }.Trace();
            host.Store.Add(spans);
            var layout = await host.GetAsync($"/api/v1/traces/{spans[0].TraceId}/layout");
            var block = Blocks.From(spans);
            var analysis = TraceAnalysis.Of(block, block.Traces[0]);
            var start = block.Traces[0].Start.Value;
            Assert.Equal(spans.Count(s => s.Status == StatusCode.Error), Number(layout["errorCount"]));
            Assert.Equal(analysis.Timeline.From.Value - start, Number(layout["fromNanos"]));
            Assert.Equal(analysis.Timeline.To.Value - start, Number(layout["toNanos"]));
            Assert.Equal(analysis.Timeline.SkewedSpans, Number(layout["skewedSpanCount"]));
            Assert.Equal(analysis.Timeline.Skew.Select(s => s.Value), Column(layout["skewNanos"]));
            Assert.Equal(analysis.Self.Select(s => s.Value), Column(layout["selfNanos"]));
            Assert.Equal(analysis.CriticalPath.Critical.Select(s => s.Value), Column(layout["criticalNanos"]));
            AssertPath(analysis.CriticalPath, start, layout["criticalPath"]!);
            AssertContributors(analysis, layout);
            AssertVerdict(analysis.Verdict, layout["verdict"]!);
        }
    }

    private static void AssertPath(CriticalPath path, long start, JsonNode actual)
    {
        Assert.Equal(path.RootRow, Number(actual["rootRow"]));
        Assert.Equal(path.From.Value - start, Number(actual["fromNanos"]));
        Assert.Equal(path.To.Value - start, Number(actual["toNanos"]));
        Assert.Equal(path.Segments.Select(s => (long)s.Row), Column(actual["row"]));
        Assert.Equal(path.Segments.Select(s => s.From.Value - start), Column(actual["startNanos"]));
        Assert.Equal(path.Segments.Select(s => s.To.Value - start), Column(actual["endNanos"]));
    }

    private static void AssertContributors(TraceAnalysis analysis, JsonNode layout)
    {
        var services = layout["services"]!.AsArray();
        var names = layout["names"]!.AsArray();
        var actual = layout["contributors"]!.AsArray();
        Assert.Equal(analysis.Contributors.Length, actual.Count);
        foreach (var (expected, found) in analysis.Contributors.Zip(actual))
        {
            Assert.Equal((expected.Time.Value, expected.Spans), (Number(found!["nanos"]), (int)Number(found["spanCount"])));
            Assert.Equal(expected.Share, found["share"]!.GetValue<double>());
            Assert.Equal(expected.Kind == ContributorKind.Gap, found["isGap"]!.GetValue<bool>());
            var (service, name) = ((int)Number(found["service"]), (int)Number(found["name"]));
            if (expected.Kind != ContributorKind.Operation) Assert.Equal((-1, -1), (service, name));
            else Assert.Equal((expected.Service, expected.Operation), (services[service]!.GetValue<string>(), names[name]!.GetValue<string>()));
        }
    }

    private static void AssertVerdict(Verdict verdict, JsonNode actual)
    {
        Assert.Equal(verdict.Kind.ToString(), actual["kind"]!.GetValue<string>(), ignoreCase: true);
        Assert.Equal((verdict.Time.Value, (long)verdict.Spans), (Number(actual["nanos"]), Number(actual["spanCount"])));
        Assert.Equal(verdict.Share, actual["share"]!.GetValue<double>());
        Assert.Equal(verdict.ToString(), string.Concat(actual["parts"]!.AsArray().Select(p => p!["text"]!.GetValue<string>())));
        Assert.Equal(verdict.Parts.Select(p => p.Style.ToString().ToLowerInvariant()), actual["parts"]!.AsArray().Select(p => p!["style"]!.GetValue<string>()));
        Assert.Equal(verdict.Rows.Select(r => (long)r), Column(actual["rows"]));
    }

    [Fact]
    public async Task Events_are_ticks_on_their_rows_and_missing_parents_are_named()
    {
        await using var host = await ApiHost.StartAsync();
        for (var seed = 0; seed < 20 * TestScale.Factor; seed++)
        {
            var spans = new RandomSpans(seed) { Oddity = 0.2 }.Trace();
            host.Store.Add(spans);
            var layout = await host.GetAsync($"/api/v1/traces/{spans[0].TraceId}/layout");
            var rows = NaiveTopology.Rows(spans);
            var start = spans.Min(s => s.Start.Value);
            Assert.Equal(rows.SelectMany((r, i) => r.Span.Events.Select(_ => (long)i)), Column(layout["eventRow"]));
            Assert.Equal(rows.SelectMany(r => r.Span.Events.Select(e => e.Time.Value - start)), Column(layout["eventNanos"]));
            Assert.False(layout["isEventsCut"]!.GetValue<bool>());
            Assert.Equal(
                rows.Select((r, i) => (Row: (long)i, Span: r.Span, r.Marks)).Where(r => r.Marks.HasFlag(Waymark.Model.Stores.SpanMarks.Orphan)).Select(r => (r.Row, r.Span.ParentSpanId.ToString())),
                layout["missingParents"]!.AsArray().Select(m => (Number(m!["row"]), m["parentSpanId"]!.GetValue<string>())));
        }
    }

    [Fact]
    public async Task Very_many_events_are_cut_and_every_tick_has_its_row()
    {
        await using var host = await ApiHost.StartAsync();
        // Uneven: rows without events in between, and more events than one look at the buffer covers.
        host.Store.Add(Enumerable.Range(0, 2000).Select(i => Span((ulong)i + 1, i == 0 ? 0UL : 1) with
        {
            Start = new UnixNanos(Base + i),
            Events = [.. Enumerable.Range(0, i % 3 == 0 ? 0 : i % 32).Select(e => new NaiveEvent(new UnixNanos(Base + (i * 100) + e), "e", []))],
        }));
        var layout = await host.GetAsync("/api/v1/traces/1/layout");
        Assert.True(layout["isEventsCut"]!.GetValue<bool>());
        var expected = Enumerable.Range(0, 2000).SelectMany(i => Enumerable.Range(0, i % 3 == 0 ? 0 : i % 32).Select(e => ((long)i, (i * 100L) + e))).Take(LayoutWriter.MaxEvents);
        Assert.Equal(expected, Column(layout["eventRow"]).Zip(Column(layout["eventNanos"])));
    }

    [Fact]
    public async Task Services_have_the_same_ordinal_everywhere_whatever_trace_they_are_met_in()
    {
        await using var host = await ApiHost.StartAsync();
        var (shop, cart, pay) = (NaiveResource.Of("shop"), NaiveResource.Of("cart"), NaiveResource.Of("pay"));
        host.Store.Add(Span(1, 0) with { Resource = shop }, Span(2, 1) with { Resource = cart, Start = new UnixNanos(Base + 1) });
        host.Store.Add(
            Span(1, 0) with { TraceId = new TraceId(0, 2), Resource = pay },
            Span(2, 1) with { TraceId = new TraceId(0, 2), Resource = cart, Start = new UnixNanos(Base + 1) },
            Span(3, 1) with { TraceId = new TraceId(0, 2), Resource = shop, Start = new UnixNanos(Base + 2) });
        Assert.Equal("[0,1]", (await host.GetAsync("/api/v1/traces/1/layout"))["serviceOrdinals"]!.ToJsonString());
        Assert.Equal("[2,1,0]", (await host.GetAsync("/api/v1/traces/2/layout"))["serviceOrdinals"]!.ToJsonString());
        var services = (await host.GetAsync("/api/v1/services"))["services"]!.AsArray();
        Assert.Equal([("cart", 1), ("pay", 2), ("shop", 0)], services.Select(s => (s!["name"]!.GetValue<string>(), s["ordinal"]!.GetValue<int>())));
        var listed = (await host.GetAsync("/api/v1/traces"))["traces"]!.AsArray().SelectMany(t => t!["services"]!.AsArray());
        Assert.Equal([("cart", 1), ("pay", 2), ("shop", 0)], listed.Select(s => (s!["name"]!.GetValue<string>(), s["ordinal"]!.GetValue<int>())).Distinct().Order());
    }

    private static long Number(JsonNode? node) => node!.GetValue<long>();

    private static IEnumerable<long> Column(JsonNode? column) => column!.AsArray().Select(v => v!.GetValue<long>());

    private static NaiveSpan Span(ulong id, ulong parent) => new()
    {
        TraceId = new TraceId(0, 1),
        SpanId = new SpanId(id),
        ParentSpanId = new SpanId(parent),
        Start = new UnixNanos(Base),
        End = new UnixNanos(Base + 10_000),
    };
}
