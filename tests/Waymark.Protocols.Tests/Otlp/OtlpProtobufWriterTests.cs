// A stored trace given back as protobuf: everything that went in comes out, grouped as promised.
using System.Buffers;
using System.Text;
using Google.Protobuf;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Otlp;

public sealed class OtlpProtobufWriterTests
{
    [Fact]
    public void A_written_trace_is_what_the_oracle_reads_grouped_by_resource_and_scope_in_the_order_of_first_rows()
    {
        for (var seed = 0; seed < 400 * Decoded.Scale; seed++)
        {
            var random = new Random(seed);
            var make = new RandomRequests(seed);
            var resources = Enumerable.Range(0, random.Next(1, 4)).Select(_ => make.ResourceSpans()).ToArray();
            var scopes = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Scope(make)).ToArray();
            // Two traces of the same block, rows of which use any resource and any scope.
            var traces = Enumerable.Range(0, 2).Select(t => Enumerable.Range(0, random.Next(1, 12)).Select(_ => Row(make, random, t, resources.Length, scopes.Length)).ToArray()).ToArray();
            var block = new BlockBuilder(resources, scopes, traces).Block;
            for (var trace = 0; trace < 2; trace++)
            {
                var output = new ArrayBufferWriter<byte>();
                OtlpProtobufWriter.WriteTrace(block, trace, output);
                var expected = new ExportTraceServiceRequest();
                foreach (var byResource in traces[trace].GroupBy(row => row.Resource))
                {
                    var resourceSpans = new ResourceSpans { Resource = resources[byResource.Key].Resource, SchemaUrl = resources[byResource.Key].SchemaUrl };
                    foreach (var byScope in byResource.GroupBy(row => row.Scope))
                    {
                        resourceSpans.ScopeSpans.Add(new ScopeSpans { Scope = scopes[byScope.Key].Scope, SchemaUrl = scopes[byScope.Key].SchemaUrl, Spans = { byScope.Select(row => row.Span) } });
                    }
                    expected.ResourceSpans.Add(resourceSpans);
                }
                var lines = OracleReading.Of(ExportTraceServiceRequest.Parser.ParseFrom(output.WrittenSpan)).Lines;
                Assert.Equal(OracleReading.Of(expected).Lines, lines);
                Assert.Equal(traces[trace].Length, lines.Count(line => line.StartsWith("span ", StringComparison.Ordinal)));
                // And our own decoder takes it back without a cut.
                var decoded = Decoded.From(output.WrittenSpan, Waymark.Model.Limits.SpanLimits.None);
                Assert.Equal(lines, decoded.Seen.Lines);
                Assert.Equal(0, decoded.Report.CutTotal);
            }
        }
    }

    private static ScopeSpans Scope(RandomRequests make)
    {
        while (true)
        {
            if (make.ResourceSpans().ScopeSpans.FirstOrDefault() is { } scope) return scope;
        }
    }

    private static (Span Span, int Resource, int Scope) Row(RandomRequests make, Random random, int trace, int resources, int scopes)
    {
        var span = make.Span();
        span.TraceId = ByteString.CopyFrom([.. new byte[15], (byte)(trace + 1)]);
        return (span, random.Next(resources), random.Next(scopes));
    }

    /// <summary>Puts messages into a block, plainly: one text per use.</summary>
    private sealed class BlockBuilder
    {
        private readonly TextTable texts = new();

        public BlockBuilder(ResourceSpans[] resources, ScopeSpans[] scopes, (Span Span, int Resource, int Scope)[][] traces)
        {
            var rows = traces.SelectMany(trace => trace).ToArray();
            var spans = rows.Select(row => row.Span).ToArray();
            var events = spans.SelectMany(span => span.Events).ToArray();
            var links = spans.SelectMany(span => span.Links).ToArray();
            Block = new SpanBlock
            {
                Traces = [.. traces.Select((trace, i) => new TraceSlice(TraceId.Read(trace[0].Span.TraceId.Span), i == 0 ? 0 : traces[0].Length, trace.Length, default, default, 0, false))],
                Texts = texts,
                Resources = [.. resources.Select(r => new ResourceEntry(-1, Add(r.SchemaUrl), r.Resource?.DroppedAttributesCount ?? 0, Entries(r.Resource?.Attributes ?? [])))],
                Scopes = [.. scopes.Select(s => new ScopeEntry(Add(s.Scope?.Name ?? ""), Add(s.Scope?.Version ?? ""), Add(s.SchemaUrl), s.Scope?.DroppedAttributesCount ?? 0, Entries(s.Scope?.Attributes ?? [])))],
                SpanIds = [.. spans.Select(s => SpanId.Read(s.SpanId.Span))],
                ParentSpanIds = [.. spans.Select(s => s.ParentSpanId.IsEmpty ? default : SpanId.Read(s.ParentSpanId.Span))],
                ParentRow = [.. spans.Select(_ => -1)],
                SubtreeEnd = [.. spans.Select((_, i) => i + 1)],
                Start = [.. spans.Select(s => new UnixNanos((long)s.StartTimeUnixNano))],
                End = [.. spans.Select(s => new UnixNanos((long)s.EndTimeUnixNano))],
                Name = [.. spans.Select(s => Add(s.Name))],
                Kind = [.. spans.Select(s => (SpanKind)s.Kind)],
                Status = [.. spans.Select(s => (StatusCode)(s.Status?.Code ?? 0))],
                StatusMessage = [.. spans.Select(s => Add(s.Status?.Message ?? ""))],
                TraceState = [.. spans.Select(s => Add(s.TraceState))],
                Flags = [.. spans.Select(s => s.Flags)],
                DroppedAttributes = [.. spans.Select(s => s.DroppedAttributesCount)],
                DroppedEvents = [.. spans.Select(s => s.DroppedEventsCount)],
                DroppedLinks = [.. spans.Select(s => s.DroppedLinksCount)],
                Resource = [.. rows.Select(row => row.Resource)],
                Scope = [.. rows.Select(row => row.Scope)],
                Marks = [.. spans.Select(_ => SpanMarks.None)],
                Attributes = Table(spans.Select(s => s.Attributes)),
                Events = new EventTable(
                    Firsts(spans.Select(s => s.Events.Count)),
                    [.. events.Select(e => new UnixNanos((long)e.TimeUnixNano))],
                    [.. events.Select(e => Add(e.Name))],
                    [.. events.Select(e => e.DroppedAttributesCount)],
                    Table(events.Select(e => e.Attributes))),
                Links = new LinkTable(
                    Firsts(spans.Select(s => s.Links.Count)),
                    [.. links.Select(l => l.TraceId.IsEmpty ? default : TraceId.Read(l.TraceId.Span))],
                    [.. links.Select(l => l.SpanId.IsEmpty ? default : SpanId.Read(l.SpanId.Span))],
                    [.. links.Select(l => Add(l.TraceState))],
                    [.. links.Select(l => l.Flags)],
                    [.. links.Select(l => l.DroppedAttributesCount)],
                    Table(links.Select(l => l.Attributes))),
            };
        }

        public SpanBlock Block { get; }

        private int Add(string text) => text.Length == 0 ? -1 : texts.Add(Encoding.UTF8.GetBytes(text));

        private AttributeTable Table(IEnumerable<IEnumerable<KeyValue>> elements)
        {
            var entries = elements.Select(Entries).ToArray();
            return new AttributeTable(Firsts(entries.Select(e => e.Length)), [.. entries.SelectMany(e => e)]);
        }

        private static int[] Firsts(IEnumerable<int> counts)
        {
            var firsts = new List<int> { 0 };
            foreach (var count in counts) firsts.Add(firsts[^1] + count);
            return [.. firsts];
        }

        private AttributeEntry[] Entries(IEnumerable<KeyValue> attributes) =>
            [.. attributes.Select(a =>
            {
                var key = Add(a.Key);
                var value = a.Value ?? new AnyValue();
                return value.ValueCase switch
                {
                    AnyValue.ValueOneofCase.StringValue => new AttributeEntry(key, AttributeType.Text, Add(value.StringValue), 0),
                    AnyValue.ValueOneofCase.BoolValue => new AttributeEntry(key, AttributeType.Bool, -1, value.BoolValue ? 1 : 0),
                    AnyValue.ValueOneofCase.IntValue => new AttributeEntry(key, AttributeType.Int, -1, value.IntValue),
                    AnyValue.ValueOneofCase.DoubleValue => new AttributeEntry(key, AttributeType.Double, -1, BitConverter.DoubleToInt64Bits(value.DoubleValue)),
                    AnyValue.ValueOneofCase.BytesValue => new AttributeEntry(key, AttributeType.Bytes, texts.Add(value.BytesValue.Span), 0),
                    AnyValue.ValueOneofCase.ArrayValue => new AttributeEntry(key, AttributeType.Array, texts.Add(value.ArrayValue.ToByteArray()), 0),
                    AnyValue.ValueOneofCase.KvlistValue => new AttributeEntry(key, AttributeType.KeyValues, texts.Add(value.KvlistValue.ToByteArray()), 0),
                    _ => new AttributeEntry(key, AttributeType.Empty, -1, 0),
                };
            })];
    }
}
