// The sink of the fuzz run: stores nothing, and objects when a decoder breaks the contract of ISpanSink.
using System.Diagnostics;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Bench.Fuzz;

/// <summary>Checks the order of calls, the text, and the limits. Throws <see cref="UnreachableException"/> on a breach.</summary>
internal struct GrammarSink(SpanLimits limits) : ISpanSink
{
    private enum Place
    {
        Request,
        InResource,
        Resource,
        InScope,
        Scope,
        InSpan,
        InEvent,
        InLink,
    }

    private readonly SpanLimits limits = limits;
    private Place place;
    private int attributes, attributesOfSpan;

    /// <summary>Spans that were ended, not abandoned.</summary>
    public int Ended { get; private set; }

    public bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Expect(place is Place.Request or Place.Resource or Place.Scope);
        return false;
    }

    public void BeginResource()
    {
        Expect(place is Place.Request or Place.Resource or Place.Scope);
        Open(Place.InResource);
    }

    public void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
    {
        Expect(place == Place.InResource);
        CheckText(schemaUrl);
        place = Place.Resource;
    }

    public readonly bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Expect(place is Place.Resource or Place.Scope);
        return false;
    }

    public void BeginScope()
    {
        Expect(place is Place.Resource or Place.Scope);
        Open(Place.InScope);
    }

    public void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope)
    {
        Expect(place == Place.InScope);
        CheckText(schemaUrl);
        CheckText(scope.Name);
        CheckText(scope.Version);
        place = Place.Scope;
    }

    public void BeginSpan()
    {
        Expect(place == Place.Scope);
        Open(Place.InSpan);
        attributesOfSpan = 0;
    }

    public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
    {
        Expect(place is Place.InResource or Place.InScope or Place.InSpan or Place.InEvent or Place.InLink);
        // A span's attributes and its events may be mixed on the wire.
        Expect((place == Place.InSpan ? ++attributesOfSpan : ++attributes) <= limits.MaxAttributes);
        CheckText(key);
        if (value.Type == AttributeType.Text) CheckText(value.Content);
        if (value.Type == AttributeType.Bool) Expect(value.Number is 0 or 1);
        Expect(value.Type <= AttributeType.Bytes);
    }

    public void BeginEvent()
    {
        Expect(place == Place.InSpan);
        Open(Place.InEvent);
    }

    public void EndEvent(scoped in EventFields @event)
    {
        Expect(place == Place.InEvent);
        CheckText(@event.Name);
        place = Place.InSpan;
    }

    public void BeginLink()
    {
        Expect(place == Place.InSpan);
        Open(Place.InLink);
    }

    public void EndLink(scoped in LinkFields link)
    {
        Expect(place == Place.InLink);
        CheckText(link.TraceState);
        place = Place.InSpan;
    }

    public void EndSpan(scoped in SpanFields span)
    {
        Expect(place == Place.InSpan);
        CheckText(span.Name);
        CheckText(span.TraceState);
        CheckText(span.StatusMessage);
        Expect(!span.SpanId.IsZero && span.Start.Value >= 0 && span.End.Value >= 0);
        Expect(span.Kind <= SpanKind.Consumer && span.Status <= StatusCode.Error);
        place = Place.Scope;
        Ended++;
    }

    public void AbandonSpan()
    {
        // Also from within an event or a link of the span.
        Expect(place is Place.InSpan or Place.InEvent or Place.InLink);
        place = Place.Scope;
    }

    /// <summary>After a body that was not malformed: everything that was opened is closed.</summary>
    public readonly void ExpectClosed() => Expect(place is Place.Request or Place.Resource or Place.Scope);

    private void Open(Place inside)
    {
        place = inside;
        attributes = 0;
    }

    private readonly void CheckText(scoped ReadOnlySpan<byte> text) => Expect(text.Length <= limits.MaxTextBytes && Utf8Text.IsValid(text));

    private static void Expect(bool holds)
    {
        if (!holds) throw new UnreachableException("The decoder broke the contract of ISpanSink.");
    }
}
