// A trace read back through Tempo's v2 endpoint (OTLP JSON), flattened for assertions.
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Waymark.Process.Tests.Harness;

/// <summary>All spans of one answer, in its order.</summary>
internal sealed record StoredTrace(IReadOnlyList<StoredSpan> Spans)
{
    /// <summary>Reads a <c>TracesData</c> object.</summary>
    public static StoredTrace Read(JsonElement trace)
    {
        var spans = new List<StoredSpan>();
        foreach (var resourceSpans in trace.GetProperty("resourceSpans").EnumerateArray())
        {
            var resource = resourceSpans.TryGetProperty("resource", out var element) ? Attributes(element) : [];
            foreach (var scopeSpans in List(resourceSpans, "scopeSpans"))
            {
                var scope = scopeSpans.TryGetProperty("scope", out var scopeElement) ? Text(scopeElement, "name") : "";
                foreach (var span in List(scopeSpans, "spans")) spans.Add(ReadSpan(span, resource, scope));
            }
        }

        return new StoredTrace(spans);
    }

    /// <summary>The one span of this service and name.</summary>
    public StoredSpan Single(string service, string name)
    {
        var found = Spans.Where(span => span.Service == service && span.Name == name).ToList();
        return found.Count == 1 ? found[0] : throw new InvalidOperationException($"{found.Count} spans \"{name}\" of {service} in:\n{this}");
    }

    /// <summary>True when the span's parent, or a parent of that, is <paramref name="ancestor"/>.</summary>
    public bool IsBelow(StoredSpan span, StoredSpan ancestor)
    {
        for (var current = span; current is not null && current.ParentSpanId.Length > 0;)
        {
            if (current.ParentSpanId == ancestor.SpanId) return true;
            var parent = current.ParentSpanId;
            current = Spans.FirstOrDefault(candidate => candidate.SpanId == parent);
        }

        return false;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var span in Spans)
        {
            text.Append(span.SpanId).Append(" < ").Append(span.ParentSpanId.PadRight(16)).Append(' ').Append(span.Service).Append(": ").AppendLine(span.Name);
        }

        return text.ToString();
    }

    private static StoredSpan ReadSpan(JsonElement span, Dictionary<string, string> resource, string scope)
    {
        var status = span.TryGetProperty("status", out var element) ? element : default;
        return new StoredSpan
        {
            Resource = resource,
            Scope = scope,
            TraceId = Text(span, "traceId"),
            SpanId = Text(span, "spanId"),
            ParentSpanId = Text(span, "parentSpanId"),
            TraceState = Text(span, "traceState"),
            Name = Text(span, "name"),
            Kind = (int)Number(span, "kind"),
            Start = Number(span, "startTimeUnixNano"),
            End = Number(span, "endTimeUnixNano"),
            StatusCode = (int)Number(status, "code"),
            StatusMessage = Text(status, "message"),
            Attributes = Attributes(span),
            Events = [.. List(span, "events").Select(e => new StoredEvent(Text(e, "name"), Number(e, "timeUnixNano"), Attributes(e)))],
            Links = [.. List(span, "links").Select(link => new StoredLink(Text(link, "traceId"), Text(link, "spanId"), Attributes(link)))],
        };
    }

    private static Dictionary<string, string> Attributes(JsonElement element)
    {
        var attributes = new Dictionary<string, string>();
        foreach (var attribute in List(element, "attributes")) attributes.Add(Text(attribute, "key"), Value(attribute.GetProperty("value")));
        return attributes;
    }

    /// <summary>A value with its type in one text: <c>string:shop</c>, <c>int:3</c>, <c>double:12.5</c>, <c>bool:true</c>, <c>array:[string:a,string:b]</c>.</summary>
    private static string Value(JsonElement any)
    {
        if (any.TryGetProperty("stringValue", out var value)) return "string:" + value.GetString();
        if (any.TryGetProperty("boolValue", out value)) return value.GetBoolean() ? "bool:true" : "bool:false";
        if (any.TryGetProperty("intValue", out value)) return string.Create(CultureInfo.InvariantCulture, $"int:{Integer(value)}");
        if (any.TryGetProperty("doubleValue", out value)) return string.Create(CultureInfo.InvariantCulture, $"double:{value.GetDouble()}");
        if (any.TryGetProperty("bytesValue", out value)) return "bytes:" + value.GetString();
        if (any.TryGetProperty("arrayValue", out value)) return $"array:[{string.Join(',', List(value, "values").Select(Value))}]";
        if (any.TryGetProperty("kvlistValue", out value)) return $"map:{{{string.Join(',', Attributes(value).Select(pair => $"{pair.Key}={pair.Value}"))}}}";
        return "empty:";
    }

    private static IEnumerable<JsonElement> List(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var text) ? text.GetString()! : "";

    private static long Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var number) ? Integer(number) : 0;

    private static long Integer(JsonElement number) =>
        number.ValueKind == JsonValueKind.String ? long.Parse(number.GetString()!, CultureInfo.InvariantCulture) : number.GetInt64();
}

internal sealed record StoredSpan
{
    public required IReadOnlyDictionary<string, string> Resource { get; init; }
    public required string Scope { get; init; }
    public required string TraceId { get; init; }
    public required string SpanId { get; init; }

    /// <summary>Empty for a root.</summary>
    public required string ParentSpanId { get; init; }

    public required string TraceState { get; init; }
    public required string Name { get; init; }
    public required int Kind { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long Start { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long End { get; init; }

    public required int StatusCode { get; init; }
    public required string StatusMessage { get; init; }
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }
    public required IReadOnlyList<StoredEvent> Events { get; init; }
    public required IReadOnlyList<StoredLink> Links { get; init; }

    public string Service => Resource.TryGetValue("service.name", out var name) ? name["string:".Length..] : "";
}

internal sealed record StoredEvent(string Name, long Time, IReadOnlyDictionary<string, string> Attributes);

internal sealed record StoredLink(string TraceId, string SpanId, IReadOnlyDictionary<string, string> Attributes);
