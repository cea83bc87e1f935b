// Random traces for analysis: dense in time, so that overlaps, ties and boundaries are the rule.
using Waymark.Model.Spans;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

/// <summary>A seeded source of small traces whose times and kinds are chosen to meet each other.</summary>
internal static class AnalysisTraces
{
    private static readonly NaiveResource[] Resources =
        [NaiveResource.Of("a"), NaiveResource.Of("b"), NaiveResource.Of("b", NaiveAttribute.Text("host.name", "h2")), NaiveResource.Of("c"), NaiveResource.Empty];

    /// <summary>Random trees over a short stretch of time: several roots, orphans, cycles, spans of no or negative length, clocks that are off, messages.</summary>
    public static List<NaiveSpan> Dense(Random dice)
    {
        var count = dice.Next(1, 14);
        var unit = dice.Next(3) == 0 ? 1_000_000L : 1;
        var spans = new List<NaiveSpan>();
        for (var i = 1; i <= count; i++)
        {
            var start = dice.Next(0, 40) + 1_000;
            var parent = i == 1 || dice.Next(12) == 0 ? 0 : dice.Next(10) == 0 ? 900 + dice.Next(3) : dice.Next(1, i);
            if (dice.Next(40) == 0) parent = dice.Next(1, count + 1);
            spans.Add(new NaiveSpan
            {
                TraceId = new TraceId(0, 1),
                SpanId = new SpanId((ulong)i),
                ParentSpanId = new SpanId((ulong)parent),
                Start = new UnixNanos(start * unit),
                End = new UnixNanos((start + (i == 1 ? 40 : dice.Next(-3, 40))) * unit),
                Kind = (SpanKind)dice.Next(0, 6),
                Name = "op" + dice.Next(3),
                Status = dice.Next(4) == 0 ? StatusCode.Error : StatusCode.Unset,
                Resource = Resources[dice.Next(Resources.Length)],
            });
        }
        return spans;
    }

    /// <summary>Many traces of all kinds: the dense ones, and those of <see cref="RandomSpans"/> with oddities from none to mostly odd.</summary>
    public static IEnumerable<List<NaiveSpan>> Many(int seed, int count)
    {
        var dice = new Random(seed);
        var calm = new RandomSpans(seed) { Oddity = 0 };
        var odd = new RandomSpans(seed + 1) { Oddity = 0.5, MaxSpans = 60 };
        for (var round = 0; round < count * TestScale.Factor; round++)
        {
            yield return (round % 4) switch
            {
                0 => calm.Trace(),
                1 => odd.Trace(),
                _ => Dense(dice),
            };
        }
    }
}
