// A stored trace, given back as OTLP JSON: from columns straight to UTF-8, without a string on the way.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Protocols.Otlp;

/// <summary>The two JSON forms of a trace.</summary>
public enum OtlpJsonForm
{
    /// <summary>OTLP's JSON mapping: ids in hex, 64-bit integers as strings, enums as numbers.</summary>
    Otlp,

    /// <summary>Plain protobuf JSON as Tempo's v1 answers it: ids in base64, enums by name.</summary>
    TempoV1,
}

/// <summary>Writes a stored trace as OTLP JSON.</summary>
public static class OtlpJsonWriter
{
    private static readonly JsonEncodedText[] KindNames =
    [
        JsonEncodedText.Encode("SPAN_KIND_UNSPECIFIED"), JsonEncodedText.Encode("SPAN_KIND_INTERNAL"), JsonEncodedText.Encode("SPAN_KIND_SERVER"),
        JsonEncodedText.Encode("SPAN_KIND_CLIENT"), JsonEncodedText.Encode("SPAN_KIND_PRODUCER"), JsonEncodedText.Encode("SPAN_KIND_CONSUMER"),
    ];

    private static readonly JsonEncodedText[] StatusNames =
        [JsonEncodedText.Encode("STATUS_CODE_UNSET"), JsonEncodedText.Encode("STATUS_CODE_OK"), JsonEncodedText.Encode("STATUS_CODE_ERROR")];

    /// <summary>Writes one trace of a block (with all <see cref="SpanParts"/>) as the JSON array of its <c>ResourceSpans</c>; the caller has written the property name. Grouping as in <see cref="OtlpProtobufWriter.WriteTrace"/>.</summary>
    public static void WriteResourceSpans(SpanBlock block, int trace, Utf8JsonWriter json, OtlpJsonForm form)
    {
        var slice = block.Traces[trace];
        var rows = RowsByScope(block, slice);
        json.WriteStartArray();
        for (var next = 0; next < rows.Length;)
        {
            var resource = block.Resource[rows[next]];
            json.WriteStartObject();
            WriteResource(block, block.Resources[resource], json, form);
            json.WriteStartArray("scopeSpans"u8);
            while (next < rows.Length && block.Resource[rows[next]] == resource)
            {
                var scope = block.Scope[rows[next]];
                json.WriteStartObject();
                WriteScope(block, block.Scopes[scope], json, form);
                json.WriteStartArray("spans"u8);
                for (; next < rows.Length && block.Resource[rows[next]] == resource && block.Scope[rows[next]] == scope; next++)
                {
                    WriteSpan(block, slice.Id, rows[next], json, form);
                }
                json.WriteEndArray();
                WriteText(json, "schemaUrl"u8, block.Texts, block.Scopes[scope].SchemaUrl);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteText(json, "schemaUrl"u8, block.Texts, block.Resources[resource].SchemaUrl);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Writes an attribute's value as an <c>AnyValue</c> object.</summary>
    public static void WriteAnyValue(TextTable texts, AttributeEntry attribute, Utf8JsonWriter json, OtlpJsonForm form)
    {
        // Values look the same in both forms; the form stays in the signature for the one that will differ.
        Debug.Assert(form is OtlpJsonForm.Otlp or OtlpJsonForm.TempoV1, "There are two forms.");
        WriteAny(Value(texts, attribute), json);
    }

    /// <summary>Writes an attribute's value as natural JSON: text, number, true/false, array, object, base64 for bytes, null for empty. Non-finite doubles become the strings "NaN", "Infinity", "-Infinity".</summary>
    public static void WritePlainValue(TextTable texts, AttributeEntry attribute, Utf8JsonWriter json) => WritePlain(Value(texts, attribute), json);

    /// <summary>The trace's rows, grouped by resource, then scope; groups in the order of their first row, rows in theirs.</summary>
    private static int[] RowsByScope(SpanBlock block, TraceSlice slice)
    {
        var rows = new int[slice.Count];
        var places = new (int Resource, int Scope, int Row)[slice.Count];
        var resources = new Dictionary<int, int>();
        var scopes = new Dictionary<(int, int), int>();
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i] = slice.FirstRow + i;
            var resource = block.Resource[row];
            if (!resources.TryGetValue(resource, out var resourcePlace)) resources.Add(resource, resourcePlace = resources.Count);
            var scope = (resource, block.Scope[row]);
            if (!scopes.TryGetValue(scope, out var scopePlace)) scopes.Add(scope, scopePlace = scopes.Count);
            places[i] = (resourcePlace, scopePlace, row);
        }
        if (scopes.Count > 1) Array.Sort(places, rows);
        return rows;
    }

    private static void WriteResource(SpanBlock block, ResourceEntry resource, Utf8JsonWriter json, OtlpJsonForm form)
    {
        json.WriteStartObject("resource"u8);
        WriteAttributes(block.Texts, resource.Attributes, resource.DroppedAttributes, json, form);
        json.WriteEndObject();
    }

    private static void WriteScope(SpanBlock block, ScopeEntry scope, Utf8JsonWriter json, OtlpJsonForm form)
    {
        json.WriteStartObject("scope"u8);
        WriteText(json, "name"u8, block.Texts, scope.Name);
        WriteText(json, "version"u8, block.Texts, scope.Version);
        WriteAttributes(block.Texts, scope.Attributes, scope.DroppedAttributes, json, form);
        json.WriteEndObject();
    }

    private static void WriteSpan(SpanBlock block, TraceId trace, int row, Utf8JsonWriter json, OtlpJsonForm form)
    {
        json.WriteStartObject();
        WriteTraceId(json, trace, form);
        WriteSpanId(json, "spanId"u8, block.SpanIds[row], form);
        if (!block.ParentSpanIds[row].IsZero) WriteSpanId(json, "parentSpanId"u8, block.ParentSpanIds[row], form);
        WriteText(json, "traceState"u8, block.Texts, block.TraceState[row]);
        WriteCount(json, "flags"u8, block.Flags[row]);
        json.WriteString("name"u8, block.Texts.Utf8(block.Name[row]));
        var kind = block.Kind[row];
        if (form == OtlpJsonForm.TempoV1) json.WriteString("kind"u8, KindNames[(int)kind]);
        else json.WriteNumber("kind"u8, (int)kind);
        WriteInt64(json, "startTimeUnixNano"u8, block.Start[row].Value);
        WriteInt64(json, "endTimeUnixNano"u8, block.End[row].Value);
        WriteAttributes(block.Texts, block.Attributes.Of(row), block.DroppedAttributes[row], json, form);
        WriteEvents(block, row, json, form);
        WriteCount(json, "droppedEventsCount"u8, block.DroppedEvents[row]);
        WriteLinks(block, row, json, form);
        WriteCount(json, "droppedLinksCount"u8, block.DroppedLinks[row]);
        WriteStatus(block, row, json, form);
        json.WriteEndObject();
    }

    private static void WriteStatus(SpanBlock block, int row, Utf8JsonWriter json, OtlpJsonForm form)
    {
        var status = block.Status[row];
        if (status == StatusCode.Unset && block.Texts.Utf8(block.StatusMessage[row]).IsEmpty) return;
        json.WriteStartObject("status"u8);
        WriteText(json, "message"u8, block.Texts, block.StatusMessage[row]);
        if (form == OtlpJsonForm.TempoV1) json.WriteString("code"u8, StatusNames[(int)status]);
        else json.WriteNumber("code"u8, (int)status);
        json.WriteEndObject();
    }

    private static void WriteEvents(SpanBlock block, int row, Utf8JsonWriter json, OtlpJsonForm form)
    {
        var events = block.Events;
        var (first, end) = events.Of(row);
        if (first == end) return;
        json.WriteStartArray("events"u8);
        for (var i = first; i < end; i++)
        {
            json.WriteStartObject();
            WriteInt64(json, "timeUnixNano"u8, events.Time[i].Value);
            json.WriteString("name"u8, block.Texts.Utf8(events.Name[i]));
            WriteAttributes(block.Texts, events.Attributes.Of(i), events.DroppedAttributes[i], json, form);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteLinks(SpanBlock block, int row, Utf8JsonWriter json, OtlpJsonForm form)
    {
        var links = block.Links;
        var (first, end) = links.Of(row);
        if (first == end) return;
        json.WriteStartArray("links"u8);
        for (var i = first; i < end; i++)
        {
            json.WriteStartObject();
            WriteTraceId(json, links.TraceIds[i], form);
            WriteSpanId(json, "spanId"u8, links.SpanIds[i], form);
            WriteText(json, "traceState"u8, block.Texts, links.TraceState[i]);
            WriteCount(json, "flags"u8, links.Flags[i]);
            WriteAttributes(block.Texts, links.Attributes.Of(i), links.DroppedAttributes[i], json, form);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAttributes(TextTable texts, ReadOnlySpan<AttributeEntry> attributes, uint dropped, Utf8JsonWriter json, OtlpJsonForm form)
    {
        if (attributes.Length > 0)
        {
            json.WriteStartArray("attributes"u8);
            foreach (var attribute in attributes)
            {
                json.WriteStartObject();
                json.WriteString("key"u8, texts.Utf8(attribute.Key));
                json.WritePropertyName("value"u8);
                WriteAnyValue(texts, attribute, json, form);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        WriteCount(json, "droppedAttributesCount"u8, dropped);
    }

    private static AttributeValue Value(TextTable texts, AttributeEntry attribute) => attribute.Type switch
    {
        AttributeType.Empty => AttributeValue.Empty,
        AttributeType.Text => AttributeValue.Text(texts.Utf8(attribute.Content)),
        AttributeType.Bool => AttributeValue.Bool(attribute.Number != 0),
        AttributeType.Int => AttributeValue.Int(attribute.Number),
        AttributeType.Double => AttributeValue.Double(BitConverter.Int64BitsToDouble(attribute.Number)),
        AttributeType.Array => AttributeValue.Array(texts.Utf8(attribute.Content)),
        AttributeType.KeyValues => AttributeValue.KeyValues(texts.Utf8(attribute.Content)),
        AttributeType.Bytes => AttributeValue.Bytes(texts.Utf8(attribute.Content)),
        _ => throw new UnreachableException($"Attribute type {attribute.Type} is not one of OTLP's."),
    };

    private static void WriteAny(AttributeValue value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        switch (value.Type)
        {
            case AttributeType.Text: json.WriteString("stringValue"u8, value.Content); break;
            case AttributeType.Bool: json.WriteBoolean("boolValue"u8, value.Number != 0); break;
            case AttributeType.Int: WriteInt64(json, "intValue"u8, value.Number); break;
            case AttributeType.Bytes: json.WriteBase64String("bytesValue"u8, value.Content); break;
            case AttributeType.Double:
                json.WritePropertyName("doubleValue"u8);
                WriteDouble(json, BitConverter.Int64BitsToDouble(value.Number));
                break;
            case AttributeType.Array:
                json.WriteStartObject("arrayValue"u8);
                json.WriteStartArray("values"u8);
                for (var array = new CanonicalValue(value.Content); !array.IsAtEnd;) WriteAny(array.NextValue(), json);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case AttributeType.KeyValues:
                json.WriteStartObject("kvlistValue"u8);
                json.WriteStartArray("values"u8);
                for (var list = new CanonicalValue(value.Content); !list.IsAtEnd;)
                {
                    var member = list.NextMember(out var key);
                    json.WriteStartObject();
                    json.WriteString("key"u8, key);
                    json.WritePropertyName("value"u8);
                    WriteAny(member, json);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
                break;
        }
        json.WriteEndObject();
    }

    private static void WritePlain(AttributeValue value, Utf8JsonWriter json)
    {
        switch (value.Type)
        {
            case AttributeType.Text: json.WriteStringValue(value.Content); break;
            case AttributeType.Bool: json.WriteBooleanValue(value.Number != 0); break;
            case AttributeType.Int: json.WriteNumberValue(value.Number); break;
            case AttributeType.Double: WriteDouble(json, BitConverter.Int64BitsToDouble(value.Number)); break;
            case AttributeType.Bytes: json.WriteBase64StringValue(value.Content); break;
            case AttributeType.Array:
                json.WriteStartArray();
                for (var array = new CanonicalValue(value.Content); !array.IsAtEnd;) WritePlain(array.NextValue(), json);
                json.WriteEndArray();
                break;
            case AttributeType.KeyValues:
                json.WriteStartObject();
                for (var list = new CanonicalValue(value.Content); !list.IsAtEnd;)
                {
                    var member = list.NextMember(out var key);
                    json.WritePropertyName(key);
                    WritePlain(member, json);
                }
                json.WriteEndObject();
                break;
            default: json.WriteNullValue(); break;
        }
    }

    /// <summary>The shortest digits that give the same double back; JSON has no word for the other three.</summary>
    private static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteStringValue(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
    }

    /// <summary>Left out when empty, as protobuf JSON does.</summary>
    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, TextTable texts, int code)
    {
        var text = texts.Utf8(code);
        if (!text.IsEmpty) json.WriteString(name, text);
    }

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, uint count)
    {
        if (count != 0) json.WriteNumber(name, count);
    }

    /// <summary>64-bit integers are strings in protobuf JSON: not every reader has them as numbers.</summary>
    private static void WriteInt64(Utf8JsonWriter json, ReadOnlySpan<byte> name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        json.WriteString(name, digits[..length]);
    }

    private static void WriteTraceId(Utf8JsonWriter json, TraceId id, OtlpJsonForm form)
    {
        Span<byte> bytes = stackalloc byte[TraceId.Bytes];
        id.Write(bytes);
        WriteId(json, "traceId"u8, bytes, form);
    }

    private static void WriteSpanId(Utf8JsonWriter json, ReadOnlySpan<byte> name, SpanId id, OtlpJsonForm form)
    {
        Span<byte> bytes = stackalloc byte[SpanId.Bytes];
        id.Write(bytes);
        WriteId(json, name, bytes, form);
    }

    private static void WriteId(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> id, OtlpJsonForm form)
    {
        if (form == OtlpJsonForm.TempoV1)
        {
            json.WriteBase64String(name, id);
            return;
        }
        Span<byte> hex = stackalloc byte[TraceId.Bytes * 2];
        for (var i = 0; i < id.Length; i++)
        {
            hex[2 * i] = "0123456789abcdef"u8[id[i] >> 4];
            hex[2 * i + 1] = "0123456789abcdef"u8[id[i] & 0xF];
        }
        json.WriteString(name, hex[..(2 * id.Length)]);
    }
}
