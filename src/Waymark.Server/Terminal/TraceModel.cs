// A trace as the terminal draws it: read from the server's answer, independent of how that looks on the wire.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Server.Terminal;

/// <summary>One whole trace. Texts are as the sender wrote them: whoever prints them passes them through <see cref="Cells.Clean"/>.</summary>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="IsPartial">Part of it could not be read by the server.</param>
internal sealed record TraceModel(string TraceId, IReadOnlyList<SpanModel> Spans, bool IsPartial = false)
{
    /// <summary>The critical path in order of time; time that no span covers is left out. Empty when it is not known.</summary>
    public IReadOnlyList<PathModel> Path { get; init; } = [];

    /// <summary>The verdict's sentence in pieces.</summary>
    public IReadOnlyList<VerdictPart> Verdict { get; init; } = [];

    /// <summary>Spans whose clock was corrected.</summary>
    public int SkewedSpans { get; init; }
}

/// <summary>A stretch of the critical path.</summary>
/// <param name="Span">Index in <see cref="TraceModel.Spans"/>.</param>
internal readonly record struct PathModel(int Span, UnixNanos From, UnixNanos To);

/// <summary>One span of a <see cref="TraceModel"/>.</summary>
internal sealed record SpanModel
{
    public required string SpanId { get; init; }

    /// <summary>As sent; empty for a root.</summary>
    public string ParentSpanId { get; init; } = "";

    /// <summary>Index of the parent in <see cref="TraceModel.Spans"/>; −1 for a root, an orphan, or where a cycle was cut.</summary>
    public int Parent { get; init; } = -1;

    public string Service { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>By the corrected clock.</summary>
    public UnixNanos Start { get; init; }

    public DurationNanos Duration { get; init; }
    public bool IsError { get; init; }
    public string StatusMessage { get; init; } = "";
    public SpanMarks Marks { get; init; }

    /// <summary>Keys and printable values, in the order they were sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    public IReadOnlyList<EventModel> Events { get; init; } = [];

    public UnixNanos End => Start + Duration;
}

/// <summary>One event of a span.</summary>
internal sealed record EventModel(UnixNanos Time, string Name, IReadOnlyList<KeyValuePair<string, string>> Attributes);
