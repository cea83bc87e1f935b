// What a head holds after requests large enough that texts are looked up later, attributes are known by their bytes, and dictionaries give up.
using System.Text;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Otlp;
using Waymark.Storage.Head;
using Waymark.Storage.Ingestion;
using Waymark.Storage.Retries;
using Waymark.Storage.Tests.Store;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Head;

public sealed class HeadSinkTests
{
    [Fact]
    public void Every_attribute_of_every_span_reads_back_as_sent_whatever_else_was_refused_or_rolled_back()
    {
        for (var round = 0; round < Columns.TestScale.Of(3); round++)
        {
            var random = new Random(round);
            using var lane = new Lane(new RetryList(TimeSpan.FromMinutes(1), 1));
            using var head = lane.Head;
            var kept = new List<NaiveSpan>();
            for (var request = 0; request < 12; request++)
            {
                var spans = Enumerable.Range(0, random.Next(1, 900)).Select(_ => Span(random, request)).ToList();
                var body = Requests.ProtobufBody(spans);
                var isCutOff = random.Next(5) == 0;
                var report = default(DecodeReport);
                lane.Decode(new OtlpBodyDecoder(), Model.Bodies.BodyKind.OtlpProtobuf, isCutOff ? body.AsSpan(0, body.Length - 3) : body, SpanLimits.Default, ref report);
                Assert.Equal(isCutOff, report.IsMalformed);
                if (!isCutOff) kept.AddRange(spans.Where(span => !span.TraceId.IsZero));
            }
            Assert.Equal(kept.Count, head.Spans.Count);
            for (var row = 0; row < kept.Count; row++)
            {
                Assert.Equal(kept[row].SpanId, head.Spans[row].SpanId);
                Assert.Equal(Ordinary(kept[row].Attributes), Attributes(head, row));
            }
        }
    }

    [Fact]
    public void A_text_has_one_code_until_its_dictionary_gives_up()
    {
        var random = new Random(1);
        using var texts = new TextDictionary();
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var k = 0; k < 20_000; k++)
        {
            var text = random.Next(3) == 0 ? new string('x', random.Next(200)) : $"value {random.Next(5_000)}";
            var code = texts.Intern(Encoding.UTF8.GetBytes(text));
            Assert.Equal(codes.TryGetValue(text, out var known) ? known : codes.Count, code);
            codes[text] = code;
            Assert.Equal(text, Encoding.UTF8.GetString(texts[code]));
        }
        Assert.False(texts.GaveUp);
    }

    [Fact]
    public void Every_row_of_a_trace_leads_to_the_one_before()
    {
        var random = new Random(2);
        using var lane = new Lane(new RetryList(TimeSpan.FromMinutes(1), 1));
        using var head = lane.Head;
        for (var request = 0; request < 8; request++)
        {
            var spans = Enumerable.Range(0, 700).Select(_ => Span(random, request));
            var report = default(DecodeReport);
            lane.Decode(new OtlpBodyDecoder(), Model.Bodies.BodyKind.OtlpProtobuf, Requests.ProtobufBody(spans), SpanLimits.Default, ref report);
        }
        var last = new Dictionary<TraceId, int>();
        for (var row = 0; row < head.Spans.Count; row++)
        {
            Assert.Equal(last.GetValueOrDefault(head.Spans[row].TraceId, -1), head.Spans[row].PreviousInTrace);
            last[head.Spans[row].TraceId] = row;
        }
        Assert.All(last, trace => Assert.Equal(trace.Value, head.Traces.Last(trace.Key)));
        Assert.Equal(last.Count, head.Traces.Count);
    }

    private static NaiveSpan Span(Random random, int request)
    {
        List<NaiveAttribute> attributes =
        [
            NaiveAttribute.Text("http.request.method", random.Next(3) == 0 ? "POST" : "GET"),
            // Repeats of the neighbour, of one far back, and new ones.
            NaiveAttribute.Text("user.id", $"user-{(random.Next(4) == 0 ? 1 : random.Next(6_000))}"),
            NaiveAttribute.Int("http.response.status_code", random.Next(6) switch { 0 => 200, 1 => -1, 2 => 0, 3 => int.MaxValue, 4 => random.NextInt64(), _ => random.Next(1 << 21) }),
            NaiveAttribute.Text("session.id", new Guid(random.Next(2_500), 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]).ToString()),
        ];
        if (random.Next(2) == 0) attributes.Add(NaiveAttribute.Text("message.id", Guid.NewGuid().ToString()));
        if (random.Next(2) == 0) attributes.Add(NaiveAttribute.Text("db.query.text", new string('q', random.Next(150)) + random.Next(1_500)));
        if (random.Next(3) == 0) attributes.Add(NaiveAttribute.Text("größe", random.Next(2) == 0 ? "klein" : "groß"));
        if (random.Next(3) == 0) attributes.Add(NaiveAttribute.Double("ratio", random.Next(4) / 4.0));
        if (random.Next(3) == 0) attributes.Add(NaiveAttribute.Bool("ok", random.Next(2) == 0));
        // The same key with another type, and a key twice.
        if (random.Next(20) == 0) attributes.Add(NaiveAttribute.Int("user.id", random.Next(3)));
        if (random.Next(20) == 0) attributes.Add(NaiveAttribute.Text("http.request.method", "GET"));
        return new NaiveSpan
        {
            TraceId = random.Next(30) == 0 ? default : new TraceId((ulong)request, (ulong)random.Next(1, 300)),
            SpanId = new SpanId((ulong)random.NextInt64(1, long.MaxValue)),
            Name = "span",
            Attributes = [.. attributes],
        };
    }

    /// <summary>Without the second occurrence of a key with one type, which has a column of its own form.</summary>
    private static List<string> Ordinary(IEnumerable<NaiveAttribute> attributes) => attributes.DistinctBy(a => (a.Key, a.Value.Type)).Select(a => $"{a.Key} {a.Value.Type} {a.Value.Number} {a.Value.Content}").ToList();

    private static List<string> Attributes(SpanHead head, int row)
    {
        ref readonly var span = ref head.Spans[row];
        var shape = head.Shapes[span.Shape];
        var found = new List<string>();
        for (var k = 0; k < shape.Columns.Length; k++)
        {
            var column = head.Columns[shape.Columns[k]];
            if (column.IsOverflow) continue;
            var slot = span.Slots + shape.Offsets[k];
            var number = column.Width == 2 ? (uint)head.Slots[slot] | ((long)head.Slots[slot + 1] << 32) : column.Texts is null ? head.Slots[slot] : 0;
            found.Add($"{Encoding.UTF8.GetString(column.Key)} {column.Type} {number} {(column.Texts is null ? "" : Encoding.UTF8.GetString(column.Texts[head.Slots[slot]]))}");
        }
        return found;
    }
}
