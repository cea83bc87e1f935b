// How much of one span is kept. Limits apply per span, never per trace; what exceeds them is cut and counted, never silently lost.
namespace Waymark.Model.Limits;

/// <summary>Per-span limits a decoder applies while reading.</summary>
public sealed record SpanLimits
{
    public static readonly SpanLimits Default = new();

    /// <summary>For replay: what the log holds was admitted once and is never judged again.</summary>
    public static readonly SpanLimits None = new() { MaxTextBytes = int.MaxValue, MaxAttributes = int.MaxValue, MaxNesting = int.MaxValue };

    /// <summary>Bytes of one attribute value, and of any other text of a span (name, key, status message, trace state). Longer text is cut at a character boundary.</summary>
    public int MaxTextBytes { get; init; } = 64 * 1024;

    /// <summary>Attributes of one span, event, link, resource or scope. Those beyond are dropped, and added to the element's dropped count.</summary>
    public int MaxAttributes { get; init; } = 1024;

    /// <summary>Depth of arrays and key-value lists within one value. A value nested deeper is replaced by an empty one.</summary>
    public int MaxNesting { get; init; } = 32;
}
