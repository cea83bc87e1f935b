// Every parameter the native API knows; routes pick from here, so that one name means one thing everywhere.
using System.Collections.Immutable;
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class Parameters
{
    /// <summary>The most span ids one request may ask for.</summary>
    public const int MaxSpanIds = 1000;

    /// <summary>The most services or operations one request may ask for, and how many it gets when it does not say.</summary>
    public const int MaxNames = 100_000;

    /// <inheritdoc cref="MaxNames"/>
    public const int DefaultNames = 10_000;

    /// <summary>Links that one request gets when it does not say how many.</summary>
    public const int DefaultLinks = 100;

    /// <summary>Characters of a text to find.</summary>
    public const int MaxFindText = 500;

    public static readonly Parameter<TraceId> TraceId = new(
        "id",
        ParameterPlace.Path,
        "Trace id.",
        "1 to 32 hex digits",
        Schema.Text("1 to 32 hex digits; fewer than 32 are padded with zeros on the left.", "^[0-9a-fA-F]{1,32}$"),
        ParseTraceId)
    { IsRequired = true };

    public static readonly Parameter<SpanId> SpanId = new(
        "spanId",
        ParameterPlace.Path,
        "Span id.",
        "16 hex digits",
        Schema.Text("16 hex digits.", "^[0-9a-fA-F]{16}$"),
        ParseSpanId)
    { IsRequired = true };

    public static readonly Parameter<ImmutableArray<SpanId>> SpanIds = new(
        "ids",
        ParameterPlace.Query,
        $"Span ids, separated by commas; at most {MaxSpanIds}.",
        $"up to {MaxSpanIds} span ids of 16 hex digits, separated by commas",
        Schema.Text("Span ids of 16 hex digits, separated by commas."),
        ParseSpanIds)
    { IsRequired = true };

    public static readonly Parameter<string> Service = new(
        "service",
        ParameterPlace.Query,
        "Service name, exactly. Empty: spans without a service name.",
        "a service name",
        Schema.Text(),
        ParseText);

    public static readonly Parameter<string> Operation = new(
        "operation", ParameterPlace.Query, "Span name, exactly.", "a span name", Schema.Text(), ParseText);

    public static readonly Parameter<SpanKind> Kind = new(
        "kind", ParameterPlace.Query, "Span kind.", $"one of {Words.List(Words.Kinds)}", Schema.Enum(Words.Kinds), ParseKind);

    public static readonly Parameter<StatusCode> Status = new(
        "status", ParameterPlace.Query, "Span status.", $"one of {Words.List(Words.Statuses)}", Schema.Enum(Words.Statuses), ParseStatus);

    public static readonly Parameter<DurationNanos> MinDuration = new(
        "minDuration",
        ParameterPlace.Query,
        "Shortest duration of the span.",
        DurationText.Expected,
        Schema.Text(DurationText.Expected),
        ParseDuration);

    public static readonly Parameter<DurationNanos> MaxDuration = new(
        "maxDuration",
        ParameterPlace.Query,
        "Longest duration of the span.",
        DurationText.Expected,
        Schema.Text(DurationText.Expected),
        ParseDuration);

    public static readonly Parameter<AttributeFilter> Attribute = new(
        "attribute",
        ParameterPlace.Query,
        "key=value on any span of the trace, or on its resource. Repeat for more; each may hold on another span. Arrays, key-value lists, bytes and empty values can't be asked for, nor can keys that contain '='.",
        "key=value",
        Schema.Text("key=value", "^[^=]+=.*$"),
        ParseAttribute)
    { IsRepeatable = true };

    public static readonly Parameter<UnixNanos> From = new(
        "from",
        ParameterPlace.Query,
        "A matching span starts at this time or later.",
        TimeText.Expected,
        Schema.Text(TimeText.Expected),
        TimeText.TryParse);

    public static readonly Parameter<UnixNanos> To = new(
        "to",
        ParameterPlace.Query,
        "A matching span starts before this time.",
        TimeText.Expected,
        Schema.Text(TimeText.Expected),
        TimeText.TryParse);

    public static readonly Parameter<int> Limit = new(
        "limit",
        ParameterPlace.Query,
        "Traces per page.",
        $"a whole number from 1 to {TraceFilter.MaxLimit}",
        Schema.IntBetween(1, TraceFilter.MaxLimit, fallback: new TraceFilter().Limit),
        ParseLimit);

    /// <summary>The limit of services and operations, which are not paged.</summary>
    public static readonly Parameter<int> NameLimit = new(
        "limit",
        ParameterPlace.Query,
        "The most entries to answer with.",
        $"a whole number from 1 to {MaxNames}",
        Schema.IntBetween(1, MaxNames, fallback: DefaultNames),
        ParseNameLimit);

    public static readonly Parameter<int> LinkLimit = new(
        "limit",
        ParameterPlace.Query,
        "The most links to answer with.",
        $"a whole number from 1 to {LinkSearch.MaxLimit}",
        Schema.IntBetween(1, LinkSearch.MaxLimit, fallback: DefaultLinks),
        ParseLinkLimit);

    public static readonly Parameter<string> FindText = new(
        "text",
        ParameterPlace.Query,
        $"What to look for, at most {MaxFindText} characters. Upper and lower case are the same.",
        $"1 to {MaxFindText} characters",
        Schema.Text($"1 to {MaxFindText} characters."),
        ParseFindText)
    { IsRequired = true };

    public static readonly Parameter<TraceCursor> After = new(
        "after",
        ParameterPlace.Query,
        "The next of the page before.",
        "the next of an earlier answer, unchanged",
        Schema.Text("Opaque."),
        ParseCursor);

    private static bool ParseTraceId(string text, UnixNanos now, out TraceId value) => Model.Spans.TraceId.TryParse(text, out value);

    private static bool ParseSpanId(string text, UnixNanos now, out SpanId value) => Model.Spans.SpanId.TryParse(text, out value);

    private static bool ParseSpanIds(string text, UnixNanos now, out ImmutableArray<SpanId> value)
    {
        var ids = ImmutableArray.CreateBuilder<SpanId>();
        foreach (var part in text.Split(',', MaxSpanIds + 1))
        {
            if (!Model.Spans.SpanId.TryParse(part.Trim(), out var id) || ids.Count == MaxSpanIds)
            {
                value = default;
                return false;
            }
            ids.Add(id);
        }
        value = ids.ToImmutable();
        return true;
    }

    private static bool ParseText(string text, UnixNanos now, out string value)
    {
        value = text;
        return true;
    }

    private static bool ParseKind(string text, UnixNanos now, out SpanKind value)
    {
        var at = Words.IndexOf(Words.Kinds, text);
        value = (SpanKind)Math.Max(at, 0);
        return at >= 0;
    }

    private static bool ParseStatus(string text, UnixNanos now, out StatusCode value)
    {
        var at = Words.IndexOf(Words.Statuses, text);
        value = (StatusCode)Math.Max(at, 0);
        return at >= 0;
    }

    private static bool ParseDuration(string text, UnixNanos now, out DurationNanos value) => DurationText.TryParse(text, out value);

    private static bool ParseAttribute(string text, UnixNanos now, out AttributeFilter value)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        value = equals > 0 ? new AttributeFilter(text[..equals], text[(equals + 1)..]) : new AttributeFilter("", "");
        return equals > 0;
    }

    private static bool ParseLimit(string text, UnixNanos now, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= TraceFilter.MaxLimit;

    private static bool ParseNameLimit(string text, UnixNanos now, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= MaxNames;

    private static bool ParseLinkLimit(string text, UnixNanos now, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= LinkSearch.MaxLimit;

    private static bool ParseFindText(string text, UnixNanos now, out string value)
    {
        value = text;
        return text.Length is >= 1 and <= MaxFindText;
    }

    private static bool ParseCursor(string text, UnixNanos now, out TraceCursor value) => TraceCursorText.TryDecode(text, out value);
}
