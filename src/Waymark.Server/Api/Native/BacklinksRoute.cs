// GET /api/v1/traces/{id}/backlinks: links that point at a trace from others.
using System.Globalization;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class BacklinksRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}/backlinks",
        "findBacklinks",
        "Span links of other traces that point at this one, newest trace first. The trace itself need not be stored. It looks back for two seconds at most.",
        [Parameters.TraceId, Parameters.LinkLimit],
        ("Backlinks", Schema.Object(
            ("links", Schema.Array(Schema.Object(
                ("traceId", Schema.TraceId("The trace that has the link.")),
                ("spanId", Schema.SpanId("The span that has it.")),
                ("service", Schema.Text("Of that span; \"\" without one.")),
                ("name", Schema.Text("Of that span.")),
                ("startUnixNanos", Schema.UnixNanos("Start of that span.")),
                ("toSpanId", Schema.SpanId("The span of this trace that the link names; all zeros when it names none."))), "In order of the list of traces, then of rows.")),
            ("isCut", Schema.Bool("There may be more: the limit was met, or the time was up.")),
            ("searchedTraceCount", Schema.Int("Traces looked into: those that the store could not rule out.")))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        using var budget = call.OpenBudget();
        var found = await LinkSearch.FindAsync(call.Store, call.Get(Parameters.TraceId), call.Get(Parameters.LinkLimit, Parameters.DefaultLinks), budget);
        var links = found.Links.Select(l => new BacklinkItem(
            l.TraceId.ToString(),
            l.SpanId.ToString(),
            l.Service,
            l.Name,
            l.Start.Value.ToString(CultureInfo.InvariantCulture),
            l.ToSpanId.ToString()));
        await call.AnswerAsync(new BacklinksAnswer([.. links], found.IsCut, found.SearchedTraces), ApiJson.Default.BacklinksAnswer);
    }
}
