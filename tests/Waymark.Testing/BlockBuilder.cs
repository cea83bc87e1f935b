// Fills a SpanBlock trace by trace from plain spans.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Testing;

/// <summary>Collects the columns of a block. "" is written as −1 where a code may be "none", except for service names and attribute contents.</summary>
internal sealed class BlockBuilder(SpanParts parts)
{
    private readonly TextTable texts = new();
    private readonly Dictionary<string, int> codes = new(StringComparer.Ordinal);
    private readonly List<NaiveResource> resources = [];
    private readonly List<NaiveScope> scopes = [];
    private readonly Dictionary<NaiveResource, int> resourceCodes = [];
    private readonly Dictionary<NaiveScope, int> scopeCodes = [];
    private readonly List<TraceSlice> traces = [];
    private readonly List<NaiveRow> rows = [];
    private readonly List<int> parentRows = [];
    private readonly List<int> subtreeEnds = [];

    public void Add(TraceId id, List<NaiveArrival> arrivals)
    {
        var distinct = NaiveTopology.Distinct(arrivals.Select(a => a.Span));
        var first = rows.Count;
        foreach (var row in NaiveTopology.Rows(distinct))
        {
            rows.Add(row);
            parentRows.Add(row.ParentRow < 0 ? -1 : first + row.ParentRow);
            subtreeEnds.Add(first + row.SubtreeEnd);
        }
        traces.Add(new TraceSlice(id, first, distinct.Count, distinct.Min(s => s.Start), arrivals.Min(a => a.Received), arrivals.Count - distinct.Count, IsPartial: false));
    }

    public SpanBlock Build()
    {
        var resource = rows.Select(r => CodeOf(r.Span.Resource, resourceCodes, resources)).ToArray();
        var scope = rows.Select(r => CodeOf(r.Span.Scope, scopeCodes, scopes)).ToArray();
        return new SpanBlock
        {
            Traces = [.. traces],
            Texts = texts,
            Resources = [.. resources.Select(r => new ResourceEntry(r.Service is { } service ? Code(service) : -1, Optional(r.SchemaUrl), r.DroppedAttributes, Entries(r.Attributes)))],
            Scopes = [.. scopes.Select(s => new ScopeEntry(Optional(s.Name), Optional(s.Version), Optional(s.SchemaUrl), s.DroppedAttributes, Entries(s.Attributes)))],
            SpanIds = Column(s => s.SpanId),
            ParentSpanIds = Column(s => s.ParentSpanId),
            ParentRow = [.. parentRows],
            SubtreeEnd = [.. subtreeEnds],
            Start = Column(s => s.Start),
            End = Column(s => s.End),
            Name = Column(s => Optional(s.Name)),
            Kind = Column(s => s.Kind),
            Status = Column(s => s.Status),
            StatusMessage = Column(s => Optional(s.StatusMessage)),
            TraceState = Column(s => Optional(s.TraceState)),
            Flags = Column(s => s.Flags),
            DroppedAttributes = Column(s => s.DroppedAttributes),
            DroppedEvents = Column(s => s.DroppedEvents),
            DroppedLinks = Column(s => s.DroppedLinks),
            Resource = resource,
            Scope = scope,
            Marks = [.. rows.Select(r => r.Marks)],
            Attributes = parts.HasFlag(SpanParts.Attributes) ? Table(rows.Select(r => r.Span.Attributes)) : AttributeTable.None,
            Events = parts.HasFlag(SpanParts.Events) ? Events() : EventTable.None,
            Links = parts.HasFlag(SpanParts.Links) ? Links() : LinkTable.None,
        };
    }

    private T[] Column<T>(Func<NaiveSpan, T> pick) => [.. rows.Select(r => pick(r.Span))];

    private EventTable Events()
    {
        var all = rows.SelectMany(r => r.Span.Events).ToList();
        return new EventTable(
            Ranges(rows.Select(r => r.Span.Events.Count)),
            [.. all.Select(e => e.Time)],
            [.. all.Select(e => Optional(e.Name))],
            [.. all.Select(e => e.DroppedAttributes)],
            Table(all.Select(e => e.Attributes)));
    }

    private LinkTable Links()
    {
        var all = rows.SelectMany(r => r.Span.Links).ToList();
        return new LinkTable(
            Ranges(rows.Select(r => r.Span.Links.Count)),
            [.. all.Select(l => l.TraceId)],
            [.. all.Select(l => l.SpanId)],
            [.. all.Select(l => Optional(l.TraceState))],
            [.. all.Select(l => l.Flags)],
            [.. all.Select(l => l.DroppedAttributes)],
            Table(all.Select(l => l.Attributes)));
    }

    private AttributeTable Table(IEnumerable<Sequence<NaiveAttribute>> elements)
    {
        var list = elements.ToList();
        return new AttributeTable(Ranges(list.Select(e => e.Count)), [.. list.SelectMany(Entries)]);
    }

    private AttributeEntry[] Entries(Sequence<NaiveAttribute> attributes) =>
        [.. attributes.Select(a => new AttributeEntry(Code(a.Key), a.Value.Type, HasContent(a.Value.Type) ? Code(a.Value) : -1, a.Value.Number))];

    private static bool HasContent(AttributeType type) => type is AttributeType.Text or AttributeType.Array or AttributeType.KeyValues or AttributeType.Bytes;

    private static int[] Ranges(IEnumerable<int> counts)
    {
        var first = new List<int> { 0 };
        foreach (var count in counts) first.Add(first[^1] + count);
        return [.. first];
    }

    private static int CodeOf<T>(T item, Dictionary<T, int> known, List<T> list)
        where T : notnull
    {
        if (known.TryGetValue(item, out var code)) return code;
        list.Add(item);
        return known[item] = list.Count - 1;
    }

    private int Optional(string text) => text.Length == 0 ? -1 : Code(text);

    private int Code(string text) => Code("t" + text, Encoding.UTF8.GetBytes(text));

    private int Code(NaiveValue value) => value.Type == AttributeType.Text ? Code(value.Content) : Code("b" + value.Content, value.ToBytes());

    private int Code(string key, byte[] bytes) => codes.TryGetValue(key, out var code) ? code : codes[key] = texts.Add(bytes);
}
