// GET /api/v1/services: the services among stored spans.
using System.Globalization;

namespace Waymark.Server.Api.Native;

internal static class ServicesRoute
{
    public static readonly Route Route = new(
        "/api/v1/services",
        "listServices",
        "Every service among stored spans, by name, up to limit.",
        [Parameters.NameLimit],
        ("Services", Schema.Object(
            ("services", Schema.Array(Schema.Object(
                ("name", Schema.Text("\"\" for spans without a service name.")),
                ("ordinal", Schema.Ordinal()),
                ("operationCount", Schema.Int("Distinct span names.")),
                ("spanCount", Schema.Int("Stored spans.")),
                ("lastStartUnixNanos", Schema.UnixNanos("Start of its newest span."))), "By name.")),
            ("isCut", Schema.Bool("There are more than limit allows.")))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var limit = call.Get(Parameters.NameLimit, Parameters.DefaultNames);
        var operations = await call.Store.GetOperationsAsync(call.Cancellation);
        var services = operations
            .GroupBy(o => o.Service, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Take(limit + 1)
            .Select(g => new ServiceItem(
                g.Key,
                call.Store.OrdinalOf(g.Key),
                g.Select(o => o.Operation).Distinct(StringComparer.Ordinal).Count(),
                g.Sum(o => o.Spans),
                g.Max(o => o.LastStart.Value).ToString(CultureInfo.InvariantCulture)))
            .ToList();
        await call.AnswerAsync(new ServicesAnswer([.. services.Take(limit)], services.Count > limit), ApiJson.Default.ServicesAnswer);
    }
}
