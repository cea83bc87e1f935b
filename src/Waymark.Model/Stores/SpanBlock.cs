// Whole traces as columns: what a store hands to query, analysis and the writers of answers.
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>
/// One or more whole traces, row by row: traces contiguous, rows of a trace in pre-order (a parent before its children, siblings by start, then span id).
/// Every array has one entry per row unless it says otherwise. Texts are codes into <see cref="Texts"/>; −1 is "none".
/// </summary>
public sealed class SpanBlock
{
    public required TraceSlice[] Traces { get; init; }
    public required TextTable Texts { get; init; }

    /// <summary>The distinct resources, indexed by <see cref="Resource"/>.</summary>
    public required ResourceEntry[] Resources { get; init; }

    /// <summary>The distinct instrumentation scopes, indexed by <see cref="Scope"/>.</summary>
    public required ScopeEntry[] Scopes { get; init; }

    public required SpanId[] SpanIds { get; init; }

    /// <summary>As sent; zero for a root.</summary>
    public required SpanId[] ParentSpanIds { get; init; }

    /// <summary>Row of the parent; −1 for a root, an orphan, or where a cycle was cut.</summary>
    public required int[] ParentRow { get; init; }

    /// <summary>Row after the last descendant: the subtree of row r is [r, SubtreeEnd[r]).</summary>
    public required int[] SubtreeEnd { get; init; }

    public required UnixNanos[] Start { get; init; }

    /// <summary>As sent: may lie before the start.</summary>
    public required UnixNanos[] End { get; init; }

    public required int[] Name { get; init; }
    public required SpanKind[] Kind { get; init; }
    public required StatusCode[] Status { get; init; }
    public required int[] StatusMessage { get; init; }
    public required int[] TraceState { get; init; }
    public required uint[] Flags { get; init; }
    public required uint[] DroppedAttributes { get; init; }
    public required uint[] DroppedEvents { get; init; }
    public required uint[] DroppedLinks { get; init; }
    public required int[] Resource { get; init; }
    public required int[] Scope { get; init; }
    public required SpanMarks[] Marks { get; init; }

    /// <summary>Empty unless <see cref="SpanParts.Attributes"/> was asked for.</summary>
    public required AttributeTable Attributes { get; init; }

    /// <summary>Empty unless <see cref="SpanParts.Events"/> was asked for.</summary>
    public required EventTable Events { get; init; }

    /// <summary>Empty unless <see cref="SpanParts.Links"/> was asked for.</summary>
    public required LinkTable Links { get; init; }

    public int Count => SpanIds.Length;

    public DurationNanos Duration(int row) => End[row] - Start[row];

    /// <summary>Text code of the row's service name; −1 when its resource has none.</summary>
    public int Service(int row) => Resources[Resource[row]].Service;
}

/// <summary>One trace of a block: rows [FirstRow, FirstRow + Count).</summary>
/// <param name="Start">Smallest start of its spans: with the id, its place in the order of lists.</param>
/// <param name="FirstReceived">When the first of its stored spans arrived.</param>
/// <param name="Duplicates">Spans left out because their identity was there already.</param>
/// <param name="IsPartial">Part of it could not be read (a broken page): what is here is right, but not all.</param>
public readonly record struct TraceSlice(TraceId Id, int FirstRow, int Count, UnixNanos Start, UnixNanos FirstReceived, int Duplicates, bool IsPartial)
{
    public TraceCursor Cursor => new(Start, Id);
}

/// <summary>Oddities of a span, kept as sent and flagged.</summary>
[Flags]
public enum SpanMarks : byte
{
    None = 0,

    /// <summary>It names a parent that is not in the trace.</summary>
    Orphan = 1,

    /// <summary>Its parent link closed a cycle and was cut here, at the earliest start of the cycle.</summary>
    CycleCut = 2,

    /// <summary>Another span of the trace has the same span id (other kind, service or start).</summary>
    SharedId = 4,

    /// <summary>It ends before it starts; its duration counts as 0.</summary>
    EndsBeforeStart = 8,
}

/// <summary>A resource: schema URL (text code), dropped count, and its attributes as a range of <see cref="AttributeTable"/> entries.</summary>
/// <param name="Service">Text code of <c>service.name</c>; −1 without one.</param>
public sealed record ResourceEntry(int Service, int SchemaUrl, uint DroppedAttributes, AttributeEntry[] Attributes);

/// <summary>An instrumentation scope with the schema URL of its spans.</summary>
public sealed record ScopeEntry(int Name, int Version, int SchemaUrl, uint DroppedAttributes, AttributeEntry[] Attributes);

/// <summary>One attribute: key and, for types with content, the value as text codes; <see cref="Number"/> as in <see cref="AttributeValue.Number"/>.</summary>
public readonly record struct AttributeEntry(int Key, AttributeType Type, int Content, long Number);

/// <summary>Attributes per element, in the order they were sent: element i has Entries[First[i] .. First[i + 1]).</summary>
public sealed record AttributeTable(int[] First, AttributeEntry[] Entries)
{
    public static readonly AttributeTable None = new([], []);

    /// <summary>The attributes of element <paramref name="index"/>; empty when attributes were not asked for.</summary>
    public ReadOnlySpan<AttributeEntry> Of(int index) =>
        First.Length == 0 ? default : Entries.AsSpan(First[index], First[index + 1] - First[index]);
}

/// <summary>Span events: row r has events First[r] .. First[r + 1], in the order they were sent.</summary>
public sealed record EventTable(int[] First, UnixNanos[] Time, int[] Name, uint[] DroppedAttributes, AttributeTable Attributes)
{
    public static readonly EventTable None = new([], [], [], [], AttributeTable.None);

    /// <summary>Indexes of the events of a row.</summary>
    public (int First, int End) Of(int row) => First.Length == 0 ? (0, 0) : (First[row], First[row + 1]);
}

/// <summary>Span links: row r has links First[r] .. First[r + 1], in the order they were sent.</summary>
public sealed record LinkTable(int[] First, TraceId[] TraceIds, SpanId[] SpanIds, int[] TraceState, uint[] Flags, uint[] DroppedAttributes, AttributeTable Attributes)
{
    public static readonly LinkTable None = new([], [], [], [], [], [], AttributeTable.None);

    /// <summary>Indexes of the links of a row.</summary>
    public (int First, int End) Of(int row) => First.Length == 0 ? (0, 0) : (First[row], First[row + 1]);
}
