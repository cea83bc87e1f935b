// The seam between every decoder and whatever takes spans: a head lane, an encoder, a forwarder. One pass, no copy.
namespace Waymark.Model.Spans;

/// <summary>
/// Receives spans from a decoder, element by element. Implemented by structs; decoders are generic over them, so calls are direct.
/// <para>Order of calls:</para>
/// <code>
/// ( TryEnterResource or ( BeginResource Attribute* EndResource )
///   ( ( TryEnterScope or ( BeginScope Attribute* EndScope ) )
///     ( BeginSpan ( Attribute | BeginEvent Attribute* EndEvent | BeginLink Attribute* EndLink )* ( EndSpan | AbandonSpan ) )* )* )*
/// </code>
/// <para>Attributes belong to the innermost open element. Scalars of an element arrive with its End call, because on the wire they
/// may come after its attributes. A scope must be entered anew after each resource.</para>
/// <para>Every span of bytes is valid only during the call. Text is valid UTF-8 and within the limits: the decoder sees to both.</para>
/// </summary>
public interface ISpanSink
{
    /// <summary>
    /// Makes the resource with exactly these bytes current if the sink has met it before; then true, and the decoder sends none of it.
    /// Otherwise false, and nothing has changed.
    /// </summary>
    /// <param name="identity">Equal bytes (from one <see cref="Bodies.BodyKind"/>) mean an equal resource.</param>
    bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl);

    void BeginResource();

    /// <param name="identity">As in <see cref="TryEnterResource"/>; empty when the resource must not be remembered by it, because something was cut.</param>
    void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes);

    /// <summary>As <see cref="TryEnterResource"/>, for the instrumentation scope.</summary>
    bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl);

    void BeginScope();

    void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope);

    void BeginSpan();

    void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value);

    /// <summary>
    /// Takes an attribute if its bytes are those of one the sink has met in the same kind of element; then true, and the decoder does not read it.
    /// Otherwise false, and nothing has changed: the decoder reads it next, and may hand it over together with its window.
    /// </summary>
    /// <param name="window"><see cref="AttributeWindow.Bytes"/> readable bytes.</param>
    /// <param name="length">How many of them are the attribute's. Equal bytes (from one <see cref="Bodies.BodyKind"/>) mean an equal attribute.</param>
    bool TryAttribute(scoped ReadOnlySpan<byte> window, int length);

    /// <summary>An attribute that may be remembered by its bytes: nothing of it was repaired or cut.</summary>
    /// <param name="key">A part of the window's first <paramref name="length"/> bytes, not the last.</param>
    /// <param name="window">That of the call of <see cref="TryAttribute"/> just before.</param>
    void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length);

    void BeginEvent();

    void EndEvent(scoped in EventFields @event);

    void BeginLink();

    void EndLink(scoped in LinkFields link);

    void EndSpan(scoped in SpanFields span);

    /// <summary>The open span is rejected: everything since <see cref="BeginSpan"/> is as if never sent.</summary>
    void AbandonSpan();
}

/// <summary>The bytes by which a sink may know an attribute again.</summary>
public static class AttributeWindow
{
    /// <summary>A window's size, whatever the attribute's length: so that comparing needs no branch. What lies beyond the attribute says nothing.</summary>
    public const int Bytes = 64;
}

/// <summary>The scalars of an instrumentation scope.</summary>
public ref struct ScopeFields
{
    public ReadOnlySpan<byte> Name;
    public ReadOnlySpan<byte> Version;
    public uint DroppedAttributes;
}

/// <summary>The scalars of a span. <see cref="End"/> may lie before <see cref="Start"/>: kept as sent.</summary>
public ref struct SpanFields
{
    public TraceId TraceId;
    public SpanId SpanId;

    /// <summary>Zero for a root.</summary>
    public SpanId ParentSpanId;

    public UnixNanos Start;
    public UnixNanos End;
    public ReadOnlySpan<byte> Name;
    public ReadOnlySpan<byte> TraceState;
    public ReadOnlySpan<byte> StatusMessage;

    /// <summary>All 32 bits as sent; the low eight are W3C trace flags.</summary>
    public uint Flags;

    public uint DroppedAttributes;
    public uint DroppedEvents;
    public uint DroppedLinks;
    public SpanKind Kind;
    public StatusCode Status;
}

/// <summary>The scalars of a span event.</summary>
public ref struct EventFields
{
    public UnixNanos Time;
    public ReadOnlySpan<byte> Name;
    public uint DroppedAttributes;
}

/// <summary>The scalars of a span link. A link's ids may be zero: kept as sent.</summary>
public ref struct LinkFields
{
    public TraceId TraceId;
    public SpanId SpanId;
    public ReadOnlySpan<byte> TraceState;
    public uint Flags;
    public uint DroppedAttributes;
}
