// GET api/v2/traces/{id}: what Grafana asks first.
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Protocols.Otlp;

namespace Waymark.Server.Api.Tempo;

/// <summary>
/// Answers a trace as Tempo's v2 does: <c>{"trace":{"resourceSpans":[…]},"metrics":{},"status":"COMPLETE","message":""}</c> in OTLP's JSON form, or
/// <c>tempopb.TraceByIDResponse</c> when protobuf is asked for. <c>trace</c> is always there, because Grafana reads it without looking.
/// The status is PARTIAL, with a message, when part of the stored trace can't be read. 404 when nothing of the trace is stored, 400 for a malformed id or time.
/// </summary>
internal static class TraceByIdV2
{
    private const string PartialMessage = "Part of this trace could not be read from disk: the spans shown are right, but not all of them are here.";

    public static async Task Handle(HttpContext context)
    {
        if (await TraceRequest.FindAsync(context) is not { } trace) return;
        var response = context.Response;
        using var buffer = new PooledBuffer(TracePieces.BufferBytes);
        if (TraceEncodings.Negotiate(context.Request) == TraceEncoding.Protobuf)
        {
            response.ContentType = TraceEncodings.Protobuf;
            var length = trace.MeasureProtobuf(buffer);
            var head = ProtobufHead(length);
            var tail = ProtobufTail(trace.IsPartial);
            response.ContentLength = head.Length + length + tail.Length;
            await response.BodyWriter.WriteAsync(head, context.RequestAborted);
            await trace.WriteProtobufAsync(response.BodyWriter, buffer, context.RequestAborted);
            await response.BodyWriter.WriteAsync(tail, context.RequestAborted);
            return;
        }
        response.ContentType = TraceEncodings.Json;
        await response.BodyWriter.WriteAsync("{\"trace\":{\"resourceSpans\":["u8.ToArray(), context.RequestAborted);
        await trace.WriteJsonElementsAsync(response.BodyWriter, buffer, OtlpJsonForm.Otlp, context.RequestAborted);
        var end = trace.IsPartial
            ? "]},\"metrics\":{},\"status\":\"PARTIAL\",\"message\":\"" + PartialMessage + "\"}"
            : "]},\"metrics\":{},\"status\":\"COMPLETE\",\"message\":\"\"}";
        await response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(end), context.RequestAborted);
    }

    /// <summary>Field 1, <c>trace</c>: its tag and length; the trace's own fields follow.</summary>
    private static byte[] ProtobufHead(long length) => [0x0A, .. Varint(length)];

    /// <summary>Fields 2 to 4: <c>metrics</c> (an empty message), <c>status</c> (COMPLETE = 0 is not written, PARTIAL = 1) and <c>message</c>.</summary>
    private static byte[] ProtobufTail(bool isPartial)
    {
        if (!isPartial) return [0x12, 0x00];
        var message = Encoding.UTF8.GetBytes(PartialMessage);
        return [0x12, 0x00, 0x18, 0x01, 0x22, .. Varint(message.Length), .. message];
    }

    private static List<byte> Varint(long value)
    {
        var bytes = new List<byte>(10);
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
