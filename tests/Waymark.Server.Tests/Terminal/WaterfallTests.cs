// A trace as it is drawn, against golden files, and the limits of what is drawn.
using System.Text.RegularExpressions;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Server.Terminal;

namespace Waymark.Server.Tests.Terminal;

public sealed partial class WaterfallTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void The_shop_looks_as_it_did(int width) => Golden.Check($"shop-{width}", Waterfall.Render(TraceSample.Shop().Trace, width, WaterfallStyle.Plain));

    [Fact]
    public void The_shop_in_full_with_attributes_looks_as_it_did() =>
        Golden.Check("shop-all-attributes-100", Waterfall.Render(TraceSample.Shop().Trace, 100, new WaterfallStyle(Ink.None, All: true, Attributes: true)));

    [Fact]
    public void The_shop_in_colour_looks_as_it_did() =>
        Golden.Check("shop-colour-100", Waterfall.Render(TraceSample.Shop().Trace, 100, new WaterfallStyle(new Ink(HasColour: true))));

    [Fact]
    public void Odd_spans_look_as_they_did()
    {
        var odd = new TraceSample();
        var root = odd.Add(-1, "gateway", "GET /", 0, 5_000);
        odd.Add(root, "gateway", "back to the future", 100, 0, marks: SpanMarks.EndsBeforeStart);
        odd.Add(root, "gateway", "twin", 200, 300, marks: SpanMarks.SharedId);
        odd.Add(root, "gateway", "twin", 300, 300, marks: SpanMarks.SharedId);
        odd.Add(-1, "gateway", "own ancestor", 400, 900, missingParent: "00000000000000aa", marks: SpanMarks.CycleCut);
        odd.Add(-1, "注文サービス", "注文を確定する POST /注文/確定 とても長い名前です", 700, 0, missingParent: "9f3c0a1b2c3d4e5f");
        odd.Add(-1, "", "no service", 800, 40, missingParent: "9f3c0a1b2c3d4e5f");
        odd.Add(-1, "evil\u001b[31m", "\u001b]0;owned\u0007\r\nnext \u202Egnp.exe \u009b31m", 900, 4_000, error: "boom\u001b[2J", missingParent: "aaaa0a1b2c3d4e5f");
        Golden.Check("odd-100", Waterfall.Render(odd.Trace with { IsPartial = true }, 100, WaterfallStyle.Plain));
    }

    [Fact]
    public void A_deep_trace_shows_depth_as_a_number_where_guides_would_push_the_name_out() =>
        Golden.Check("deep-80", Waterfall.Render(Chain(45).Trace, 80, WaterfallStyle.Plain));

    [Fact]
    public void A_large_trace_shows_a_screenful_and_says_so()
    {
        var lines = Waterfall.Render(Batch(3_477).Trace, 100, WaterfallStyle.Plain);
        Assert.InRange(lines.Count, 150, WaterfallPlan.MaxRows + 20);
        Assert.Contains("showing 200 of 10,432 spans (use --all)", lines);
        Golden.Check("batch-100", lines);
    }

    [Fact]
    public void Asked_for_all_a_large_trace_has_a_line_per_span()
    {
        var lines = Waterfall.Render(Batch(3_477).Trace, 100, WaterfallStyle.Plain with { All = true });
        Assert.True(lines.Count > 10_432);
        Assert.DoesNotContain(lines, line => line.StartsWith("showing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void Siblings_alike_fold_from_five_on(int count, bool folds)
    {
        var sample = new TraceSample();
        var root = sample.Add(-1, "a", "root", 0, 1_000);
        for (var i = 0; i < count; i++) sample.Add(root, "db", "SELECT", i * 100, 50);
        var text = Text(sample);
        Assert.Equal(folds, text.Contains($"SELECT × {count}", StringComparison.Ordinal));
        Assert.Equal(folds ? 1 : count, Occurrences(text, "SELECT"));
    }

    [Fact]
    public void A_failed_span_is_never_folded_with_those_that_succeeded()
    {
        var sample = new TraceSample();
        var root = sample.Add(-1, "a", "root", 0, 1_000);
        for (var i = 0; i < 9; i++) sample.Add(root, "db", "SELECT", i * 100, 50, error: i == 4 ? "lock timeout" : null);
        var text = Text(sample);
        Assert.Contains("SELECT × 8", text, StringComparison.Ordinal);
        Assert.Contains("✗ SELECT", text, StringComparison.Ordinal);
        Assert.Contains("lock timeout", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fold_counts_what_is_below_and_leaves_the_longest_branch_standing()
    {
        var sample = new TraceSample();
        var root = sample.Add(-1, "a", "root", 0, 1_000);
        for (var i = 0; i < 7; i++) sample.Add(sample.Add(root, "a", "call", i * 100, 90), "b", "serve", i * 100 + 10, 50);
        var text = Text(sample);
        Assert.Contains("call × 6 (12 spans)", text, StringComparison.Ordinal);
        Assert.Contains("┗━ call", text, StringComparison.Ordinal);
        Assert.Contains("┗━ serve", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_critical_path_is_thick_and_solid_where_it_was_waited_for()
    {
        var sample = new TraceSample();
        var root = sample.Add(-1, "a", "root", 0, 1_000);
        sample.Add(root, "a", "long", 0, 800);
        sample.Add(root, "a", "beside", 100, 300);
        var last = sample.Add(root, "a", "last", 800, 200);
        sample.Add(last, "a", "leaf", 900, 50);
        var lines = Waterfall.Render(sample.Trace, 80, WaterfallStyle.Plain);
        Assert.Contains(lines, line => line.StartsWith("┣━ long", StringComparison.Ordinal) && line.Contains('█', StringComparison.Ordinal) && !line.Contains('▒', StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("┠─ beside", StringComparison.Ordinal) && !line.Contains('█', StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("┗━ last", StringComparison.Ordinal) && line.Contains('█', StringComparison.Ordinal) && line.Contains('▒', StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("   ┗━ leaf", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("root", StringComparison.Ordinal) && !line.Contains('█', StringComparison.Ordinal));
    }

    [Fact]
    public void The_verdict_stands_above_the_waterfall_broken_between_words()
    {
        var lines = Waterfall.Render(TraceSample.Shop().Trace, 60, WaterfallStyle.Plain);
        var sentence = lines.SkipWhile(line => !line.StartsWith("→ ", StringComparison.Ordinal)).TakeWhile(line => line.Length > 0).Select(line => line[2..]);
        Assert.Equal("23% (281 ms of 1.23 s) is lost to 1 timed-out attempt of payments · POST /charge (deadline exceeded) before one succeeded", string.Join(' ', sentence));
    }

    [Fact]
    public void Orphans_stand_below_the_parent_they_miss()
    {
        var sample = new TraceSample();
        sample.Add(-1, "a", "first", 0, 10, missingParent: "9f3c0a1b2c3d4e5f");
        sample.Add(-1, "a", "second", 5, 10, missingParent: "9f3c0a1b2c3d4e5f");
        var lines = Waterfall.Render(sample.Trace, 80, WaterfallStyle.Plain);
        Assert.Contains("missing parent 9f3c0a1b2c3d4e5f", lines);
        Assert.Contains(lines, line => line.StartsWith("┣━ first", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("┗━ second", StringComparison.Ordinal));
    }

    [Fact]
    public void An_exception_event_tells_what_a_status_without_message_does_not()
    {
        var sample = new TraceSample();
        sample.Add(-1, "a", "charge", 0, 10, error: "");
        var trace = sample.Trace;
        var thrown = new EventModel(TraceSample.Start, "exception", [KeyValuePair.Create("exception.message", "card declined")]);
        trace = trace with { Spans = [trace.Spans[0] with { Events = [thrown] }] };
        Assert.Contains(Waterfall.Render(trace, 80, WaterfallStyle.Plain), line => line.StartsWith("✗ ", StringComparison.Ordinal) && line.EndsWith("card declined", StringComparison.Ordinal));
    }

    [Fact]
    public void No_line_is_wider_than_the_screen_or_carries_a_control_character_whatever_the_trace()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var trace = Random(random);
            var width = random.Next(Waterfall.MinWidth, 160);
            var style = new WaterfallStyle(Ink.None, All: random.Next(2) == 0, Attributes: random.Next(2) == 0);
            foreach (var line in Waterfall.Render(trace, width, style))
            {
                Assert.True(Cells.Width(line) <= width, $"{Cells.Width(line)} > {width}: {line}");
                Assert.DoesNotContain(line, char.IsControl);
            }
        }
    }

    [Fact]
    public void Colour_changes_nothing_but_colour()
    {
        var random = new Random(6);
        for (var round = 0; round < 100; round++)
        {
            var trace = Random(random);
            var plain = Waterfall.Render(trace, 100, WaterfallStyle.Plain);
            var coloured = Waterfall.Render(trace, 100, new WaterfallStyle(new Ink(HasColour: true)));
            Assert.Equal(plain, coloured.Select(line => Escape().Replace(line, "")));
        }
    }

    [Fact]
    public void Asked_for_all_every_span_has_one_row()
    {
        var random = new Random(8);
        for (var round = 0; round < 100; round++)
        {
            var trace = Random(random);
            var forest = new SpanForest(trace);
            var plan = new WaterfallPlan(forest, all: true);
            Assert.Equal(Enumerable.Range(0, trace.Spans.Count), plan.Rows.Where(row => row.Span >= 0).Select(row => row.Span).Order());
            Assert.Equal(trace.Spans.Count, plan.ShownSpans);
        }
    }

    [Fact]
    public void What_is_shown_folded_and_hidden_adds_up_to_the_trace()
    {
        var random = new Random(9);
        for (var round = 0; round < 60; round++)
        {
            var trace = Random(random, spans: 900);
            var plan = new WaterfallPlan(new SpanForest(trace), all: false);
            var hiddenTops = plan.Tops.Where(top => !top.IsShown).Sum(top => top.Stands + Below(top));
            Assert.Equal(trace.Spans.Count, plan.ShownSpans + plan.Rows.Sum(row => row.Hidden) + hiddenTops);
            Assert.True(plan.Rows.Count <= WaterfallPlan.MaxRows);
            Assert.All(plan.Rows, row => Assert.True(row.Parent is null || row.Parent.IsShown));
        }

        static int Below(WaterfallRow row) => row.Children.Sum(child => child.Stands + Below(child));
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_spans_and_a_parent_of_as_many_are_drawn_in_moderate_time()
    {
        Assert.NotEmpty(Waterfall.Render(Chain(100_000).Trace, 100, WaterfallStyle.Plain));
        Assert.NotEmpty(Waterfall.Render(Batch(33_333).Trace, 100, WaterfallStyle.Plain with { All = true }));
    }

    [Fact]
    public void An_empty_trace_says_so() => Assert.Single(Waterfall.Render(new TraceModel(TraceSample.Id, []), 80, WaterfallStyle.Plain));

    private static string Text(TraceSample sample) => string.Join('\n', Waterfall.Render(sample.Trace, 100, WaterfallStyle.Plain));

    private static int Occurrences(string text, string word) => text.Split(word).Length - 1;

    private static TraceSample Chain(int depth)
    {
        var sample = new TraceSample();
        for (var (at, level) = (-1, 0); level < depth; level++) at = sample.Add(at, "svc" + level % 3, "level " + level, level * 10, (depth - level) * 100L);
        return sample;
    }

    /// <summary>One span with children that all differ, each with two of its own: 3n + 1 spans.</summary>
    private static TraceSample Batch(int chunks)
    {
        var sample = new TraceSample();
        var root = sample.Add(-1, "batch", "import", 0, 60_000_000);
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var at = sample.Add(root, "batch", "chunk " + chunk, chunk * 17_000L, 5_000 + chunk * 7_919L % 15_000);
            sample.Add(at, "db", "SELECT", chunk * 17_000L + 100, 1_000);
            sample.Add(at, "db", "INSERT", chunk * 17_000L + 2_000, 1_000, error: chunk % 1_000 == 999 ? "duplicate key" : null);
        }
        return sample;
    }

    private static TraceModel Random(Random random, int spans = 60)
    {
        string[] names = ["GET", "SELECT orders", "a rather long operation name that will have to be cut somewhere", "注文を確定する", "\u001b[31m\r\n", "", "🛒 checkout"];
        string[] services = ["frontend", "payments", "", "größe-服务-with-a-long-name", "evil\u0007"];
        var sample = new TraceSample();
        for (var count = random.Next(1, spans); count > 0; count--)
        {
            var parent = random.Next(8) == 0 ? -1 : random.Next(-1, sample.Spans.Count);
            if (random.Next(3) > 0) parent = Math.Min(parent, random.Next(4));
            parent = Math.Min(parent, sample.Spans.Count - 1);
            sample.Add(
                parent,
                services[random.Next(services.Length)],
                names[random.Next(names.Length)],
                random.Next(1_000_000),
                random.Next(4) == 0 ? 0 : random.Next(2_000_000),
                error: random.Next(9) == 0 ? "failed\u001b[0m" : null,
                missingParent: parent < 0 && random.Next(2) == 0 ? "9f3c0a1b2c3d4e5f" : "",
                marks: (SpanMarks)(random.Next(6) == 0 ? random.Next(16) & ~1 : 0),
                attributes: ["key\u001b=va\nlue"]);
        }
        return sample.Trace;
    }

    [GeneratedRegex("\u001b\\[[0-9]+m")]
    private static partial Regex Escape();
}
