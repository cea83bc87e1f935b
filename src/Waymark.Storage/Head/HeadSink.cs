// Where decoders put spans: straight into a head's columns. The hot path of ingest.
using System.IO.Hashing;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;

namespace Waymark.Storage.Head;

/// <summary>
/// The part of the sink that outlives one request: scratch space and current elements of a lane. Guarded by the lane's lock.
/// </summary>
internal sealed class HeadSinkState : IDisposable
{
    internal readonly PooledBuffer Blob = new(4096);
    internal readonly PooledBuffer OverflowBytes = new(256);
    internal int[] SpanColumns = new int[64];
    internal int[] SpanSlots = new int[128];
    internal int SpanColumnCount;
    internal int SpanSlotCount;
    internal int[] ElementColumns = new int[64];
    internal int[] ElementSlots = new int[128];
    internal int ElementColumnCount;
    internal int ElementSlotCount;
    internal AttributeColumn? Previous;
    internal int Resource;
    internal int Context;
    internal uint BlobAttributes;
    internal byte[] ServiceName = [];
    internal int ServiceNameLength = -1;
    internal AttributeScope Open;

    // Counts elements, so that a column can tell whether the open one has it already.
    internal int Stamp;
    internal int SpanStamp;
    internal int ElementStamp;
    internal readonly Dictionary<(int Resource, int Scope), int> ContextIds = [];

    public void Dispose()
    {
        Blob.Dispose();
        OverflowBytes.Dispose();
    }
}

/// <summary>Writes spans into a <see cref="SpanHead"/>. Rows become part of the head's traces only through <see cref="SpanHead.AddBatch"/>.</summary>
internal struct HeadSink(SpanHead head, HeadSinkState state, BodyKind kind) : ISpanSink
{
    private readonly SpanHead head = head;
    private readonly HeadSinkState state = state;
    private readonly BodyKind kind = kind;
    private int firstEvent;
    private int firstLink;
    private int firstSlot;

    public readonly bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        if (!head.Resources.TryFind(Identity(identity, schemaUrl), out var id)) return false;
        state.Resource = id;
        return true;
    }

    public readonly void BeginResource() => BeginBlob(AttributeScope.Resource);

    public readonly void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
    {
        using var blob = new PooledBuffer(state.Blob.Length + 64);
        ElementBlob.WriteNumber(blob, 1);
        ElementBlob.WriteText(blob, schemaUrl);
        FinishBlob(blob, droppedAttributes);
        state.Resource = head.Resources.Intern(
            blob.WrittenSpan,
            state.ServiceName.AsSpan(0, Math.Max(0, state.ServiceNameLength)),
            state.ServiceNameLength >= 0,
            identity.IsEmpty ? null : Identity(identity, schemaUrl));
    }

    public readonly bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        if (!head.Scopes.TryFind(Identity(identity, schemaUrl), out var id)) return false;
        EnterScope(id);
        return true;
    }

    public readonly void BeginScope() => BeginBlob(AttributeScope.Instrumentation);

    public readonly void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope)
    {
        using var blob = new PooledBuffer(state.Blob.Length + 128);
        ElementBlob.WriteNumber(blob, 3);
        ElementBlob.WriteText(blob, schemaUrl);
        ElementBlob.WriteText(blob, scope.Name);
        ElementBlob.WriteText(blob, scope.Version);
        FinishBlob(blob, scope.DroppedAttributes);
        EnterScope(head.Scopes.Intern(blob.WrittenSpan, default, hasServiceName: false, identity.IsEmpty ? null : Identity(identity, schemaUrl)));
    }

    public void BeginSpan()
    {
        state.Open = AttributeScope.Span;
        state.SpanStamp = ++state.Stamp;
        state.SpanColumnCount = 0;
        state.SpanSlotCount = 0;
        firstEvent = head.Events.Count;
        firstLink = head.Links.Count;
        firstSlot = head.Slots.Count;
    }

    public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
    {
        var open = state.Open;
        if (open is AttributeScope.Resource or AttributeScope.Instrumentation)
        {
            AddToBlob(open, key, value);
            return;
        }
        var column = FindColumn(open, key, value.Type);
        // A key twice in one element: the second goes to the overflow column, so that every other column has at most one value per row.
        var stamp = open == AttributeScope.Span ? state.SpanStamp : state.ElementStamp;
        if (column.Stamp == stamp && !column.IsOverflow) column = head.Columns.Overflow(open);
        else column.Stamp = stamp;
        if (open == AttributeScope.Span) Append(ref state.SpanColumns, ref state.SpanColumnCount, ref state.SpanSlots, ref state.SpanSlotCount, column, key, value);
        else Append(ref state.ElementColumns, ref state.ElementColumnCount, ref state.ElementSlots, ref state.ElementSlotCount, column, key, value);
    }

    public readonly void BeginEvent() => BeginElement(AttributeScope.Event);

    public readonly void EndEvent(scoped in EventFields @event)
    {
        head.Events.Add(new HeadEvent
        {
            Time = @event.Time,
            Name = head.EventNames.Intern(@event.Name),
            DroppedAttributes = @event.DroppedAttributes,
            Shape = head.Shapes.Intern(state.ElementColumns.AsSpan(0, state.ElementColumnCount)),
            Slots = head.Slots.AddRun(state.ElementSlots.AsSpan(0, state.ElementSlotCount)),
        });
        state.Open = AttributeScope.Span;
    }

    public readonly void BeginLink() => BeginElement(AttributeScope.Link);

    public readonly void EndLink(scoped in LinkFields link)
    {
        head.Links.Add(new HeadLink
        {
            TraceId = link.TraceId,
            SpanId = link.SpanId,
            TraceState = link.TraceState.IsEmpty ? -1 : head.TraceStates.Intern(link.TraceState),
            Flags = link.Flags,
            DroppedAttributes = link.DroppedAttributes,
            Shape = head.Shapes.Intern(state.ElementColumns.AsSpan(0, state.ElementColumnCount)),
            Slots = head.Slots.AddRun(state.ElementSlots.AsSpan(0, state.ElementSlotCount)),
        });
        state.Open = AttributeScope.Span;
    }

    public readonly void EndSpan(scoped in SpanFields span)
    {
        head.Spans.Add(new HeadSpan
        {
            TraceId = span.TraceId,
            SpanId = span.SpanId,
            ParentSpanId = span.ParentSpanId,
            Start = span.Start,
            End = span.End,
            Name = head.Names.Intern(span.Name),
            StatusMessage = span.StatusMessage.IsEmpty ? -1 : head.StatusMessages.Intern(span.StatusMessage),
            TraceState = span.TraceState.IsEmpty ? -1 : head.TraceStates.Intern(span.TraceState),
            Flags = span.Flags,
            Context = state.Context,
            Shape = head.Shapes.Intern(state.SpanColumns.AsSpan(0, state.SpanColumnCount)),
            Slots = head.Slots.AddRun(state.SpanSlots.AsSpan(0, state.SpanSlotCount)),
            FirstEvent = firstEvent,
            EventCount = head.Events.Count - firstEvent,
            FirstLink = firstLink,
            LinkCount = head.Links.Count - firstLink,
            DroppedAttributes = span.DroppedAttributes,
            DroppedEvents = span.DroppedEvents,
            DroppedLinks = span.DroppedLinks,
            PreviousInTrace = -1,
            Kind = span.Kind,
            Status = span.Status,
        });
    }

    public readonly void AbandonSpan()
    {
        head.Events.Truncate(firstEvent);
        head.Links.Truncate(firstLink);
        head.Slots.Truncate(firstSlot);
    }

    private readonly UInt128 Identity(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> schemaUrl)
    {
        // Schema URLs repeat and are short: folding their hash in as the seed keeps one pass over the identity bytes.
        var seed = schemaUrl.IsEmpty ? 0 : (long)XxHash3.HashToUInt64(schemaUrl);
        return XxHash128.HashToUInt128(identity, ProcessSeed.Value ^ (seed * 31 + (long)kind));
    }

    private readonly void BeginBlob(AttributeScope scope)
    {
        state.Open = scope;
        state.Blob.Clear();
        state.BlobAttributes = 0;
        state.ServiceNameLength = -1;
    }

    private readonly void AddToBlob(AttributeScope scope, ReadOnlySpan<byte> key, in AttributeValue value)
    {
        ElementBlob.WriteAttribute(state.Blob, key, value);
        state.BlobAttributes++;
        if (scope != AttributeScope.Resource || state.ServiceNameLength >= 0 || value.Type != AttributeType.Text || !key.SequenceEqual("service.name"u8)) return;
        if (state.ServiceName.Length < value.Content.Length) state.ServiceName = new byte[value.Content.Length * 2];
        value.Content.CopyTo(state.ServiceName);
        state.ServiceNameLength = value.Content.Length;
    }

    private readonly void FinishBlob(PooledBuffer blob, uint droppedAttributes)
    {
        ElementBlob.WriteNumber(blob, droppedAttributes);
        ElementBlob.WriteNumber(blob, state.BlobAttributes);
        blob.Write(state.Blob.WrittenSpan);
    }

    private readonly void EnterScope(int scope)
    {
        if (state.ContextIds.TryGetValue((state.Resource, scope), out var id))
        {
            state.Context = id;
            return;
        }
        state.Context = head.Contexts.Add((state.Resource, scope));
        state.ContextIds[(state.Resource, scope)] = state.Context;
    }

    private readonly void BeginElement(AttributeScope scope)
    {
        state.Open = scope;
        state.ElementStamp = ++state.Stamp;
        state.ElementColumnCount = 0;
        state.ElementSlotCount = 0;
    }

    private readonly AttributeColumn FindColumn(AttributeScope scope, ReadOnlySpan<byte> key, AttributeType type)
    {
        // Clients send the same attributes in the same order: the column that followed the last one is nearly always right.
        var guess = state.Previous?.Next;
        if (guess is not null && AttributeColumns.Is(guess, scope, type, key)) return state.Previous = guess;
        var column = head.Columns.Find(scope, type, key) ?? head.Columns.Overflow(scope);
        if (state.Previous is not null) state.Previous.Next = column;
        return state.Previous = column;
    }

    private readonly void Append(ref int[] columns, ref int columnCount, ref int[] slots, ref int slotCount, AttributeColumn column, ReadOnlySpan<byte> key, in AttributeValue value)
    {
        if (columnCount == columns.Length) Array.Resize(ref columns, columnCount * 2);
        if (slotCount + 2 > slots.Length) Array.Resize(ref slots, slots.Length * 2);
        columns[columnCount++] = column.Id;
        column.Values++;
        if (column.IsOverflow)
        {
            state.OverflowBytes.Clear();
            var bytes = state.OverflowBytes.GetSpan(OverflowValue.Size(key, value));
            slots[slotCount++] = column.Texts!.Intern(bytes[..OverflowValue.Write(bytes, key, value)]);
            return;
        }
        switch (value.Type)
        {
            case AttributeType.Empty:
                return;
            case AttributeType.Bool:
                slots[slotCount++] = (int)value.Number;
                return;
            case AttributeType.Int or AttributeType.Double:
                slots[slotCount++] = (int)value.Number;
                slots[slotCount++] = (int)(value.Number >> 32);
                return;
            default:
                slots[slotCount++] = column.Texts!.Intern(value.Content);
                return;
        }
    }
}
