// Second half of sealing: the planned rows become the columns and sections of a segment file.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>Writes one segment from a plan. Used once; I/O failures pass through as thrown.</summary>
internal sealed class SegmentBuilder : IDisposable
{
    /// <summary>A dictionary of text pays when values repeat: above this share of distinct values they are stored as they are.</summary>
    private const double MaxDistinctShare = 0.6;

    private readonly SealPlan plan;
    private readonly SegmentWriter writer;
    private readonly SpanHead[] heads;
    private readonly SealShapes shapes;
    private readonly SealContexts contexts;
    private readonly PageBuffer[] attributePages;
    private readonly ShapeSteps attributes;
    private readonly MergedTexts names;
    private readonly MergedTexts eventNames;
    private readonly MergedTexts statusMessages;
    private readonly MergedTexts traceStates;
    private readonly int nameDictionary;
    private readonly int eventNameDictionary;
    private readonly int statusMessageDictionary;
    private readonly int traceStateDictionary;
    private readonly List<PageBuffer> fixedPages = [];
    private readonly List<RowRef> rowsWithEvents = [];
    private readonly List<RowRef> rowsWithLinks = [];
    private readonly PooledBuffer pageBases = new(1024);
    private readonly Dictionary<long, (long Spans, long Newest)> operations = [];

    public SegmentBuilder(SealPlan plan, SegmentWriter writer)
    {
        this.plan = plan;
        this.writer = writer;
        heads = plan.Heads;
        shapes = new SealShapes(heads);
        contexts = new SealContexts(heads);
        names = MergedTexts.Merge([.. heads.Select(h => h.Names)]);
        eventNames = MergedTexts.Merge([.. heads.Select(h => h.EventNames)]);
        statusMessages = MergedTexts.Merge([.. heads.Select(h => h.StatusMessages)]);
        traceStates = MergedTexts.Merge([.. heads.Select(h => h.TraceStates)]);
        nameDictionary = writer.AddDictionary(names.Heap, names.Ends);
        eventNameDictionary = writer.AddDictionary(eventNames.Heap, eventNames.Ends);
        statusMessageDictionary = writer.AddDictionary(statusMessages.Heap, statusMessages.Ends);
        traceStateDictionary = writer.AddDictionary(traceStates.Heap, traceStates.Ends);
        attributePages = [.. shapes.Columns.Select(AddAttributeColumn)];
        attributes = new ShapeSteps(heads, shapes, attributePages);
    }

    /// <summary>Writes everything but the file's end.</summary>
    /// <param name="continuations">Traces of the plan with a piece in an older segment.</param>
    public void Write(IReadOnlyList<TraceId> continuations)
    {
        WriteSpans();
        WriteEvents();
        WriteLinks();
        WriteTraces();
        WriteSections(continuations);
    }

    public void Dispose()
    {
        pageBases.Dispose();
        foreach (var page in attributePages) page.Dispose();
        foreach (var page in fixedPages) page.Dispose();
        foreach (var column in shapes.Columns) column.Dictionary?.Dispose();
        names.Dispose();
        eventNames.Dispose();
        statusMessages.Dispose();
        traceStates.Dispose();
    }

    private PageBuffer AddAttributeColumn(SealColumn column)
    {
        // Judged by the heads' own counts before anything is merged: for a column of unique ids merging would be the most expensive part of the seal.
        var distinct = column.PerHead.Sum(c => (long)(c?.Texts?.Count ?? 0));
        var gaveUp = column.PerHead.Any(c => c?.Texts is { GaveUp: true });
        if (column.HasTexts && !gaveUp && distinct <= Math.Max(64, column.Values * MaxDistinctShare))
        {
            column.Dictionary = MergedTexts.Merge([.. column.PerHead.Select(c => c?.Texts)]);
        }
        var dictionary = column.Dictionary is { } texts ? writer.AddDictionary(texts.Heap, texts.Ends) : -1;
        column.Index = writer.AddColumn(column.ColumnKey, dictionary);
        return column.IsOverflow || (column.HasTexts && dictionary < 0) ? new BytesPageBuffer(writer, column.Index) : new NumberPageBuffer(writer, column.Index);
    }

    private NumberPageBuffer[] AddColumns(RowSpace space, params ReadOnlySpan<(ushort Field, int Dictionary)> fields)
    {
        var pages = new NumberPageBuffer[fields.Length];
        for (var k = 0; k < fields.Length; k++) pages[k] = new NumberPageBuffer(writer, writer.AddColumn(new ColumnKey(space, fields[k].Field), fields[k].Dictionary));
        fixedPages.AddRange(pages);
        return pages;
    }

    private void WriteSpans()
    {
        var pages = AddColumns(
            RowSpace.Spans,
            (SegmentColumns.Span.Id, -1), (SegmentColumns.Span.ParentLink, -1), (SegmentColumns.Span.ParentId, -1), (SegmentColumns.Span.Start, -1),
            (SegmentColumns.Span.EndOffset, -1), (SegmentColumns.Span.Name, nameDictionary), (SegmentColumns.Span.Kind, -1), (SegmentColumns.Span.Status, -1),
            (SegmentColumns.Span.StatusMessage, statusMessageDictionary), (SegmentColumns.Span.TraceState, traceStateDictionary), (SegmentColumns.Span.Flags, -1),
            (SegmentColumns.Span.DroppedAttributes, -1), (SegmentColumns.Span.DroppedEvents, -1), (SegmentColumns.Span.DroppedLinks, -1),
            (SegmentColumns.Span.Context, -1), (SegmentColumns.Span.Shape, -1), (SegmentColumns.Span.EventCount, -1), (SegmentColumns.Span.LinkCount, -1),
            (SegmentColumns.Span.Marks, -1));
        var rowsInPage = 0;
        uint events = 0, links = 0;
        NotePageBase(events, links);
        foreach (var trace in plan.Traces)
        {
            for (var r = trace.First; r < trace.First + trace.Count; r++)
            {
                if (rowsInPage == SegmentFormat.PageRows)
                {
                    Flush(pages, RowSpace.Spans);
                    rowsInPage = 0;
                    NotePageBase(events, links);
                }
                ref readonly var span = ref plan.Span(plan.Rows[r]);
                AddSpan(pages, plan.Rows[r].Head, r, span);
                attributes.Append(plan.Rows[r].Head, span.Shape, span.Slots);
                if (span.EventCount > 0) rowsWithEvents.Add(plan.Rows[r]);
                if (span.LinkCount > 0) rowsWithLinks.Add(plan.Rows[r]);
                events += (uint)span.EventCount;
                links += (uint)span.LinkCount;
                rowsInPage++;
            }
        }
        if (rowsInPage > 0) Flush(pages, RowSpace.Spans);
    }

    private void AddSpan(NumberPageBuffer[] pages, int head, int r, in HeadSpan span)
    {
        var context = contexts.Context(head, span.Context);
        var name = names.Codes[head][span.Name];
        var namesParent = !span.ParentSpanId.IsZero;
        var distance = plan.ParentDistance[r];
        pages[0].Add((long)span.SpanId.Value);
        pages[1].Add(distance > 0 ? distance + 1 : namesParent ? 1 : 0);
        if (distance == 0 && namesParent) pages[2].Add((long)span.ParentSpanId.Value);
        pages[3].Add(span.Start.Value);
        pages[4].Add(span.End.Value - span.Start.Value);
        pages[5].Add(name);
        pages[6].Add((long)span.Kind);
        pages[7].Add((long)span.Status);
        pages[8].Add(span.StatusMessage < 0 ? 0 : statusMessages.Codes[head][span.StatusMessage] + 1);
        pages[9].Add(span.TraceState < 0 ? 0 : traceStates.Codes[head][span.TraceState] + 1);
        pages[10].Add(span.Flags);
        pages[11].Add(span.DroppedAttributes);
        pages[12].Add(span.DroppedEvents);
        pages[13].Add(span.DroppedLinks);
        pages[14].Add(context);
        pages[15].Add(shapes.Shape(head, span.Shape));
        pages[16].Add(span.EventCount);
        pages[17].Add(span.LinkCount);
        pages[18].Add((long)plan.Marks[r]);
        ref var operation = ref CollectionsMarshal.GetValueRefOrAddDefault(operations, OperationKey(context, name, span.Kind), out _);
        operation = (operation.Spans + 1, Math.Max(operation.Newest, span.Start.Value));
    }

    /// <summary>One number to look up by: contexts are far fewer than 2^23.</summary>
    private static long OperationKey(int context, int name, SpanKind kind) => ((long)context << 40) | ((long)(uint)name << 8) | (byte)kind;

    private void WriteEvents()
    {
        var pages = AddColumns(
            RowSpace.Events,
            (SegmentColumns.Event.TimeOffset, -1), (SegmentColumns.Event.Name, eventNameDictionary), (SegmentColumns.Event.DroppedAttributes, -1), (SegmentColumns.Event.Shape, -1));
        var rowsInPage = 0;
        foreach (var row in rowsWithEvents)
        {
            ref readonly var span = ref plan.Span(row);
            for (var e = span.FirstEvent; e < span.FirstEvent + span.EventCount; e++)
            {
                if (rowsInPage == SegmentFormat.PageRows)
                {
                    Flush(pages, RowSpace.Events);
                    rowsInPage = 0;
                }
                ref readonly var entry = ref heads[row.Head].Events[e];
                pages[0].Add(entry.Time.Value - span.Start.Value);
                pages[1].Add(eventNames.Codes[row.Head][entry.Name]);
                pages[2].Add(entry.DroppedAttributes);
                pages[3].Add(shapes.Shape(row.Head, entry.Shape));
                attributes.Append(row.Head, entry.Shape, entry.Slots);
                rowsInPage++;
            }
        }
        if (rowsInPage > 0) Flush(pages, RowSpace.Events);
    }

    private void WriteLinks()
    {
        var pages = AddColumns(
            RowSpace.Links,
            (SegmentColumns.Link.TraceHigh, -1), (SegmentColumns.Link.TraceLow, -1), (SegmentColumns.Link.SpanId, -1), (SegmentColumns.Link.TraceState, traceStateDictionary),
            (SegmentColumns.Link.Flags, -1), (SegmentColumns.Link.DroppedAttributes, -1), (SegmentColumns.Link.Shape, -1));
        var rowsInPage = 0;
        foreach (var row in rowsWithLinks)
        {
            ref readonly var span = ref plan.Span(row);
            for (var l = span.FirstLink; l < span.FirstLink + span.LinkCount; l++)
            {
                if (rowsInPage == SegmentFormat.PageRows)
                {
                    Flush(pages, RowSpace.Links);
                    rowsInPage = 0;
                }
                ref readonly var link = ref heads[row.Head].Links[l];
                pages[0].Add((long)link.TraceId.High);
                pages[1].Add((long)link.TraceId.Low);
                pages[2].Add((long)link.SpanId.Value);
                pages[3].Add(link.TraceState < 0 ? 0 : traceStates.Codes[row.Head][link.TraceState] + 1);
                pages[4].Add(link.Flags);
                pages[5].Add(link.DroppedAttributes);
                pages[6].Add(shapes.Shape(row.Head, link.Shape));
                attributes.Append(row.Head, link.Shape, link.Slots);
                rowsInPage++;
            }
        }
        if (rowsInPage > 0) Flush(pages, RowSpace.Links);
    }

    private void WriteTraces()
    {
        var pages = AddColumns(
            RowSpace.Traces,
            (SegmentColumns.Trace.IdHigh, -1), (SegmentColumns.Trace.IdLow, -1), (SegmentColumns.Trace.FirstRow, -1), (SegmentColumns.Trace.Start, -1),
            (SegmentColumns.Trace.End, -1), (SegmentColumns.Trace.FirstReceived, -1), (SegmentColumns.Trace.RootName, nameDictionary), (SegmentColumns.Trace.RootContext, -1),
            (SegmentColumns.Trace.Errors, -1), (SegmentColumns.Trace.Duplicates, -1), (SegmentColumns.Trace.Flags, -1));
        var rowsInPage = 0;
        long firstRow = 0;
        foreach (var trace in plan.Traces)
        {
            if (rowsInPage == SegmentFormat.PageRows)
            {
                Flush(pages);
                rowsInPage = 0;
            }
            var top = plan.Rows[trace.First];
            ref readonly var root = ref plan.Span(top);
            pages[0].Add((long)trace.Id.High);
            pages[1].Add((long)trace.Id.Low);
            pages[2].Add(firstRow);
            pages[3].Add(trace.Start);
            pages[4].Add(trace.End);
            pages[5].Add(trace.FirstReceived);
            pages[6].Add(root.ParentSpanId.IsZero ? names.Codes[top.Head][root.Name] + 1 : 0);
            pages[7].Add(contexts.Context(top.Head, root.Context));
            pages[8].Add(trace.Errors);
            pages[9].Add(trace.Duplicates);
            pages[10].Add(trace.HasOrphans ? 1 : 0);
            firstRow += trace.Count;
            rowsInPage++;
        }
        if (rowsInPage > 0) Flush(pages);
    }

    private static void Flush(NumberPageBuffer[] pages)
    {
        foreach (var page in pages) page.Flush();
    }

    private void Flush(NumberPageBuffer[] pages, RowSpace space)
    {
        Flush(pages);
        for (var k = 0; k < attributePages.Length; k++)
        {
            if (shapes.Columns[k].Space == space) attributePages[k].Flush();
        }
    }

    private void NotePageBase(uint events, uint links)
    {
        ElementBlob.WriteNumber(pageBases, events);
        ElementBlob.WriteNumber(pageBases, links);
    }

    private void WriteSections(IReadOnlyList<TraceId> continuations)
    {
        var ids = new TraceId[plan.Traces.Length];
        for (var t = 0; t < ids.Length; t++) ids[t] = plan.Traces[t].Id;
        using (var hashes = SortedHashes.Of(ids, TraceHash.KeyedBy(writer.Header.StoreId)))
        {
            writer.AddSection(SectionKind.CompactTraceIndex, TraceIndex.Build(hashes));
            if (TraceFilter.Build(hashes.Hashes) is { } filter) writer.AddSection(SectionKind.TraceFilter, filter, optional: true);
        }
        writer.AddSection(SectionKind.PageBases, pageBases.WrittenSpan);

        using var section = new PooledBuffer(64 * 1024);
        ElementBlob.WriteNumber(section, (uint)shapes.Shapes.Count);
        foreach (var shape in shapes.Shapes)
        {
            ElementBlob.WriteNumber(section, (uint)shape.Length);
            foreach (var column in shape) ElementBlob.WriteNumber(section, (uint)shapes.Columns[column].Index);
        }
        Add(SectionKind.Shapes);

        WriteElements(SectionKind.Resources, contexts.Resources);
        WriteElements(SectionKind.Scopes, contexts.Scopes);

        ElementBlob.WriteNumber(section, (uint)contexts.Contexts.Count);
        foreach (var (resource, scope) in contexts.Contexts)
        {
            ElementBlob.WriteNumber(section, (uint)resource);
            ElementBlob.WriteNumber(section, (uint)scope);
        }
        Add(SectionKind.Contexts);

        WriteOperations();

        ElementBlob.WriteNumber(section, (uint)continuations.Count);
        foreach (var id in continuations)
        {
            id.Write(section.GetSpan(TraceId.Bytes));
            section.Advance(TraceId.Bytes);
        }
        Add(SectionKind.Continuations);

        void WriteElements(SectionKind kind, List<HeadElement> elements)
        {
            ElementBlob.WriteNumber(section, (uint)elements.Count);
            foreach (var element in elements) ElementBlob.WriteText(section, element.Blob);
            Add(kind);
        }

        void WriteOperations()
        {
            ElementBlob.WriteNumber(section, (uint)operations.Count);
            foreach (var (key, (spans, newest)) in operations)
            {
                var (context, name, kind) = ((int)(key >> 40), (int)(key >> 8), (SpanKind)(byte)key);
                ElementBlob.WriteText(section, contexts.Resources[contexts.Contexts[context].Resource].ServiceName);
                ElementBlob.WriteText(section, names[name]);
                section.Write([(byte)kind]);
                BinaryPrimitives.WriteInt64LittleEndian(section.GetSpan(8), spans);
                section.Advance(8);
                BinaryPrimitives.WriteInt64LittleEndian(section.GetSpan(8), newest);
                section.Advance(8);
            }
            Add(SectionKind.Operations);
        }

        void Add(SectionKind kind)
        {
            writer.AddSection(kind, section.WrittenSpan);
            section.Clear();
        }
    }
}
