// A sink that writes down what it receives, one line per span, and fails when calls come out of order.
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Otlp;

namespace Waymark.Protocols.Tests.Json;

/// <summary>What came of one decode, as text that compares.</summary>
internal sealed class Recording
{
    public readonly List<string> Spans = [];
    public readonly Dictionary<string, string> KnownResources = [];
    public readonly Dictionary<string, string> KnownScopes = [];
    public DecodeReport Report;
    public int Recalled;

    public static Recording Of(string json, SpanLimits? limits = null) => Of(Encoding.UTF8.GetBytes(json), limits);

    public static Recording Of(byte[] json, SpanLimits? limits = null)
    {
        var recording = new Recording();
        var sink = new RecordingSink(recording);
        OtlpJsonDecoder.Decode(json, limits ?? SpanLimits.Default, ref sink, ref recording.Report);
        return recording;
    }

    public static string Show(ReadOnlySpan<byte> text) => "'" + Encoding.UTF8.GetString(text) + "'";

    public static string Show(AttributeType type, long number, ReadOnlySpan<byte> content) => type switch
    {
        AttributeType.Text => Show(content),
        AttributeType.Array or AttributeType.KeyValues or AttributeType.Bytes => $"{type}:{Convert.ToHexString(content)}",
        AttributeType.Empty => "empty",
        _ => $"{type}:{number}",
    };
}

internal struct RecordingSink(Recording recording) : ISpanSink
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

    private readonly StringBuilder span = new();
    private readonly List<string> attributes = [];
    private readonly List<string> inner = [];
    private Place place;
    private string resource = "";
    private string scope = "";

    public bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Expect(place is Place.Request or Place.Resource or Place.Scope);
        if (!recording.KnownResources.TryGetValue(Identity(identity, schemaUrl), out var known)) return false;
        recording.Recalled++;
        resource = known;
        place = Place.Resource;
        return true;
    }

    public void BeginResource() => Move(place is Place.Request or Place.Resource or Place.Scope, Place.InResource);

    public void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
    {
        Move(place == Place.InResource, Place.Resource);
        resource = $"resource url={Recording.Show(schemaUrl)} dropped={droppedAttributes} {Take(attributes)}";
        if (!identity.IsEmpty) recording.KnownResources.Add(Identity(identity, schemaUrl), resource);
    }

    public bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Expect(place is Place.Resource or Place.Scope);
        if (!recording.KnownScopes.TryGetValue(Identity(identity, schemaUrl), out var known)) return false;
        recording.Recalled++;
        scope = known;
        place = Place.Scope;
        return true;
    }

    public void BeginScope() => Move(place is Place.Resource or Place.Scope, Place.InScope);

    public void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields fields)
    {
        Move(place == Place.InScope, Place.Scope);
        scope = $"scope {Recording.Show(fields.Name)} {Recording.Show(fields.Version)} url={Recording.Show(schemaUrl)} dropped={fields.DroppedAttributes} {Take(attributes)}";
        if (!identity.IsEmpty) recording.KnownScopes.Add(Identity(identity, schemaUrl), scope);
    }

    public void BeginSpan() => Move(place == Place.Scope, Place.InSpan);

    public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
    {
        Expect(place is Place.InResource or Place.InScope or Place.InSpan or Place.InEvent or Place.InLink);
        Assert.True(Utf8Text.IsValid(key));
        Assert.True(value.Type != AttributeType.Text || Utf8Text.IsValid(value.Content));
        (place is Place.InEvent or Place.InLink ? inner : attributes).Add($"{Recording.Show(key)}={Recording.Show(value.Type, value.Number, value.Content)}");
    }

    public void BeginEvent() => Move(place == Place.InSpan, Place.InEvent);

    public void EndEvent(scoped in EventFields e)
    {
        Move(place == Place.InEvent, Place.InSpan);
        span.Append($" event({e.Time.Value} {Recording.Show(e.Name)} dropped={e.DroppedAttributes} {Take(inner)})");
    }

    public void BeginLink() => Move(place == Place.InSpan, Place.InLink);

    public void EndLink(scoped in LinkFields link)
    {
        Move(place == Place.InLink, Place.InSpan);
        span.Append($" link({link.TraceId} {link.SpanId} {Recording.Show(link.TraceState)} flags={link.Flags} dropped={link.DroppedAttributes} {Take(inner)})");
    }

    public void EndSpan(scoped in SpanFields s)
    {
        Move(place == Place.InSpan, Place.Scope);
        recording.Spans.Add($"{s.TraceId} {s.SpanId} parent={s.ParentSpanId} {s.Start.Value}..{s.End.Value} {Recording.Show(s.Name)} {s.Kind} "
            + $"{s.Status} {Recording.Show(s.StatusMessage)} state={Recording.Show(s.TraceState)} flags={s.Flags} "
            + $"dropped={s.DroppedAttributes},{s.DroppedEvents},{s.DroppedLinks} {Take(attributes)}{span} | {resource} | {scope}");
        span.Clear();
    }

    public void AbandonSpan()
    {
        Move(place == Place.InSpan, Place.Scope);
        attributes.Clear();
        span.Clear();
    }

    private static string Identity(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> schemaUrl)
    {
        Assert.False(identity.IsEmpty);
        return Convert.ToHexString(identity) + "/" + Convert.ToHexString(schemaUrl);
    }

    private static string Take(List<string> list)
    {
        var text = "[" + string.Join(", ", list) + "]";
        list.Clear();
        return text;
    }

    private void Move(bool allowed, Place to)
    {
        Expect(allowed);
        place = to;
    }

    private readonly void Expect(bool allowed) => Assert.True(allowed, $"Call out of order in {place}.");
}
