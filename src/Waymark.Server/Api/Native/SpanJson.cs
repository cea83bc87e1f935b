// Spans, resources and scopes of a block as JSON, written without a string per span.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;

namespace Waymark.Server.Api.Native;

/// <summary>Writes parts of a trace. Attributes are an object of plain values; exact types, and all values of a key that was sent twice, are in the OTLP download.</summary>
internal static class SpanJson
{
    /// <summary>Writes "resources" and "scopes": what spans refer to by index.</summary>
    public static void WriteTables(Utf8JsonWriter json, SpanBlock block)
    {
        json.WriteStartArray("resources"u8);
        foreach (var resource in block.Resources)
        {
            json.WriteStartObject();
            WriteService(json, block.Texts, resource.Service);
            json.WriteString("schemaUrl"u8, block.Texts.Utf8(resource.SchemaUrl));
            json.WriteNumber("droppedAttributes"u8, resource.DroppedAttributes);
            WriteAttributes(json, block.Texts, resource.Attributes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("scopes"u8);
        foreach (var scope in block.Scopes)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, block.Texts.Utf8(scope.Name));
            json.WriteString("version"u8, block.Texts.Utf8(scope.Version));
            json.WriteString("schemaUrl"u8, block.Texts.Utf8(scope.SchemaUrl));
            json.WriteNumber("droppedAttributes"u8, scope.DroppedAttributes);
            WriteAttributes(json, block.Texts, scope.Attributes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Writes one span as an object.</summary>
    public static void WriteSpan(Utf8JsonWriter json, SpanBlock block, TraceSlice trace, int row)
    {
        var texts = block.Texts;
        json.WriteStartObject();
        json.WriteNumber("row"u8, row - trace.FirstRow);
        json.WriteNumber("parentRow"u8, block.ParentRow[row] < 0 ? -1 : block.ParentRow[row] - trace.FirstRow);
        WriteId(json, "spanId"u8, block.SpanIds[row]);
        WriteOptionalId(json, "parentSpanId"u8, block.ParentSpanIds[row]);
        json.WriteString("name"u8, texts.Utf8(block.Name[row]));
        WriteService(json, texts, block.Service(row));
        json.WriteString("kind"u8, Words.Of(block.Kind[row]));
        json.WriteString("status"u8, Words.Of(block.Status[row]));
        json.WriteString("statusMessage"u8, texts.Utf8(block.StatusMessage[row]));
        WriteTime(json, "startUnixNanos"u8, block.Start[row]);
        WriteTime(json, "endUnixNanos"u8, block.End[row]);
        json.WriteNumber("durationNanos"u8, block.Duration(row).Value);
        json.WriteNumber("resource"u8, block.Resource[row]);
        json.WriteNumber("scope"u8, block.Scope[row]);
        json.WriteString("traceState"u8, texts.Utf8(block.TraceState[row]));
        json.WriteNumber("flags"u8, block.Flags[row]);
        json.WriteNumber("droppedAttributes"u8, block.DroppedAttributes[row]);
        json.WriteNumber("droppedEvents"u8, block.DroppedEvents[row]);
        json.WriteNumber("droppedLinks"u8, block.DroppedLinks[row]);
        WriteMarks(json, block.Marks[row]);
        WriteAttributes(json, texts, block.Attributes.Of(row));
        WriteEvents(json, block, row);
        WriteLinks(json, block, row);
        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, SpanBlock block, int row)
    {
        var events = block.Events;
        json.WriteStartArray("events"u8);
        var (first, end) = events.Of(row);
        for (var e = first; e < end; e++)
        {
            json.WriteStartObject();
            WriteTime(json, "timeUnixNanos"u8, events.Time[e]);
            json.WriteString("name"u8, block.Texts.Utf8(events.Name[e]));
            json.WriteNumber("droppedAttributes"u8, events.DroppedAttributes[e]);
            WriteAttributes(json, block.Texts, events.Attributes.Of(e));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteLinks(Utf8JsonWriter json, SpanBlock block, int row)
    {
        var links = block.Links;
        json.WriteStartArray("links"u8);
        var (first, end) = links.Of(row);
        for (var l = first; l < end; l++)
        {
            json.WriteStartObject();
            WriteId(json, "traceId"u8, links.TraceIds[l]);
            WriteId(json, "spanId"u8, links.SpanIds[l]);
            json.WriteString("traceState"u8, block.Texts.Utf8(links.TraceState[l]));
            json.WriteNumber("flags"u8, links.Flags[l]);
            json.WriteNumber("droppedAttributes"u8, links.DroppedAttributes[l]);
            WriteAttributes(json, block.Texts, links.Attributes.Of(l));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter json, TextTable texts, ReadOnlySpan<AttributeEntry> attributes)
    {
        json.WriteStartObject("attributes"u8);
        for (var i = 0; i < attributes.Length; i++)
        {
            // Readers of JSON differ about a key that comes twice: of an attribute that was sent twice, the last is shown.
            if (ContainsKey(texts, attributes[(i + 1)..], attributes[i].Key)) continue;
            json.WritePropertyName(texts.Utf8(attributes[i].Key));
            OtlpJsonWriter.WritePlainValue(texts, attributes[i], json);
        }
        json.WriteEndObject();
    }

    private static bool ContainsKey(TextTable texts, ReadOnlySpan<AttributeEntry> attributes, int key)
    {
        foreach (ref readonly var attribute in attributes)
        {
            if (attribute.Key == key || texts.Utf8(attribute.Key).SequenceEqual(texts.Utf8(key))) return true;
        }
        return false;
    }

    private static void WriteMarks(Utf8JsonWriter json, SpanMarks marks)
    {
        json.WriteStartArray("marks"u8);
        for (var bit = 0; bit < Words.Marks.Length; bit++)
        {
            if (((int)marks >> bit & 1) != 0) json.WriteStringValue(Words.Marks[bit]);
        }
        json.WriteEndArray();
    }

    private static void WriteService(Utf8JsonWriter json, TextTable texts, int code)
    {
        if (code < 0) json.WriteNull("service"u8);
        else json.WriteString("service"u8, texts.Utf8(code));
    }

    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, UnixNanos time)
    {
        Span<byte> digits = stackalloc byte[20];
        time.Value.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
        json.WriteString(name, digits[..written]);
    }

    public static void WriteId(Utf8JsonWriter json, ReadOnlySpan<byte> name, SpanId id)
    {
        Span<byte> hex = stackalloc byte[16];
        id.Value.TryFormat(hex, out _, "x16", CultureInfo.InvariantCulture);
        json.WriteString(name, hex);
    }

    public static void WriteId(Utf8JsonWriter json, ReadOnlySpan<byte> name, TraceId id)
    {
        Span<byte> hex = stackalloc byte[32];
        id.High.TryFormat(hex, out _, "x16", CultureInfo.InvariantCulture);
        id.Low.TryFormat(hex[16..], out _, "x16", CultureInfo.InvariantCulture);
        json.WriteString(name, hex);
    }

    private static void WriteOptionalId(Utf8JsonWriter json, ReadOnlySpan<byte> name, SpanId id)
    {
        if (id.IsZero) json.WriteNull(name);
        else WriteId(json, name, id);
    }

    /// <summary>Schemas of what this class writes, for the routes that use it.</summary>
    public static (string Name, JsonObject Schema)[] TableSchemas()
    {
        var resource = Schema.Object(
            ("service", Service()),
            ("schemaUrl", Schema.Text("OpenTelemetry schema; \"\" without one.")),
            ("droppedAttributes", Schema.Int("Attributes that were left out before or on arrival.")),
            ("attributes", Attributes()));
        var scope = Schema.Object(
            ("name", Schema.Text("Instrumentation scope, mostly a library.")),
            ("version", Schema.Text("Of the scope.")),
            ("schemaUrl", Schema.Text("OpenTelemetry schema; \"\" without one.")),
            ("droppedAttributes", Schema.Int("Attributes that were left out before or on arrival.")),
            ("attributes", Attributes()));
        return [("resources", Schema.Array(resource, "By index.")), ("scopes", Schema.Array(scope, "By index."))];
    }

    public static JsonObject SpanSchema() => Schema.Object(
        ("row", Schema.Int("Place in the trace's pre-order, from 0.")),
        ("parentRow", Schema.Int("Row of the parent; −1 for a root, an orphan, or where a cycle was cut.")),
        ("spanId", Schema.SpanId()),
        ("parentSpanId", Schema.Nullable(Schema.SpanId("As sent; null for a root."))),
        ("name", Schema.Text("Span name.")),
        ("service", Service()),
        ("kind", Schema.Enum(Words.Kinds)),
        ("status", Schema.Enum(Words.Statuses)),
        ("statusMessage", Schema.Text("Mostly empty, unless status is error.")),
        ("startUnixNanos", Schema.UnixNanos("Start.")),
        ("endUnixNanos", Schema.UnixNanos("End, as sent: may lie before the start.")),
        ("durationNanos", Schema.Int("End minus start, 0 when negative.")),
        ("resource", Schema.Int("Index into resources.")),
        ("scope", Schema.Int("Index into scopes.")),
        ("traceState", Schema.Text("W3C trace state.")),
        ("flags", Schema.Int("All 32 bits as sent; the low eight are W3C trace flags.")),
        ("droppedAttributes", Schema.Int("Attributes that were left out before or on arrival.")),
        ("droppedEvents", Schema.Int("Events that its sender left out.")),
        ("droppedLinks", Schema.Int("Links that its sender left out.")),
        ("marks", Schema.Array(Schema.Enum(Words.Marks), "What is odd about it; mostly empty.")),
        ("attributes", Attributes()),
        ("events", Schema.Array(Schema.Object(
            ("timeUnixNanos", Schema.UnixNanos("Time.")),
            ("name", Schema.Text("Event name.")),
            ("droppedAttributes", Schema.Int("Attributes that were left out before or on arrival.")),
            ("attributes", Attributes())), "In the order they were sent.")),
        ("links", Schema.Array(Schema.Object(
            ("traceId", Schema.TraceId("The trace it points at, as sent.")),
            ("spanId", Schema.SpanId("The span it points at, as sent.")),
            ("traceState", Schema.Text("W3C trace state.")),
            ("flags", Schema.Int("All 32 bits as sent.")),
            ("droppedAttributes", Schema.Int("Attributes that were left out before or on arrival.")),
            ("attributes", Attributes())), "In the order they were sent.")));

    private static JsonObject Service() => Schema.Nullable(Schema.Text("Service name; null without one."));

    private static JsonObject Attributes() => Schema.Map("Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp.");
}
