// GET /api/v1/operations?service=: the operations of one service, or of all.
using System.Globalization;

namespace Waymark.Server.Api.Native;

internal static class OperationsRoute
{
    public static readonly Route Route = new(
        "/api/v1/operations",
        "listOperations",
        "Every (service, span name, kind) among stored spans; of one service when it is given.",
        [Parameters.Service],
        ("Operations", Schema.Object(("operations", Schema.Array(Schema.Object(
            ("service", Schema.Text("\"\" for spans without a service name.")),
            ("name", Schema.Text("Span name.")),
            ("kind", Schema.Enum(Words.Kinds)),
            ("spanCount", Schema.Int("Stored spans.")),
            ("lastStartUnixNanos", Schema.UnixNanos("Start of its newest span."))))))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var service = call.Find(Parameters.Service);
        var operations = await call.Store.GetOperationsAsync(call.Cancellation);
        var items = operations
            .Where(o => service is null || o.Service == service)
            .Select(o => new OperationItem(o.Service, o.Operation, Words.Of(o.Kind), o.Spans, o.LastStart.Value.ToString(CultureInfo.InvariantCulture)));
        await call.AnswerAsync(new OperationsAnswer([.. items]), ApiJson.Default.OperationsAnswer);
    }
}
