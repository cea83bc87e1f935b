// The trace table against the spans it sums up, and the ways to find a trace against the table.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Sums up the spans of one trace at a time and compares.</summary>
internal sealed class TraceRows(OpenSegment segment, SegmentCursor cursor, Action<string> onBroken)
{
    private long start;
    private long end;
    private long errors;
    private bool hasOrphans;

    public int Count => (int)segment.Entry.Traces;

    public int FirstRow(int trace) => (int)Value(SegmentColumns.Trace.FirstRow, trace);

    /// <summary>The traces tile the span rows, and stand by (start, id).</summary>
    public void CheckTable()
    {
        var broken = 0;
        for (var t = 0; t < Count && broken < 3; t++)
        {
            var first = FirstRow(t);
            if (t == 0 ? first != 0 : first <= FirstRow(t - 1)) Broken($"trace {t} begins at span row {first}, {(t == 0 ? "not at 0" : $"trace {t - 1} at {FirstRow(t - 1)}")}");
            if (first >= segment.Entry.Spans) Broken($"trace {t} begins at span row {first} of {segment.Entry.Spans}");
            if (t > 0 && Compare(t - 1, t) >= 0) Broken($"trace {t} ({cursor.TraceIdOf(t)}) stands after one that starts later or has a higher id");
        }
        if (Count == 0 && segment.Entry.Spans > 0) Broken($"{segment.Entry.Spans} spans and no trace");

        void Broken(string what)
        {
            broken++;
            onBroken(what);
        }
    }

    public void StartTrace(int trace, long parentLink, long name, long context)
    {
        (start, end, errors, hasOrphans) = (long.MaxValue, 0, 0, false);
        Expect(trace, SegmentColumns.Trace.RootName, parentLink == 0 ? name + 1 : 0);
        Expect(trace, SegmentColumns.Trace.RootContext, context);
    }

    public void AddSpan(long spanStart, long duration, long status, SpanMarks marks)
    {
        start = Math.Min(start, spanStart);
        end = Math.Max(end, Math.Max(spanStart, spanStart + duration));
        if (status == (long)StatusCode.Error) errors++;
        hasOrphans |= (marks & (SpanMarks.Orphan | SpanMarks.CycleCut)) != 0;
    }

    public void FinishTrace(int trace)
    {
        Expect(trace, SegmentColumns.Trace.Start, start);
        Expect(trace, SegmentColumns.Trace.End, end);
        Expect(trace, SegmentColumns.Trace.Errors, errors);
        if ((Value(SegmentColumns.Trace.Flags, trace) & 1) != (hasOrphans ? 1 : 0)) Told(trace, SegmentColumns.Trace.Flags, hasOrphans ? 1 : 0);
    }

    /// <summary>Every trace is found by its id.</summary>
    public void CheckIndex()
    {
        var lost = 0;
        for (var t = 0; t < Count && lost < 3; t++)
        {
            var id = cursor.TraceIdOf(t);
            var found = segment.Find(id, cursor);
            if (found == t) continue;
            lost++;
            onBroken(found < 0 ? $"trace {id} is in the table and is not found by its id" : $"trace {id} is in the table twice, or is found where another stands");
        }
    }

    private int Compare(int left, int right)
    {
        var byStart = Value(SegmentColumns.Trace.Start, left).CompareTo(Value(SegmentColumns.Trace.Start, right));
        return byStart != 0 ? byStart : cursor.TraceIdOf(left).CompareTo(cursor.TraceIdOf(right));
    }

    private long Value(ushort field, int trace) => cursor.TraceValue(field, trace);

    private void Expect(int trace, ushort field, long expected)
    {
        if (Value(field, trace) != expected) Told(trace, field, expected);
    }

    private void Told(int trace, ushort field, long expected) =>
        onBroken($"{SegmentParts.Name(new ColumnKey(RowSpace.Traces, field))} of trace {cursor.TraceIdOf(trace)} is {Value(field, trace)}, its spans say {expected}");
}
