// Links to Jaeger's pages, as they stand in wikis, alerts and chats, lead to the same thing here when Waymark takes over Jaeger's address.
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;

namespace Waymark.Server.Pages;

/// <summary>
/// Jaeger's <c>/search?service=…</c> becomes <c>/explore</c> with the same filters, its <c>/trace/{id}?uiFind=…</c> our search in the trace. What has no counterpart is left out: a wider answer is better than none.
/// </summary>
internal static class JaegerLinks
{
    private const string Search = "/search";
    private const string Trace = "/trace";
    private const string FindInTrace = "uiFind";

    /// <summary>Where a link leads, below the path base; null if it is not one of Jaeger's.</summary>
    public static string? Find(PathString path, IQueryCollection query)
    {
        if (path.Equals(Search, StringComparison.Ordinal)) return "/explore" + Filters(query).ToQueryString();
        if (path.StartsWithSegments(Trace, StringComparison.Ordinal) && query.ContainsKey(FindInTrace)) return path.ToUriComponent() + FoundText(query).ToQueryString();
        return null;
    }

    private static QueryBuilder FoundText(IQueryCollection query)
    {
        var ours = new QueryBuilder();
        foreach (var (name, values) in query)
        {
            if (name == FindInTrace) ours.Add("find", values.ToString());
            // Further parameters of Jaeger's own begin with "ui".
            else if (!name.StartsWith("ui", StringComparison.Ordinal)) ours.Add(name, [.. values.Select(static value => value ?? "")]);
        }

        return ours;
    }

    private static QueryBuilder Filters(IQueryCollection query)
    {
        var ours = new QueryBuilder();
        AddIfSet(ours, "service", query["service"]);
        // "all" is what Jaeger's list of operations begins with.
        if (query["operation"] != "all") AddIfSet(ours, "operation", query["operation"]);
        AddIfSet(ours, "minDuration", query["minDuration"]);
        AddIfSet(ours, "maxDuration", query["maxDuration"]);
        foreach (var (key, value) in Tags(query))
        {
            if (key == "error" && value == "true") ours.Add("status", "error");
            else ours.Add("attribute", $"{key}={value}");
        }

        var lookback = query["lookback"].ToString();
        if (lookback.Length > 1 && char.IsAsciiDigit(lookback[0]) && lookback.All(char.IsAsciiLetterOrDigit))
        {
            ours.Add("from", "now-" + lookback);
        }
        else
        {
            AddMillis(ours, "from", query["start"], roundUp: 0);
            AddMillis(ours, "to", query["end"], roundUp: 999);
        }

        return ours;
    }

    private static void AddIfSet(QueryBuilder ours, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) ours.Add(name, value);
    }

    /// <summary>Jaeger writes points in time as microseconds, our pages as milliseconds.</summary>
    private static void AddMillis(QueryBuilder ours, string name, string? micros, long roundUp)
    {
        if (long.TryParse(micros, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue - roundUp)
            ours.Add(name, ((number + roundUp) / 1000).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary><c>tags</c> holds a JSON object of texts; <c>tag</c>, repeated, holds key:value.</summary>
    private static IEnumerable<(string Key, string Value)> Tags(IQueryCollection query)
    {
        foreach (var tag in query["tag"])
        {
            if (tag?.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon) yield return (tag[..colon], tag[(colon + 1)..]);
        }

        foreach (var (key, value) in TagObject(query["tags"])) yield return (key, value);
    }

    private static List<(string Key, string Value)> TagObject(string? text)
    {
        if (string.IsNullOrEmpty(text)) return [];
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return [];
            return [.. json.RootElement.EnumerateObject().Where(static tag => tag.Name.Length > 0).Select(static tag => (tag.Name, tag.Value.ToString()))];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
