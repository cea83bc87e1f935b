// GET /api/v1/attributes?service=&from=&to=: what recent spans can be filtered by.
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class AttributesRoute
{
    public static readonly Route Route = new(
        "/api/v1/attributes",
        "listAttributes",
        $"Attributes that can be filtered by, with their most frequent values, from the newest traces: at most {AttributeCensus.MaxTraces} of them, and what two seconds allow. Of a service, only its own spans count.",
        [Parameters.Service, Parameters.From, Parameters.To],
        ("Attributes", Schema.Object(
            ("traceCount", Schema.Int("Traces looked at.")),
            ("keys", Schema.Array(Schema.Object(
                ("key", Schema.Text("Attribute of a span or its resource.")),
                ("spanCount", Schema.Int("Spans that have it.")),
                ("values", Schema.Array(Schema.Object(
                    ("value", Schema.Text("As the attribute filter of traces takes it.")),
                    ("spanCount", Schema.Int("Spans that have this value."))), $"The most frequent ones first, at most {AttributeCensus.MaxValues}.")),
                ("isCut", Schema.Bool("There are values besides these."))), $"The most frequent ones first, at most {AttributeCensus.MaxKeys}.")))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var range = FilterReading.RangeOf(call);
        if (FilterReading.BackwardsRange(range) is { } problem)
        {
            await call.FailAsync(problem);
            return;
        }
        using var budget = call.OpenBudget();
        var census = await AttributeCensus.TakeAsync(call.Store, call.Find(Parameters.Service), range, budget);
        var keys = census.Keys.Select(k => new AttributeKeyItem(k.Key, k.Spans, [.. k.Values.Select(v => new AttributeValueItem(v.Value, v.Spans))], k.IsCut));
        await call.AnswerAsync(new AttributesAnswer(census.Traces, [.. keys]), ApiJson.Default.AttributesAnswer);
    }
}
