// The member names of OTLP's trace messages in JSON (opentelemetry-proto, lowerCamelCase; the .proto names are taken too).
namespace Waymark.Protocols.Otlp;

/// <summary>Every member name the decoder knows, of all messages together.</summary>
internal enum OtlpName : byte
{
    Unknown,
    ArrayValue,
    Attributes,
    BoolValue,
    BytesValue,
    Code,
    DoubleValue,
    DroppedAttributesCount,
    DroppedEventsCount,
    DroppedLinksCount,
    EndTimeUnixNano,
    Events,
    Flags,
    IntValue,
    Key,
    Kind,
    KvlistValue,
    Links,
    Message,
    Name,
    ParentSpanId,
    Resource,
    ResourceSpans,
    SchemaUrl,
    Scope,
    ScopeSpans,
    SpanId,
    Spans,
    StartTimeUnixNano,
    Status,
    StringValue,
    TimeUnixNano,
    TraceId,
    TraceState,
    Value,
    Values,
    Version,
}

internal static class OtlpJsonNames
{
    /// <summary>Longest known name, in either spelling: <c>dropped_attributes_count</c>.</summary>
    private const int Longest = 24;

    /// <param name="name">Unescaped.</param>
    public static OtlpName Find(ReadOnlySpan<byte> name)
    {
        var found = FindCamel(name);
        return found == OtlpName.Unknown && name.Length <= Longest && name.Contains((byte)'_') ? FindSnake(name) : found;
    }

    private static OtlpName FindCamel(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 => Is(name, "key"u8, OtlpName.Key),
        4 => name[0] switch
        {
            (byte)'n' => Is(name, "name"u8, OtlpName.Name),
            (byte)'k' => Is(name, "kind"u8, OtlpName.Kind),
            _ => Is(name, "code"u8, OtlpName.Code),
        },
        5 => name[0] switch
        {
            (byte)'v' => Is(name, "value"u8, OtlpName.Value),
            (byte)'l' => Is(name, "links"u8, OtlpName.Links),
            (byte)'f' => Is(name, "flags"u8, OtlpName.Flags),
            _ => name[1] == (byte)'c' ? Is(name, "scope"u8, OtlpName.Scope) : Is(name, "spans"u8, OtlpName.Spans),
        },
        6 => name[0] switch
        {
            (byte)'v' => Is(name, "values"u8, OtlpName.Values),
            (byte)'e' => Is(name, "events"u8, OtlpName.Events),
            _ => name[1] == (byte)'p' ? Is(name, "spanId"u8, OtlpName.SpanId) : Is(name, "status"u8, OtlpName.Status),
        },
        7 => name[0] switch
        {
            (byte)'t' => Is(name, "traceId"u8, OtlpName.TraceId),
            (byte)'v' => Is(name, "version"u8, OtlpName.Version),
            _ => Is(name, "message"u8, OtlpName.Message),
        },
        8 => name[0] == (byte)'i' ? Is(name, "intValue"u8, OtlpName.IntValue) : Is(name, "resource"u8, OtlpName.Resource),
        9 => name[0] == (byte)'b' ? Is(name, "boolValue"u8, OtlpName.BoolValue) : Is(name, "schemaUrl"u8, OtlpName.SchemaUrl),
        10 => name[0] switch
        {
            (byte)'a' => name[1] == (byte)'t' ? Is(name, "attributes"u8, OtlpName.Attributes) : Is(name, "arrayValue"u8, OtlpName.ArrayValue),
            (byte)'b' => Is(name, "bytesValue"u8, OtlpName.BytesValue),
            (byte)'t' => Is(name, "traceState"u8, OtlpName.TraceState),
            _ => Is(name, "scopeSpans"u8, OtlpName.ScopeSpans),
        },
        11 => name[0] switch
        {
            (byte)'s' => Is(name, "stringValue"u8, OtlpName.StringValue),
            (byte)'d' => Is(name, "doubleValue"u8, OtlpName.DoubleValue),
            _ => Is(name, "kvlistValue"u8, OtlpName.KvlistValue),
        },
        12 => name[0] == (byte)'p' ? Is(name, "parentSpanId"u8, OtlpName.ParentSpanId) : Is(name, "timeUnixNano"u8, OtlpName.TimeUnixNano),
        13 => Is(name, "resourceSpans"u8, OtlpName.ResourceSpans),
        15 => Is(name, "endTimeUnixNano"u8, OtlpName.EndTimeUnixNano),
        17 => name[0] == (byte)'s' ? Is(name, "startTimeUnixNano"u8, OtlpName.StartTimeUnixNano) : Is(name, "droppedLinksCount"u8, OtlpName.DroppedLinksCount),
        18 => Is(name, "droppedEventsCount"u8, OtlpName.DroppedEventsCount),
        22 => Is(name, "droppedAttributesCount"u8, OtlpName.DroppedAttributesCount),
        _ => OtlpName.Unknown,
    };

    /// <summary>The spelling of the .proto files: <c>trace_id</c> for <c>traceId</c>.</summary>
    private static OtlpName FindSnake(ReadOnlySpan<byte> name)
    {
        Span<byte> camel = stackalloc byte[Longest];
        var length = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c is >= (byte)'A' and <= (byte)'Z') return OtlpName.Unknown;
            if (c == (byte)'_')
            {
                if (++i == name.Length || name[i] is < (byte)'a' or > (byte)'z') return OtlpName.Unknown;
                c = (byte)(name[i] & ~0x20);
            }
            camel[length++] = c;
        }
        return FindCamel(camel[..length]);
    }

    private static OtlpName Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known, OtlpName answer) => name.SequenceEqual(known) ? answer : OtlpName.Unknown;
}
