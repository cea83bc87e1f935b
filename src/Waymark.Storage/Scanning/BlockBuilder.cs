// Builds a SpanBlock out of traces whose rows come from heads and segments.
using System.IO.Hashing;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;
using Waymark.Storage.Sealing;

namespace Waymark.Storage.Scanning;

/// <summary>Collects whole traces, then <see cref="Build"/>s one block. Not thread-safe; used once.</summary>
internal sealed class BlockBuilder(SpanParts parts) : IComparer<int>
{
    private readonly Dictionary<UInt128, int> textCodes = [];
    private readonly Dictionary<UInt128, int> resourceIds = [];
    private readonly Dictionary<UInt128, int> scopeIds = [];
    private readonly List<ResourceEntry> resources = [];
    private readonly List<ScopeEntry> scopes = [];
    private readonly TraceTopology topology = new();
    private readonly TraceScratch scratch = new();
    private readonly List<TraceSlice> traces = [];
    private readonly List<CoreRow> rows = [];
    private readonly List<int> parentRow = [];
    private readonly List<int> subtreeEnd = [];
    private readonly List<SpanMarks> marks = [];
    private readonly List<int> attributeFirst = [0];
    private readonly List<AttributeEntry> attributes = [];
    private readonly List<int> eventFirst = [0];
    private readonly List<EventRow> events = [];
    private readonly List<int> eventAttributeFirst = [0];
    private readonly List<AttributeEntry> eventAttributes = [];
    private readonly List<int> linkFirst = [0];
    private readonly List<LinkRow> links = [];
    private readonly List<int> linkAttributeFirst = [0];
    private readonly List<AttributeEntry> linkAttributes = [];

    public SpanParts Parts { get; } = parts;
    public TextTable Texts { get; } = new();
    public int Rows => rows.Count;
    public int Traces => traces.Count;

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
        var core = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(piece.Core);
        if (core.IsEmpty) return;
        scratch.Reserve(core.Length);
        for (var i = 0; i < core.Length; i++) scratch.Set(i, core[i].Id, core[i].Parent, core[i].Start, core[i].Kind, ServiceOf(core[i]));
        scratch.Build(topology, core.Length, this);

        var first = rows.Count;
        var start = piece.Start;
        Expect(topology.Count, piece);
        for (var r = 0; r < topology.Count; r++)
        {
            var from = topology.Order[r];
            ref readonly var row = ref core[from];
            rows.Add(row);
            parentRow.Add(topology.ParentRow[r] < 0 ? -1 : first + topology.ParentRow[r]);
            subtreeEnd.Add(first + topology.SubtreeEnd[r]);
            marks.Add(topology.Marks[r] | (row.End < row.Start ? SpanMarks.EndsBeforeStart : SpanMarks.None));
            if (row.Start < start) start = row.Start;
            AddParts(piece, from);
        }
        traces.Add(new TraceSlice(id, first, topology.Count, start, piece.FirstReceived, piece.Duplicates + topology.Duplicates, piece.IsPartial));
    }

    public SpanBlock Build()
    {
        var block = new SpanBlock
        {
            Traces = [.. traces],
            Texts = Texts,
            Resources = [.. resources],
            Scopes = [.. scopes],
            ParentRow = [.. parentRow],
            SubtreeEnd = [.. subtreeEnd],
            Marks = [.. marks],
            SpanIds = new SpanId[rows.Count],
            ParentSpanIds = new SpanId[rows.Count],
            Start = new UnixNanos[rows.Count],
            End = new UnixNanos[rows.Count],
            Name = new int[rows.Count],
            Kind = new SpanKind[rows.Count],
            Status = new StatusCode[rows.Count],
            StatusMessage = new int[rows.Count],
            TraceState = new int[rows.Count],
            Flags = new uint[rows.Count],
            DroppedAttributes = new uint[rows.Count],
            DroppedEvents = new uint[rows.Count],
            DroppedLinks = new uint[rows.Count],
            Resource = new int[rows.Count],
            Scope = new int[rows.Count],
            Attributes = Parts.HasFlag(SpanParts.Attributes) ? new AttributeTable([.. attributeFirst], [.. attributes]) : AttributeTable.None,
            Events = Parts.HasFlag(SpanParts.Events) ? BuildEvents() : EventTable.None,
            Links = Parts.HasFlag(SpanParts.Links) ? BuildLinks() : LinkTable.None,
        };
        var core = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows);
        for (var r = 0; r < core.Length; r++)
        {
            ref readonly var row = ref core[r];
            block.SpanIds[r] = row.Id;
            block.ParentSpanIds[r] = row.Parent;
            block.Start[r] = row.Start;
            block.End[r] = row.End;
            block.Name[r] = row.Name;
            block.Kind[r] = row.Kind;
            block.Status[r] = row.Status;
            block.StatusMessage[r] = row.StatusMessage;
            block.TraceState[r] = row.TraceState;
            block.Flags[r] = row.Flags;
            block.DroppedAttributes[r] = row.DroppedAttributes;
            block.DroppedEvents[r] = row.DroppedEvents;
            block.DroppedLinks[r] = row.DroppedLinks;
            block.Resource[r] = row.Resource;
            block.Scope[r] = row.Scope;
        }
        return block;
    }

    /// <summary>Text codes by their bytes.</summary>
    int IComparer<int>.Compare(int x, int y) => Texts.Utf8(x).SequenceCompareTo(Texts.Utf8(y));

    /// <summary>Makes room for a trace, as <see cref="PieceRows.Expect"/> does.</summary>
    private void Expect(int more, PieceRows piece)
    {
        rows.EnsureCapacity(rows.Count + more);
        parentRow.EnsureCapacity(rows.Count + more);
        subtreeEnd.EnsureCapacity(rows.Count + more);
        marks.EnsureCapacity(rows.Count + more);
        if (Parts.HasFlag(SpanParts.Attributes))
        {
            attributeFirst.EnsureCapacity(attributeFirst.Count + more);
            attributes.EnsureCapacity(attributes.Count + piece.Attributes.Count);
        }
        if (Parts.HasFlag(SpanParts.Events)) eventFirst.EnsureCapacity(eventFirst.Count + more);
        if (Parts.HasFlag(SpanParts.Links)) linkFirst.EnsureCapacity(linkFirst.Count + more);
    }

    private void AddParts(PieceRows piece, int from)
    {
        if (Parts.HasFlag(SpanParts.Attributes))
        {
            var range = piece.AttributesOf[from];
            for (var k = range.First; k < range.End; k++) attributes.Add(piece.Attributes[k]);
            attributeFirst.Add(attributes.Count);
        }
        if (Parts.HasFlag(SpanParts.Events))
        {
            var range = piece.EventsOf[from];
            for (var e = range.First; e < range.End; e++)
            {
                events.Add(piece.Events[e]);
                for (var k = piece.Events[e].FirstAttribute; k < piece.Events[e].EndAttribute; k++) eventAttributes.Add(piece.EventAttributes[k]);
                eventAttributeFirst.Add(eventAttributes.Count);
            }
            eventFirst.Add(events.Count);
        }
        if (Parts.HasFlag(SpanParts.Links))
        {
            var range = piece.LinksOf[from];
            for (var l = range.First; l < range.End; l++)
            {
                links.Add(piece.Links[l]);
                for (var k = piece.Links[l].FirstAttribute; k < piece.Links[l].EndAttribute; k++) linkAttributes.Add(piece.LinkAttributes[k]);
                linkAttributeFirst.Add(linkAttributes.Count);
            }
            linkFirst.Add(links.Count);
        }
    }

    private EventTable BuildEvents() => new(
        [.. eventFirst],
        [.. events.Select(e => e.Time)],
        [.. events.Select(e => e.Name)],
        [.. events.Select(e => e.Dropped)],
        new AttributeTable([.. eventAttributeFirst], [.. eventAttributes]));

    private LinkTable BuildLinks() => new(
        [.. linkFirst],
        [.. links.Select(l => l.TraceId)],
        [.. links.Select(l => l.SpanId)],
        [.. links.Select(l => l.TraceState)],
        [.. links.Select(l => l.Flags)],
        [.. links.Select(l => l.Dropped)],
        new AttributeTable([.. linkAttributeFirst], [.. linkAttributes]));

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
