// The fixed columns of spans while their rows are being walked: a page of each at a time.
using Waymark.Model.Stores;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>What of a span is renumbered before it is written.</summary>
/// <param name="StatusMessage">−1: none.</param>
/// <param name="TraceState">−1: none.</param>
internal readonly record struct SealedCodes(int Context, int Name, int StatusMessage, int TraceState, int Shape);

/// <summary>Writes the fixed columns of spans. Columns that no span uses are never gathered: their pages are constants.</summary>
internal sealed class SpanPages : IDisposable
{
    private readonly SegmentWriter writer;
    private readonly SealFacts facts;
    private readonly NumberPageBuffer id, parentLink, parentId, start, endOffset, name, kind, status, flags, context, shape, eventCount, marks;
    private readonly NumberPageBuffer?[] rare;
    private readonly int[] rareColumns;
    private readonly byte[] units = new byte[SegmentFormat.PageRows];

    public SpanPages(SegmentWriter writer, SealFacts facts, int names, int statusMessages, int traceStates)
    {
        this.writer = writer;
        this.facts = facts;
        id = Add(SegmentColumns.Span.Id);
        parentLink = Add(SegmentColumns.Span.ParentLink);
        parentId = Add(SegmentColumns.Span.ParentId);
        start = Add(SegmentColumns.Span.Start);
        endOffset = Add(SegmentColumns.Span.EndOffset);
        name = Add(SegmentColumns.Span.Name, names);
        kind = Add(SegmentColumns.Span.Kind);
        status = Add(SegmentColumns.Span.Status);
        flags = Add(SegmentColumns.Span.Flags);
        context = Add(SegmentColumns.Span.Context);
        shape = Add(SegmentColumns.Span.Shape);
        eventCount = Add(SegmentColumns.Span.EventCount);
        marks = Add(SegmentColumns.Span.Marks);
        rareColumns =
        [
            Column(SegmentColumns.Span.StatusMessage, statusMessages), Column(SegmentColumns.Span.TraceState, traceStates), Column(SegmentColumns.Span.DroppedAttributes),
            Column(SegmentColumns.Span.DroppedEvents), Column(SegmentColumns.Span.DroppedLinks), Column(SegmentColumns.Span.LinkCount),
        ];
        bool[] used = [facts.HasStatusMessages, facts.HasTraceStates, facts.HasDroppedAttributes, facts.HasDroppedEvents, facts.HasDroppedLinks, facts.HasLinks];
        rare = new NumberPageBuffer?[rareColumns.Length];
        for (var k = 0; k < rare.Length; k++) rare[k] = used[k] ? new NumberPageBuffer(writer, rareColumns[k]) : null;
    }

    /// <summary>Rows gathered since the last flush.</summary>
    public int Rows { get; private set; }

    public void Add(in HeadSpan span, in SealedCodes codes, int parentDistance, SpanMarks spanMarks)
    {
        var namesParent = !span.ParentSpanId.IsZero;
        id.Add((long)span.SpanId.Value);
        parentLink.Add(parentDistance > 0 ? parentDistance + 1 : namesParent ? 1 : 0);
        if (parentDistance == 0 && namesParent) parentId.Add((long)span.ParentSpanId.Value);
        start.Add(span.Start.Value);
        endOffset.Add(span.End.Value - span.Start.Value);
        name.Add(codes.Name);
        kind.Add((long)span.Kind);
        status.Add((long)span.Status);
        flags.Add(span.Flags);
        context.Add(codes.Context);
        shape.Add(codes.Shape);
        eventCount.Add(span.EventCount);
        marks.Add((long)spanMarks);
        units[Rows++] = facts.UnitOfContext[codes.Context];
        rare[0]?.Add(codes.StatusMessage + 1);
        rare[1]?.Add(codes.TraceState + 1);
        rare[2]?.Add(span.DroppedAttributes);
        rare[3]?.Add(span.DroppedEvents);
        rare[4]?.Add(span.DroppedLinks);
        rare[5]?.Add(span.LinkCount);
    }

    public void Flush()
    {
        id.Flush();
        parentLink.Flush();
        parentId.Flush();
        start.FlushStarts(units);
        endOffset.FlushDurations(units);
        name.Flush();
        kind.Flush();
        status.Flush();
        flags.Flush();
        context.Flush();
        shape.Flush();
        eventCount.Flush();
        marks.Flush();
        for (var k = 0; k < rare.Length; k++)
        {
            if (rare[k] is { } buffer) buffer.Flush();
            else writer.AddConstantPage(rareColumns[k], Rows, 0);
        }
        Rows = 0;
    }

    public void Dispose()
    {
        foreach (var buffer in (NumberPageBuffer[])[id, parentLink, parentId, start, endOffset, name, kind, status, flags, context, shape, eventCount, marks]) buffer.Dispose();
        foreach (var buffer in rare) buffer?.Dispose();
    }

    private NumberPageBuffer Add(ushort field, int dictionary = -1) => new(writer, Column(field, dictionary));

    private int Column(ushort field, int dictionary = -1) => writer.AddColumn(new ColumnKey(RowSpace.Spans, field), dictionary);
}
