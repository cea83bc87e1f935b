// What a reader of one trace wants filled in: a store need not read from disk what nobody will look at.
using System.Collections.Frozen;
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>The parts of spans that are wanted, and of their attributes which ones.</summary>
public sealed record SpanSelection(SpanParts Parts)
{
    /// <summary>Everything.</summary>
    public static readonly SpanSelection All = new(SpanParts.All);

    /// <summary>
    /// Keys of the attributes of spans, events and links that are wanted; null: all. A store may give others too. Attributes of resources and scopes always come whole:
    /// there are few, and they say which process a span is from.
    /// </summary>
    public FrozenSet<string>? Keys { get; init; }

    /// <summary>Spans whose attributes, events and links are wanted; null: all. A store may give those of others too. Everything else of every span always comes: a span's place in its trace depends on the others.</summary>
    public FrozenSet<SpanId>? Spans { get; init; }
}

/// <summary>Shorter ways to ask a store.</summary>
public static class TraceStoreQuestions
{
    /// <summary>The whole trace with all its parts.</summary>
    public static ValueTask<SpanBlock?> FindTraceAsync(this ITraceStore store, TraceId id, CancellationToken cancellation) => store.FindTraceAsync(id, SpanSelection.All, cancellation);
}
