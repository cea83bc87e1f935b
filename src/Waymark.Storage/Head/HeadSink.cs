// Where decoders put spans: straight into a head's columns. The hot path of ingest.
using System.IO.Hashing;
using System.Runtime.CompilerServices;
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
    internal readonly PendingTexts Pending = new();
    internal int SpanFirstPatch;
    internal int[] ElementColumns = new int[64];
    internal int[] ElementSlots = new int[128];
    internal int ElementColumnCount;
    internal int ElementSlotCount;

    // The column of the last attribute: its id, since references that change are dear to the collector; -1 before the first.
    internal int Previous = -1;

    // The column whose key TryAttribute just saw in the bytes that Attribute is called with next; -1 when it is another.
    internal int KeySeen = -1;
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
        Pending.Dispose();
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
        state.SpanFirstPatch = state.Pending.Patches;
        firstEvent = head.Events.Count;
        firstLink = head.Links.Count;
        firstSlot = head.Slots.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length)
    {
        var lane = state;
        lane.KeySeen = -1;
        if (lane.Open != AttributeScope.Span || lane.Previous < 0) return false;
        // Clients send the same attributes in the same order: the column that followed the last one is nearly always right.
        var next = head.Columns[lane.Previous].Next;
        if (next < 0) return false;
        var column = head.Columns[next];
        var differences = column.Last.DifferencesTo(window);
        if (!column.Last.IsKey(differences)) return false;
        if (column.Last.IsAll(differences, length) && column.Stamp != lane.SpanStamp
            && lane.SpanColumnCount < lane.SpanColumns.Length && lane.SpanSlotCount + 2 <= lane.SpanSlots.Length)
        {
            lane.SpanColumns[lane.SpanColumnCount++] = next;
            lane.SpanSlots[lane.SpanSlotCount] = column.LastSlots;
            lane.SpanSlots[lane.SpanSlotCount + 1] = column.LastSecondSlot;
            column.Stamp = lane.SpanStamp;
            column.Values++;
            if (column.Texts is { } texts)
            {
                texts.CountAgain();
                if (column.LastSlots < 0) lane.Pending.AddPatch(lane.SpanSlotCount, column.LastSlots);
            }
            lane.SpanSlotCount += column.Width;
            lane.Previous = next;
            return true;
        }
        lane.KeySeen = next;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length)
    {
        var lane = state;
        if (lane.Open != AttributeScope.Span)
        {
            Attribute(key, value);
            return;
        }
        var column = lane.KeySeen >= 0 && head.Columns[lane.KeySeen] is var seen && seen.Type == value.Type ? seen : FindColumn(AttributeScope.Span, key, value.Type);
        lane.Previous = column.Id;
        if (column.Stamp == lane.SpanStamp || column.IsOverflow || lane.SpanColumnCount == lane.SpanColumns.Length || lane.SpanSlotCount + 2 > lane.SpanSlots.Length)
        {
            Attribute(column, key, value);
            return;
        }
        column.Stamp = lane.SpanStamp;
        column.Values++;
        lane.SpanColumns[lane.SpanColumnCount++] = column.Id;
        var texts = column.Texts;
        var slot = texts is null ? (int)value.Number : texts.InternLater(value.Content, column.Id, lane.Pending);
        if (slot < 0 && texts is not null) lane.Pending.AddPatch(lane.SpanSlotCount, slot);
        var second = (int)(value.Number >> 32);
        lane.SpanSlots[lane.SpanSlotCount] = slot;
        lane.SpanSlots[lane.SpanSlotCount + 1] = second;
        lane.SpanSlotCount += column.Width;
        column.LastSlots = slot;
        column.LastSecondSlot = second;
        column.Last.Set(window, length, key);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
    {
        var open = state.Open;
        if (open is AttributeScope.Resource or AttributeScope.Instrumentation)
        {
            AddToBlob(open, key, value);
            return;
        }
        Attribute(FindColumn(open, key, value.Type), key, value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void Attribute(AttributeColumn column, scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
    {
        var open = state.Open;
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
        ref var row = ref head.Spans.Add();
        row.TraceId = span.TraceId;
        row.SpanId = span.SpanId;
        row.ParentSpanId = span.ParentSpanId;
        row.Start = span.Start;
        row.End = span.End;
        row.Name = head.Names.Intern(span.Name);
        row.StatusMessage = span.StatusMessage.IsEmpty ? -1 : head.StatusMessages.Intern(span.StatusMessage);
        row.TraceState = span.TraceState.IsEmpty ? -1 : head.TraceStates.Intern(span.TraceState);
        row.Flags = span.Flags;
        row.Context = state.Context;
        row.Shape = head.Shapes.Intern(state.SpanColumns.AsSpan(0, state.SpanColumnCount));
        row.Slots = head.Slots.AddRun(state.SpanSlots.AsSpan(0, state.SpanSlotCount));
        state.Pending.Place(state.SpanFirstPatch, row.Slots);
        row.FirstEvent = firstEvent;
        row.EventCount = head.Events.Count - firstEvent;
        row.FirstLink = firstLink;
        row.LinkCount = head.Links.Count - firstLink;
        row.DroppedAttributes = span.DroppedAttributes;
        row.DroppedEvents = span.DroppedEvents;
        row.DroppedLinks = span.DroppedLinks;
        row.PreviousInTrace = -1;
        row.Kind = span.Kind;
        row.Status = span.Status;
        if (state.Pending.IsFull) state.Pending.Resolve(head);
    }

    public readonly void AbandonSpan()
    {
        head.Events.Truncate(firstEvent);
        head.Links.Truncate(firstLink);
        head.Slots.Truncate(firstSlot);
        state.Pending.Truncate(state.SpanFirstPatch);
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
        var previous = state.Previous < 0 ? null : head.Columns[state.Previous];
        if (previous is { Next: >= 0 } && head.Columns[previous.Next] is var guess && AttributeColumns.Is(guess, scope, type, key))
        {
            state.Previous = guess.Id;
            return guess;
        }
        var column = head.Columns.Find(scope, type, key) ?? head.Columns.Overflow(scope);
        if (previous is not null) previous.Next = column.Id;
        state.Previous = column.Id;
        return column;
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
                var code = column.Scope == AttributeScope.Span ? column.Texts!.InternLater(value.Content, column.Id, state.Pending) : column.Texts!.Intern(value.Content);
                if (code < 0) state.Pending.AddPatch(slotCount, code);
                slots[slotCount++] = code;
                return;
        }
    }
}
