// A naive sink: writes down what it is sent, as text, and insists on the contract of ISpanSink while doing so.
using System.Globalization;
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Tests.Otlp;

/// <summary>What a <see cref="RecordingSink"/> has been sent.</summary>
public sealed class Recording
{
    /// <summary>One line per resource, scope and accepted span, each whole: attributes, events and links in lists of their own.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>One line per call, in the order of the calls, without those of abandoned spans.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Identities handed over with EndResource and EndScope, in order.</summary>
    public List<byte[]> Identities { get; } = [];

    /// <summary>Resources and scopes that were entered by identity.</summary>
    public int Entered { get; set; }

    public int Abandoned { get; set; }

    public Dictionary<string, string> Known { get; } = [];
    public List<string> Attributes { get; } = [];
    public List<string> SpanAttributes { get; } = [];
    public List<string> Events { get; } = [];
    public List<string> Links { get; } = [];
    public Stack<string> Open { get; } = new();
    public int CallsBeforeSpan { get; set; }
    public bool HasResource { get; set; }
    public bool HasScope { get; set; }
}

/// <summary>Records calls. With <paramref name="remembers"/> it enters resources and scopes it has met by their identity, as a head lane does.</summary>
public readonly struct RecordingSink(Recording recording, bool remembers = false) : ISpanSink
{
    public bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Assert.Empty(recording.Open);
        if (!TryEnter("resource", identity, schemaUrl)) return false;
        recording.HasResource = true;
        recording.HasScope = false;
        return true;
    }

    public void BeginResource()
    {
        Assert.Empty(recording.Open);
        Begin("resource");
    }

    public void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
    {
        End("resource", $"resource schema={Text(schemaUrl)} dropped={droppedAttributes} {List(recording.Attributes)}", identity, schemaUrl);
        recording.HasResource = true;
        recording.HasScope = false;
    }

    public bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl)
    {
        Assert.Empty(recording.Open);
        Assert.True(recording.HasResource);
        if (!TryEnter("scope", identity, schemaUrl)) return false;
        recording.HasScope = true;
        return true;
    }

    public void BeginScope()
    {
        Assert.Empty(recording.Open);
        Assert.True(recording.HasResource);
        Begin("scope");
    }

    public void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope)
    {
        var line = $"scope schema={Text(schemaUrl)} name={Text(scope.Name)} version={Text(scope.Version)} dropped={scope.DroppedAttributes} {List(recording.Attributes)}";
        End("scope", line, identity, schemaUrl);
        recording.HasScope = true;
    }

    public void BeginSpan()
    {
        Assert.Empty(recording.Open);
        Assert.True(recording.HasScope);
        recording.CallsBeforeSpan = recording.Calls.Count;
        recording.SpanAttributes.Clear();
        recording.Events.Clear();
        recording.Links.Clear();
        Begin("span");
    }

    public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

    public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
    {
        Assert.NotEmpty(recording.Open);
        var line = AttributeLine(Text(key), value);
        recording.Calls.Add(line);
        (recording.Open.Peek() == "span" ? recording.SpanAttributes : recording.Attributes).Add(line);
    }

    public void BeginEvent()
    {
        Assert.Equal("span", recording.Open.Peek());
        Begin("event");
    }

    public void EndEvent(scoped in EventFields @event)
    {
        Close("event");
        var line = $"event time={@event.Time.Value} name={Text(@event.Name)} dropped={@event.DroppedAttributes} {List(recording.Attributes)}";
        recording.Calls.Add(line);
        recording.Events.Add(line);
    }

    public void BeginLink()
    {
        Assert.Equal("span", recording.Open.Peek());
        Begin("link");
    }

    public void EndLink(scoped in LinkFields link)
    {
        Close("link");
        var line = $"link {link.TraceId} {link.SpanId} state={Text(link.TraceState)} flags={link.Flags} dropped={link.DroppedAttributes} {List(recording.Attributes)}";
        recording.Calls.Add(line);
        recording.Links.Add(line);
    }

    public void EndSpan(scoped in SpanFields span)
    {
        Close("span");
        Assert.False(span.TraceId.IsZero);
        Assert.False(span.SpanId.IsZero);
        var line = $"span {span.TraceId} {span.SpanId} parent={span.ParentSpanId} state={Text(span.TraceState)} name={Text(span.Name)} kind={span.Kind} "
            + $"start={span.Start.Value} end={span.End.Value} status={span.Status} {Text(span.StatusMessage)} flags={span.Flags} "
            + $"dropped={span.DroppedAttributes},{span.DroppedEvents},{span.DroppedLinks} ";
        recording.Calls.Add(line);
        recording.Lines.Add($"{line}{List(recording.SpanAttributes)} events={List(recording.Events)} links={List(recording.Links)}");
    }

    public void AbandonSpan()
    {
        Close("span");
        recording.Abandoned++;
        recording.Calls.RemoveRange(recording.CallsBeforeSpan, recording.Calls.Count - recording.CallsBeforeSpan);
    }

    /// <summary>An attribute in words: also how the oracle's attributes are written.</summary>
    public static string AttributeLine(string key, scoped in AttributeValue value) => value.Type switch
    {
        AttributeType.Text => $"{key}=Text {Text(value.Content)}",
        AttributeType.Bytes or AttributeType.Array or AttributeType.KeyValues => $"{key}={value.Type} {Convert.ToHexString(value.Content)}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{key}={value.Type} {value.Number}"),
    };

    public static string List(IEnumerable<string> lines) => $"[{string.Join("; ", lines)}]";

    private bool TryEnter(string what, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> schemaUrl)
    {
        if (!remembers || !recording.Known.TryGetValue(Key(what, identity, schemaUrl), out var line)) return false;
        recording.Entered++;
        recording.Lines.Add(line);
        return true;
    }

    private void Begin(string what)
    {
        recording.Open.Push(what);
        recording.Calls.Add("begin " + what);
        recording.Attributes.Clear();
    }

    private void Close(string what) => Assert.Equal(what, recording.Open.Pop());

    private void End(string what, string line, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> schemaUrl)
    {
        Close(what);
        recording.Calls.Add(line);
        recording.Lines.Add(line);
        recording.Identities.Add(identity.ToArray());
        if (!identity.IsEmpty) recording.Known[Key(what, identity, schemaUrl)] = line;
    }

    private static string Key(string what, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> schemaUrl) => $"{what} {Convert.ToHexString(identity)} {Text(schemaUrl)}";

    private static string Text(ReadOnlySpan<byte> utf8)
    {
        Assert.True(Utf8Text.IsValid(utf8));
        return Encoding.UTF8.GetString(utf8);
    }
}
