// A predicate about an attribute against one segment: on the resource, in columns of its own that only some rows have values in, and among the overflow.
using Waymark.Model.Spans;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>True for rows that have a matching attribute, themselves or by their resource.</summary>
internal sealed class AttributePredicate : PagePredicate
{
    private readonly PreparedPredicate prepared;
    private readonly CodeSet contexts;
    private readonly List<Column> columns = [];

    public AttributePredicate(OpenSegment segment, PreparedPredicate prepared)
    {
        this.prepared = prepared;
        contexts = MatchingContexts(segment, prepared);
        foreach (var info in segment.AttributeColumns)
        {
            if (info.Key.Space != RowSpace.Spans) continue;
            var isOverflow = info.Key.Field == SegmentColumns.OverflowAttribute;
            if (!isOverflow && (info.Key.Name != prepared.Predicate.Key || !MayMatch(info.Key.Type))) continue;
            var codes = isOverflow || info.Dictionary < 0 ? null : DictionarySearch.Codes(segment.Reader, info.Index, prepared);
            if (codes?.Count == 0) continue;
            var shapes = CodeSet.Where(segment.Shapes.Length, shape => segment.Shapes[shape].Contains(info.Index));
            columns.Add(new Column(info, shapes, codes));
        }
    }

    public override bool IsImpossible => contexts.Count == 0 && columns.Count == 0;

    public override int Cost => 4;

    public override void Narrow(MeasurePages pages, int page, Span<ulong> bits)
    {
        Span<ulong> found = stackalloc ulong[Selection.MaxWords];
        found.Clear();
        if (contexts.Count > 0) pages.Select(pages.SpanColumn(SegmentColumns.Span.Context), page, contexts, found);
        Span<ulong> presence = stackalloc ulong[Selection.MaxWords];
        Span<ulong> values = stackalloc ulong[Selection.MaxWords];
        foreach (var column in columns)
        {
            var count = pages.Info(column.Info.Index, page).Count;
            if (count == 0) continue;
            MatchValues(pages, column, page, values);
            if (!Selection.Any(values)) continue;
            if (count == pages.Rows(page))
            {
                Selection.Or(found, values);
                continue;
            }
            pages.Presence(column.Shapes, column.Info.Index, page, presence);
            Selection.OrExpanded(values, presence, found);
        }
        Selection.And(bits, found);
    }

    private bool MayMatch(AttributeType type) =>
        type is AttributeType.Text || (!prepared.IsContains && type is AttributeType.Int or AttributeType.Double or AttributeType.Bool);

    /// <summary>A bit per value of the column.</summary>
    private void MatchValues(MeasurePages pages, in Column column, int page, Span<ulong> values)
    {
        if (column.Codes is { } codes)
        {
            pages.Select(column.Info.Index, page, codes, values);
        }
        else if (column.Info.Key.Type == AttributeType.Int && column.Info.Key.Field != SegmentColumns.OverflowAttribute)
        {
            if (prepared.Text.Int is { } number) pages.Between(column.Info.Index, page, number, number, values);
            else values.Clear();
        }
        else
        {
            MatchEach(pages, column, page, values);
        }
    }

    private void MatchEach(MeasurePages pages, in Column column, int page, Span<ulong> values)
    {
        values.Clear();
        var isOverflow = column.Info.Key.Field == SegmentColumns.OverflowAttribute;
        if (isOverflow || AttributeColumn.HasContent(column.Info.Key.Type))
        {
            var strings = pages.Strings(column.Info.Index, page);
            if (!isOverflow && prepared.IsContains)
            {
                var found = new bool[strings.Count];
                DictionarySearch.FindContaining(strings, prepared.Text.Utf8, found);
                for (var k = 0; k < found.Length; k++) values[k / 64] |= found[k] ? 1ul << (k % 64) : 0;
                return;
            }
            for (var k = 0; k < strings.Count; k++)
            {
                if (isOverflow ? prepared.MatchesAnyOverflow(strings[k]) : prepared.MatchesText(strings[k])) values[k / 64] |= 1ul << (k % 64);
            }
            return;
        }
        var numbers = pages.Numbers(column.Info.Index, page);
        for (var k = 0; k < numbers.Length; k++)
        {
            if (prepared.MatchesValue(column.Info.Key.Type, numbers[k], default)) values[k / 64] |= 1ul << (k % 64);
        }
    }

    /// <param name="Shapes">Those that have the column.</param>
    /// <param name="Codes">The codes of its dictionary that match; null where it has none.</param>
    private readonly record struct Column(ColumnInfo Info, CodeSet Shapes, CodeSet? Codes);
}
