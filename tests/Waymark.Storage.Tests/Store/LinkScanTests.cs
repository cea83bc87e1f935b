// A scan for links reads what may have them and nothing else.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class LinkScanTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Traces_without_such_a_link_are_ruled_out_by_the_store_itself(bool isSealed)
    {
        await using var test = await TestStore.OpenAsync();
        var random = new RandomSpans(3) { Oddity = 0 };
        var target = random.TraceId();
        var linked = new List<TraceId>();
        for (var i = 0; i < 30; i++)
        {
            var trace = random.Trace();
            if (i % 10 == 9)
            {
                trace[^1] = trace[^1] with { Links = [new NaiveLink(random.TraceId(), default, "", 0, [], 0), new NaiveLink(target, random.SpanId(), "", 0, [], 0)] };
                linked.Add(trace[0].TraceId);
            }
            await test.WriteAsync(Requests.Protobuf(trace), trace);
            // Segments of ten traces, the last of which is the one with links; then one without any.
            if (isSealed && i is 9 or 19 or 24 or 29) await test.Store.SealNowAsync();
        }
        var scan = new SpanScan
        {
            Conditions = [new SpanCondition([new SpanPredicate(SpanField.LinkedTrace, PredicateOperator.Equal, Trace: target)])],
            Parts = SpanParts.Links,
        };
        Assert.Equal(linked.Order(), (await StoreComparison.ReadAsync(test.Store, scan)).Select(t => t.Slice.Id).Order());
        var other = scan with { Conditions = [new SpanCondition([new SpanPredicate(SpanField.LinkedTrace, PredicateOperator.Equal, Trace: new TraceId(9, 9))])] };
        Assert.Empty(await StoreComparison.ReadAsync(test.Store, other));
    }
}
