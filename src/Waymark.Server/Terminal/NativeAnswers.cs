// What the terminal reads of the native API's answers. The API's own types are not used: they say what this version writes, these what any version must.
using System.Text.Json;
using System.Text.Json.Serialization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Server.Terminal;

/// <summary>The answer of <c>GET /api/v1/traces</c>.</summary>
internal sealed record TraceListAnswer(IReadOnlyList<TraceListAnswer.Item> Traces)
{
    internal sealed record Item(string TraceId, long StartUnixNanos, long DurationNanos, string RootService, string RootOperation, int SpanCount, int ErrorCount, IReadOnlyList<string> Oddities, Top? TopContributor = null);

    internal sealed record Top(string Service, string Operation, double Share);

    public IReadOnlyList<TraceListItem> ToModel() =>
    [
        .. Traces.Select(trace => new TraceListItem(
            trace.TraceId,
            new UnixNanos(trace.StartUnixNanos),
            new DurationNanos(trace.DurationNanos),
            trace.RootService,
            trace.RootOperation,
            trace.SpanCount,
            trace.ErrorCount,
            trace.Oddities.Contains("rootless"),
            trace.TopContributor is { } top ? new TraceListTop(top.Service, top.Operation, top.Share) : null)),
    ];
}

/// <summary>The answer of <c>GET /api/v1/traces/{id}</c>.</summary>
internal sealed record TraceAnswer(string TraceId, bool IsPartial, IReadOnlyList<TraceAnswer.Span> Spans)
{
    internal sealed record Span(
        int ParentRow,
        string SpanId,
        string? ParentSpanId,
        string Name,
        string? Service,
        string Status,
        string StatusMessage,
        long StartUnixNanos,
        long DurationNanos,
        IReadOnlyList<string> Marks,
        IReadOnlyDictionary<string, JsonElement> Attributes,
        IReadOnlyList<Event> Events);

    internal sealed record Event(long TimeUnixNanos, string Name, IReadOnlyDictionary<string, JsonElement> Attributes);

    /// <summary>The trace with its analysis. When spans arrived between the two answers their rows differ: then it goes without.</summary>
    public TraceModel ToModel(LayoutAnswer layout)
    {
        if (!layout.SpanId.SequenceEqual(Spans.Select(span => span.SpanId))) return new TraceModel(TraceId, [.. Spans.Select(span => ToModel(span, 0))], IsPartial);
        var path = layout.CriticalPath;
        return new TraceModel(TraceId, [.. Spans.Select((span, row) => ToModel(span, layout.SkewNanos[row]))], IsPartial)
        {
            Path = [.. path.Row.Select((row, at) => new PathModel(row, Time(path.StartNanos[at]), Time(path.EndNanos[at]))).Where(segment => segment.Span >= 0)],
            Verdict = [.. layout.Verdict.Parts.Select(part => new VerdictPart(part.Text, Style(part.Style)))],
            SkewedSpans = layout.SkewedSpanCount,
        };

        UnixNanos Time(long offset) => new(layout.BaseUnixNanos + offset);
    }

    private static VerdictStyle Style(string word) => word switch
    {
        "strong" => VerdictStyle.Strong,
        "code" => VerdictStyle.Code,
        _ => VerdictStyle.Text,
    };

    private SpanModel ToModel(Span span, long skew) => new()
    {
        SpanId = span.SpanId,
        ParentSpanId = span.ParentSpanId ?? "",
        Parent = span.ParentRow >= 0 && span.ParentRow < Spans.Count ? span.ParentRow : -1,
        Service = span.Service ?? "",
        Name = span.Name,
        Start = new UnixNanos(span.StartUnixNanos + skew),
        Duration = new DurationNanos(span.DurationNanos),
        IsError = span.Status == "error",
        StatusMessage = span.StatusMessage,
        Marks = span.Marks.Aggregate(SpanMarks.None, (marks, word) => marks | Mark(word)),
        Attributes = Texts(span.Attributes),
        Events = [.. span.Events.Select(e => new EventModel(new UnixNanos(e.TimeUnixNanos), e.Name, Texts(e.Attributes)))],
    };

    /// <summary>The mark of a word; none for a word of a later version.</summary>
    private static SpanMarks Mark(string word) => word switch
    {
        "orphan" => SpanMarks.Orphan,
        "cycleCut" => SpanMarks.CycleCut,
        "sharedId" => SpanMarks.SharedId,
        "endsBeforeStart" => SpanMarks.EndsBeforeStart,
        _ => SpanMarks.None,
    };

    private static KeyValuePair<string, string>[] Texts(IReadOnlyDictionary<string, JsonElement> attributes) =>
        [.. attributes.Select(a => KeyValuePair.Create(a.Key, a.Value.ValueKind == JsonValueKind.String ? a.Value.GetString()! : a.Value.GetRawText()))];
}

/// <summary>What is read of the answer of <c>GET /api/v1/traces/{id}/layout</c>: the analysis.</summary>
internal sealed record LayoutAnswer(
    long BaseUnixNanos, int SkewedSpanCount, IReadOnlyList<string> SpanId, IReadOnlyList<long> SkewNanos, LayoutAnswer.PathColumns CriticalPath, LayoutAnswer.Sentence Verdict)
{
    internal sealed record PathColumns(IReadOnlyList<int> Row, IReadOnlyList<long> StartNanos, IReadOnlyList<long> EndNanos);

    internal sealed record Sentence(IReadOnlyList<Part> Parts);

    internal sealed record Part(string Text, string Style);
}

/// <summary>The API's error answer (RFC 9457).</summary>
internal sealed record ProblemAnswer(string Detail);

/// <summary>Reads the answers above; what lacks a member is refused with a <see cref="JsonException"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TraceListAnswer))]
[JsonSerializable(typeof(TraceAnswer))]
[JsonSerializable(typeof(LayoutAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
internal sealed partial class NativeAnswers : JsonSerializerContext;
