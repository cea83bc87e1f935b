// Where the two encodings of OTLP meet: JSON encoded again as protobuf for the log, and Tempo's JSON read by Google's parser.
using System.Buffers;
using System.Text;
using Google.Protobuf;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Protocols.Otlp;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Json;

public sealed class JsonMeetsProtobufTests
{
    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void A_JSON_body_encoded_again_holds_what_was_kept_of_it()
    {
        var limits = new SpanLimits { MaxNesting = 2, MaxAttributes = 3, MaxTextBytes = 5 };
        for (var seed = 0; seed < 500 * Scale; seed++)
        {
            var json = Encoding.UTF8.GetBytes(new RandomJson(new Random(seed)).Request());
            var output = new ArrayBufferWriter<byte>();
            new OtlpBodyDecoder().Reencode(BodyKind.OtlpJson, json, limits, output);
            var again = DecodeProtobuf(output.WrittenSpan);
            Assert.Equal((seed, Malformed.None, 0L, 0L), (seed, again.Report.Malformed, again.Report.CutTotal, again.Report.RejectedTotal));
            Assert.Equal(Recording.Of(json, limits).Spans, again.Spans);
        }
    }

    [Fact]
    public void Tempo_s_form_is_what_Google_s_parser_calls_JSON()
    {
        for (var seed = 0; seed < 300 * Scale; seed++)
        {
            var block = new RandomBlock(new Random(seed)).Build();
            var json = Encoding.UTF8.GetString(OtlpJsonWriterTests.Write(block, OtlpJsonForm.TempoV1));
            var request = ExportTraceServiceRequest.Parser.ParseJson(json);
            Assert.Equal(RandomBlock.Lines(block), DecodeProtobuf(request.ToByteArray()).Spans);
        }
    }

    [Fact]
    public void JSON_and_protobuf_give_back_the_same_trace()
    {
        for (var seed = 0; seed < 300 * Scale; seed++)
        {
            var block = new RandomBlock(new Random(seed)).Build();
            var output = new ArrayBufferWriter<byte>();
            OtlpProtobufWriter.WriteTrace(block, 0, output);
            Assert.Equal(Recording.Of(OtlpJsonWriterTests.Write(block, OtlpJsonForm.Otlp)).Spans, DecodeProtobuf(output.WrittenSpan).Spans);
        }
    }

    private static Recording DecodeProtobuf(ReadOnlySpan<byte> body)
    {
        var recording = new Recording();
        var sink = new RecordingSink(recording);
        OtlpProtobufDecoder.Decode(body, SpanLimits.None, ref sink, ref recording.Report);
        return recording;
    }
}
