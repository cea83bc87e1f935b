// Whether the rows of a segment fit together: every rule of docs/formats/segment.md, "What the columns mean", that one file can be held to.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Walks a segment whose pages can all be read, once, in row order. A broken rule is a finding; after <see cref="MaxBroken"/> the rest of the file is not walked.</summary>
internal sealed class SegmentRowsCheck : IDisposable
{
    private const int PageRows = SegmentFormat.PageRows;

    /// <summary>One mistake often shows in every row: the first few say it all.</summary>
    private const int MaxBroken = 10;

    private readonly OpenSegment segment;
    private readonly SegmentReader reader;
    private readonly Findings findings;
    private readonly CancellationToken cancellation;
    private readonly SegmentCursor cursor;
    private readonly TraceRows traces;
    private readonly ShapeCounts shapes;
    private readonly List<int> path = [];
    private readonly Dictionary<(int Context, int Name, SpanKind Kind), (long Spans, long Newest)> operations = [];
    private int broken;
    private int trace = -1;
    private long events;
    private long links;

    public SegmentRowsCheck(OpenSegment segment, Findings findings, CancellationToken cancellation)
    {
        this.segment = segment;
        reader = segment.Reader;
        this.findings = findings;
        this.cancellation = cancellation;
        cursor = new SegmentCursor(segment);
        traces = new TraceRows(segment, cursor, Broken);
        shapes = new ShapeCounts(segment, cursor, Broken);
    }

    public void Run() => SegmentCheck.Guard(findings, reader.Path, "", Remedies.Contradiction, Walk);

    public void Dispose() => cursor.Dispose();

    private void Walk()
    {
        if (!CheckSpaces() || !shapes.CheckShapes()) return;
        traces.CheckTable();
        if (broken > 0) return;
        var pages = reader.Columns[segment.Columns.Span(SegmentColumns.Span.Id)].PageCount;
        for (var page = 0; page < pages && broken < MaxBroken; page++)
        {
            cancellation.ThrowIfCancellationRequested();
            CheckSpans(page);
        }
        if (broken >= MaxBroken) return;
        if (trace >= 0) traces.FinishTrace(trace);
        CheckElements(RowSpace.Events, segment.Columns.Event(SegmentColumns.Event.Shape), events);
        CheckElements(RowSpace.Links, segment.Columns.Link(SegmentColumns.Link.Shape), links);
        new SegmentSectionsCheck(segment, cursor, Broken).Run(operations);
        traces.CheckIndex();
    }

    private void Broken(string what)
    {
        broken++;
        findings.Damage(reader.Path, null, what, Remedies.Contradiction);
    }

    /// <summary>Every fixed column of a row space has the same rows, page by page. False: nothing more can be asked of the rows.</summary>
    private bool CheckSpaces()
    {
        foreach (var space in Enum.GetValues<RowSpace>())
        {
            var rows = space switch { RowSpace.Spans => segment.Entry.Spans, RowSpace.Traces => segment.Entry.Traces, _ => -1 };
            foreach (var column in reader.Columns.Where(c => c.Key.Space == space && c.Key.Field < SegmentColumns.Attribute && !IsDense(c.Key)))
            {
                if (rows < 0) rows = column.Values;
                if (column.Values == rows && IsTiled(column)) continue;
                Broken($"{SegmentParts.Name(column.Key)} has {column.Values} values in {column.PageCount} pages for {rows} rows of {space.ToString().ToLowerInvariant()}");
                return false;
            }
        }
        return true;
    }

    private static bool IsDense(in ColumnKey key) => key is { Space: RowSpace.Spans, Field: SegmentColumns.Span.ParentId };

    /// <summary>All pages but the last are full, and none is empty.</summary>
    private bool IsTiled(ColumnInfo column)
    {
        if (column.PageCount != (column.Values + PageRows - 1) / PageRows) return false;
        for (var page = 0; page < column.PageCount; page++)
        {
            if (reader.Page(column.Index, page).Count != Math.Min(PageRows, column.Values - ((long)page * PageRows))) return false;
        }
        return true;
    }

    private void CheckSpans(int page)
    {
        var (eventBase, linkBase) = segment.PageBase(page);
        if (eventBase != events || linkBase != links) Broken($"page {page} of the spans begins with event {eventBase} and link {linkBase}, its spans with {events} and {links}");
        var parentLinks = cursor.SpanPage(SegmentColumns.Span.ParentLink, page);
        var starts = cursor.SpanPage(SegmentColumns.Span.Start, page);
        var durations = cursor.SpanPage(SegmentColumns.Span.EndOffset, page);
        var names = cursor.SpanPage(SegmentColumns.Span.Name, page);
        var kinds = cursor.SpanPage(SegmentColumns.Span.Kind, page);
        var statuses = cursor.SpanPage(SegmentColumns.Span.Status, page);
        var contexts = cursor.SpanPage(SegmentColumns.Span.Context, page);
        var marks = cursor.SpanPage(SegmentColumns.Span.Marks, page);
        var explicitParents = 0;
        for (var r = 0; r < parentLinks.Length && broken < MaxBroken; r++)
        {
            var row = (page * PageRows) + r;
            while (trace + 1 < traces.Count && traces.FirstRow(trace + 1) == row)
            {
                if (trace >= 0) traces.FinishTrace(trace);
                traces.StartTrace(++trace, parentLinks[r], names[r], contexts[r]);
                path.Clear();
            }
            if (parentLinks[r] == 1) explicitParents++;
            CheckPlace(row, parentLinks[r]);
            if (((SpanMarks)marks[r]).HasFlag(SpanMarks.EndsBeforeStart) != durations[r] < 0) Broken($"span row {row} lasts {durations[r]} ns and has marks {marks[r]}");
            traces.AddSpan(starts[r], durations[r], statuses[r], (SpanMarks)marks[r]);
            CountOperation(contexts[r], names[r], kinds[r], starts[r]);
        }
        var stored = reader.Page(segment.Columns.Span(SegmentColumns.Span.ParentId), page).Count;
        if (stored != explicitParents) Broken($"page {page} of span:parentId has {stored} values for {explicitParents} spans that need one");
        events += Sum(cursor.SpanPage(SegmentColumns.Span.EventCount, page));
        links += Sum(cursor.SpanPage(SegmentColumns.Span.LinkCount, page));
        shapes.CheckPage(RowSpace.Spans, page, cursor.SpanPage(SegmentColumns.Span.Shape, page));
    }

    /// <summary>The parent lies in the trace, before the row, and the row is in pre-order: its parent is the row before, or one of that row's ancestors.</summary>
    private void CheckPlace(int row, long link)
    {
        if (link < 2)
        {
            if (link < 0) Broken($"span row {row} has parent link {link}");
            path.Clear();
            path.Add(row);
            return;
        }
        var parent = row - (link - 1);
        if (parent < traces.FirstRow(trace))
        {
            Broken($"the parent of span row {row} lies before its trace");
            return;
        }
        while (path.Count > 0 && path[^1] != parent) path.RemoveAt(path.Count - 1);
        if (path.Count == 0) Broken($"span row {row} stands apart from its parent, row {parent}: the trace is not in pre-order");
        path.Add(row);
    }

    private void CountOperation(long context, long name, long kind, long start)
    {
        var key = ((int)context, (int)name, (SpanKind)kind);
        var known = operations.GetValueOrDefault(key);
        operations[key] = (known.Spans + 1, Math.Max(known.Newest, start));
    }

    /// <summary>Events or links: as many as the spans say, and the attributes their shapes say.</summary>
    private void CheckElements(RowSpace space, int shapeColumn, long expected)
    {
        var column = reader.Columns[shapeColumn];
        if (column.Values != expected) Broken($"there are {column.Values} {space.ToString().ToLowerInvariant()}, the spans count {expected}");
        for (var page = 0; page < column.PageCount && broken < MaxBroken; page++) shapes.CheckPage(space, page, cursor.Numbers(shapeColumn, page));
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (var count in counts) sum += count;
        return sum;
    }
}
