// Where the two encodings of OTLP meet: JSON encoded again as protobuf for the log, and Tempo's JSON read by Google's parser.
using System.Buffers;
using System.Text;
using Google.Protobuf;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Protocols.Otlp;
using Waymark.Protocols.Tests.Oracle;
using static Waymark.Protocols.Tests.Otlp.OtlpProtobufDecoderTests;

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

    [Theory]
    [InlineData(32, 0)]
    [InlineData(33, 1)]
    [InlineData(100, 1)]
    [InlineData(169, 1)]
    [InlineData(1_000, 1)]
    [InlineData(1_000_000, 1)]
    public void A_value_of_any_depth_is_kept_to_the_same_depth_in_both(int depth, int cuts)
    {
        var json = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"" + new string('1', 32) + "\",\"spanId\":\"" + new string('1', 16) + "\",\"attributes\":[{\"key\":\"k\",\"value\":"
            + string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", depth)) + "{\"intValue\":1}" + string.Concat(Enumerable.Repeat("]}}", depth)) + "}]}]}]}]}";
        var ofJson = Recording.Of(json);
        Assert.Equal((Malformed.None, 1, cuts), (ofJson.Report.Malformed, ofJson.Report.Accepted, ofJson.Report.Cuts[(int)Cut.NestingTooDeep]));
        byte[] attribute = [.. Field(1, "k"u8.ToArray()), .. Field(2, NestedArrays(depth))];
        byte[] span = [.. Field(1, [.. Enumerable.Repeat((byte)0x11, 16)]), .. Field(2, [.. Enumerable.Repeat((byte)0x11, 8)]), .. Field(9, attribute)];
        var ofProtobuf = DecodeProtobuf(Field(1, Field(2, Field(2, span))), SpanLimits.Default);
        Assert.Equal((Malformed.None, 1, cuts), (ofProtobuf.Report.Malformed, ofProtobuf.Report.Accepted, ofProtobuf.Report.Cuts[(int)Cut.NestingTooDeep]));
        Assert.Equal(ofJson.Spans, ofProtobuf.Spans);
    }

    /// <summary>An <c>AnyValue</c> of arrays around a number, written backwards from the inside out.</summary>
    private static byte[] NestedArrays(int depth)
    {
        var reversed = new List<byte> { 1, 3 << 3 };
        for (var i = 0; i < 2 * depth; i++)
        {
            var length = reversed.Count;
            var prefix = new List<byte> { (byte)((i % 2 == 0 ? 1 : 5) << 3 | 2) };
            for (; length >= 0x80; length >>= 7) prefix.Add((byte)(length | 0x80));
            prefix.Add((byte)length);
            prefix.Reverse();
            reversed.AddRange(prefix);
        }
        reversed.Reverse();
        return [.. reversed];
    }

    private static Recording DecodeProtobuf(ReadOnlySpan<byte> body, SpanLimits? limits = null)
    {
        var recording = new Recording();
        var sink = new RecordingSink(recording);
        OtlpProtobufDecoder.Decode(body, limits ?? SpanLimits.None, ref sink, ref recording.Report);
        return recording;
    }
}
