// Corpus spans as ExportTraceServiceRequest in OTLP's JSON mapping, as JavaScript's exporter writes it.
using System.Globalization;
using System.Text.Json;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;

namespace Waymark.Bench.Corpus;

internal static class OtlpJsonEncoder
{
    /// <summary>All spans are of one instance; they are grouped by scope.</summary>
    public static void Write(List<CorpusSpan> spans, PooledBuffer output)
    {
        using var json = new Utf8JsonWriter(output);
        var instance = spans[0].Instance;
        json.WriteStartObject();
        json.WriteStartArray("resourceSpans");
        json.WriteStartObject();
        json.WriteStartObject("resource");
        WriteAttributes(json, instance.Resource);
        json.WriteEndObject();
        json.WriteStartArray("scopeSpans");
        foreach (var group in spans.GroupBy(span => span.Scope))
        {
            json.WriteStartObject();
            json.WriteStartObject("scope");
            json.WriteString("name", group.Key);
            json.WriteString("version", instance.ScopeVersion);
            json.WriteEndObject();
            json.WriteStartArray("spans");
            foreach (var span in group) WriteSpan(json, span);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, CorpusSpan span)
    {
        json.WriteStartObject();
        json.WriteString("traceId", Hex(span.TraceHigh) + Hex(span.TraceLow));
        json.WriteString("spanId", Hex(span.SpanId));
        if (span.ParentSpanId != 0) json.WriteString("parentSpanId", Hex(span.ParentSpanId));
        json.WriteString("name", span.Name);
        json.WriteNumber("kind", (int)span.Kind);
        json.WriteString("startTimeUnixNano", span.Start.ToString(CultureInfo.InvariantCulture));
        json.WriteString("endTimeUnixNano", span.End.ToString(CultureInfo.InvariantCulture));
        WriteAttributes(json, span.Attributes);
        json.WriteNumber("droppedAttributesCount", 0);
        json.WriteStartArray("events");
        if (span.Exception is { } exception)
        {
            json.WriteStartObject();
            WriteAttributes(json, exception.Attributes);
            json.WriteString("name", exception.Name);
            json.WriteString("timeUnixNano", exception.Time.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("status");
        json.WriteNumber("code", (int)span.Status);
        if (span.StatusMessage.Length > 0) json.WriteString("message", span.StatusMessage);
        json.WriteEndObject();
        json.WriteNumber("flags", 257);
        json.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter json, List<CorpusAttribute> attributes)
    {
        json.WriteStartArray("attributes");
        foreach (var attribute in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", attribute.Key);
            json.WriteStartObject("value");
            switch (attribute.Type)
            {
                case AttributeType.Text:
                    json.WriteString("stringValue", attribute.Text);
                    break;
                case AttributeType.Bool:
                    json.WriteBoolean("boolValue", attribute.Number != 0);
                    break;
                case AttributeType.Int:
                    json.WriteNumber("intValue", attribute.Number);
                    break;
                default:
                    json.WriteNumber("doubleValue", BitConverter.Int64BitsToDouble(attribute.Number));
                    break;
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}
