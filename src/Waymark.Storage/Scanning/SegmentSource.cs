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
    private AttributeRanks? spanRanks;
    private AttributeRanks? eventRanks;
    private AttributeRanks? linkRanks;

    /// <summary>By shape: its columns that are wanted, where not all are.</summary>
    private int[]?[]? wantedColumns;

    /// <summary>Appends all rows of a trace. When a page of it is broken, the rows that can be read stay and the piece is marked partial; <paramref name="onCorrupt"/> hears of it.</summary>
    public void Read(int ordinal, PieceRows into, Action<CorruptFileException> onCorrupt)
    {
        if (TryTraceValue(SegmentColumns.Trace.Start, ordinal, into, onCorrupt) is { } start) into.NoteStart(new UnixNanos(start));
        if (TryTraceValue(SegmentColumns.Trace.FirstReceived, ordinal, into, onCorrupt) is { } received) into.NoteReceived(new UnixNanos(received));
        if (TryTraceValue(SegmentColumns.Trace.Duplicates, ordinal, into, onCorrupt) is { } duplicates) into.Duplicates += (int)duplicates;
        var (first, end) = TryRowsOf(ordinal, into, onCorrupt);
        into.Expect(end - first, block.Parts);
        for (var row = first; row < end;)
        {
            var stop = Math.Min(end, ((row / PageRows) + 1) * PageRows);
            var before = into.Core.Count;
            try
            {
                ReadRows(first, row, stop, into);
            }
            catch (CorruptFileException broken)
            {
                into.TruncateTo(before);
                ForgetPlaces();
                into.IsPartial = true;
                onCorrupt(broken);
            }
            row = stop;
        }
    }

    private long? TryTraceValue(ushort field, int ordinal, PieceRows into, Action<CorruptFileException> onCorrupt)
    {
        try
        {
            return cursor.TraceValue(field, ordinal);
        }
        catch (CorruptFileException broken)
        {
            into.IsPartial = true;
            onCorrupt(broken);
            return null;
        }
    }

    private (int First, int End) TryRowsOf(int ordinal, PieceRows into, Action<CorruptFileException> onCorrupt)
    {
        try
        {
            return cursor.RowsOf(ordinal);
        }
        catch (CorruptFileException broken)
        {
            into.IsPartial = true;
            onCorrupt(broken);
            return (0, 0);
        }
    }

    private void ForgetPlaces()
    {
        spanRanks?.Forget();
        eventRanks?.Forget();
        linkRanks?.Forget();
    }

    /// <summary>Rows [from, to) of one page, of a trace that begins at <paramref name="traceFirst"/>.</summary>
    private void ReadRows(int traceFirst, int from, int to, PieceRows into)
    {
        var page = from / PageRows;
        var low = from % PageRows;
        var high = low + (to - from);
        ReadCore(traceFirst, page, low, high, into);
        var ids = cursor.SpanPage(SegmentColumns.Span.Id, page);
        if (block.Parts.HasFlag(SpanParts.Attributes))
        {
            var shapes = cursor.SpanPage(SegmentColumns.Span.Shape, page);
            var ranks = spanRanks ??= new AttributeRanks(segment);
            into.Attributes.EnsureCapacity(into.Attributes.Count + AttributesOf(shapes, ids, low, high));
            for (var r = low; r < high; r++) into.AttributesOf.Add(IsWanted(ids[r]) ? ReadAttributes(shapes, page, r, ranks, into.Attributes) : default);
        }
        if (block.Parts.HasFlag(SpanParts.Events)) ReadEvents(page, low, high, ids, into);
        if (block.Parts.HasFlag(SpanParts.Links)) ReadLinks(page, low, high, ids, into);
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
        var explicitRank = parentLinks[..low].Count(1);
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

    private void ReadEvents(int page, int low, int high, ReadOnlySpan<long> ids, PieceRows into)
    {
        var counts = cursor.SpanPage(SegmentColumns.Span.EventCount, page);
        var starts = cursor.SpanPage(SegmentColumns.Span.Start, page);
        var at = segment.PageBase(page).Event + Sum(counts[..low]);
        var columns = segment.Columns;
        for (var r = low; r < high; r++)
        {
            var first = into.Events.Count;
            var wanted = IsWanted(ids[r]) ? counts[r] : 0;
            for (var e = 0; e < wanted; e++)
            {
                var (eventPage, row) = ((at + e) / PageRows, (at + e) % PageRows);
                var time = cursor.Numbers(columns.Event(SegmentColumns.Event.TimeOffset), eventPage)[row];
                var nameColumn = columns.Event(SegmentColumns.Event.Name);
                var name = TranslateColumn(nameColumn, (int)cursor.Numbers(nameColumn, eventPage)[row]);
                var dropped = (uint)cursor.Numbers(columns.Event(SegmentColumns.Event.DroppedAttributes), eventPage)[row];
                var shapes = cursor.Numbers(columns.Event(SegmentColumns.Event.Shape), eventPage);
                var range = ReadAttributes(shapes, eventPage, row, eventRanks ??= new AttributeRanks(segment), into.EventAttributes);
                into.Events.Add(new EventRow(new UnixNanos(starts[r] + time), name, dropped, range.First, range.End));
            }
            at += (int)counts[r];
            into.EventsOf.Add(new ListRange(first, into.Events.Count));
        }
    }

    private void ReadLinks(int page, int low, int high, ReadOnlySpan<long> ids, PieceRows into)
    {
        var counts = cursor.SpanPage(SegmentColumns.Span.LinkCount, page);
        var at = segment.PageBase(page).Link + Sum(counts[..low]);
        for (var r = low; r < high; r++)
        {
            var first = into.Links.Count;
            var wanted = IsWanted(ids[r]) ? counts[r] : 0;
            for (var l = 0; l < wanted; l++) into.Links.Add(ReadLink((at + l) / PageRows, (at + l) % PageRows, into.LinkAttributes));
            at += (int)counts[r];
            into.LinksOf.Add(new ListRange(first, into.Links.Count));
        }
    }

    private LinkRow ReadLink(int page, int row, List<AttributeEntry> attributes)
    {
        var shapes = cursor.Numbers(segment.Columns.Link(SegmentColumns.Link.Shape), page);
        var range = ReadAttributes(shapes, page, row, linkRanks ??= new AttributeRanks(segment), attributes);
        return new LinkRow(
            new TraceId((ulong)LinkValue(SegmentColumns.Link.TraceHigh, page, row), (ulong)LinkValue(SegmentColumns.Link.TraceLow, page, row)),
            new SpanId((ulong)LinkValue(SegmentColumns.Link.SpanId, page, row)),
            TranslateColumn(segment.Columns.Link(SegmentColumns.Link.TraceState), (int)LinkValue(SegmentColumns.Link.TraceState, page, row) - 1),
            (uint)LinkValue(SegmentColumns.Link.Flags, page, row),
            (uint)LinkValue(SegmentColumns.Link.DroppedAttributes, page, row),
            range.First,
            range.End);
    }

    private long LinkValue(ushort field, int page, int row) => cursor.Numbers(segment.Columns.Link(field), page)[row];

    /// <summary>Attributes of one row of a page of spans, events or links.</summary>
    private ListRange ReadAttributes(ReadOnlySpan<long> shapes, int page, int row, AttributeRanks ranks, List<AttributeEntry> into)
    {
        ranks.MoveTo(page, row, shapes);
        var first = into.Count;
        ReadOnlySpan<byte> overflow = default;
        var inOverflow = false;
        foreach (var column in ColumnsOf(shapes[row]))
        {
            var info = segment.Reader.Columns[column];
            if (info.Key.Field == SegmentColumns.OverflowAttribute)
            {
                if (!inOverflow) overflow = cursor.Strings(column, page)[ranks.Next(column)];
                inOverflow = true;
                var length = BinaryPrimitives.ReadInt32LittleEndian(overflow);
                OverflowValue.Read(overflow.Slice(4, length), out var type, out var name, out var number, out var content);
                if (block.Wants(name)) into.Add(new AttributeEntry(block.Text(name), type, AttributeColumn.HasContent(type) ? block.UniqueText(content) : -1, number));
                overflow = overflow[(4 + length)..];
                continue;
            }
            into.Add(ReadAttribute(info, page, ranks.Next(column)));
        }
        ranks.EndRow();
        return new ListRange(first, into.Count);
    }

    private bool IsWanted(long span) => block.WantsPartsOf(new SpanId((ulong)span));

    /// <summary>How many attributes the wanted ones of rows [low, high) have, about: an overflow column holds several.</summary>
    private int AttributesOf(ReadOnlySpan<long> shapes, ReadOnlySpan<long> ids, int low, int high)
    {
        var count = 0;
        for (var r = low; r < high; r++)
        {
            if (IsWanted(ids[r])) count += ColumnsOf(shapes[r]).Length;
        }
        return count;
    }

    /// <summary>The columns of a shape that are wanted.</summary>
    private int[] ColumnsOf(long shape)
    {
        if (block.WantsAllKeys) return segment.Shapes[shape];
        wantedColumns ??= new int[]?[segment.Shapes.Length];
        return wantedColumns[shape] ??= Array.FindAll(segment.Shapes[shape], IsWantedColumn);
    }

    /// <summary>Which attributes an overflow column holds shows only in its values.</summary>
    private bool IsWantedColumn(int column)
    {
        var key = segment.Reader.Columns[column].Key;
        return key.Field == SegmentColumns.OverflowAttribute || block.Wants(key.Name);
    }

    private AttributeEntry ReadAttribute(ColumnInfo info, int page, int rank)
    {
        var key = Key(info);
        var type = info.Key.Type;
        if (!AttributeColumn.HasContent(type)) return new AttributeEntry(key, type, -1, cursor.Numbers(info.Index, page)[rank]);
        if (info.Dictionary < 0) return new AttributeEntry(key, type, block.UniqueText(cursor.Strings(info.Index, page)[rank]), 0);
        return new AttributeEntry(key, type, TranslateColumn(info.Index, (int)cursor.Numbers(info.Index, page)[rank]), 0);
    }

    private static int Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (var count in counts) sum += count;
        return (int)sum;
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
}
