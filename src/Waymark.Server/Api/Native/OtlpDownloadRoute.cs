// GET /api/v1/traces/{id}/otlp: a trace as an OTLP JSON file, as any OTLP/HTTP receiver takes it.
using Waymark.Model.Bodies;
using Waymark.Protocols.Otlp;

namespace Waymark.Server.Api.Native;

internal static class OtlpDownloadRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}/otlp",
        "downloadTrace",
        "A trace as a file in OTLP's JSON mapping (TracesData): exact types, and everything that was kept.",
        [Parameters.TraceId],
        ("OtlpTracesData", Schema.Object(("resourceSpans", Schema.Array(Schema.Map("As opentelemetry.proto.trace.v1.ResourceSpans."))))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        if (await call.FindTraceAsync() is not { } block) return;
        var response = call.Http.Response;
        response.ContentType = "application/json";
        response.Headers.ContentDisposition = $"attachment; filename=\"trace-{block.Traces[0].Id}.json\"";
        using var buffer = new PooledBuffer(TracePieces.BufferBytes);
        await response.BodyWriter.WriteAsync("{\"resourceSpans\":["u8.ToArray(), call.Cancellation);
        await new TracePieces(block).WriteJsonElementsAsync(response.BodyWriter, buffer, OtlpJsonForm.Otlp, call.Cancellation);
        await response.BodyWriter.WriteAsync("]}"u8.ToArray(), call.Cancellation);
    }
}
