// The critical path by operation.
using Waymark.Model.Stores;
using Waymark.Query.Analysis;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

public sealed class ContributorsTests
{
    [Fact]
    public void The_largest_five_are_named_the_rest_is_one_entry_and_time_without_spans_another() => Assert.Equal(
        [
            "Operation db SELECT 8 x2",
            "Operation a one 6 x1",
            "Operation f six 5 x1",
            "Operation b two 4 x1",
            "Operation c three 3 x1",
            "Other   3 x2",
            "Gap   2 x0",
        ],
        Of("""
            db    SELECT  |====  ====                     |  orphan
            a     one     |          ======               |  orphan
            b     two     |                ====           |  orphan
            c     three   |                    ===        |  orphan
            d     four    |                       =       |  orphan
            e     five    |                        ==     |  orphan
            f     six     |                          =====|  orphan
            """));

    [Fact]
    public void The_times_sum_to_the_path_whatever_the_trace()
    {
        foreach (var spans in AnalysisTraces.Many(21, 1_500))
        {
            var block = Blocks.From(spans, SpanParts.Core);
            var trace = block.Traces[0];
            var timeline = TraceTimeline.Of(block, trace);
            var path = CriticalPath.Of(block, trace, timeline);
            var contributors = Contributors.Of(block, trace, path);
            Assert.Equal(path.Duration.Value, contributors.Sum(c => c.Time.Value));
            Assert.All(contributors, c => Assert.True(c.Time.Value > 0));
            Assert.Equal(path.Duration.Value == 0 ? 0 : 1, contributors.Sum(c => c.Share), 9);
            var named = contributors.Where(c => c.Kind == ContributorKind.Operation).ToList();
            Assert.InRange(named.Count, 0, Contributors.Most);
            Assert.Equal(named.OrderByDescending(c => c.Time.Value).ThenBy(c => c.Row), named);
            Assert.All(named, c => Assert.Equal((c.Service, c.Operation), (block.Texts.String(block.Service(c.Row)), block.Texts.String(block.Name[c.Row]))));
            Assert.All(named, c => Assert.Equal(c.Time.Value, Enumerable.Range(0, block.Count).Where(row => Blocks.ToSpans(block)[row] is var s && s.Service == c.Service && s.Name == c.Operation).Sum(row => path.Critical[row].Value)));
            Assert.Equal(path.Critical.Count(time => time.Value > 0), contributors.Sum(c => c.Spans));
            Assert.Equal(named.FirstOrDefault(), TraceAnalysis.TopContributor(block, trace, timeline));
        }
    }

    private static IEnumerable<string> Of(string drawing)
    {
        var drawn = DrawnTrace.Of(drawing);
        var path = CriticalPath.Of(drawn.Block, drawn.Trace, TraceTimeline.Of(drawn.Block, drawn.Trace));
        return Contributors.Of(drawn.Block, drawn.Trace, path).Select(c => $"{c.Kind} {c.Service} {c.Operation} {c.Time.Value / drawn.Cell.Value} x{c.Spans}");
    }
}
