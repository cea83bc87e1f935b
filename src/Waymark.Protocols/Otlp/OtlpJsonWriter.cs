using System.Text.Json;
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
    /// <summary>Writes one trace of a block (with all <see cref="SpanParts"/>) as the JSON array of its <c>ResourceSpans</c>; the caller has written the property name. Grouping as in <see cref="OtlpProtobufWriter.WriteTrace"/>.</summary>
    public static void WriteResourceSpans(SpanBlock block, int trace, Utf8JsonWriter json, OtlpJsonForm form) => throw new System.Diagnostics.UnreachableException();

    /// <summary>Writes an attribute's value as an <c>AnyValue</c> object.</summary>
    public static void WriteAnyValue(TextTable texts, AttributeEntry attribute, Utf8JsonWriter json, OtlpJsonForm form) => throw new System.Diagnostics.UnreachableException();

    /// <summary>Writes an attribute's value as natural JSON: text, number, true/false, array, object, base64 for bytes, null for empty. Non-finite doubles become the strings "NaN", "Infinity", "-Infinity".</summary>
    public static void WritePlainValue(TextTable texts, AttributeEntry attribute, Utf8JsonWriter json) => throw new System.Diagnostics.UnreachableException();
}
