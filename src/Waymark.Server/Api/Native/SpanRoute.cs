// GET /api/v1/traces/{id}/spans/{spanId}: the details of one span, or of the several that share its id.
namespace Waymark.Server.Api.Native;

internal static class SpanRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}/spans/{spanId}",
        "getSpan",
        "One span of a trace; several when they share the id.",
        [Parameters.TraceId, Parameters.SpanId],
        ("SpanDetails", SpansRoute.AnswerSchema()),
        call => SpansRoute.HandleAsync(call, [call.Get(Parameters.SpanId)]));
}
