// The filters of the list of traces, as every route that takes them reads them.
using System.Collections.Immutable;
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class FilterReading
{
    /// <summary>What a list can be narrowed by; pages are not part of it.</summary>
    public static readonly ImmutableArray<Parameter> All =
    [
        Parameters.Service, Parameters.Operation, Parameters.Kind, Parameters.Status, Parameters.MinDuration, Parameters.MaxDuration,
        Parameters.Attribute, Parameters.From, Parameters.To,
    ];

    /// <summary>The filter a request asks for; false after a problem has been found.</summary>
    public static bool TryRead(RouteCall call, out TraceFilter filter, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Problem? problem)
    {
        filter = new TraceFilter
        {
            Service = call.Find(Parameters.Service),
            Operation = call.Find(Parameters.Operation),
            Kind = call.Find(Parameters.Kind),
            Status = call.Find(Parameters.Status),
            MinDuration = call.Find(Parameters.MinDuration),
            MaxDuration = call.Find(Parameters.MaxDuration),
            Attributes = [.. call.All(Parameters.Attribute)],
            Range = RangeOf(call),
        };
        problem = BackwardsRange(filter.Range);
        if (problem is null && filter.MinDuration > filter.MaxDuration)
            problem = Backwards(Parameters.MaxDuration, filter.MaxDuration!.Value.Value, Parameters.MinDuration, filter.MinDuration!.Value.Value, "at least");
        return problem is null;
    }

    public static TimeRange RangeOf(RouteCall call) => new(call.Get(Parameters.From, UnixNanos.Min), call.Get(Parameters.To, UnixNanos.Max));

    /// <summary>The problem of a range that ends before it begins.</summary>
    public static Problem? BackwardsRange(TimeRange range) => range.From < range.To ? null : Backwards(Parameters.To, range.To.Value, Parameters.From, range.From.Value, "after");

    private static Problem Backwards(Parameter parameter, long found, Parameter other, long otherValue, string relation)
    {
        var expected = $"{relation} '{other.Name}'";
        return new Problem(
            400,
            "Bad parameter",
            string.Create(CultureInfo.InvariantCulture, $"Parameter '{parameter.Name}' is {found} ns, '{other.Name}' is {otherValue} ns; expected '{parameter.Name}' {expected}."),
            parameter.Name,
            found.ToString(CultureInfo.InvariantCulture),
            expected);
    }
}
