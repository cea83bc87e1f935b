// Traces larger than anyone should send, to see that cost stays in proportion.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

/// <summary>One trace of a given shape and size.</summary>
internal static class LargeTraces
{
    private static readonly NaiveResource[] Resources = [NaiveResource.Of("shop"), NaiveResource.Of("pay"), NaiveResource.Of("worker")];

    /// <param name="shape">wide: all below one span, overlapping. deep: one chain, each within its parent. overhanging: one chain, each starting and ending before its parent, no root.
    /// orphans: half below one root, half without their parents. random: a random tree, clocks off here and there.</param>
    public static SpanBlock Of(string shape, int count)
    {
        var dice = new Random(7);
        var spans = new List<NaiveSpan>(count);
        for (var i = 0; i < count; i++)
        {
            var (parent, start, end) = shape switch
            {
                "wide" => (i == 0 ? 0 : 1, i == 0 ? 0 : dice.Next(count), i == 0 ? 3L * count : count + dice.Next(2 * count)),
                "deep" => (i, i, 3L * count - i),
                "overhanging" => (i == 0 ? 77_777_777 : i, 2L * count - i, 3L * count - i),
                "orphans" => (i == 0 ? 0 : i % 2 == 0 ? 1 : 77_000_000 + i, i, i == 0 ? 3L * count : i + dice.Next(count)),
                _ => (i == 0 ? 0 : 1 + dice.Next(i), i == 0 ? 0 : i + (long)dice.Next(100), i == 0 ? 3L * count : i + 100 + (long)dice.Next(count)),
            };
            spans.Add(new NaiveSpan
            {
                TraceId = new TraceId(0, 1),
                SpanId = new SpanId((ulong)i + 1),
                ParentSpanId = new SpanId((ulong)parent),
                Start = new UnixNanos(1_000_000_000_000 + start * 1_000),
                End = new UnixNanos(1_000_000_000_000 + end * 1_000),
                Kind = shape == "random" ? (SpanKind)dice.Next(6) : SpanKind.Internal,
                Name = "operation " + i % 100,
                Status = i % 50 == 0 ? StatusCode.Error : StatusCode.Unset,
                Resource = Resources[shape == "random" ? dice.Next(3) : 0],
            });
        }
        return Blocks.From(spans, SpanParts.Core);
    }
}
