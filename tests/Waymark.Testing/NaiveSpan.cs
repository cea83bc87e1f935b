// A span as one plain object: what tests state, compare and print. Slow and obvious on purpose.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;

namespace Waymark.Testing;

/// <summary>Everything one span carries. Two are equal when every part is.</summary>
public sealed record NaiveSpan
{
    public TraceId TraceId { get; init; }
    public SpanId SpanId { get; init; }

    /// <summary>Zero for a root.</summary>
    public SpanId ParentSpanId { get; init; }

    public UnixNanos Start { get; init; }
    public UnixNanos End { get; init; }
    public string Name { get; init; } = "";
    public string TraceState { get; init; } = "";
    public SpanKind Kind { get; init; }
    public StatusCode Status { get; init; }
    public string StatusMessage { get; init; } = "";
    public uint Flags { get; init; }
    public uint DroppedAttributes { get; init; }
    public uint DroppedEvents { get; init; }
    public uint DroppedLinks { get; init; }
    public Sequence<NaiveAttribute> Attributes { get; init; } = [];
    public Sequence<NaiveEvent> Events { get; init; } = [];
    public Sequence<NaiveLink> Links { get; init; } = [];
    public NaiveResource Resource { get; init; } = NaiveResource.Empty;
    public NaiveScope Scope { get; init; } = NaiveScope.Empty;

    /// <summary>The service's name, "" without one.</summary>
    public string Service => Resource.Service ?? "";

    /// <summary>Never negative.</summary>
    public DurationNanos Duration => End - Start;

    /// <summary>Two spans with the same identity are one span.</summary>
    public (TraceId Trace, SpanId Span, SpanKind Kind, string Service, UnixNanos Start) Identity => (TraceId, SpanId, Kind, Service, Start);
}

/// <summary>A resource with the schema URL beside it.</summary>
public sealed record NaiveResource(Sequence<NaiveAttribute> Attributes, string SchemaUrl = "", uint DroppedAttributes = 0)
{
    public static readonly NaiveResource Empty = new([]);

    /// <summary>The first <c>service.name</c> that is text; null without one.</summary>
    public string? Service => Attributes.FirstOrDefault(a => a.Key == "service.name" && a.Value.Type == AttributeType.Text)?.Value.Content;

    public static NaiveResource Of(string service, params ReadOnlySpan<NaiveAttribute> more) => new([NaiveAttribute.Text("service.name", service), .. more]);
}

/// <summary>An instrumentation scope with the schema URL beside it.</summary>
public sealed record NaiveScope(string Name, string Version, Sequence<NaiveAttribute> Attributes, string SchemaUrl = "", uint DroppedAttributes = 0)
{
    public static readonly NaiveScope Empty = new("", "", []);
}

/// <summary>An event of a span.</summary>
public sealed record NaiveEvent(UnixNanos Time, string Name, Sequence<NaiveAttribute> Attributes, uint DroppedAttributes = 0);

/// <summary>A link of a span; its ids may be zero.</summary>
public sealed record NaiveLink(
    TraceId TraceId,
    SpanId SpanId,
    string TraceState,
    uint Flags,
    Sequence<NaiveAttribute> Attributes,
    uint DroppedAttributes = 0);

/// <summary>A key and its value.</summary>
public sealed record NaiveAttribute(string Key, NaiveValue Value)
{
    public static NaiveAttribute Text(string key, string value) => new(key, NaiveValue.Text(value));
    public static NaiveAttribute Int(string key, long value) => new(key, NaiveValue.Int(value));
    public static NaiveAttribute Double(string key, double value) => new(key, NaiveValue.Double(value));
    public static NaiveAttribute Bool(string key, bool value) => new(key, NaiveValue.Bool(value));

    public override string ToString() => $"{Key}={Value}";
}

/// <summary>
/// A typed value that compares by value. <see cref="Number"/> as in <see cref="AttributeValue.Number"/>; <see cref="Content"/> is the text
/// itself for Text, and the bytes in upper-case hex for Bytes, Array and KeyValues.
/// </summary>
public sealed record NaiveValue(AttributeType Type, long Number, string Content)
{
    public static readonly NaiveValue Empty = new(AttributeType.Empty, 0, "");

    public static NaiveValue Text(string value) => new(AttributeType.Text, 0, value);
    public static NaiveValue Bool(bool value) => new(AttributeType.Bool, value ? 1 : 0, "");
    public static NaiveValue Int(long value) => new(AttributeType.Int, value, "");
    public static NaiveValue Double(double value) => new(AttributeType.Double, BitConverter.DoubleToInt64Bits(value), "");
    public static NaiveValue Bytes(ReadOnlySpan<byte> value) => new(AttributeType.Bytes, 0, Convert.ToHexString(value));
    public static NaiveValue Array(params ReadOnlySpan<NaiveValue> items) => new(AttributeType.Array, 0, Convert.ToHexString(NaiveAnyValue.ArrayContent(items)));
    public static NaiveValue KeyValues(params ReadOnlySpan<NaiveAttribute> items) => new(AttributeType.KeyValues, 0, Convert.ToHexString(NaiveAnyValue.KeyValuesContent(items)));

    public static NaiveValue From(AttributeType type, long number, ReadOnlySpan<byte> content) =>
        new(type, number, type == AttributeType.Text ? Encoding.UTF8.GetString(content) : Convert.ToHexString(content));

    /// <summary>The content as bytes.</summary>
    public byte[] ToBytes() => Type == AttributeType.Text ? Encoding.UTF8.GetBytes(Content) : Convert.FromHexString(Content);

    /// <summary>The value as sinks receive it, over bytes from <see cref="ToBytes"/>.</summary>
    public AttributeValue ToAttributeValue(ReadOnlySpan<byte> bytes) => Type switch
    {
        AttributeType.Empty => AttributeValue.Empty,
        AttributeType.Text => AttributeValue.Text(bytes),
        AttributeType.Bool => AttributeValue.Bool(Number != 0),
        AttributeType.Int => AttributeValue.Int(Number),
        AttributeType.Double => AttributeValue.Double(BitConverter.Int64BitsToDouble(Number)),
        AttributeType.Bytes => AttributeValue.Bytes(bytes),
        AttributeType.Array => AttributeValue.Array(bytes),
        AttributeType.KeyValues => AttributeValue.KeyValues(bytes),
        _ => throw new InvalidOperationException($"Unknown attribute type {Type}."),
    };

    public override string ToString() => Type switch
    {
        AttributeType.Text => $"\"{Content}\"",
        AttributeType.Bool => Number != 0 ? "true" : "false",
        AttributeType.Int => Number.ToString(CultureInfo.InvariantCulture),
        AttributeType.Double => BitConverter.Int64BitsToDouble(Number).ToString("R", CultureInfo.InvariantCulture),
        _ => $"{Type}:{Content}",
    };
}
