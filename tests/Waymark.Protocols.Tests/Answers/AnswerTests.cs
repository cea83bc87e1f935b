// The bytes of OTLP answers, gRPC frames and gRPC header texts.
using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Waymark.Protocols.Grpc;
using Waymark.Protocols.Otlp;

namespace Waymark.Protocols.Tests.Answers;

public sealed class AnswerTests
{
    private static byte[] Success(OtlpEncoding encoding, long rejected, string? message)
    {
        var output = new ArrayBufferWriter<byte>();
        OtlpAnswers.WriteSuccess(encoding, "rejectedSpans", rejected, message, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Status(OtlpEncoding encoding, OtlpStatus status)
    {
        var output = new ArrayBufferWriter<byte>();
        OtlpAnswers.WriteStatus(encoding, status, output);
        return output.WrittenSpan.ToArray();
    }

    [Fact]
    public void A_success_without_remark_leaves_partial_success_unset()
    {
        Assert.Empty(Success(OtlpEncoding.Protobuf, 0, null));
        Assert.Equal("{}", Encoding.UTF8.GetString(Success(OtlpEncoding.Json, 0, null)));
    }

    [Fact]
    public void A_partial_success_has_count_and_message()
    {
        // 1: { 1: 300, 2: "no" }
        Assert.Equal("0A0708AC0212026E6F", Convert.ToHexString(Success(OtlpEncoding.Protobuf, 300, "no")));
        Assert.Equal("""{"partialSuccess":{"rejectedSpans":"300","errorMessage":"no"}}""", Encoding.UTF8.GetString(Success(OtlpEncoding.Json, 300, "no")));
    }

    [Fact]
    public void A_warning_has_a_message_alone()
    {
        Assert.Equal("0A0412026869", Convert.ToHexString(Success(OtlpEncoding.Protobuf, 0, "hi")));
        Assert.Equal("""{"partialSuccess":{"errorMessage":"hi"}}""", Encoding.UTF8.GetString(Success(OtlpEncoding.Json, 0, "hi")));
    }

    [Fact]
    public void A_status_has_code_message_and_the_detail_that_belongs_to_it()
    {
        Assert.Equal("080C12026E6F", Convert.ToHexString(Status(OtlpEncoding.Protobuf, new(GrpcStatus.Unimplemented, "no"))));
        Assert.Equal("""{"code":12,"message":"no"}""", Encoding.UTF8.GetString(Status(OtlpEncoding.Json, new(GrpcStatus.Unimplemented, "no"))));
        var retry = new OtlpStatus(GrpcStatus.Unavailable, "later", OtlpStatusDetail.RetryInfo, 3);
        var type = Encoding.UTF8.GetBytes("type.googleapis.com/google.rpc.RetryInfo");
        byte[] any = [0x0A, (byte)type.Length, .. type, 0x12, 4, 0x0A, 2, 0x08, 3];
        Assert.Equal([0x08, 14, 0x12, 5, .. "later"u8, 0x1A, (byte)any.Length, .. any], Status(OtlpEncoding.Protobuf, retry));
        Assert.Equal("""{"code":14,"message":"later","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"}]}""", Encoding.UTF8.GetString(Status(OtlpEncoding.Json, retry)));
        Assert.Equal(
            """{"code":3,"message":"bad \"x\"","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"body","description":"bad \"x\""}]}]}""",
            Encoding.UTF8.GetString(Status(OtlpEncoding.Json, new(GrpcStatus.InvalidArgument, "bad \"x\"", OtlpStatusDetail.BadRequest))));
    }

    [Fact]
    public void A_message_that_was_framed_is_read_again_and_any_other_length_is_not()
    {
        Prop.ForAll<byte[], byte>((message, extra) =>
        {
            var output = new ArrayBufferWriter<byte>();
            GrpcFrame.WriteHeader(message.Length, output);
            output.Write(message);
            var frame = output.WrittenSpan.ToArray();
            Assert.Equal(GrpcFrameOutcome.One, GrpcFrame.Read(frame, out var compressed, out var length));
            Assert.Equal((false, message.Length), (compressed, length));
            Assert.Equal(GrpcFrameOutcome.Truncated, GrpcFrame.Read(frame.AsSpan(0, frame.Length - 1), out _, out _));
            Assert.Equal(GrpcFrameOutcome.Several, GrpcFrame.Read([.. frame, extra], out _, out _));
            frame[0] = extra;
            Assert.Equal(extra > 1 ? GrpcFrameOutcome.BadFlag : GrpcFrameOutcome.One, GrpcFrame.Read(frame, out compressed, out _));
            Assert.Equal(extra == 1, compressed);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_header_text_is_printable_ascii_and_decodes_to_what_it_was()
    {
        Assert.Equal("100%25 caf%C3%A9%0A", GrpcText.PercentEncode("100% café\n"));
        Prop.ForAll<NonNull<string>>(static text =>
        {
            // A lone surrogate has no UTF-8 form: it becomes U+FFFD.
            var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
            var encoded = GrpcText.PercentEncode(valid);
            Assert.All(encoded, static c => Assert.InRange(c, ' ', '~'));
            Assert.Equal(valid, Uri.UnescapeDataString(encoded));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Binary_headers_are_base64_without_padding()
    {
        Assert.Equal("", GrpcText.Binary([]));
        Assert.Equal("AQ", GrpcText.Binary([1]));
        Assert.Equal("AQID", GrpcText.Binary([1, 2, 3]));
    }
}
