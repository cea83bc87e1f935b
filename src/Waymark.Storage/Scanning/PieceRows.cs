// The rows of one trace gathered from all its pieces, before they are put in order: plain lists, text codes already those of the block.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Storage.Scanning;

/// <summary>One span's scalars. Codes and indexes are those of the block being built.</summary>
internal record struct CoreRow(
    SpanId Id,
    SpanId Parent,
    UnixNanos Start,
    UnixNanos End,
    int Name,
    SpanKind Kind,
    StatusCode Status,
    int StatusMessage,
    int TraceState,
    uint Flags,
    uint DroppedAttributes,
    uint DroppedEvents,
    uint DroppedLinks,
    int Resource,
    int Scope);

/// <summary>One event; its attributes are [FirstAttribute, EndAttribute) of <see cref="PieceRows.EventAttributes"/>.</summary>
internal readonly record struct EventRow(UnixNanos Time, int Name, uint Dropped, int FirstAttribute, int EndAttribute);

/// <summary>One link; its attributes are [FirstAttribute, EndAttribute) of <see cref="PieceRows.LinkAttributes"/>.</summary>
internal readonly record struct LinkRow(TraceId TraceId, SpanId SpanId, int TraceState, uint Flags, uint Dropped, int FirstAttribute, int EndAttribute);

/// <summary>Where an element's entries lie in a list.</summary>
internal readonly record struct ListRange(int First, int End);

/// <summary>
/// Filled by sources in order of arrival, read by <see cref="BlockBuilder"/>. Every row has one entry in <see cref="Core"/>, and, if the part was asked for, one range in each of
/// <see cref="AttributesOf"/>, <see cref="EventsOf"/>, <see cref="LinksOf"/>.
/// </summary>
internal sealed class PieceRows
{
    public List<CoreRow> Core { get; } = [];
    public List<ListRange> AttributesOf { get; } = [];
    public List<AttributeEntry> Attributes { get; } = [];
    public List<ListRange> EventsOf { get; } = [];
    public List<EventRow> Events { get; } = [];
    public List<AttributeEntry> EventAttributes { get; } = [];
    public List<ListRange> LinksOf { get; } = [];
    public List<LinkRow> Links { get; } = [];
    public List<AttributeEntry> LinkAttributes { get; } = [];
    public UnixNanos FirstReceived { get; private set; } = UnixNanos.Max;

    /// <summary>Smallest start that the pieces are known to have, though its row may not be readable: a trace keeps its place in lists.</summary>
    public UnixNanos Start { get; private set; } = UnixNanos.Max;
    public int Duplicates { get; set; }
    public bool IsPartial { get; set; }

    /// <summary>Bytes of memory that the lists take.</summary>
    public long Bytes =>
        QueryMemory.Of<CoreRow>(Core.Capacity)
        + QueryMemory.Of<ListRange>(AttributesOf.Capacity + EventsOf.Capacity + LinksOf.Capacity)
        + QueryMemory.Of<AttributeEntry>(Attributes.Capacity + EventAttributes.Capacity + LinkAttributes.Capacity)
        + QueryMemory.Of<EventRow>(Events.Capacity)
        + QueryMemory.Of<LinkRow>(Links.Capacity);

    public void Clear()
    {
        Core.Clear();
        AttributesOf.Clear();
        Attributes.Clear();
        EventsOf.Clear();
        Events.Clear();
        EventAttributes.Clear();
        LinksOf.Clear();
        Links.Clear();
        LinkAttributes.Clear();
        FirstReceived = UnixNanos.Max;
        Start = UnixNanos.Max;
        Duplicates = 0;
        IsPartial = false;
    }

    /// <summary>Makes room for rows to come: a large trace's lists would otherwise be copied and thrown away at each doubling.</summary>
    public void Expect(int more, SpanParts parts)
    {
        Core.EnsureCapacity(Core.Count + more);
        if (parts.HasFlag(SpanParts.Attributes)) AttributesOf.EnsureCapacity(AttributesOf.Count + more);
        if (parts.HasFlag(SpanParts.Events)) EventsOf.EnsureCapacity(EventsOf.Count + more);
        if (parts.HasFlag(SpanParts.Links)) LinksOf.EnsureCapacity(LinksOf.Count + more);
    }

    /// <summary>Makes room for the attributes of rows to come, if they have about as many as those before.</summary>
    public void ExpectAttributes(int attributes, int ofRows, int moreRows)
    {
        if (moreRows > ofRows) Attributes.EnsureCapacity(checked((int)Math.Min(Array.MaxLength, Attributes.Count + ((long)attributes * moreRows / ofRows * 17 / 16))));
    }

    public void NoteReceived(UnixNanos at)
    {
        if (at < FirstReceived) FirstReceived = at;
    }

    public void NoteStart(UnixNanos start)
    {
        if (start < Start) Start = start;
    }

    /// <summary>Forgets rows and parts beyond a point: what a piece had added when one of its pages proved broken.</summary>
    public void TruncateTo(int rows)
    {
        Core.RemoveRange(rows, Core.Count - rows);
        Truncate(AttributesOf, rows);
        Truncate(EventsOf, rows);
        Truncate(LinksOf, rows);

        static void Truncate(List<ListRange> list, int count)
        {
            if (list.Count > count) list.RemoveRange(count, list.Count - count);
        }
    }
}
