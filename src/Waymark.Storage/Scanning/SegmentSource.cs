// Rows of a segment for a block.
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Reads traces of one segment into <see cref="PieceRows"/>, remembering how the segment's codes translate into the block's.</summary>
internal sealed class SegmentSource(SegmentCursor cursor, BlockBuilder block)
{
    private const int PageRows = SegmentFormat.PageRows;
    private readonly SegmentCursor cursor = cursor;
    private readonly OpenSegment segment = cursor.Segment;
    private readonly Dictionary<(int Dictionary, int Code), int> codes = [];
    private readonly Dictionary<int, int> keys = [];
    private readonly Dictionary<int, (int Resource, int Scope)> contexts = [];

    /// <summary>Appends all rows of a trace. When a page of it is broken, the rows that can be read stay and the piece is marked partial; <paramref name="onCorrupt"/> hears of it.</summary>
    public void Read(int ordinal, PieceRows into, Action<CorruptFileException> onCorrupt)
    {
        Try(() => into.NoteStart(cursor.StartOf(ordinal)));
        Try(() => into.NoteReceived(new UnixNanos(cursor.TraceValue(SegmentColumns.Trace.FirstReceived, ordinal))));
        Try(() => into.Duplicates += (int)cursor.TraceValue(SegmentColumns.Trace.Duplicates, ordinal));
        var (first, end) = (0, 0);
        Try(() => (first, end) = cursor.RowsOf(ordinal));
        for (var row = first; row < end;)
        {
            var stop = Math.Min(end, ((row / PageRows) + 1) * PageRows);
            var (from, before) = (row, into.Core.Count);
            if (!Try(() => ReadRows(first, from, stop, into))) into.TruncateTo(before);
            row = stop;
        }

        bool Try(Action read)
        {
            try
            {
                read();
                return true;
            }
            catch (CorruptFileException broken)
            {
                into.IsPartial = true;
                onCorrupt(broken);
                return false;
            }
        }
    }

    /// <summary>Rows [from, to) of one page, of a trace that begins at <paramref name="traceFirst"/>.</summary>
    private void ReadRows(int traceFirst, int from, int to, PieceRows into)
    {
        var page = from / PageRows;
        var low = from % PageRows;
        var high = low + (to - from);
        ReadCore(traceFirst, page, low, high, into);
        var shapes = cursor.SpanPage(SegmentColumns.Span.Shape, page);
        if (block.Parts.HasFlag(SpanParts.Attributes))
        {
            var ranks = RanksBefore(shapes, low);
            for (var r = low; r < high; r++) into.AttributesOf.Add(ReadAttributes((int)shapes[r], page, ranks, into.Attributes));
        }
        if (block.Parts.HasFlag(SpanParts.Events)) ReadEvents(page, low, high, into);
        if (block.Parts.HasFlag(SpanParts.Links)) ReadLinks(page, low, high, into);
    }

    private void ReadCore(int traceFirst, int page, int low, int high, PieceRows into)
    {
        var ids = cursor.SpanPage(SegmentColumns.Span.Id, page);
        var parentLinks = cursor.SpanPage(SegmentColumns.Span.ParentLink, page);
        var explicitParents = cursor.SpanPage(SegmentColumns.Span.ParentId, page);
        var starts = cursor.SpanPage(SegmentColumns.Span.Start, page);
        var ends = cursor.SpanPage(SegmentColumns.Span.EndOffset, page);
        var names = cursor.SpanPage(SegmentColumns.Span.Name, page);
        var kinds = cursor.SpanPage(SegmentColumns.Span.Kind, page);
        var statuses = cursor.SpanPage(SegmentColumns.Span.Status, page);
        var messages = cursor.SpanPage(SegmentColumns.Span.StatusMessage, page);
        var traceStates = cursor.SpanPage(SegmentColumns.Span.TraceState, page);
        var flags = cursor.SpanPage(SegmentColumns.Span.Flags, page);
        var droppedAttributes = cursor.SpanPage(SegmentColumns.Span.DroppedAttributes, page);
        var droppedEvents = cursor.SpanPage(SegmentColumns.Span.DroppedEvents, page);
        var droppedLinks = cursor.SpanPage(SegmentColumns.Span.DroppedLinks, page);
        var contextIds = cursor.SpanPage(SegmentColumns.Span.Context, page);
        var explicitRank = 0;
        for (var r = 0; r < low; r++) explicitRank += parentLinks[r] == 1 ? 1 : 0;
        for (var r = low; r < high; r++)
        {
            var parent = parentLinks[r] switch
            {
                0 => default,
                1 => new SpanId((ulong)explicitParents[explicitRank++]),
                var link => ParentOf((page * PageRows) + r, (int)link - 1, traceFirst),
            };
            var (resource, scope) = Context((int)contextIds[r]);
            into.Core.Add(new CoreRow(
                new SpanId((ulong)ids[r]),
                parent,
                new UnixNanos(starts[r]),
                new UnixNanos(starts[r] + ends[r]),
                Translate(SegmentColumns.Span.Name, (int)names[r]),
                (SpanKind)kinds[r],
                (StatusCode)statuses[r],
                Translate(SegmentColumns.Span.StatusMessage, (int)messages[r] - 1),
                Translate(SegmentColumns.Span.TraceState, (int)traceStates[r] - 1),
                (uint)flags[r],
                (uint)droppedAttributes[r],
                (uint)droppedEvents[r],
                (uint)droppedLinks[r],
                resource,
                scope));
        }
    }

    private SpanId ParentOf(int row, int distance, int traceFirst)
    {
        var parent = row - distance;
        if (parent < traceFirst) throw new CorruptFileException(segment.Reader.Path, 0, $"the parent of row {row} lies before its trace");
        return new SpanId((ulong)cursor.SpanPage(SegmentColumns.Span.Id, parent / PageRows)[parent % PageRows]);
    }

    private void ReadEvents(int page, int low, int high, PieceRows into)
    {
        var counts = cursor.SpanPage(SegmentColumns.Span.EventCount, page);
        var starts = cursor.SpanPage(SegmentColumns.Span.Start, page);
        var at = segment.PageBase(page).Event;
        for (var r = 0; r < low; r++) at += (int)counts[r];
        var reader = new ElementReader(this, SegmentColumns.Event.Shape, RowSpace.Events);
        for (var r = low; r < high; r++)
        {
            var first = into.Events.Count;
            for (var e = 0; e < counts[r]; e++, at++)
            {
                var (eventPage, row) = (at / PageRows, at % PageRows);
                var time = cursor.Numbers(segment.Columns.Event(SegmentColumns.Event.TimeOffset), eventPage)[row];
                var nameColumn = segment.Columns.Event(SegmentColumns.Event.Name);
                var name = TranslateColumn(nameColumn, (int)cursor.Numbers(nameColumn, eventPage)[row]);
                var dropped = (uint)cursor.Numbers(segment.Columns.Event(SegmentColumns.Event.DroppedAttributes), eventPage)[row];
                var range = reader.Attributes(eventPage, row, into.EventAttributes);
                into.Events.Add(new EventRow(new UnixNanos(starts[r] + time), name, dropped, range.First, range.End));
            }
            into.EventsOf.Add(new ListRange(first, into.Events.Count));
        }
    }

    private void ReadLinks(int page, int low, int high, PieceRows into)
    {
        var counts = cursor.SpanPage(SegmentColumns.Span.LinkCount, page);
        var at = segment.PageBase(page).Link;
        for (var r = 0; r < low; r++) at += (int)counts[r];
        var reader = new ElementReader(this, SegmentColumns.Link.Shape, RowSpace.Links);
        for (var r = low; r < high; r++)
        {
            var first = into.Links.Count;
            for (var l = 0; l < counts[r]; l++, at++)
            {
                var (linkPage, row) = (at / PageRows, at % PageRows);
                long Value(ushort field) => cursor.Numbers(segment.Columns.Link(field), linkPage)[row];
                var range = reader.Attributes(linkPage, row, into.LinkAttributes);
                into.Links.Add(new LinkRow(
                    new TraceId((ulong)Value(SegmentColumns.Link.TraceHigh), (ulong)Value(SegmentColumns.Link.TraceLow)),
                    new SpanId((ulong)Value(SegmentColumns.Link.SpanId)),
                    TranslateColumn(segment.Columns.Link(SegmentColumns.Link.TraceState), (int)Value(SegmentColumns.Link.TraceState) - 1),
                    (uint)Value(SegmentColumns.Link.Flags),
                    (uint)Value(SegmentColumns.Link.DroppedAttributes),
                    range.First,
                    range.End));
            }
            into.LinksOf.Add(new ListRange(first, into.Links.Count));
        }
    }

    /// <summary>How many values of each attribute column the rows before <paramref name="row"/> of a page have.</summary>
    private Dictionary<int, int> RanksBefore(long[] shapes, int row)
    {
        var perShape = new Dictionary<long, int>();
        for (var r = 0; r < row; r++)
        {
            ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(perShape, shapes[r], out _);
            count++;
        }
        var ranks = new Dictionary<int, int>();
        foreach (var (shape, count) in perShape)
        {
            var overflow = -1;
            foreach (var column in segment.Shapes[shape])
            {
                // An overflow column has one value per row, however many attributes it holds.
                if (column == overflow) continue;
                if (segment.Reader.Columns[column].Key.Field == SegmentColumns.OverflowAttribute) overflow = column;
                ranks[column] = ranks.GetValueOrDefault(column) + count;
            }
        }
        return ranks;
    }

    private ListRange ReadAttributes(int shape, int page, Dictionary<int, int> ranks, List<AttributeEntry> into)
    {
        var first = into.Count;
        ReadOnlySpan<byte> overflow = default;
        var inOverflow = false;
        foreach (var column in segment.Shapes[shape])
        {
            var info = segment.Reader.Columns[column];
            if (info.Key.Field == SegmentColumns.OverflowAttribute)
            {
                if (!inOverflow) overflow = cursor.Strings(column, page)[NextRank(ranks, column)];
                inOverflow = true;
                var length = BinaryPrimitives.ReadInt32LittleEndian(overflow);
                OverflowValue.Read(overflow.Slice(4, length), out var type, out var name, out var number, out var content);
                into.Add(new AttributeEntry(block.Text(name), type, AttributeColumn.HasContent(type) ? block.UniqueText(content) : -1, number));
                overflow = overflow[(4 + length)..];
                continue;
            }
            into.Add(ReadAttribute(info, page, NextRank(ranks, column)));
        }
        return new ListRange(first, into.Count);
    }

    private AttributeEntry ReadAttribute(ColumnInfo info, int page, int rank)
    {
        var key = Key(info);
        var type = info.Key.Type;
        if (!AttributeColumn.HasContent(type)) return new AttributeEntry(key, type, -1, cursor.Numbers(info.Index, page)[rank]);
        if (info.Dictionary < 0) return new AttributeEntry(key, type, block.UniqueText(cursor.Strings(info.Index, page)[rank]), 0);
        return new AttributeEntry(key, type, TranslateColumn(info.Index, (int)cursor.Numbers(info.Index, page)[rank]), 0);
    }

    private static int NextRank(Dictionary<int, int> ranks, int column)
    {
        ref var rank = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(ranks, column, out _);
        return rank++;
    }

    private int Key(ColumnInfo info)
    {
        if (!keys.TryGetValue(info.Index, out var code)) keys[info.Index] = code = block.Text(System.Text.Encoding.UTF8.GetBytes(info.Key.Name));
        return code;
    }

    private int Translate(ushort field, int code) => TranslateColumn(segment.Columns.Span(field), code);

    private int TranslateColumn(int column, int code)
    {
        if (code < 0) return -1;
        var dictionary = segment.Reader.Columns[column].Dictionary;
        if (!codes.TryGetValue((dictionary, code), out var translated)) codes[(dictionary, code)] = translated = block.Text(segment.Reader.Dictionary(dictionary)[code]);
        return translated;
    }

    private (int Resource, int Scope) Context(int id)
    {
        if (contexts.TryGetValue(id, out var context)) return context;
        var (resource, scope) = segment.Contexts[id];
        return contexts[id] = (block.Resource(segment.Resources[resource]), block.Scope(segment.Scopes[scope]));
    }

    /// <summary>Reads attributes of events or links row after row, keeping ranks within the page.</summary>
    private sealed class ElementReader(SegmentSource source, ushort shapeField, RowSpace space)
    {
        private int page = -1;
        private int nextRow;
        private Dictionary<int, int> ranks = [];

        public ListRange Attributes(int atPage, int row, List<AttributeEntry> into)
        {
            var column = space == RowSpace.Events ? source.segment.Columns.Event(shapeField) : source.segment.Columns.Link(shapeField);
            var shapes = source.cursor.Numbers(column, atPage);
            if (atPage != page || row != nextRow)
            {
                ranks = source.RanksBefore(shapes, row);
                page = atPage;
            }
            nextRow = row + 1;
            return source.ReadAttributes((int)shapes[row], atPage, ranks, into);
        }
    }
}
