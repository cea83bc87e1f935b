// Second half of sealing: the planned rows become the columns and sections of a segment file.
using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>Writes one segment from a plan. Used once; I/O failures pass through as thrown.</summary>
internal sealed class SegmentBuilder : IDisposable
{
    /// <summary>Up to this share of distinct values a text column has a dictionary; beyond, that is decided when all values have been seen.</summary>
    private const double AlwaysDictionaryShare = 0.02;

    // Places of columns in the traces' pages.
    private const int FirstRowPage = 2;
    private const int StartPage = 3;
    private const int EndPage = 4;

    private const int SpanReadAhead = 16;
    private const int SlotReadAhead = 8;

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
    private readonly OperationCounts operations = new();
    private readonly SealFacts facts;

    public SegmentBuilder(SealPlan plan, SegmentWriter writer)
    {
        this.plan = plan;
        this.writer = writer;
        heads = plan.Heads;
        shapes = new SealShapes(heads);
        contexts = new SealContexts(heads);
        facts = SealFacts.Of(heads, contexts);
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
        WriteTexts();
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
        // Judged by the heads' own counts before anything is merged: sorting the texts of a column of unique ids would be the most expensive part of the seal.
        var distinct = column.PerHead.Sum(c => (long)(c?.Texts?.Count ?? 0));
        var isOpen = column.HasTexts && (distinct > Math.Max(64, column.Values * AlwaysDictionaryShare) || column.PerHead.Any(c => c?.Texts is { GaveUp: true }));
        if (column.HasTexts && !isOpen) column.Dictionary = MergedTexts.Merge([.. column.PerHead.Select(c => c?.Texts)]);
        var dictionary = column.Dictionary is { } texts ? writer.AddDictionary(texts.Heap, texts.Ends) : -1;
        column.Index = writer.AddColumn(column.ColumnKey, dictionary);
        if (column.IsOverflow) return new BytesPageBuffer(writer, column.Index);
        return isOpen ? new TextColumnBuffer(writer, column.Index, [.. column.PerHead.Select(c => c?.Texts)]) : new NumberPageBuffer(writer, column.Index);
    }

    /// <summary>Columns whose form was left open until all their values were known.</summary>
    private void WriteTexts()
    {
        using var scratch = new PooledBuffer(256 * 1024);
        foreach (var page in attributePages) (page as TextColumnBuffer)?.Write(writer.Scratch.Texts, scratch);
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
        using var pages = new SpanPages(writer, facts, nameDictionary, statusMessageDictionary, traceStateDictionary);
        uint events = 0, links = 0;
        NotePageBase(events, links);
        for (var r = 0; r < plan.Rows.Length; r++)
        {
            if (pages.Rows == SegmentFormat.PageRows)
            {
                pages.Flush();
                FlushAttributes(RowSpace.Spans);
                NotePageBase(events, links);
            }
            Prefetch(r);
            var row = plan.Rows[r];
            ref readonly var span = ref plan.Span(row.Span);
            var codes = Renumber(row.Span.Head, span);
            pages.Add(span, codes, row.ParentDistance, row.Marks);
            operations.Add(codes.Context, codes.Name, span.Kind, span.Start.Value);
            attributes.Append(row.Span.Head, span.Shape, span.Slots);
            if (span.EventCount > 0) rowsWithEvents.Add(row.Span);
            if (span.LinkCount > 0) rowsWithLinks.Add(row.Span);
            events += (uint)span.EventCount;
            links += (uint)span.LinkCount;
        }
        if (pages.Rows == 0) return;
        pages.Flush();
        FlushAttributes(RowSpace.Spans);
    }

    /// <summary>Asks for a span well ahead of its row, and for its attributes, whose place only the span knows, a little later.</summary>
    private void Prefetch(int row)
    {
        plan.Prefetch(row + SpanReadAhead);
        if (Sse.IsSupported && row + SlotReadAhead < plan.Rows.Length)
        {
            var ahead = plan.Rows[row + SlotReadAhead].Span;
            var slots = plan.Span(ahead).Slots;
            heads[ahead.Head].Slots.Prefetch(slots);
            // Those of a span seldom take more than two cache lines.
            heads[ahead.Head].Slots.Prefetch(slots + (64 / sizeof(int)));
        }
    }

    private SealedCodes Renumber(int head, in HeadSpan span) => new(
        contexts.Context(head, span.Context),
        names.Codes[head][span.Name],
        span.StatusMessage < 0 ? -1 : statusMessages.Codes[head][span.StatusMessage],
        span.TraceState < 0 ? -1 : traceStates.Codes[head][span.TraceState],
        shapes.Shape(head, span.Shape));

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
                    Flush(pages);
                    FlushAttributes(RowSpace.Events);
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
        if (rowsInPage == 0) return;
        Flush(pages);
        FlushAttributes(RowSpace.Events);
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
                    Flush(pages);
                    FlushAttributes(RowSpace.Links);
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
        if (rowsInPage == 0) return;
        Flush(pages);
        FlushAttributes(RowSpace.Links);
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
                FlushTraces(pages);
                rowsInPage = 0;
            }
            var top = plan.Rows[trace.First].Span;
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
        if (rowsInPage > 0) FlushTraces(pages);
    }

    /// <summary>First rows, starts and ends ascend, or nearly so: each is told by its distance from the one before.</summary>
    private static void FlushTraces(NumberPageBuffer[] pages)
    {
        ReadOnlySpan<byte> nanoseconds = stackalloc byte[SegmentFormat.PageRows];
        for (var k = 0; k < pages.Length; k++)
        {
            if (k is FirstRowPage or StartPage or EndPage) pages[k].FlushStarts(nanoseconds);
            else pages[k].Flush();
        }
    }

    private static void Flush(NumberPageBuffer[] pages)
    {
        foreach (var page in pages) page.Flush();
    }

    private void FlushAttributes(RowSpace space)
    {
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

    private void WriteTraceIndex()
    {
        using var hashes = SortedHashes.Of(plan.Ids.Span, TraceHash.KeyedBy(writer.Header.StoreId));
        writer.AddSection(SectionKind.CompactTraceIndex, TraceIndex.Build(hashes));
        if (TraceFilter.Build(hashes.Hashes) is { } filter) writer.AddSection(SectionKind.TraceFilter, filter, optional: true);
    }

    private void WriteSections(IReadOnlyList<TraceId> continuations)
    {
        WriteTraceIndex();
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
        writer.AddSection(SectionKind.ContextUnits, facts.UnitOfContext);

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
            ElementBlob.WriteNumber(section, (uint)operations.All.Count);
            foreach (var operation in operations.All)
            {
                ElementBlob.WriteText(section, contexts.Resources[contexts.Contexts[operation.Context].Resource].ServiceName);
                ElementBlob.WriteText(section, names[operation.Name]);
                section.Write([(byte)operation.Kind]);
                BinaryPrimitives.WriteInt64LittleEndian(section.GetSpan(8), operation.Spans);
                section.Advance(8);
                BinaryPrimitives.WriteInt64LittleEndian(section.GetSpan(8), operation.Newest);
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
