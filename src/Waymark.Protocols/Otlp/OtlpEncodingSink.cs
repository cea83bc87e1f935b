// A sink that writes OTLP protobuf: how an admitted batch is logged when it differs from the bytes that came.
using System.Buffers;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Protocols.Protobuf;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Writes what it receives as an <c>ExportTraceServiceRequest</c> that decodes to the same calls. Fields stand in the order the calls come in (an element's scalars after its
/// attributes), which protobuf allows. It remembers no resource or scope, so it is sent each one whole.
/// </summary>
public struct OtlpEncodingSink : ISpanSink
{
    private readonly PooledBuffer scratch;

    // Starts of the messages that are open, as BeginMessage returned them; −1 when none is.
    private int resourceSpans = -1;
    private int scopeSpans = -1;
    private int element;
    private int inner;

    /// <summary>Where the open span's tag stands: what follows goes when the span is abandoned.</summary>
    private int spanTag;

    /// <summary>The field that attributes have in the innermost open element, and in the span around it.</summary>
    private uint attributeTag;

    /// <param name="scratch">Empty; belongs to the sink until <see cref="Finish"/> has returned.</param>
    public OtlpEncodingSink(PooledBuffer scratch) => this.scratch = scratch;

    /// <summary>Closes what is open and copies the request to <paramref name="output"/>. Nothing may be sent after it.</summary>
    public void Finish(IBufferWriter<byte> output)
    {
        CloseResourceSpans();
        output.Write(scratch.WrittenSpan);
    }

    public readonly bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;

    public void BeginResource()
    {
        CloseResourceSpans();
        resourceSpans = scratch.BeginMessage(1 << 3 | 2);
        element = scratch.BeginMessage(1 << 3 | 2);
        attributeTag = 1 << 3 | 2;
    }

    public readonly void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
    {
        if (droppedAttributes != 0) scratch.WriteVarintField(2 << 3 | 0, droppedAttributes);
        scratch.EndMessage(element);
        WriteText(3 << 3 | 2, schemaUrl);
    }

    public readonly bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;

    public void BeginScope()
    {
        CloseScopeSpans();
        scopeSpans = scratch.BeginMessage(2 << 3 | 2);
        element = scratch.BeginMessage(1 << 3 | 2);
        attributeTag = 3 << 3 | 2;
    }

    public readonly void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope)
    {
        WriteText(1 << 3 | 2, scope.Name);
        WriteText(2 << 3 | 2, scope.Version);
        if (scope.DroppedAttributes != 0) scratch.WriteVarintField(4 << 3 | 0, scope.DroppedAttributes);
        scratch.EndMessage(element);
        WriteText(3 << 3 | 2, schemaUrl);
    }

    public void BeginSpan()
    {
        spanTag = scratch.Length;
        element = scratch.BeginMessage(2 << 3 | 2);
        attributeTag = 9 << 3 | 2;
    }

    public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

    public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

    public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value) =>
        AnyValueWriter.WriteKeyValue(scratch, attributeTag, key, value.Type, value.Number, value.Content);

    public void BeginEvent()
    {
        inner = scratch.BeginMessage(11 << 3 | 2);
        attributeTag = 3 << 3 | 2;
    }

    public void EndEvent(scoped in EventFields @event)
    {
        OtlpProtobufWriter.WriteEventScalars(scratch, @event.Time, @event.Name, @event.DroppedAttributes);
        scratch.EndMessage(inner);
        attributeTag = 9 << 3 | 2;
    }

    public void BeginLink()
    {
        inner = scratch.BeginMessage(13 << 3 | 2);
        attributeTag = 4 << 3 | 2;
    }

    public void EndLink(scoped in LinkFields link)
    {
        OtlpProtobufWriter.WriteLinkScalars(scratch, link);
        scratch.EndMessage(inner);
        attributeTag = 9 << 3 | 2;
    }

    public readonly void EndSpan(scoped in SpanFields span)
    {
        OtlpProtobufWriter.WriteSpanScalars(scratch, span);
        scratch.EndMessage(element);
    }

    public readonly void AbandonSpan() => scratch.Truncate(spanTag);

    private void CloseResourceSpans()
    {
        CloseScopeSpans();
        if (resourceSpans >= 0) scratch.EndMessage(resourceSpans);
        resourceSpans = -1;
    }

    private void CloseScopeSpans()
    {
        if (scopeSpans >= 0) scratch.EndMessage(scopeSpans);
        scopeSpans = -1;
    }

    private readonly void WriteText(uint tag, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty) scratch.WriteBytesField(tag, text);
    }
}
