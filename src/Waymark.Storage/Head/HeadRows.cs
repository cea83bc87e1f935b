// The fixed part of a span, event and link in a head. Attribute values lie beside them as slots, in the order of the row's shape.
using System.Runtime.InteropServices;
using Waymark.Model.Spans;

namespace Waymark.Storage.Head;

/// <summary>One span: 112 bytes. Text codes index the head's dictionaries; −1 is none.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeadSpan
{
    public TraceId TraceId;
    public SpanId SpanId;
    public SpanId ParentSpanId;
    public UnixNanos Start;
    public UnixNanos End;
    public int Name;
    public int StatusMessage;
    public int TraceState;
    public uint Flags;

    /// <summary>Index into the head's (resource, scope) pairs.</summary>
    public int Context;

    public int Shape;

    /// <summary>Index of the first attribute slot.</summary>
    public int Slots;

    public int FirstEvent;
    public int EventCount;
    public int FirstLink;
    public int LinkCount;
    public uint DroppedAttributes;
    public uint DroppedEvents;
    public uint DroppedLinks;

    /// <summary>The row before this one in the same trace; −1 for the trace's first.</summary>
    public int PreviousInTrace;

    public SpanKind Kind;
    public StatusCode Status;
}

[StructLayout(LayoutKind.Sequential)]
internal struct HeadEvent
{
    public UnixNanos Time;
    public int Name;
    public uint DroppedAttributes;
    public int Shape;
    public int Slots;
}

[StructLayout(LayoutKind.Sequential)]
internal struct HeadLink
{
    public TraceId TraceId;
    public SpanId SpanId;
    public int TraceState;
    public uint Flags;
    public uint DroppedAttributes;
    public int Shape;
    public int Slots;
}
