// A body encoded again says what was admitted of it, no more and no less.
using System.Buffers;
using Google.Protobuf;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Protocols.Otlp;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Otlp;

public sealed class OtlpEncodingSinkTests
{
    private static readonly SpanLimits Tight = new() { MaxTextBytes = 12, MaxAttributes = 3, MaxNesting = 1 };

    [Fact]
    public void An_encoded_body_decodes_to_the_same_calls_without_a_cut_or_a_rejection()
    {
        var cuts = 0L;
        var rejects = 0L;
        for (var seed = 0; seed < 1500 * Decoded.Scale; seed++)
        {
            var random = new Random(seed);
            var body = new RandomRequests(seed, oddities: 0.03).Request().ToByteArray();
            if (seed % 2 == 0) body = WireMutations.MutateFields(body, random);
            var limits = seed % 3 == 0 ? SpanLimits.Default : Tight;
            var first = Decoded.From(body, limits);
            if (first.Report.IsMalformed) continue;
            var again = Reencode(body, limits);
            // Under no limits, as a log is replayed, and under the same ones.
            foreach (var second in new[] { Decoded.From(again, SpanLimits.None), Decoded.From(again, limits) })
            {
                Assert.Equal(Malformed.None, second.Report.Malformed);
                Assert.Equal(first.Seen.Calls, second.Seen.Calls);
                Assert.Equal(first.Report.Accepted, second.Report.Accepted);
                Assert.Equal(0, second.Report.RejectedTotal);
                Assert.Equal(0, second.Report.CutTotal);
            }
            // And the oracle can read it.
            Assert.Equal(first.Seen.Lines, OracleReading.Of(ExportTraceServiceRequest.Parser.ParseFrom(again)).Lines);
            cuts += first.Report.CutTotal;
            rejects += first.Report.RejectedTotal;
        }
        Assert.True(cuts > 1000);
        Assert.True(rejects > 100);
    }

    [Fact]
    public void An_encoded_body_encodes_to_itself()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var once = Reencode(new RandomRequests(seed, oddities: 0.03).Request().ToByteArray(), Tight);
            Assert.Equal(once, Reencode(once, SpanLimits.None));
        }
    }

    [Fact]
    public void Lengths_of_every_size_are_filled_in()
    {
        // Around the steps of a varint's length: 1, 2 and 3 bytes.
        foreach (var length in new[] { 0, 1, 100, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 16_300, 16_370, 16_383, 16_384, 60_000 })
        {
            var request = new ExportTraceServiceRequest
            {
                ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new Span { TraceId = OtlpProtobufDecoderTests.Id(16), SpanId = OtlpProtobufDecoderTests.Id(8), Attributes = { new KeyValue { Key = "k", Value = new AnyValue { StringValue = new string('x', length) } } } } } } } } },
            };
            var body = request.ToByteArray();
            Assert.Equal(Decoded.From(body).Seen.Calls, Decoded.From(Reencode(body, SpanLimits.Default)).Seen.Calls);
        }
    }

    internal static byte[] Reencode(byte[] body, SpanLimits limits)
    {
        var output = new ArrayBufferWriter<byte>();
        new OtlpBodyDecoder().Reencode(BodyKind.OtlpProtobuf, body, limits, output);
        return output.WrittenSpan.ToArray();
    }
}
