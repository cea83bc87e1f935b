// GET api/traces/{id}: the older form, which Grafana falls back to when the newer one answers 404.
using Waymark.Model.Bodies;
using Waymark.Protocols.Otlp;

namespace Waymark.Server.Api.Tempo;

/// <summary>
/// Answers a trace as Tempo's v1 does: <c>{"batches":[ResourceSpans…]}</c> with ids in base64, or a bare <c>tempopb.Trace</c> when protobuf is asked for.
/// 404 when nothing of the trace is stored, 400 for a malformed id or time.
/// </summary>
internal static class TraceByIdV1
{
    public static async Task Handle(HttpContext context)
    {
        if (await TraceRequest.FindAsync(context) is not { } trace) return;
        var response = context.Response;
        using var buffer = new PooledBuffer(TracePieces.BufferBytes);
        if (TraceEncodings.Negotiate(context.Request) == TraceEncoding.Protobuf)
        {
            response.ContentType = TraceEncodings.Protobuf;
            await trace.WriteProtobufAsync(response.BodyWriter, buffer, context.RequestAborted);
            return;
        }
        response.ContentType = TraceEncodings.Json;
        await response.BodyWriter.WriteAsync("{\"batches\":["u8.ToArray(), context.RequestAborted);
        await trace.WriteJsonElementsAsync(response.BodyWriter, buffer, OtlpJsonForm.TempoV1, context.RequestAborted);
        await response.BodyWriter.WriteAsync("]}"u8.ToArray(), context.RequestAborted);
    }
}
