// Rows of a segment for a block.
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Reads traces of one segment into <see cref="PieceRows"/>, remembering how the segment's codes translate into the block's.</summary>
/// <param name="grown">Called when a page of rows has been added: what has grown is counted.</param>
internal sealed class SegmentSource(SegmentCursor cursor, BlockBuilder block, Action grown)
{
    private const int PageRows = SegmentFormat.PageRows;

    /// <summary>Rows read at a time: 40 KB of numbers for the columns that are read side by side.</summary>
    private const int ChunkRows = 256;
    private const int ChunkColumns = 19;

    private readonly SegmentCursor cursor = cursor;
    private readonly OpenSegment segment = cursor.Segment;
    private readonly SegmentColumnIndexes columns = cursor.Segment.Columns;

    /// <summary>By dictionary and code: the block's code.</summary>
    private readonly Dictionary<long, int> codes = [];

    /// <summary>By column: the block's code of its key, + 1; 0 while it is unknown.</summary>
    private readonly int[] keys = new int[cursor.Segment.ColumnInfos.Length];

    /// <summary>By column of texts without a dictionary: the page + 1 and the number of the text read last, and the block's code of it.</summary>
    private readonly (int Page, int Number, int Code)[] lastTexts = new (int Page, int Number, int Code)[cursor.Segment.ColumnInfos.Length];
    private readonly Dictionary<int, (int Resource, int Scope)> contexts = [];
    private AttributeRanks? spanRanks;
    private AttributeRanks? eventRanks;
    private AttributeRanks? linkRanks;

    /// <summary>The numbers of the rows being read, column by column.</summary>
    private long[] scratch = [];
    private int scratchRows;

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
            // A page breaks as a whole: none of its rows, or all.
            var stop = Math.Min(end, ((row / PageRows) + 1) * PageRows);
            var before = into.Core.Count;
            try
            {
                for (; row < stop; row += ChunkRows)
                {
                    var known = into.Attributes.Count;
                    ReadRows(first, row, Math.Min(stop, row + ChunkRows), into);
                    if (row == first) into.ExpectAttributes(into.Attributes.Count - known, Math.Min(stop, row + ChunkRows) - row, end - row - ChunkRows);
                }
                grown();
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

    /// <summary>Rows [from, to) of one page, at most <see cref="ChunkRows"/>, of a trace that begins at <paramref name="traceFirst"/>.</summary>
    private void ReadRows(int traceFirst, int from, int to, PieceRows into)
    {
        var page = from / PageRows;
        var low = from % PageRows;
        var count = to - from;
        if (count > scratchRows)
        {
            scratchRows = Math.Min(ChunkRows, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count));
            scratch = new long[scratchRows * ChunkColumns];
        }
        var ids = Read(0, columns.Span(SegmentColumns.Span.Id), page, low, count);
        var starts = Read(1, columns.Span(SegmentColumns.Span.Start), page, low, count);
        ReadCore(traceFirst, page, low, ids, starts, into);
        if (block.Parts.HasFlag(SpanParts.Attributes))
        {
            var shapes = Read(2, columns.Span(SegmentColumns.Span.Shape), page, low, count);
            var ranks = spanRanks ??= new AttributeRanks(cursor, columns.Span(SegmentColumns.Span.Shape));
            into.Attributes.EnsureCapacity(into.Attributes.Count + AttributesOf(shapes, ids));
            for (var r = 0; r < count; r++) into.AttributesOf.Add(IsWanted(ids[r]) ? ReadAttributes(shapes[r], page, low + r, ranks, into.Attributes) : default);
        }
        if (block.Parts.HasFlag(SpanParts.Events)) ReadEvents(page, low, ids, starts, into);
        if (block.Parts.HasFlag(SpanParts.Links)) ReadLinks(page, low, ids, into);
    }

    /// <summary>Numbers of a column into a place of their own.</summary>
    private ReadOnlySpan<long> Read(int place, int column, int page, int low, int count)
    {
        var into = scratch.AsSpan(place * scratchRows, count);
        cursor.Numbers(column, page, low, into);
        return into;
    }

    private void ReadCore(int traceFirst, int page, int low, ReadOnlySpan<long> ids, ReadOnlySpan<long> starts, PieceRows into)
    {
        var count = ids.Length;
        var parentLinks = Read(3, columns.Span(SegmentColumns.Span.ParentLink), page, low, count);
        var ends = Read(4, columns.Span(SegmentColumns.Span.EndOffset), page, low, count);
        var names = Read(5, columns.Span(SegmentColumns.Span.Name), page, low, count);
        var kinds = Read(6, columns.Span(SegmentColumns.Span.Kind), page, low, count);
        var statuses = Read(7, columns.Span(SegmentColumns.Span.Status), page, low, count);
        var messages = Read(8, columns.Span(SegmentColumns.Span.StatusMessage), page, low, count);
        var traceStates = Read(9, columns.Span(SegmentColumns.Span.TraceState), page, low, count);
        var flags = Read(10, columns.Span(SegmentColumns.Span.Flags), page, low, count);
        var droppedAttributes = Read(11, columns.Span(SegmentColumns.Span.DroppedAttributes), page, low, count);
        var droppedEvents = Read(12, columns.Span(SegmentColumns.Span.DroppedEvents), page, low, count);
        var droppedLinks = Read(13, columns.Span(SegmentColumns.Span.DroppedLinks), page, low, count);
        var contextIds = Read(14, columns.Span(SegmentColumns.Span.Context), page, low, count);
        var explicitRank = parentLinks.Contains(1) ? ExplicitBefore(page, low) : 0;
        for (var r = 0; r < count; r++)
        {
            var parent = parentLinks[r] switch
            {
                0 => default,
                1 => new SpanId((ulong)cursor.Number(columns.Span(SegmentColumns.Span.ParentId), page, explicitRank++)),
                var link when link - 1 <= r => new SpanId((ulong)ids[r - (int)(link - 1)]),
                var link => ParentOf((page * PageRows) + low + r, (int)link - 1, traceFirst),
            };
            if (parentLinks[r] > 1 && (page * PageRows) + low + r - (parentLinks[r] - 1) < traceFirst) throw BeforeTrace((page * PageRows) + low + r);
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

    /// <summary>How many rows of a page before this one name their parent outright: few do, and only their traces ask.</summary>
    private int ExplicitBefore(int page, int row)
    {
        var column = columns.Span(SegmentColumns.Span.ParentLink);
        Span<ulong> bits = stackalloc ulong[RowBits.Words];
        NumberTest.Equal(1).Find(cursor, column, page, bits);
        return RowBits.CountBefore(bits, row);
    }

    private SpanId ParentOf(int row, int distance, int traceFirst)
    {
        var parent = row - distance;
        if (parent < traceFirst) throw BeforeTrace(row);
        return new SpanId((ulong)cursor.Number(columns.Span(SegmentColumns.Span.Id), parent / PageRows, parent % PageRows));
    }

    private CorruptFileException BeforeTrace(int row) => new(segment.Reader.Path, 0, $"the parent of row {row} lies before its trace");

    private void ReadEvents(int page, int low, ReadOnlySpan<long> ids, ReadOnlySpan<long> starts, PieceRows into)
    {
        var counts = Read(15, columns.Span(SegmentColumns.Span.EventCount), page, low, ids.Length);
        var at = counts.ContainsAnyExcept(0) ? segment.PageBase(page).Event + SumBefore(columns.Span(SegmentColumns.Span.EventCount), page, low) : 0;
        for (var r = 0; r < counts.Length; r++)
        {
            var first = into.Events.Count;
            var count = Listed(counts[r], cursor.Info(columns.Span(SegmentColumns.Span.EventCount), page));
            var wanted = IsWanted(ids[r]) ? count : 0;
            for (var e = 0; e < wanted; e++) into.Events.Add(ReadEvent((at + e) / PageRows, (at + e) % PageRows, starts[r], into.EventAttributes));
            at += count;
            into.EventsOf.Add(new ListRange(first, into.Events.Count));
        }
    }

    private EventRow ReadEvent(int page, int row, long start, List<AttributeEntry> attributes)
    {
        var nameColumn = columns.Event(SegmentColumns.Event.Name);
        var shapeColumn = columns.Event(SegmentColumns.Event.Shape);
        var time = cursor.Number(columns.Event(SegmentColumns.Event.TimeOffset), page, row);
        var name = TranslateColumn(nameColumn, (int)cursor.Number(nameColumn, page, row));
        var dropped = (uint)cursor.Number(columns.Event(SegmentColumns.Event.DroppedAttributes), page, row);
        var range = ReadAttributes(cursor.Number(shapeColumn, page, row), page, row, eventRanks ??= new AttributeRanks(cursor, shapeColumn), attributes);
        return new EventRow(new UnixNanos(start + time), name, dropped, range.First, range.End);
    }

    private void ReadLinks(int page, int low, ReadOnlySpan<long> ids, PieceRows into)
    {
        var counts = Read(16, columns.Span(SegmentColumns.Span.LinkCount), page, low, ids.Length);
        var at = counts.ContainsAnyExcept(0) ? segment.PageBase(page).Link + SumBefore(columns.Span(SegmentColumns.Span.LinkCount), page, low) : 0;
        for (var r = 0; r < counts.Length; r++)
        {
            var first = into.Links.Count;
            var count = Listed(counts[r], cursor.Info(columns.Span(SegmentColumns.Span.LinkCount), page));
            var wanted = IsWanted(ids[r]) ? count : 0;
            for (var l = 0; l < wanted; l++) into.Links.Add(ReadLink((at + l) / PageRows, (at + l) % PageRows, into.LinkAttributes));
            at += count;
            into.LinksOf.Add(new ListRange(first, into.Links.Count));
        }
    }

    private LinkRow ReadLink(int page, int row, List<AttributeEntry> attributes)
    {
        var shapeColumn = columns.Link(SegmentColumns.Link.Shape);
        var range = ReadAttributes(cursor.Number(shapeColumn, page, row), page, row, linkRanks ??= new AttributeRanks(cursor, shapeColumn), attributes);
        return new LinkRow(
            new TraceId((ulong)LinkValue(SegmentColumns.Link.TraceHigh, page, row), (ulong)LinkValue(SegmentColumns.Link.TraceLow, page, row)),
            new SpanId((ulong)LinkValue(SegmentColumns.Link.SpanId, page, row)),
            TranslateColumn(columns.Link(SegmentColumns.Link.TraceState), (int)LinkValue(SegmentColumns.Link.TraceState, page, row) - 1),
            (uint)LinkValue(SegmentColumns.Link.Flags, page, row),
            (uint)LinkValue(SegmentColumns.Link.DroppedAttributes, page, row),
            range.First,
            range.End);
    }

    private long LinkValue(ushort field, int page, int row) => cursor.Number(columns.Link(field), page, row);

    /// <summary>Attributes of one row of a page of spans, events or links.</summary>
    private ListRange ReadAttributes(long shape, int page, int row, AttributeRanks ranks, List<AttributeEntry> into)
    {
        ranks.MoveTo(page, row);
        var first = into.Count;
        ReadOnlySpan<byte> overflow = default;
        var inOverflow = false;
        foreach (var column in ColumnsOf(shape))
        {
            var info = segment.ColumnInfos[column];
            if (info.Key.Field == SegmentColumns.OverflowAttribute)
            {
                if (!inOverflow) overflow = cursor.Overflow(column, page, ranks.Next(column));
                inOverflow = true;
                // The shape says how many there are.
                if (overflow.IsEmpty) throw cursor.Contradiction(cursor.Info(column, page));
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

    /// <summary>How many attributes the wanted ones of these rows have, about: an overflow column holds several.</summary>
    private int AttributesOf(ReadOnlySpan<long> shapes, ReadOnlySpan<long> ids)
    {
        var count = 0;
        for (var r = 0; r < shapes.Length; r++)
        {
            if (IsWanted(ids[r])) count += ColumnsOf(shapes[r]).Length;
        }
        return count;
    }

    /// <summary>The columns of a shape that are wanted.</summary>
    private int[] ColumnsOf(long shape)
    {
        if (block.WantsAllKeys) return segment.ShapeAt(shape);
        wantedColumns ??= new int[]?[segment.Shapes.Length];
        return (ulong)shape < (ulong)wantedColumns.Length && wantedColumns[shape] is { } known ? known : wantedColumns[shape] = Array.FindAll(segment.ShapeAt(shape), IsWantedColumn);
    }

    /// <summary>Which attributes an overflow column holds shows only in its values.</summary>
    private bool IsWantedColumn(int column)
    {
        var key = segment.ColumnInfos[column].Key;
        return key.Field == SegmentColumns.OverflowAttribute || block.Wants(key.Name);
    }

    private AttributeEntry ReadAttribute(ColumnInfo info, int page, int rank)
    {
        var key = Key(info);
        var type = info.Key.Type;
        if (!AttributeColumn.HasContent(type)) return new AttributeEntry(key, type, -1, cursor.Number(info.Index, page, rank));
        if (info.Dictionary < 0) return new AttributeEntry(key, type, TextOf(info.Index, page, rank), 0);
        return new AttributeEntry(key, type, TranslateColumn(info.Index, (int)cursor.Number(info.Index, page, rank)), 0);
    }

    /// <summary>The block's code of a text that stands in the page: rows of a trace often have the same.</summary>
    private int TextOf(int column, int page, int rank)
    {
        var number = cursor.TextNumber(column, page, rank);
        if (number < 0) return block.UniqueText(cursor.Text(column, page, rank));
        ref var last = ref lastTexts[column];
        if (last.Page != page + 1 || last.Number != number) last = (page + 1, number, block.UniqueText(cursor.Text(column, page, rank)));
        return last.Code;
    }

    /// <summary>The sum of a column's numbers in a page before a row.</summary>
    private int SumBefore(int column, int page, int row)
    {
        ref readonly var info = ref cursor.Info(column, page);
        // One for all.
        if (info.Min == info.Max) return Listed(info.Min * row, info);
        Span<long> part = stackalloc long[ChunkRows];
        long sum = 0;
        for (var first = 0; first < row; first += part.Length)
        {
            var some = part[..Math.Min(part.Length, row - first)];
            cursor.Numbers(column, page, first, some);
            foreach (var number in some) sum += Listed(number, info);
        }
        return Listed(sum, info);
    }

    /// <summary>A number of events or links, which are counted in 31 bits.</summary>
    private int Listed(long count, in PageInfo info) => (ulong)count <= int.MaxValue ? (int)count : throw cursor.Contradiction(info);

    private int Key(ColumnInfo info)
    {
        ref var key = ref keys[info.Index];
        if (key == 0) key = block.Text(System.Text.Encoding.UTF8.GetBytes(info.Key.Name)) + 1;
        return key - 1;
    }

    private int Translate(ushort field, int code) => TranslateColumn(columns.Span(field), code);

    private int TranslateColumn(int column, int code)
    {
        if (code < 0) return -1;
        var dictionary = segment.ColumnInfos[column].Dictionary;
        var place = ((long)dictionary << 32) | (uint)code;
        if (!codes.TryGetValue(place, out var translated)) codes[place] = translated = block.Text(cursor.DictionaryText(dictionary, code));
        return translated;
    }

    private (int Resource, int Scope) Context(int id)
    {
        if (contexts.TryGetValue(id, out var context)) return context;
        if ((uint)id >= (uint)segment.Contexts.Length) throw new CorruptFileException(segment.Reader.Path, 0, $"context {id} of {segment.Contexts.Length}");
        var (resource, scope) = segment.Contexts[id];
        return contexts[id] = (block.Resource(segment.Resources[resource]), block.Scope(segment.Scopes[scope]));
    }
}
