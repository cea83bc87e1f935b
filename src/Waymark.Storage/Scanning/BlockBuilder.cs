// Builds a SpanBlock out of traces whose rows come from heads and segments.
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;
using Waymark.Storage.Sealing;

namespace Waymark.Storage.Scanning;

/// <summary>Collects whole traces, then <see cref="Build"/>s one block. Not thread-safe; used once.</summary>
internal sealed class BlockBuilder(SpanSelection selection) : IComparer<int>
{
    /// <summary>Of a span in all columns but those of its parts; of a text in the table of codes; of a span of the trace whose shape is worked out.</summary>
    private const int SpanBytes = 96;
    private const int TextCodeBytes = 48;
    private const int ShapeBytes = 128;

    private readonly Dictionary<UInt128, int> textCodes = [];
    private readonly Dictionary<UInt128, int> resourceIds = [];
    private readonly Dictionary<UInt128, int> scopeIds = [];
    private readonly List<ResourceEntry> resources = [];
    private readonly List<ScopeEntry> scopes = [];
    private readonly TraceTopology topology = new();
    private readonly TraceScratch scratch = new();
    private readonly List<TraceSlice> traces = [];
    private readonly GrowingArray<SpanId> ids = new();
    private readonly GrowingArray<SpanId> parentIds = new();
    private readonly GrowingArray<int> parentRow = new();
    private readonly GrowingArray<int> subtreeEnd = new();
    private readonly GrowingArray<SpanMarks> marks = new();
    private readonly GrowingArray<UnixNanos> starts = new();
    private readonly GrowingArray<UnixNanos> ends = new();
    private readonly GrowingArray<int> names = new();
    private readonly GrowingArray<SpanKind> kinds = new();
    private readonly GrowingArray<StatusCode> statuses = new();
    private readonly GrowingArray<int> statusMessages = new();
    private readonly GrowingArray<int> traceStates = new();
    private readonly GrowingArray<uint> flags = new();
    private readonly GrowingArray<uint> droppedAttributes = new();
    private readonly GrowingArray<uint> droppedEvents = new();
    private readonly GrowingArray<uint> droppedLinks = new();
    private readonly GrowingArray<int> rowResources = new();
    private readonly GrowingArray<int> rowScopes = new();
    private readonly GrowingArray<int> attributeFirst = new();
    private readonly GrowingArray<AttributeEntry> attributes = new();
    private readonly GrowingArray<int> eventFirst = new();
    private readonly GrowingArray<EventRow> events = new();
    private readonly GrowingArray<int> eventAttributeFirst = new();
    private readonly GrowingArray<AttributeEntry> eventAttributes = new();
    private readonly GrowingArray<int> linkFirst = new();
    private readonly GrowingArray<LinkRow> links = new();
    private readonly GrowingArray<int> linkAttributeFirst = new();
    private readonly GrowingArray<AttributeEntry> linkAttributes = new();
    private int largestTrace;

    public SpanParts Parts { get; } = selection.Parts;

    /// <summary>All attributes are wanted: nobody need ask about each.</summary>
    public bool WantsAllKeys => selection.Keys is null;
    public TextTable Texts { get; } = new();
    public int Rows => ids.Count;
    public int Traces => traces.Count;

    /// <summary>Bytes of memory that the block takes so far, and what is needed to build it.</summary>
    public long Bytes
    {
        get
        {
            // The columns of spans grow together.
            var spans = ids.Bytes / sizeof(ulong) * SpanBytes;
            var parts = attributeFirst.Bytes + attributes.Bytes + eventFirst.Bytes + events.Bytes + eventAttributeFirst.Bytes + eventAttributes.Bytes
                + linkFirst.Bytes + links.Bytes + linkAttributeFirst.Bytes + linkAttributes.Bytes;
            return spans + parts + Texts.Bytes + (textCodes.Count * (long)TextCodeBytes) + (largestTrace * (long)ShapeBytes);
        }
    }

    /// <summary>Attributes, events and links of this span are wanted.</summary>
    public bool WantsPartsOf(SpanId span) => selection.Spans is null || selection.Spans.Contains(span);

    /// <summary>Attributes with this key are wanted.</summary>
    public bool Wants(string key) => selection.Keys is null || selection.Keys.Contains(key);

    /// <inheritdoc cref="Wants(string)"/>
    public bool Wants(ReadOnlySpan<byte> key) => selection.Keys is null || selection.Keys.Contains(System.Text.Encoding.UTF8.GetString(key));

    /// <summary>The code of a text, the same for equal texts.</summary>
    public int Text(ReadOnlySpan<byte> utf8)
    {
        var hash = XxHash128.HashToUInt128(utf8, ProcessSeed.Value);
        if (!textCodes.TryGetValue(hash, out var code)) textCodes[hash] = code = Texts.Add(utf8);
        return code;
    }

    /// <summary>The code of a value unlikely to repeat: no search for an equal one.</summary>
    public int UniqueText(ReadOnlySpan<byte> bytes) => Texts.Add(bytes);

    /// <summary>The index of a resource given as a blob.</summary>
    public int Resource(ReadOnlySpan<byte> blob)
    {
        var hash = XxHash128.HashToUInt128(blob, ProcessSeed.Value);
        if (resourceIds.TryGetValue(hash, out var id)) return id;
        var reader = new ElementBlob.Reader(blob);
        reader.Number();
        var schemaUrl = TextOrNone(reader.Text());
        var dropped = reader.Number();
        var entries = ReadAttributes(ref reader, out var service);
        resources.Add(new ResourceEntry(service, schemaUrl, dropped, entries));
        return resourceIds[hash] = resources.Count - 1;
    }

    /// <summary>The index of an instrumentation scope given as a blob.</summary>
    public int Scope(ReadOnlySpan<byte> blob)
    {
        var hash = XxHash128.HashToUInt128(blob, ProcessSeed.Value);
        if (scopeIds.TryGetValue(hash, out var id)) return id;
        var reader = new ElementBlob.Reader(blob);
        reader.Number();
        var schemaUrl = TextOrNone(reader.Text());
        var name = TextOrNone(reader.Text());
        var version = TextOrNone(reader.Text());
        var dropped = reader.Number();
        scopes.Add(new ScopeEntry(name, version, schemaUrl, dropped, ReadAttributes(ref reader, out _)));
        return scopeIds[hash] = scopes.Count - 1;
    }

    /// <summary>Adds a trace from the rows of all its pieces. Nothing is added for a trace of which nothing could be read.</summary>
    public void AddTrace(TraceId id, PieceRows piece)
    {
        var core = CollectionsMarshal.AsSpan(piece.Core);
        if (core.IsEmpty) return;
        scratch.Reserve(core.Length);
        largestTrace = Math.Max(largestTrace, core.Length);
        for (var i = 0; i < core.Length; i++) scratch.Set(i, core[i].Id, core[i].Parent, core[i].Start, core[i].Kind, ServiceOf(core[i]));
        scratch.Build(topology, core.Length, this);

        var first = ids.Count;
        var start = piece.Start;
        Reserve(topology.Count, piece);
        for (var r = 0; r < topology.Count; r++)
        {
            var from = topology.Order[r];
            ref readonly var row = ref core[from];
            AddCore(row);
            parentRow.Add(topology.ParentRow[r] < 0 ? -1 : first + topology.ParentRow[r]);
            subtreeEnd.Add(first + topology.SubtreeEnd[r]);
            marks.Add(topology.Marks[r] | (row.End < row.Start ? SpanMarks.EndsBeforeStart : SpanMarks.None));
            if (row.Start < start) start = row.Start;
            AddParts(piece, from);
        }
        traces.Add(new TraceSlice(id, first, topology.Count, start, piece.FirstReceived, piece.Duplicates + topology.Duplicates, piece.IsPartial));
    }

    public SpanBlock Build() => new()
    {
        Traces = [.. traces],
        Texts = Texts,
        Resources = [.. resources],
        Scopes = [.. scopes],
        ParentRow = parentRow.Take(),
        SubtreeEnd = subtreeEnd.Take(),
        Marks = marks.Take(),
        SpanIds = ids.Take(),
        ParentSpanIds = parentIds.Take(),
        Start = starts.Take(),
        End = ends.Take(),
        Name = names.Take(),
        Kind = kinds.Take(),
        Status = statuses.Take(),
        StatusMessage = statusMessages.Take(),
        TraceState = traceStates.Take(),
        Flags = flags.Take(),
        DroppedAttributes = droppedAttributes.Take(),
        DroppedEvents = droppedEvents.Take(),
        DroppedLinks = droppedLinks.Take(),
        Resource = rowResources.Take(),
        Scope = rowScopes.Take(),
        Attributes = Parts.HasFlag(SpanParts.Attributes) ? new AttributeTable(attributeFirst.Take(), attributes.Take()) : AttributeTable.None,
        Events = Parts.HasFlag(SpanParts.Events) ? BuildEvents() : EventTable.None,
        Links = Parts.HasFlag(SpanParts.Links) ? BuildLinks() : LinkTable.None,
    };

    /// <summary>Text codes by their bytes.</summary>
    int IComparer<int>.Compare(int x, int y) => Texts.Utf8(x).SequenceCompareTo(Texts.Utf8(y));

    /// <summary>Makes room for a trace: a block of a single one then consists of the arrays as they were filled.</summary>
    private void Reserve(int more, PieceRows piece)
    {
        ids.Reserve(more);
        parentIds.Reserve(more);
        parentRow.Reserve(more);
        subtreeEnd.Reserve(more);
        marks.Reserve(more);
        starts.Reserve(more);
        ends.Reserve(more);
        names.Reserve(more);
        kinds.Reserve(more);
        statuses.Reserve(more);
        statusMessages.Reserve(more);
        traceStates.Reserve(more);
        flags.Reserve(more);
        droppedAttributes.Reserve(more);
        droppedEvents.Reserve(more);
        droppedLinks.Reserve(more);
        rowResources.Reserve(more);
        rowScopes.Reserve(more);
        if (Parts.HasFlag(SpanParts.Attributes)) Reserve(attributeFirst, more, attributes, piece.Attributes);
        if (Parts.HasFlag(SpanParts.Events))
        {
            Reserve(eventFirst, more, events, piece.Events);
            Reserve(eventAttributeFirst, piece.Events.Count, eventAttributes, piece.EventAttributes);
        }
        if (Parts.HasFlag(SpanParts.Links))
        {
            Reserve(linkFirst, more, links, piece.Links);
            Reserve(linkAttributeFirst, piece.Links.Count, linkAttributes, piece.LinkAttributes);
        }
    }

    /// <summary>The table of where elements begin starts with a 0.</summary>
    private static void Reserve<T>(GrowingArray<int> first, int elements, GrowingArray<T> items, List<T> more)
    {
        first.Reserve(elements + (first.Count == 0 ? 1 : 0));
        if (first.Count == 0) first.Add(0);
        items.Reserve(more.Count);
    }

    private void AddCore(in CoreRow row)
    {
        ids.Add(row.Id);
        parentIds.Add(row.Parent);
        starts.Add(row.Start);
        ends.Add(row.End);
        names.Add(row.Name);
        kinds.Add(row.Kind);
        statuses.Add(row.Status);
        statusMessages.Add(row.StatusMessage);
        traceStates.Add(row.TraceState);
        flags.Add(row.Flags);
        droppedAttributes.Add(row.DroppedAttributes);
        droppedEvents.Add(row.DroppedEvents);
        droppedLinks.Add(row.DroppedLinks);
        rowResources.Add(row.Resource);
        rowScopes.Add(row.Scope);
    }

    private void AddParts(PieceRows piece, int from)
    {
        if (Parts.HasFlag(SpanParts.Attributes))
        {
            attributes.AddRange(Slice(piece.Attributes, piece.AttributesOf[from]));
            attributeFirst.Add(attributes.Count);
        }
        if (Parts.HasFlag(SpanParts.Events))
        {
            foreach (ref readonly var added in Slice(piece.Events, piece.EventsOf[from]))
            {
                events.Add(added);
                eventAttributes.AddRange(Slice(piece.EventAttributes, new ListRange(added.FirstAttribute, added.EndAttribute)));
                eventAttributeFirst.Add(eventAttributes.Count);
            }
            eventFirst.Add(events.Count);
        }
        if (Parts.HasFlag(SpanParts.Links))
        {
            foreach (ref readonly var added in Slice(piece.Links, piece.LinksOf[from]))
            {
                links.Add(added);
                linkAttributes.AddRange(Slice(piece.LinkAttributes, new ListRange(added.FirstAttribute, added.EndAttribute)));
                linkAttributeFirst.Add(linkAttributes.Count);
            }
            linkFirst.Add(links.Count);
        }
    }

    private static ReadOnlySpan<T> Slice<T>(List<T> list, ListRange range) => CollectionsMarshal.AsSpan(list)[range.First..range.End];

    private EventTable BuildEvents()
    {
        var all = events.Take();
        return new EventTable(
            eventFirst.Take(),
            Array.ConvertAll(all, e => e.Time),
            Array.ConvertAll(all, e => e.Name),
            Array.ConvertAll(all, e => e.Dropped),
            new AttributeTable(eventAttributeFirst.Take(), eventAttributes.Take()));
    }

    private LinkTable BuildLinks()
    {
        var all = links.Take();
        return new LinkTable(
            linkFirst.Take(),
            Array.ConvertAll(all, l => l.TraceId),
            Array.ConvertAll(all, l => l.SpanId),
            Array.ConvertAll(all, l => l.TraceState),
            Array.ConvertAll(all, l => l.Flags),
            Array.ConvertAll(all, l => l.Dropped),
            new AttributeTable(linkAttributeFirst.Take(), linkAttributes.Take()));
    }

    private AttributeEntry[] ReadAttributes(ref ElementBlob.Reader reader, out int service)
    {
        service = -1;
        var entries = new AttributeEntry[reader.Number()];
        for (var k = 0; k < entries.Length; k++)
        {
            reader.Attribute(out var key, out var type, out var number, out var content);
            entries[k] = new AttributeEntry(Text(key), type, AttributeColumn.HasContent(type) ? Text(content) : -1, number);
            if (service < 0 && type == AttributeType.Text && key.SequenceEqual("service.name"u8)) service = entries[k].Content;
        }
        return entries;
    }

    /// <summary>Part of a span's identity, in which an empty service name is none, as everywhere.</summary>
    private int ServiceOf(in CoreRow row)
    {
        var service = resources[row.Resource].Service;
        return Texts.Utf8(service).IsEmpty ? -1 : service;
    }

    private int TextOrNone(ReadOnlySpan<byte> text) => text.IsEmpty ? -1 : Text(text);
}
