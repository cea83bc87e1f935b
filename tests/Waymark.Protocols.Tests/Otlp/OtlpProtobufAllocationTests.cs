// Decoding is free of garbage: what a server does a million times a second must not feed the collector.
using Google.Protobuf;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Otlp;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Otlp;

public sealed class OtlpProtobufAllocationTests
{
    [Fact]
    public void A_plain_request_is_decoded_without_allocating()
    {
        var scope = new ScopeSpans { Scope = new InstrumentationScope { Name = "tests" } };
        for (var i = 0; i < 100; i++)
        {
            scope.Spans.Add(new Span
            {
                TraceId = OtlpProtobufDecoderTests.Id(16),
                SpanId = OtlpProtobufDecoderTests.Id(8),
                Name = "GET /orders/{id}",
                Attributes =
                {
                    new KeyValue { Key = "http.request.method", Value = new AnyValue { StringValue = "GET" } },
                    new KeyValue { Key = "kunde", Value = new AnyValue { StringValue = "Käthe" } },
                    new KeyValue { Key = "http.response.status_code", Value = new AnyValue { IntValue = 200 } },
                    new KeyValue { Key = "body", Value = new AnyValue { StringValue = new string('b', 300) } },
                },
                Events = { new Span.Types.Event { Name = "retry", Attributes = { new KeyValue { Key = "n", Value = new AnyValue { DoubleValue = 1.5 } } } } },
                Links = { new Span.Types.Link { TraceId = OtlpProtobufDecoderTests.Id(16), SpanId = OtlpProtobufDecoderTests.Id(8) } },
                Status = new Status { Code = Status.Types.StatusCode.Error, Message = "no" },
            });
        }
        var body = new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } }.ToByteArray();
        Assert.Equal(0, Allocated(body));
    }

    [Fact]
    public void Nested_values_cost_one_buffer_per_request_and_nothing_per_span()
    {
        static byte[] Body(int spans)
        {
            var scope = new ScopeSpans();
            for (var i = 0; i < spans; i++)
            {
                scope.Spans.Add(new Span
                {
                    TraceId = OtlpProtobufDecoderTests.Id(16),
                    SpanId = OtlpProtobufDecoderTests.Id(8),
                    Attributes = { new KeyValue { Key = "args", Value = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = "a" }, new AnyValue { IntValue = 1 } } } } } },
                });
            }
            return new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } }.ToByteArray();
        }
        Assert.Equal(Allocated(Body(1)), Allocated(Body(1000)));
    }

    private static long Allocated(byte[] body)
    {
        // The least of several: the first calls compile, and another thread may have emptied the array pool.
        var least = long.MaxValue;
        for (var i = 0; i < 50; i++)
        {
            var sink = default(Nothing);
            var report = default(DecodeReport);
            var before = GC.GetAllocatedBytesForCurrentThread();
            OtlpProtobufDecoder.Decode(body, SpanLimits.Default, ref sink, ref report);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(report.Accepted > 0);
        }
        return least;
    }

    private readonly struct Nothing : ISpanSink
    {
        public bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;
        public void BeginResource() { }
        public void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes) { }
        public bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;
        public void BeginScope() { }
        public void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope) { }
        public void BeginSpan() { }

        public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

        public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

        public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value) { }
        public void BeginEvent() { }
        public void EndEvent(scoped in EventFields @event) { }
        public void BeginLink() { }
        public void EndLink(scoped in LinkFields link) { }
        public void EndSpan(scoped in SpanFields span) { }
        public void AbandonSpan() { }
    }
}
