// A sink that makes plain spans of what a decoder sends, and complains loudly when the order of calls is broken.
using System.Text;
using Waymark.Model.Spans;

namespace Waymark.Testing;

/// <summary>Collects spans. Copies of the struct share one list. Throws <see cref="InvalidOperationException"/> when a decoder breaks the order of calls that <see cref="ISpanSink"/> states.</summary>
public readonly struct NaiveSink : ISpanSink
{
    private readonly State state;

    /// <summary>A sink that never recognises a resource or scope, so that it is sent in full each time.</summary>
    public NaiveSink()
        : this(remember: false)
    {
    }

    /// <param name="remember">Whether to recognise resources and scopes by their identity, as a head lane does.</param>
    public NaiveSink(bool remember) => state = new State { Remember = remember };

    /// <summary>The spans so far, in order of arrival; abandoned ones are not among them.</summary>
    public List<NaiveSpan> Spans => state.Spans;

    /// <summary>How many spans were abandoned.</summary>
    public int Abandoned => state.Abandoned;

    /// <summary>How many times a resource or scope was recognised.</summary>
    public int Recognised => state.Recognised;

    public bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Expect(Place.Outside, Place.Resource, Place.Scope);
        if (!state.Remember || !state.Resources.TryGetValue(KeyOf(identity, schemaUrl), out var known)) return false;
        (state.Resource, state.Scope, state.Place) = (known, null, Place.Resource);
        state.Recognised++;
        return true;
    }

    public void BeginResource() => Open(Place.InResource, Place.Outside, Place.Resource, Place.Scope);

    public void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
    {
        Expect(Place.InResource);
        state.Resource = new NaiveResource(state.Take(), Text(schemaUrl), droppedAttributes);
        (state.Scope, state.Place) = (null, Place.Resource);
        if (!identity.IsEmpty) state.Resources[KeyOf(identity, schemaUrl)] = state.Resource;
    }

    public bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Expect(Place.Resource, Place.Scope);
        if (!state.Remember || !state.Scopes.TryGetValue(KeyOf(identity, schemaUrl), out var known)) return false;
        (state.Scope, state.Place) = (known, Place.Scope);
        state.Recognised++;
        return true;
    }

    public void BeginScope() => Open(Place.InScope, Place.Resource, Place.Scope);

    public void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope)
    {
        Expect(Place.InScope);
        state.Scope = new NaiveScope(Text(scope.Name), Text(scope.Version), state.Take(), Text(schemaUrl), scope.DroppedAttributes);
        state.Place = Place.Scope;
        if (!identity.IsEmpty) state.Scopes[KeyOf(identity, schemaUrl)] = state.Scope;
    }

    public void BeginSpan()
    {
        Expect(Place.Scope);
        state.Place = Place.InSpan;
        state.SpanAttributes.Clear();
        state.Events.Clear();
        state.Links.Clear();
    }

    public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
    {
        Expect(Place.InResource, Place.InScope, Place.InSpan, Place.InEvent, Place.InLink);
        var attribute = new NaiveAttribute(Text(key), NaiveValue.From(value.Type, value.Number, value.Content));
        (state.Place == Place.InSpan ? state.SpanAttributes : state.Attributes).Add(attribute);
    }

    public void BeginEvent() => Open(Place.InEvent, Place.InSpan);

    public void EndEvent(scoped in EventFields @event)
    {
        Expect(Place.InEvent);
        state.Events.Add(new NaiveEvent(@event.Time, Text(@event.Name), state.Take(), @event.DroppedAttributes));
        state.Place = Place.InSpan;
    }

    public void BeginLink() => Open(Place.InLink, Place.InSpan);

    public void EndLink(scoped in LinkFields link)
    {
        Expect(Place.InLink);
        state.Links.Add(new NaiveLink(link.TraceId, link.SpanId, Text(link.TraceState), link.Flags, state.Take(), link.DroppedAttributes));
        state.Place = Place.InSpan;
    }

    public void EndSpan(scoped in SpanFields span)
    {
        Expect(Place.InSpan);
        state.Spans.Add(new NaiveSpan
        {
            TraceId = span.TraceId,
            SpanId = span.SpanId,
            ParentSpanId = span.ParentSpanId,
            Start = span.Start,
            End = span.End,
            Name = Text(span.Name),
            TraceState = Text(span.TraceState),
            Kind = span.Kind,
            Status = span.Status,
            StatusMessage = Text(span.StatusMessage),
            Flags = span.Flags,
            DroppedAttributes = span.DroppedAttributes,
            DroppedEvents = span.DroppedEvents,
            DroppedLinks = span.DroppedLinks,
            Attributes = [.. state.SpanAttributes],
            Events = [.. state.Events],
            Links = [.. state.Links],
            Resource = state.Resource ?? throw new InvalidOperationException("A span outside any resource."),
            Scope = state.Scope ?? throw new InvalidOperationException("A span outside any scope."),
        });
        state.Place = Place.Scope;
    }

    /// <summary>May come while an event or link is open.</summary>
    public void AbandonSpan()
    {
        Expect(Place.InSpan, Place.InEvent, Place.InLink);
        state.Attributes.Clear();
        state.Abandoned++;
        state.Place = Place.Scope;
    }

    private void Open(Place next, params ReadOnlySpan<Place> from)
    {
        Expect(from);
        state.Attributes.Clear();
        state.Place = next;
    }

    private void Expect(params ReadOnlySpan<Place> places)
    {
        if (!places.Contains(state.Place)) throw new InvalidOperationException($"A call that is not allowed in state {state.Place}.");
    }

    private static string Text(scoped ReadOnlySpan<byte> utf8) => StrictUtf8.GetString(utf8);

    private static (string Identity, string SchemaUrl) KeyOf(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => (Convert.ToHexString(identity), Text(schemaUrl));

    // Text that reaches a sink is valid: anything else is the decoder's mistake.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private enum Place
    {
        Outside,
        InResource,
        Resource,
        InScope,
        Scope,
        InSpan,
        InEvent,
        InLink,
    }

    private sealed class State
    {
        public bool Remember;
        public Place Place;
        public int Abandoned;
        public int Recognised;
        public NaiveResource? Resource;
        public NaiveScope? Scope;
        public readonly List<NaiveSpan> Spans = [];
        public readonly List<NaiveAttribute> Attributes = [];
        public readonly List<NaiveAttribute> SpanAttributes = [];
        public readonly List<NaiveEvent> Events = [];
        public readonly List<NaiveLink> Links = [];
        public readonly Dictionary<(string Identity, string SchemaUrl), NaiveResource> Resources = [];
        public readonly Dictionary<(string Identity, string SchemaUrl), NaiveScope> Scopes = [];

        public Sequence<NaiveAttribute> Take()
        {
            Sequence<NaiveAttribute> taken = [.. Attributes];
            Attributes.Clear();
            return taken;
        }
    }
}
