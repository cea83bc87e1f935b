// Rows of heads for a block.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Scanning;

/// <summary>Reads rows of one head into <see cref="PieceRows"/>, remembering how the head's codes translate into the block's.</summary>
internal sealed class HeadSource(SpanHead head, BlockBuilder block)
{
    private readonly Dictionary<(int Dictionary, int Code), int> codes = [];
    private readonly Dictionary<int, (int Resource, int Scope)> contexts = [];

    /// <summary>By shape: the places of its columns that are wanted.</summary>
    private readonly Dictionary<int, int[]> wanted = [];

    public void Read(int row, PieceRows into)
    {
        ref readonly var span = ref head.Spans[row];
        var (resource, scope) = Context(span.Context);
        into.Core.Add(new CoreRow(
            span.SpanId,
            span.ParentSpanId,
            span.Start,
            span.End,
            Translate(-1, head.Names, span.Name),
            span.Kind,
            span.Status,
            Translate(-2, head.StatusMessages, span.StatusMessage),
            Translate(-3, head.TraceStates, span.TraceState),
            span.Flags,
            span.DroppedAttributes,
            span.DroppedEvents,
            span.DroppedLinks,
            resource,
            scope));
        var isWanted = block.WantsPartsOf(span.SpanId);
        if (block.Parts.HasFlag(SpanParts.Attributes)) into.AttributesOf.Add(isWanted ? ReadAttributes(span.Shape, span.Slots, into.Attributes) : default);
        if (block.Parts.HasFlag(SpanParts.Events)) into.EventsOf.Add(isWanted ? ReadEvents(span, into) : default);
        if (block.Parts.HasFlag(SpanParts.Links)) into.LinksOf.Add(isWanted ? ReadLinks(span, into) : default);
    }

    private ListRange ReadEvents(in HeadSpan span, PieceRows into)
    {
        var first = into.Events.Count;
        for (var e = span.FirstEvent; e < span.FirstEvent + span.EventCount; e++)
        {
            ref readonly var entry = ref head.Events[e];
            var range = ReadAttributes(entry.Shape, entry.Slots, into.EventAttributes);
            into.Events.Add(new EventRow(entry.Time, Translate(-4, head.EventNames, entry.Name), entry.DroppedAttributes, range.First, range.End));
        }
        return new ListRange(first, into.Events.Count);
    }

    private ListRange ReadLinks(in HeadSpan span, PieceRows into)
    {
        var first = into.Links.Count;
        for (var l = span.FirstLink; l < span.FirstLink + span.LinkCount; l++)
        {
            ref readonly var link = ref head.Links[l];
            var range = ReadAttributes(link.Shape, link.Slots, into.LinkAttributes);
            into.Links.Add(new LinkRow(link.TraceId, link.SpanId, Translate(-3, head.TraceStates, link.TraceState), link.Flags, link.DroppedAttributes, range.First, range.End));
        }
        return new ListRange(first, into.Links.Count);
    }

    private ListRange ReadAttributes(int shapeId, int slots, List<AttributeEntry> into)
    {
        var first = into.Count;
        var shape = head.Shapes[shapeId];
        if (!wanted.TryGetValue(shapeId, out var places)) wanted[shapeId] = places = Wanted(shape.Columns);
        foreach (var k in places)
        {
            var column = head.Columns[shape.Columns[k]];
            var slot = slots + shape.Offsets[k];
            if (column.IsOverflow)
            {
                OverflowValue.Read(column.Texts![head.Slots[slot]], out var type, out var name, out var number, out var content);
                if (block.Wants(name)) into.Add(new AttributeEntry(block.Text(name), type, AttributeColumn.HasContent(type) ? block.UniqueText(content) : -1, number));
                continue;
            }
            var key = Key(column);
            into.Add(column.Type switch
            {
                AttributeType.Empty => new AttributeEntry(key, column.Type, -1, 0),
                AttributeType.Bool => new AttributeEntry(key, column.Type, -1, head.Slots[slot]),
                AttributeType.Int or AttributeType.Double => new AttributeEntry(key, column.Type, -1, (uint)head.Slots[slot] | ((long)head.Slots[slot + 1] << 32)),
                _ => new AttributeEntry(key, column.Type, Translate(column.Id, column.Texts!, head.Slots[slot]), 0),
            });
        }
        return new ListRange(first, into.Count);
    }

    /// <summary>Which attributes an overflow column holds shows only in its values.</summary>
    private int[] Wanted(int[] columns) => [.. Enumerable.Range(0, columns.Length).Where(k => head.Columns[columns[k]] is var column && (column.IsOverflow || block.Wants(column.Key)))];

    private int Key(AttributeColumn column)
    {
        if (!codes.TryGetValue((column.Id, -1), out var code)) codes[(column.Id, -1)] = code = block.Text(column.Key);
        return code;
    }

    private int Translate(int dictionary, TextDictionary texts, int code)
    {
        if (code < 0) return -1;
        if (!codes.TryGetValue((dictionary, code), out var translated)) codes[(dictionary, code)] = translated = block.Text(texts[code]);
        return translated;
    }

    private (int Resource, int Scope) Context(int id)
    {
        if (contexts.TryGetValue(id, out var context)) return context;
        var (resource, scope) = head.Contexts[id];
        return contexts[id] = (block.Resource(head.Resources[resource].Blob), block.Scope(head.Scopes[scope].Blob));
    }
}
