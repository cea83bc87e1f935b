// A scan's conditions against one segment, page by page.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;
using Waymark.Storage.Scanning.Measuring;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Per row of a page: a bit per condition it satisfies, and the top bit when it does so within the range.</summary>
internal sealed class SegmentFilter
{
    /// <summary>Set when the row satisfies a condition and starts in the range.</summary>
    public const uint InRange = 1u << 31;

    private const int KeptPages = 16;
    private readonly SegmentCursor cursor;
    private readonly ConditionSet conditions;
    private readonly SegmentPredicate[]?[] predicates;
    private readonly Queue<int> kept = new();
    private readonly Dictionary<int, uint[]> pages = [];

    public SegmentFilter(SegmentCursor cursor, ConditionSet conditions)
    {
        this.cursor = cursor;
        this.conditions = conditions;
        predicates = new SegmentPredicate[]?[conditions.Conditions.Length];
        for (var c = 0; c < predicates.Length; c++)
        {
            var prepared = conditions.Conditions[c].Select(p => new SegmentPredicate(cursor, p)).ToArray();
            predicates[c] = prepared.Any(p => p.IsImpossible) ? null : prepared;
            if (predicates[c] is not null) Possible |= 1u << c;
        }
    }

    /// <summary>The conditions that some row of the segment might satisfy.</summary>
    public uint Possible { get; }

    /// <summary>The conditions satisfied by rows [first, end), combined, with <see cref="InRange"/>.</summary>
    public uint Evaluate(int first, int end)
    {
        uint satisfied = 0;
        for (var row = first; row < end;)
        {
            var page = row / SegmentFormat.PageRows;
            var stop = Math.Min(end, (page + 1) * SegmentFormat.PageRows);
            var bits = Page(page);
            for (; row < stop; row++) satisfied |= bits[row % SegmentFormat.PageRows];
        }
        return satisfied;
    }

    private uint[] Page(int page)
    {
        if (pages.TryGetValue(page, out var bits)) return bits;
        if (kept.Count == KeptPages) pages.Remove(kept.Dequeue());
        kept.Enqueue(page);
        return pages[page] = EvaluatePage(page);
    }

    private uint[] EvaluatePage(int page)
    {
        var starts = cursor.SpanPage(SegmentColumns.Span.Start, page);
        var bits = new uint[starts.Length];
        var matches = new bool[starts.Length];
        for (var c = 0; c < predicates.Length; c++)
        {
            if (predicates[c] is not { } all) continue;
            Array.Fill(matches, true);
            foreach (var predicate in all) predicate.Narrow(page, matches);
            for (var r = 0; r < bits.Length; r++) bits[r] |= matches[r] ? 1u << c : 0;
        }
        for (var r = 0; r < bits.Length; r++)
        {
            if (bits[r] != 0 && conditions.Range.Contains(new UnixNanos(starts[r]))) bits[r] |= InRange;
        }
        return bits;
    }
}

/// <summary>One predicate against one segment.</summary>
internal sealed class SegmentPredicate
{
    private readonly SegmentCursor cursor;
    private readonly OpenSegment segment;
    private readonly PreparedPredicate prepared;
    private readonly bool[] contexts = [];
    private readonly CodeSet? names;
    private readonly List<(ColumnInfo Column, CodeSet? Codes)> columns = [];

    /// <summary>The pages of links that may hold the trace.</summary>
    private readonly bool[] linkPages = [];

    public SegmentPredicate(SegmentCursor cursor, PreparedPredicate prepared)
    {
        this.cursor = cursor;
        this.prepared = prepared;
        segment = cursor.Segment;
        switch (prepared.Predicate.Field)
        {
            case SpanField.Service:
                contexts = MatchContexts();
                IsImpossible = !contexts.Contains(true);
                break;
            case SpanField.Name:
                names = DictionarySearch.Codes(segment.Reader, segment.Columns.Span(SegmentColumns.Span.Name), prepared);
                IsImpossible = names.Count == 0;
                break;
            case SpanField.Attribute:
                contexts = MatchContexts();
                FindColumns();
                IsImpossible = columns.Count == 0 && !contexts.Contains(true);
                break;
            case SpanField.LinkedTrace:
                linkPages = FindLinkPages();
                IsImpossible = !linkPages.Contains(true);
                break;
            default:
                break;
        }
    }

    /// <summary>No row of the segment can match.</summary>
    public bool IsImpossible { get; }

    /// <summary>Clears the rows of a page that do not match.</summary>
    public void Narrow(int page, bool[] matches)
    {
        switch (prepared.Predicate.Field)
        {
            case SpanField.Service:
                var ids = cursor.SpanPage(SegmentColumns.Span.Context, page);
                for (var r = 0; r < matches.Length; r++) matches[r] &= contexts[ids[r]];
                break;
            case SpanField.Name:
                var nameCodes = cursor.SpanPage(SegmentColumns.Span.Name, page);
                for (var r = 0; r < matches.Length; r++) matches[r] &= names!.Contains((int)nameCodes[r]);
                break;
            case SpanField.Kind:
                KeepEqual(cursor.SpanPage(SegmentColumns.Span.Kind, page), prepared.Predicate.Number, matches);
                break;
            case SpanField.Status:
                KeepEqual(cursor.SpanPage(SegmentColumns.Span.Status, page), prepared.Predicate.Number, matches);
                break;
            case SpanField.Duration:
                var lengths = cursor.SpanPage(SegmentColumns.Span.EndOffset, page);
                for (var r = 0; r < matches.Length; r++) matches[r] &= prepared.MatchesDuration(0, lengths[r]);
                break;
            case SpanField.LinkedTrace:
                NarrowByLink(page, matches);
                break;
            default:
                NarrowByAttribute(page, matches);
                break;
        }
    }

    private static void KeepEqual(ReadOnlySpan<long> values, long wanted, bool[] matches)
    {
        for (var r = 0; r < matches.Length; r++) matches[r] &= values[r] == wanted;
    }

    private void NarrowByAttribute(int page, bool[] matches)
    {
        var found = new bool[matches.Length];
        var ids = cursor.SpanPage(SegmentColumns.Span.Context, page);
        for (var r = 0; r < found.Length; r++) found[r] = contexts[ids[r]];
        var shapes = cursor.SpanPage(SegmentColumns.Span.Shape, page);
        foreach (var (column, codes) in columns)
        {
            if (segment.Reader.Page(column.Index, page).Count == 0) continue;
            var values = MatchValues(column, codes, page);
            // One value per row whose shape has the column: walk rows and values together.
            var has = new sbyte[segment.Shapes.Length];
            var at = 0;
            for (var r = 0; r < found.Length; r++)
            {
                ref var known = ref has[shapes[r]];
                if (known == 0) known = segment.Shapes[shapes[r]].Contains(column.Index) ? (sbyte)1 : (sbyte)-1;
                if (known > 0) found[r] |= values[at++];
            }
        }
        for (var r = 0; r < found.Length; r++) matches[r] &= found[r];
    }

    /// <summary>Judged by the smallest and largest value of each page, without reading one.</summary>
    private bool[] FindLinkPages()
    {
        var high = segment.Reader.Pages(segment.Columns.Link(SegmentColumns.Link.TraceHigh));
        var low = segment.Reader.Pages(segment.Columns.Link(SegmentColumns.Link.TraceLow));
        var wanted = prepared.Predicate.Trace;
        var pages = new bool[high.Length];
        for (var p = 0; p < pages.Length; p++) pages[p] = MayHold(high[p], (long)wanted.High) && MayHold(low[p], (long)wanted.Low);
        return pages;
    }

    private static bool MayHold(in PageInfo page, long value) => page.Count > 0 && page.Min <= value && value <= page.Max;

    private void NarrowByLink(int page, bool[] matches)
    {
        if (segment.Reader.Page(segment.Columns.Span(SegmentColumns.Span.LinkCount), page).Max == 0)
        {
            Array.Clear(matches);
            return;
        }
        var counts = cursor.SpanPage(SegmentColumns.Span.LinkCount, page);
        var at = segment.PageBase(page).Link;
        for (var r = 0; r < matches.Length; r++)
        {
            var found = false;
            for (var l = 0; l < counts[r]; l++, at++) found |= IsWantedLink(at);
            matches[r] &= found;
        }
    }

    private bool IsWantedLink(int link)
    {
        var (page, row) = (link / SegmentFormat.PageRows, link % SegmentFormat.PageRows);
        if (page >= linkPages.Length || !linkPages[page]) return false;
        var wanted = prepared.Predicate.Trace;
        return (ulong)cursor.Numbers(segment.Columns.Link(SegmentColumns.Link.TraceLow), page)[row] == wanted.Low
            && (ulong)cursor.Numbers(segment.Columns.Link(SegmentColumns.Link.TraceHigh), page)[row] == wanted.High;
    }

    private bool[] MatchValues(ColumnInfo column, CodeSet? codes, int page)
    {
        if (column.Key.Field == SegmentColumns.OverflowAttribute || (column.Dictionary < 0 && AttributeColumn.HasContent(column.Key.Type)))
        {
            var strings = cursor.Strings(column.Index, page);
            var matches = new bool[strings.Count];
            for (var k = 0; k < matches.Length; k++)
                matches[k] = column.Key.Field == SegmentColumns.OverflowAttribute ? prepared.MatchesAnyOverflow(strings[k]) : prepared.MatchesText(strings[k]);
            return matches;
        }
        var numbers = cursor.Numbers(column.Index, page);
        var equal = new bool[numbers.Length];
        for (var k = 0; k < equal.Length; k++) equal[k] = codes?.Contains((int)numbers[k]) ?? prepared.MatchesValue(column.Key.Type, numbers[k], default);
        return equal;
    }

    private bool[] MatchContexts()
    {
        var resources = new bool[segment.Resources.Length];
        for (var i = 0; i < resources.Length; i++) resources[i] = prepared.MatchesResource(segment.Resources[i]);
        return [.. segment.Contexts.Select(c => resources[c.Resource])];
    }

    private void FindColumns()
    {
        foreach (var column in segment.AttributeColumns)
        {
            if (column.Key.Space != RowSpace.Spans) continue;
            if (column.Key.Field == SegmentColumns.OverflowAttribute)
            {
                columns.Add((column, null));
                continue;
            }
            if (column.Key.Name != prepared.Predicate.Key) continue;
            if (column.Key.Type is AttributeType.Bytes or AttributeType.Array or AttributeType.KeyValues or AttributeType.Empty) continue;
            // Numbers and booleans contain no text.
            if (prepared.IsContains && column.Key.Type != AttributeType.Text) continue;
            var codes = column.Dictionary < 0 ? null : DictionarySearch.Codes(segment.Reader, column.Index, prepared);
            if (codes?.Count == 0) continue;
            columns.Add((column, codes));
        }
    }
}
