// A sink that keeps nothing: what is left is the cost of parsing.
using System.Runtime.CompilerServices;
using Waymark.Model.Spans;

namespace Waymark.Bench.Ingest;

/// <summary>Adds up what it is shown, so that no read can be left out. Knows every resource and scope, as a head does for nearly all requests.</summary>
internal struct NullSink : ISpanSink
{
    public ulong Seen { get; private set; }

    public bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => Note(identity);

    public readonly void BeginResource()
    {
    }

    public readonly void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
    {
    }

    public bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => Note(identity);

    public readonly void BeginScope()
    {
    }

    public readonly void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope)
    {
    }

    public readonly void BeginSpan()
    {
    }

    public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

    // Not inlined, as a sink that does something is not.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value) => Seen += (ulong)key.Length + (ulong)value.Content.Length + (ulong)value.Number;

    public readonly void BeginEvent()
    {
    }

    public void EndEvent(scoped in EventFields @event) => Seen += (ulong)@event.Time.Value + (ulong)@event.Name.Length;

    public readonly void BeginLink()
    {
    }

    public void EndLink(scoped in LinkFields link) => Seen += link.SpanId.Value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void EndSpan(scoped in SpanFields span) => Seen += span.SpanId.Value + (ulong)span.Start.Value + (ulong)span.End.Value + (ulong)span.Name.Length;

    public readonly void AbandonSpan()
    {
    }

    private bool Note(ReadOnlySpan<byte> identity)
    {
        Seen += (ulong)identity.Length;
        return true;
    }
}
