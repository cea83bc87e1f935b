// What a receiver says back: the Export…ServiceResponse of success and partial success, and the google.rpc.Status of refusal, in protobuf and in JSON.
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Waymark.Protocols.Grpc;

namespace Waymark.Protocols.Otlp;

/// <summary>Encoding of an OTLP request, and so of its answer.</summary>
public enum OtlpEncoding
{
    Protobuf,
    Json,
}

/// <summary>The detail that goes with a google.rpc.Status.</summary>
public enum OtlpStatusDetail
{
    None,

    /// <summary>google.rpc.BadRequest with one field violation: the status's message, on the body.</summary>
    BadRequest,

    /// <summary>google.rpc.RetryInfo: the request is worth sending again after the delay.</summary>
    RetryInfo,
}

/// <summary>A google.rpc.Status (code = 1, message = 2, details = 3).</summary>
/// <param name="RetrySeconds">Delay of a <see cref="OtlpStatusDetail.RetryInfo"/>, in seconds.</param>
public readonly record struct OtlpStatus(GrpcStatus Code, string Message, OtlpStatusDetail Detail = OtlpStatusDetail.None, int RetrySeconds = 0);

/// <summary>Writes the answers of an OTLP receiver (OTLP specification 1.x, "OTLP/HTTP Response" and "Partial Success").</summary>
public static class OtlpAnswers
{
    private const string TypePrefix = "type.googleapis.com/google.rpc.";
    private const string BadRequestField = "body";

    // Relaxed escaping: the answer is data for a program or a terminal, never part of a page.
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>
    /// An Export…ServiceResponse. With neither a message nor rejected items, partial_success stays unset: nothing in protobuf, <c>{}</c> in JSON.
    /// </summary>
    /// <param name="rejectedName">The JSON name of the count, e.g. <c>rejectedSpans</c>; in protobuf it is field 1 for every signal.</param>
    public static void WriteSuccess(OtlpEncoding encoding, string rejectedName, long rejected, string? message, IBufferWriter<byte> output)
    {
        if (encoding == OtlpEncoding.Json) WriteJsonSuccess(rejectedName, rejected, message, output);
        else if (rejected != 0 || message is not null) WriteProtobufSuccess(rejected, message ?? "", output);
    }

    /// <summary>A google.rpc.Status.</summary>
    public static void WriteStatus(OtlpEncoding encoding, in OtlpStatus status, IBufferWriter<byte> output)
    {
        if (encoding == OtlpEncoding.Json) WriteJsonStatus(status, output);
        else WriteProtobufStatus(status, output);
    }

    private static void WriteProtobufSuccess(long rejected, string message, IBufferWriter<byte> output)
    {
        // partial_success = 1 { rejected = 1 (int64), error_message = 2 }
        var partial = new ProtobufAnswer();
        if (rejected != 0) partial.Varint(1, (ulong)rejected);
        partial.Text(2, message);
        var response = new ProtobufAnswer();
        response.Message(1, partial);
        response.WriteTo(output);
    }

    private static void WriteProtobufStatus(in OtlpStatus status, IBufferWriter<byte> output)
    {
        var answer = new ProtobufAnswer();
        answer.Varint(1, (ulong)status.Code);
        answer.Text(2, status.Message);
        if (status.Detail != OtlpStatusDetail.None)
        {
            // details = 3: google.protobuf.Any { type_url = 1, value = 2 }
            var any = new ProtobufAnswer();
            any.Text(1, TypePrefix + status.Detail);
            any.Message(2, status.Detail == OtlpStatusDetail.BadRequest ? BadRequest(status.Message) : RetryInfo(status.RetrySeconds));
            answer.Message(3, any);
        }

        answer.WriteTo(output);
    }

    private static ProtobufAnswer BadRequest(string description)
    {
        // field_violations = 1 { field = 1, description = 2 }
        var violation = new ProtobufAnswer();
        violation.Text(1, BadRequestField);
        violation.Text(2, description);
        var detail = new ProtobufAnswer();
        detail.Message(1, violation);
        return detail;
    }

    private static ProtobufAnswer RetryInfo(int seconds)
    {
        // retry_delay = 1: google.protobuf.Duration { seconds = 1 }
        var duration = new ProtobufAnswer();
        duration.Varint(1, (ulong)seconds);
        var detail = new ProtobufAnswer();
        detail.Message(1, duration);
        return detail;
    }

    private static void WriteJsonSuccess(string rejectedName, long rejected, string? message, IBufferWriter<byte> output)
    {
        if (rejected == 0 && message is null)
        {
            output.Write("{}"u8);
            return;
        }

        using var json = new Utf8JsonWriter(output, JsonOptions);
        json.WriteStartObject();
        json.WriteStartObject("partialSuccess"u8);
        // 64-bit integers are strings in protobuf's JSON mapping.
        if (rejected != 0) json.WriteString(rejectedName, rejected.ToString(CultureInfo.InvariantCulture));
        json.WriteString("errorMessage"u8, message ?? "");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteJsonStatus(in OtlpStatus status, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, JsonOptions);
        json.WriteStartObject();
        json.WriteNumber("code"u8, (int)status.Code);
        json.WriteString("message"u8, status.Message);
        if (status.Detail != OtlpStatusDetail.None)
        {
            json.WriteStartArray("details"u8);
            json.WriteStartObject();
            json.WriteString("@type"u8, TypePrefix + status.Detail);
            if (status.Detail == OtlpStatusDetail.RetryInfo)
            {
                json.WriteString("retryDelay"u8, string.Create(CultureInfo.InvariantCulture, $"{status.RetrySeconds}s"));
            }
            else
            {
                json.WriteStartArray("fieldViolations"u8);
                json.WriteStartObject();
                json.WriteString("field"u8, BadRequestField);
                json.WriteString("description"u8, status.Message);
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>A small protobuf message under construction. Answers that carry text are rare and short, so plain lists do.</summary>
    private sealed class ProtobufAnswer
    {
        private readonly ArrayBufferWriter<byte> bytes = new(64);

        public void Varint(int field, ulong value)
        {
            Raw((ulong)(field << 3));
            Raw(value);
        }

        public void Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

        public void Message(int field, ProtobufAnswer message) => Bytes(field, message.bytes.WrittenSpan);

        public void WriteTo(IBufferWriter<byte> output) => output.Write(bytes.WrittenSpan);

        private void Bytes(int field, ReadOnlySpan<byte> content)
        {
            Raw((ulong)((field << 3) | 2));
            Raw((ulong)content.Length);
            bytes.Write(content);
        }

        private void Raw(ulong value)
        {
            var span = bytes.GetSpan(10);
            var length = 0;
            for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
            span[length++] = (byte)value;
            bytes.Advance(length);
        }
    }
}
