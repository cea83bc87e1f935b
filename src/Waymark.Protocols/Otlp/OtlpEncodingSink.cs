using System.Buffers;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>A sink that writes what it receives as an OTLP protobuf request.</summary>
public struct OtlpEncodingSink : ISpanSink
{
    public OtlpEncodingSink(PooledBuffer scratch) => _ = scratch;

    public readonly void Finish(IBufferWriter<byte> output) => _ = output;

    public readonly bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;
    public readonly void BeginResource() { }
    public readonly void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes) { }
    public readonly bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;
    public readonly void BeginScope() { }
    public readonly void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope) { }
    public readonly void BeginSpan() { }
    public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value) { }
    public readonly void BeginEvent() { }
    public readonly void EndEvent(scoped in EventFields @event) { }
    public readonly void BeginLink() { }
    public readonly void EndLink(scoped in LinkFields link) { }
    public readonly void EndSpan(scoped in SpanFields span) { }
    public readonly void AbandonSpan() { }
}
