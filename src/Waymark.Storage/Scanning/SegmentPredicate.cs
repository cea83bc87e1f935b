// One predicate of a scan against one segment: judged once against dictionaries and resources, then asked page by page.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Which rows of a page satisfy a predicate, exactly. Not thread-safe; used with the cursor it was made for.</summary>
internal abstract class SegmentPredicate(SegmentCursor cursor)
{
    protected SegmentCursor Cursor { get; } = cursor;
    protected OpenSegment Segment => Cursor.Segment;

    /// <summary>No row of the segment can match.</summary>
    public abstract bool IsImpossible { get; }

    /// <summary>What a page costs, about, in units of comparing packed numbers: cheap ones come first and may spare the others.</summary>
    public abstract int Cost { get; }

    /// <summary>False when what the directory says of a page rules every row out. Reads nothing.</summary>
    public abstract bool MayMatch(int page);

    /// <summary>Sets the bits of the rows that match and clears the others.</summary>
    public abstract void Find(int page, Span<ulong> bits);

    /// <summary>Clears the bits of the rows that don't match.</summary>
    public virtual void Narrow(int page, Span<ulong> bits)
    {
        Span<ulong> found = stackalloc ulong[RowBits.Words];
        Find(page, found);
        RowBits.And(bits, found);
    }

    public static SegmentPredicate Of(SegmentCursor cursor, PreparedPredicate prepared)
    {
        var predicate = prepared.Predicate;
        return predicate.Field switch
        {
            SpanField.Service => new ServicePredicate(cursor, prepared.MatchContexts(cursor.Segment)),
            SpanField.Name => new NumberPredicate(cursor, SegmentColumns.Span.Name, MatchName(cursor.Segment, prepared)),
            SpanField.Kind => new NumberPredicate(cursor, SegmentColumns.Span.Kind, NumberTest.Equal(predicate.Number)),
            SpanField.Status => new NumberPredicate(cursor, SegmentColumns.Span.Status, NumberTest.Equal(predicate.Number)),
            SpanField.Duration => new NumberPredicate(cursor, SegmentColumns.Span.EndOffset, MatchDuration(predicate)),
            SpanField.LinkedTrace => new LinkPredicate(cursor, predicate.Trace),
            _ => new AttributePredicate(cursor, prepared, prepared.MatchContexts(cursor.Segment)),
        };
    }

    private static NumberTest MatchName(OpenSegment segment, PreparedPredicate prepared) => prepared.MatchDictionary(segment, segment.Columns.Span(SegmentColumns.Span.Name));

    /// <summary>A length below zero counts as zero.</summary>
    private static NumberTest MatchDuration(SpanPredicate predicate)
    {
        var number = predicate.Number;
        if (predicate.Operator == PredicateOperator.AtLeast) return new NumberTest(number <= 0 ? long.MinValue : number, long.MaxValue);
        return number < 0 ? NumberTest.None : new NumberTest(long.MinValue, number);
    }
}

/// <summary>A test of a fixed column's numbers.</summary>
internal sealed class NumberPredicate(SegmentCursor cursor, ushort field, NumberTest test) : SegmentPredicate(cursor)
{
    private readonly int column = cursor.Segment.Columns.Span(field);

    public override bool IsImpossible => test.IsImpossible;

    public override int Cost => test.Set is null ? 1 : 2;

    public override bool MayMatch(int page) => test.MayMatch(Cursor.Info(column, page));

    public override void Find(int page, Span<ulong> bits) => test.Find(Cursor, column, page, bits);

    public override void Narrow(int page, Span<ulong> bits) => test.Narrow(Cursor, column, page, bits);
}

/// <summary>A service: by the contexts that are of it, or by the rows' services where these are at hand.</summary>
internal sealed class ServicePredicate(SegmentCursor cursor, NumberTest contexts) : SegmentPredicate(cursor)
{
    private readonly int column = cursor.Segment.Columns.Span(SegmentColumns.Span.Context);
    private readonly int service = contexts.IsImpossible ? -1 : cursor.Segment.Services.ServiceOf(contexts);

    public override bool IsImpossible => contexts.IsImpossible;

    public override int Cost => 0;

    public override bool MayMatch(int page) => contexts.MayMatch(Cursor.Info(column, page));

    public override void Find(int page, Span<ulong> bits)
    {
        var services = service < 0 ? default : Segment.Services.Find(Cursor, page);
        if (services.IsEmpty) contexts.Find(Cursor, column, page, bits);
        else ByteKernels.Equal(services, (byte)service, bits);
    }

    public override void Narrow(int page, Span<ulong> bits)
    {
        var services = service < 0 ? default : Segment.Services.Find(Cursor, page);
        if (services.IsEmpty) contexts.Narrow(Cursor, column, page, bits);
        else ByteKernels.NarrowToEqual(services, (byte)service, bits);
    }
}

/// <summary>An attribute of the span or of its resource.</summary>
internal sealed class AttributePredicate : SegmentPredicate
{
    private readonly PreparedPredicate prepared;
    private readonly NumberTest contexts;
    private readonly int contextColumn;
    private readonly List<Column> columns = [];

    public AttributePredicate(SegmentCursor cursor, PreparedPredicate prepared, NumberTest contexts)
        : base(cursor)
    {
        this.prepared = prepared;
        this.contexts = contexts;
        contextColumn = Segment.Columns.Span(SegmentColumns.Span.Context);
        foreach (var column in Segment.SpanColumnsOf(prepared.Predicate.Key)) AddColumn(column);
    }

    public override bool IsImpossible => contexts.IsImpossible && columns.Count == 0;

    public override int Cost => 2 + columns.Sum(c => c.Tests is null ? 50 : 4);

    public override bool MayMatch(int page)
    {
        if (contexts.MayMatch(Cursor.Info(contextColumn, page))) return true;
        foreach (var column in columns)
        {
            if (column.MayMatch(Cursor.Info(column.Index, page), page, prepared)) return true;
        }
        return false;
    }

    public override void Find(int page, Span<ulong> bits)
    {
        ref readonly var ofContexts = ref Cursor.Info(contextColumn, page);
        if (contexts.MayMatch(ofContexts)) contexts.Find(Cursor, contextColumn, page, bits);
        else bits.Clear();
        Span<ulong> values = stackalloc ulong[RowBits.Words];
        Span<ulong> rows = stackalloc ulong[RowBits.Words];
        foreach (var column in columns)
        {
            ref readonly var info = ref Cursor.Info(column.Index, page);
            if (!column.MayMatch(info, page, prepared)) continue;
            FindValues(column, page, values, rows);
            if (RowBits.IsEmpty(values)) continue;
            if (info.Count == ofContexts.Count)
            {
                RowBits.Or(bits, values);
                continue;
            }
            Segment.FindRowsWith(Cursor, column.Index, page, rows);
            RowBits.Expand(values, rows, rows);
            RowBits.Or(bits, rows);
        }
    }

    private void AddColumn(ColumnInfo column)
    {
        if (column.Key.Field == SegmentColumns.OverflowAttribute)
        {
            columns.Add(new Column(column.Index, IsOverflow: true, null));
            return;
        }
        if (column.Dictionary >= 0)
        {
            if (column.Key.Type != AttributeType.Text) return;
            var test = prepared.MatchDictionary(Segment, column.Index);
            if (!test.IsImpossible) columns.Add(new Column(column.Index, IsOverflow: false, [test]));
        }
        else if (column.Key.Type == AttributeType.Text)
        {
            var pages = prepared.MatchPages(Segment, column.Index);
            if (pages is null || pages.AsSpan().ContainsAnyExcept(0UL)) columns.Add(new Column(column.Index, IsOverflow: false, null, pages));
        }
        else if (!prepared.IsContains && NumberTest.Of(prepared.Text, column.Key.Type) is { Length: > 0 } tests)
        {
            columns.Add(new Column(column.Index, IsOverflow: false, tests));
        }
    }

    /// <summary>A bit per value of the column's page.</summary>
    private void FindValues(Column column, int page, Span<ulong> values, Span<ulong> scratch)
    {
        if (column.IsOverflow)
        {
            FindOverflow(column.Index, page, values);
        }
        else if (column.Tests is not { } tests)
        {
            if (prepared.IsContains) Cursor.FindContaining(column.Index, page, prepared.Text.Utf8, values);
            else Cursor.FindText(column.Index, page, prepared.Text.Utf8, values);
        }
        else
        {
            tests[0].Find(Cursor, column.Index, page, values);
            foreach (var test in tests.AsSpan(1))
            {
                test.Find(Cursor, column.Index, page, scratch);
                RowBits.Or(values, scratch);
            }
        }
    }

    private void FindOverflow(int column, int page, Span<ulong> values)
    {
        values.Clear();
        var count = Cursor.Info(column, page).Count;
        for (var k = 0; k < count; k++)
        {
            if (prepared.MatchesAnyOverflow(Cursor.Overflow(column, page, k))) values[k / 64] |= 1UL << (k % 64);
        }
    }

    /// <summary>A column that may hold the attribute: tests of its numbers, any of which is enough, or none where its values are texts.</summary>
    /// <param name="Pages">The pages of texts that may hold the text, a bit each; null: any may.</param>
    private sealed record Column(int Index, bool IsOverflow, NumberTest[]? Tests, ulong[]? Pages = null)
    {
        public bool MayMatch(in PageInfo page, int number, PreparedPredicate prepared)
        {
            if (page.Count == 0) return false;
            if (IsOverflow) return true;
            if (Pages is not null && (Pages[number >> 6] >> number & 1) == 0) return false;
            if (Tests is null) return (prepared.IsContains || prepared.Text.Utf8.Length >= page.Min) && prepared.Text.Utf8.Length <= page.Max;
            foreach (var test in Tests)
            {
                if (test.MayMatch(page)) return true;
            }
            return false;
        }
    }
}

/// <summary>A link to a trace.</summary>
internal sealed class LinkPredicate : SegmentPredicate
{
    private readonly TraceId wanted;
    private readonly int countColumn;
    private readonly int highColumn;
    private readonly int lowColumn;

    /// <summary>The pages of links that may hold the trace.</summary>
    private readonly bool[] pages;

    public LinkPredicate(SegmentCursor cursor, TraceId wanted)
        : base(cursor)
    {
        this.wanted = wanted;
        countColumn = Segment.Columns.Span(SegmentColumns.Span.LinkCount);
        highColumn = Segment.Columns.Link(SegmentColumns.Link.TraceHigh);
        lowColumn = Segment.Columns.Link(SegmentColumns.Link.TraceLow);
        pages = new bool[Segment.Reader.Pages(highColumn).Length];
        var (high, low) = (NumberTest.Equal((long)wanted.High), NumberTest.Equal((long)wanted.Low));
        for (var p = 0; p < pages.Length; p++) pages[p] = high.MayMatch(Cursor.Info(highColumn, p)) && low.MayMatch(Cursor.Info(lowColumn, p));
    }

    public override bool IsImpossible => !pages.Contains(true);

    public override int Cost => 100;

    public override bool MayMatch(int page) => Cursor.Info(countColumn, page).Max > 0;

    public override void Find(int page, Span<ulong> bits)
    {
        bits.Clear();
        if (!MayMatch(page)) return;
        var counts = Cursor.Numbers(countColumn, page);
        var at = Segment.PageBase(page).Link;
        for (var r = 0; r < counts.Length; r++)
        {
            if (counts[r] < 0 || counts[r] > Segment.ColumnInfos[highColumn].Values) throw Cursor.Contradiction(Cursor.Info(countColumn, page));
            for (var l = 0; l < counts[r]; l++, at++)
            {
                if (IsWanted(at)) bits[r / 64] |= 1UL << (r % 64);
            }
        }
    }

    private bool IsWanted(int link)
    {
        var (page, row) = (link / SegmentFormat.PageRows, link % SegmentFormat.PageRows);
        if (page >= pages.Length || !pages[page]) return false;
        return (ulong)Cursor.Number(lowColumn, page, row) == wanted.Low && (ulong)Cursor.Number(highColumn, page, row) == wanted.High;
    }
}
