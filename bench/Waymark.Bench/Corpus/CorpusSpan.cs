// The corpus as plain objects, before any encoding: what a client library would hold.
using Waymark.Model.Spans;

namespace Waymark.Bench.Corpus;

/// <summary>One attribute. <see cref="Number"/> holds integers, booleans (0/1) and a double's bits; <see cref="Text"/> the rest.</summary>
internal readonly record struct CorpusAttribute(string Key, AttributeType Type, string Text, long Number)
{
    public static CorpusAttribute Of(string key, string text) => new(key, AttributeType.Text, text, 0);
    public static CorpusAttribute Of(string key, long number) => new(key, AttributeType.Int, "", number);
    public static CorpusAttribute Of(string key, bool value) => new(key, AttributeType.Bool, "", value ? 1 : 0);
    public static CorpusAttribute Of(string key, double value) => new(key, AttributeType.Double, "", BitConverter.DoubleToInt64Bits(value));
}

/// <summary>An event: the corpus has exceptions only.</summary>
internal sealed record CorpusEvent(string Name, long Time, List<CorpusAttribute> Attributes);

/// <summary>A process that sends: one resource, one clock.</summary>
/// <param name="ClockUnit">Nanoseconds per tick of the language's clock: every time of this instance is a multiple.</param>
internal sealed record CorpusInstance(int Index, ServiceShape Service, string Address, long ClockUnit, List<CorpusAttribute> Resource, string ScopeVersion);

/// <summary>A span of a trace being made. Times are nanoseconds since 1970.</summary>
internal sealed class CorpusSpan
{
    public required CorpusInstance Instance { get; init; }
    public required ulong TraceHigh { get; init; }
    public required ulong TraceLow { get; init; }
    public required ulong SpanId { get; init; }

    /// <summary>Row of the parent within the trace, in pre-order; -1 for the root.</summary>
    public required int ParentRow { get; init; }

    public required ulong ParentSpanId { get; init; }
    public required string Name { get; init; }
    public required string Scope { get; init; }
    public required SpanKind Kind { get; init; }
    public required long Start { get; init; }
    public long End { get; set; }
    public StatusCode Status { get; set; }
    public string StatusMessage { get; set; } = "";
    public List<CorpusAttribute> Attributes { get; } = [];
    public CorpusEvent? Exception { get; set; }
}
