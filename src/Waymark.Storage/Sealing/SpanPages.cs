// The fixed columns of spans while their rows are being walked: a page of each at a time.
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
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
    private readonly Field id, parentLink, start, endOffset, name, kind, status, flags, context, shape, eventCount, marks;
    private readonly NumberPageBuffer parentId;
    private readonly NumberPageBuffer?[] rare;
    private readonly int[] rareColumns;
    private readonly bool hasRare;
    private readonly byte[] units = new byte[SegmentFormat.PageRows];

    public SpanPages(SegmentWriter writer, SealFacts facts, int names, int statusMessages, int traceStates)
    {
        this.writer = writer;
        this.facts = facts;
        id = Add(SegmentColumns.Span.Id);
        parentLink = Add(SegmentColumns.Span.ParentLink);
        parentId = new NumberPageBuffer(writer, Column(SegmentColumns.Span.ParentId));
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
        hasRare = Array.Exists(used, u => u);
    }

    /// <summary>Rows gathered since the last flush.</summary>
    public int Rows { get; private set; }

    public void Add(in HeadSpan span, in SealedCodes codes, int parentDistance, SpanMarks spanMarks)
    {
        var row = Rows++;
        var namesParent = !span.ParentSpanId.IsZero;
        id.Values[row] = (long)span.SpanId.Value;
        parentLink.Values[row] = parentDistance > 0 ? parentDistance + 1 : namesParent ? 1 : 0;
        if (parentDistance == 0 && namesParent) parentId.Add((long)span.ParentSpanId.Value);
        start.Values[row] = span.Start.Value;
        endOffset.Values[row] = span.End.Value - span.Start.Value;
        name.Values[row] = codes.Name;
        kind.Values[row] = (long)span.Kind;
        status.Values[row] = (long)span.Status;
        flags.Values[row] = span.Flags;
        context.Values[row] = codes.Context;
        shape.Values[row] = codes.Shape;
        eventCount.Values[row] = span.EventCount;
        marks.Values[row] = (long)spanMarks;
        units[row] = facts.UnitOfContext[codes.Context];
        if (hasRare) AddRare(span, codes);
    }

    public void Flush()
    {
        Flush(id);
        Flush(parentLink);
        parentId.Flush();
        writer.AddTimesPage(start.Column, start.Values.AsSpan(0, Rows), units.AsSpan(0, Rows), PageEncoding.Starts);
        writer.AddTimesPage(endOffset.Column, endOffset.Values.AsSpan(0, Rows), units.AsSpan(0, Rows), PageEncoding.Durations);
        foreach (var field in (ReadOnlySpan<Field>)[name, kind, status, flags, context, shape, eventCount, marks]) Flush(field);
        for (var k = 0; k < rare.Length; k++)
        {
            if (rare[k] is { } buffer) buffer.Flush();
            else writer.AddConstantPage(rareColumns[k], Rows, 0);
        }
        Rows = 0;
    }

    public void Dispose()
    {
        foreach (var field in (ReadOnlySpan<Field>)[id, parentLink, start, endOffset, name, kind, status, flags, context, shape, eventCount, marks]) NumberPageBuffer.Return(field.Values);
        parentId.Dispose();
        foreach (var buffer in rare) buffer?.Dispose();
    }

    private void AddRare(in HeadSpan span, in SealedCodes codes)
    {
        rare[0]?.Add(codes.StatusMessage + 1);
        rare[1]?.Add(codes.TraceState + 1);
        rare[2]?.Add(span.DroppedAttributes);
        rare[3]?.Add(span.DroppedEvents);
        rare[4]?.Add(span.DroppedLinks);
        rare[5]?.Add(span.LinkCount);
    }

    private void Flush(in Field field) => writer.AddPage(field.Column, field.Values.AsSpan(0, Rows));

    private Field Add(ushort field, int dictionary = -1) => new(Column(field, dictionary), NumberPageBuffer.RentPage());

    private int Column(ushort field, int dictionary = -1) => writer.AddColumn(new ColumnKey(RowSpace.Spans, field), dictionary);

    /// <summary>A column that has a value in every row: a page of them, all filled to the same row.</summary>
    private readonly record struct Field(int Column, long[] Values);
}
