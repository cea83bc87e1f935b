// GET /api/v1/operations?service=: the operations of one service, or of all.
using System.Globalization;

namespace Waymark.Server.Api.Native;

internal static class OperationsRoute
{
    public static readonly Route Route = new(
        "/api/v1/operations",
        "listOperations",
        "Every (service, span name, kind) among stored spans, in this order, up to limit; of one service when it is given.",
        [Parameters.Service, Parameters.NameLimit],
        ("Operations", Schema.Object(
            ("operations", Schema.Array(Schema.Object(
                ("service", Schema.Text("\"\" for spans without a service name.")),
                ("name", Schema.Text("Span name.")),
                ("kind", Schema.Enum(Words.Kinds)),
                ("spanCount", Schema.Int("Stored spans.")),
                ("lastStartUnixNanos", Schema.UnixNanos("Start of its newest span."))), "By service, name and kind.")),
            ("isCut", Schema.Bool("There are more than limit allows.")))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var limit = call.Get(Parameters.NameLimit, Parameters.DefaultNames);
        var service = call.Find(Parameters.Service);
        var operations = await call.Store.GetOperationsAsync(call.Cancellation);
        var items = operations
            .Where(o => service is null || o.Service == service)
            .Take(limit + 1)
            .Select(o => new OperationItem(o.Service, o.Operation, Words.Of(o.Kind), o.Spans, o.LastStart.Value.ToString(CultureInfo.InvariantCulture)))
            .ToList();
        await call.AnswerAsync(new OperationsAnswer([.. items.Take(limit)], items.Count > limit), ApiJson.Default.OperationsAnswer);
    }
}
