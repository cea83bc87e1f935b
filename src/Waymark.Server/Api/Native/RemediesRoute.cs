// GET /api/v1/traces/remedies: what to change about filters that found nothing.
using System.Collections.Immutable;
using Waymark.Model.Spans;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class RemediesRoute
{
    /// <summary>Traces that are counted for one remedy; beyond, it is "more than".</summary>
    public const int MaxCount = 100;

    private const string Without = "without";
    private const string Widen = "widen";
    private const string AllTime = "all";

    /// <summary>Wider times, narrowest first.</summary>
    private static readonly string[] WiderTimes = ["now-24h", "now-7d", AllTime];

    public static readonly Route Route = new(
        "/api/v1/traces/remedies",
        "findRemedies",
        "For filters that found nothing: how many traces there are without each of them, and in wider times. Only what finds something, the most first. It may take two seconds; what was not counted by then is left out.",
        FilterReading.All,
        ("Remedies", Schema.Object(("remedies", Schema.Array(Schema.Object(
            ("kind", Schema.Enum(Without, Widen)),
            ("parameter", Schema.Text("The parameter to leave out or, of a wider time, to change.")),
            ("value", Schema.Text("Its value in the request; \"\" when it was not given.")),
            ("from", Schema.Nullable(Schema.Text("Of a wider time, the from to ask with, without a to: now-24h, now-7d, or all for none. Else null."))),
            ("count", Schema.Int($"Traces found then, at most {MaxCount}.")),
            ("isMore", Schema.Bool("There are more than count, or there may be.")))
            , "The most promising first.")))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        if (!FilterReading.TryRead(call, out var filter, out var problem))
        {
            await call.FailAsync(problem);
            return;
        }
        using var budget = call.OpenBudget();
        var remedies = new List<RemedyItem>();
        foreach (var (kind, parameter, value, from, changed) in Alternatives(call, filter))
        {
            var (count, isMore) = await TraceCount.OfAsync(call.Store, changed, MaxCount, budget);
            if (count > 0) remedies.Add(new RemedyItem(kind, parameter.Name, value, from, count, isMore));
            if (budget.IsSpent) break;
        }
        await call.AnswerAsync(new RemediesAnswer([.. remedies.OrderByDescending(r => r.Count)]), ApiJson.Default.RemediesAnswer);
    }

    private static IEnumerable<(string Kind, Parameter Parameter, string Value, string? From, TraceFilter Filter)> Alternatives(RouteCall call, TraceFilter filter)
    {
        foreach (var from in WiderTimes)
        {
            if (Widened(call, filter.Range, from) is { } range) yield return (Widen, Parameters.From, call.Texts(Parameters.From).FirstOrDefault(""), from, filter with { Range = range });
        }
        foreach (var (parameter, without) in Singles(filter))
        {
            if (call.Texts(parameter) is [var value]) yield return (Without, parameter, value, null, without);
        }
        var attributes = call.Texts(Parameters.Attribute);
        for (var i = 0; i < attributes.Count; i++) yield return (Without, Parameters.Attribute, attributes[i], null, filter with { Attributes = filter.Attributes.RemoveAt(i) });
    }

    private static ImmutableArray<(Parameter Parameter, TraceFilter Without)> Singles(TraceFilter filter) =>
    [
        (Parameters.Service, filter with { Service = null }),
        (Parameters.Operation, filter with { Operation = null }),
        (Parameters.Kind, filter with { Kind = null }),
        (Parameters.Status, filter with { Status = null }),
        (Parameters.MinDuration, filter with { MinDuration = null }),
        (Parameters.MaxDuration, filter with { MaxDuration = null }),
    ];

    /// <summary>The range from a wider time on; null when it would add nothing to the one there is.</summary>
    private static TimeRange? Widened(RouteCall call, TimeRange given, string from)
    {
        var start = UnixNanos.Min;
        if (from != AllTime && !TimeText.TryParse(from, call.Now, out start)) throw new System.Diagnostics.UnreachableException($"{from} is not a time.");
        var wider = new TimeRange(start, UnixNanos.Max);
        return wider == given || wider.From > given.From || (wider.From == given.From && given.To == wider.To) ? null : wider;
    }
}
