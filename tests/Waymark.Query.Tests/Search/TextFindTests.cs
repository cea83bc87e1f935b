// The search box of a waterfall equals looking at every text of every row.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;
using Waymark.Testing;

namespace Waymark.Query.Tests.Search;

public sealed class TextFindTests
{
    [Fact]
    public void A_text_is_found_in_exactly_the_rows_that_contain_it()
    {
        var found = 0;
        for (var seed = 0; seed < 60 * TestScale.Factor; seed++)
        {
            var random = new RandomSpans(seed) { MaxSpans = 20, Oddity = 0.2 };
            var spans = random.Trace();
            var block = Blocks.From(spans);
            var rows = NaiveTopology.Rows(spans);
            foreach (var text in Texts(new Random(seed), spans))
            {
                var expected = Enumerable.Range(0, rows.Count).Where(r => Contents(rows[r].Span).Any(c => c.Contains(text, StringComparison.OrdinalIgnoreCase))).ToList();
                Assert.Equal(expected, TextFind.Rows(block, block.Traces[0], text, Written));
                found += expected.Count;
            }
        }
        Assert.True(found > 1000, "Something must be found, or the test says nothing.");
    }

    [Theory]
    [InlineData("ORDER")]
    [InlineData("größe")]
    [InlineData("GRÖSSE", false)]
    [InlineData("ÉTÉ")]
    [InlineData("42")]
    [InlineData("0.5")]
    [InlineData("TRUE")]
    [InlineData("00000000000000ab")]
    [InlineData("declined")]
    [InlineData("OutOfStock")]
    [InlineData("shop")]
    [InlineData("host-7", false)]
    [InlineData("service.name", false)]
    public void Each_place_is_looked_at_in_whatever_case_but_not_the_resource(string text, bool isFound = true)
    {
        var span = new NaiveSpan
        {
            TraceId = new TraceId(0, 1),
            SpanId = new SpanId(0xAB),
            Start = new UnixNanos(1),
            End = new UnixNanos(2),
            Name = "save order",
            StatusMessage = "Declined",
            Resource = new NaiveResource([NaiveAttribute.Text("service.name", "Shop"), NaiveAttribute.Text("host.name", "host-7")], "", 0),
            Attributes = [NaiveAttribute.Text("label", "Größe été"), NaiveAttribute.Int("n", 1427), NaiveAttribute.Double("d", 0.5), NaiveAttribute.Bool("b", true)],
            Events = [new NaiveEvent(new UnixNanos(1), "exception", [NaiveAttribute.Text("exception.type", "OutOfStockException")], 0)],
        };
        var block = Blocks.From([span]);
        Assert.Equal(isFound ? [0] : [], TextFind.Rows(block, block.Traces[0], text, Written));
    }

    /// <summary>Stands in for the JSON of the real writer: any text that both sides agree on.</summary>
    private static string Written(TextTable texts, AttributeEntry value) => value.Type + Convert.ToHexString(texts.Utf8(value.Content));

    private static IEnumerable<string> Contents(NaiveSpan span) =>
    [
        span.Name, span.Service, span.StatusMessage, span.SpanId.ToString(),
        .. Contents(span.Attributes), .. span.Events.SelectMany(e => Contents(e.Attributes).Append(e.Name)),
    ];

    private static IEnumerable<string> Contents(IEnumerable<NaiveAttribute> attributes) => attributes.SelectMany(a => new[] { a.Key, Content(a.Value) });

    private static string Content(NaiveValue value) => value.Type switch
    {
        AttributeType.Text => value.Content,
        AttributeType.Int => value.Number.ToString(CultureInfo.InvariantCulture),
        AttributeType.Double => BitConverter.Int64BitsToDouble(value.Number).ToString("R", CultureInfo.InvariantCulture),
        AttributeType.Bool => value.Number != 0 ? "true" : "false",
        AttributeType.Empty => "",
        _ => value.Type + Convert.ToHexString(value.ToBytes()),
    };

    /// <summary>Pieces of what is there, in other cases, and something that is not.</summary>
    private static IEnumerable<string> Texts(Random dice, List<NaiveSpan> spans)
    {
        for (var i = 0; i < 20; i++)
        {
            var contents = Contents(spans[dice.Next(spans.Count)]).Where(c => c.Length > 0).ToList();
            var text = contents[dice.Next(contents.Count)];
            var from = dice.Next(text.Length);
            var piece = text.Substring(from, dice.Next(1, text.Length - from + 1));
            yield return dice.Next(3) switch { 0 => piece.ToUpperInvariant(), 1 => piece.ToLowerInvariant(), _ => piece };
        }
        yield return "nothing has this text";
    }
}
