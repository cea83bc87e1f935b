// The enumerations of a span. Numbers are OTLP's (opentelemetry/proto/trace/v1/trace.proto) and are stored on disk: never renumber.
namespace Waymark.Model.Spans;

/// <summary>OTLP <c>Span.SpanKind</c>.</summary>
public enum SpanKind : byte
{
    Unspecified = 0,
    Internal = 1,
    Server = 2,
    Client = 3,
    Producer = 4,
    Consumer = 5,
}

/// <summary>OTLP <c>Status.StatusCode</c>.</summary>
public enum StatusCode : byte
{
    Unset = 0,
    Ok = 1,
    Error = 2,
}

/// <summary>The type of an attribute's value: the members of OTLP's <c>AnyValue</c>, and Empty for a value with none set.</summary>
public enum AttributeType : byte
{
    Empty = 0,
    Text = 1,
    Bool = 2,
    Int = 3,
    Double = 4,
    Array = 5,
    KeyValues = 6,
    Bytes = 7,
}

/// <summary>What an attribute is attached to.</summary>
public enum AttributeScope : byte
{
    Span = 0,
    Resource = 1,
    Instrumentation = 2,
    Event = 3,
    Link = 4,
}
