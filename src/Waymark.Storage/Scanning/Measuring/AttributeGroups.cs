// Groups by an attribute: the span's own if it has one, else its resource's.
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>A span may have a key several times, with values of several types: the first in the order they were sent counts, which its shape tells.</summary>
internal sealed class AttributeGroups : SegmentGroups
{
    private readonly OpenSegment segment;
    private readonly byte[] key;
    private readonly ContextGroups contexts;
    private readonly List<Column> columns = [];

    /// <summary>The overflow columns of spans, of which a shape has at most one, perhaps several times.</summary>
    private readonly List<ColumnInfo> overflows = [];

    public AttributeGroups(OpenSegment segment, MeasureGroup by)
    {
        this.segment = segment;
        key = Encoding.UTF8.GetBytes(by.Key);
        contexts = new ContextGroups(segment, by);
        Fixed = contexts.Fixed;
        var candidates = new List<ColumnInfo>();
        foreach (var info in segment.AttributeColumns)
        {
            if (info.Key.Space != RowSpace.Spans) continue;
            if (info.Key.Field == SegmentColumns.OverflowAttribute) overflows.Add(info);
            else if (info.Key.Name == by.Key && info.Key.Type is AttributeType.Text or AttributeType.Int or AttributeType.Double or AttributeType.Bool) candidates.Add(info);
        }
        // Where a shape has several of the columns, the one that comes first has the value that counts.
        var indexes = candidates.ConvertAll(c => c.Index);
        var winners = segment.Shapes.Select(s => Array.Find(s, indexes.Contains)).ToArray();
        foreach (var info in candidates)
        {
            // Null where no other comes before it.
            var isFirst = winners.Select((w, s) => w == info.Index || !segment.Shapes[s].Contains(info.Index)).ToArray();
            NumberTest? winning = isFirst.Contains(false) ? NumberTest.In(isFirst) : null;
            var dictionary = info.Dictionary < 0 ? null : segment.Reader.Dictionary(info.Dictionary);
            columns.Add(new Column(info, winning, dictionary, Fixed));
            Fixed += dictionary?.Count ?? 0;
        }
        HasMore = overflows.Count > 0 || columns.Exists(c => c.Dictionary is null);
    }

    public override int Fixed { get; }

    public override bool HasMore { get; }

    public override string? TextOf(int group)
    {
        if (group < contexts.Fixed) return contexts.TextOf(group);
        var column = columns.FindLast(c => c.Dictionary is not null && c.First <= group);
        return Encoding.UTF8.GetString(column.Dictionary![group - column.First]);
    }

    public override void Read(MeasurePages pages, int page, MetGroups met, Span<int> groups)
    {
        contexts.Read(pages, page, met, groups);
        foreach (var column in columns)
        {
            if (pages.Info(column.Info.Index, page).Count > 0) ReadColumn(pages, column, page, met, groups);
        }
        foreach (var overflow in overflows)
        {
            if (pages.Info(overflow.Index, page).Count > 0) ReadOverflow(pages, overflow, page, met, groups);
        }
    }

    private static void ReadColumn(MeasurePages pages, in Column column, int page, MetGroups met, Span<int> groups)
    {
        Span<ulong> presence = stackalloc ulong[RowBits.Words];
        Span<ulong> winning = stackalloc ulong[RowBits.Words];
        pages.Presence(column.Info.Index, page, presence);
        if (column.Winning is { } test) test.Find(pages.Cursor, pages.SpanColumn(SegmentColumns.Span.Shape), page, winning);
        else winning.Fill(ulong.MaxValue);
        if (column.Dictionary is { } dictionary)
        {
            var codes = pages.Codes(column.Info.Index, page, dictionary.Count);
            var k = 0;
            for (var w = 0; w < presence.Length; w++)
            {
                for (var rest = presence[w]; rest != 0; rest &= rest - 1, k++)
                {
                    var bit = BitOperations.TrailingZeroCount(rest);
                    if ((winning[w] >> bit & 1) != 0) groups[(w * 64) + bit] = column.First + codes[k];
                }
            }
            return;
        }
        var isText = column.Info.Key.Type == AttributeType.Text;
        var numbers = isText ? default : pages.Cursor.Numbers(column.Info.Index, page);
        var at = 0;
        for (var w = 0; w < presence.Length; w++)
        {
            for (var rest = presence[w]; rest != 0; rest &= rest - 1, at++)
            {
                var bit = BitOperations.TrailingZeroCount(rest);
                if ((winning[w] >> bit & 1) != 0) groups[(w * 64) + bit] = isText ? met.Of(pages.Cursor.Text(column.Info.Index, page, at)) : met.Of(column.Info, numbers[at]);
            }
        }
    }

    /// <summary>Rows with overflow attributes, one after another: few have any.</summary>
    private void ReadOverflow(MeasurePages pages, ColumnInfo overflow, int page, MetGroups met, Span<int> groups)
    {
        var shapes = pages.Codes(pages.SpanColumn(SegmentColumns.Span.Shape), page, segment.Shapes.Length);
        var count = pages.Info(overflow.Index, page).Count;
        var at = 0;
        for (var r = 0; r < shapes.Length; r++)
        {
            var shape = segment.ShapeAt(shapes[r]);
            if (!shape.Contains(overflow.Index)) continue;
            if (at == count) throw pages.Cursor.Contradiction(pages.Info(overflow.Index, page));
            if (FindInOverflow(shape, overflow.Index, pages.Cursor.Overflow(overflow.Index, page, at++)) is { } text) groups[r] = met.Of(text);
        }
    }

    /// <summary>The text of the first attribute with the key, if that is an overflow one: no column with the key comes before it in the shape.</summary>
    private string? FindInOverflow(int[] shape, int overflow, ReadOnlySpan<byte> values)
    {
        foreach (var column in shape)
        {
            if (columns.Exists(c => c.Info.Index == column)) return null;
            if (column != overflow) continue;
            // The shape promises more than there are.
            if (values.IsEmpty) return null;
            var length = BinaryPrimitives.ReadInt32LittleEndian(values);
            OverflowValue.Read(values.Slice(4, length), out var type, out var name, out var number, out var content);
            if (name.SequenceEqual(key) && AttributeText.Of(type, number, content) is { } text) return text;
            values = values[(4 + length)..];
        }
        return null;
    }

    /// <param name="Winning">Of the shapes that have the column, those in which no other with the key comes before it; null: all.</param>
    /// <param name="First">The group of its dictionary's first code.</param>
    private readonly record struct Column(ColumnInfo Info, NumberTest? Winning, SegmentDictionary? Dictionary, int First);
}
