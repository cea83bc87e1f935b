// The other way round from NaiveSink: plays plain spans into any sink, as a decoder would.
using System.Text;
using Waymark.Model.Spans;

namespace Waymark.Testing;

/// <summary>Sends spans to sinks in the order of calls that <see cref="ISpanSink"/> states.</summary>
public static class NaiveSender
{
    /// <summary>Sends the spans in their order; a resource or scope is entered anew when it differs from the span before. Identities are canonical bytes of all that is in the resource or scope.</summary>
    public static void Send<TSink>(IEnumerable<NaiveSpan> spans, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        NaiveResource? resource = null;
        NaiveScope? scope = null;
        foreach (var span in spans)
        {
            if (!span.Resource.Equals(resource))
            {
                Enter(span.Resource, ref sink);
                (resource, scope) = (span.Resource, null);
            }
            if (!span.Scope.Equals(scope)) Enter(span.Scope, ref sink);
            scope = span.Scope;
            Send(span, ref sink);
        }
    }

    private static void Enter<TSink>(NaiveResource resource, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        byte[] identity = [.. BitConverter.GetBytes(resource.DroppedAttributes), .. NaiveAnyValue.KeyValuesContent(resource.Attributes.ToArray())];
        var schemaUrl = Utf8(resource.SchemaUrl);
        if (sink.TryEnterResource(identity, schemaUrl)) return;
        sink.BeginResource();
        Send(resource.Attributes, ref sink);
        sink.EndResource(identity, schemaUrl, resource.DroppedAttributes);
    }

    private static void Enter<TSink>(NaiveScope scope, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        byte[] identity =
        [
            .. BitConverter.GetBytes(scope.DroppedAttributes),
            .. NaiveAnyValue.KeyValuesContent([NaiveAttribute.Text("name", scope.Name), NaiveAttribute.Text("version", scope.Version), .. scope.Attributes]),
        ];
        var schemaUrl = Utf8(scope.SchemaUrl);
        if (sink.TryEnterScope(identity, schemaUrl)) return;
        sink.BeginScope();
        Send(scope.Attributes, ref sink);
        sink.EndScope(identity, schemaUrl, new ScopeFields { Name = Utf8(scope.Name), Version = Utf8(scope.Version), DroppedAttributes = scope.DroppedAttributes });
    }

    private static void Send<TSink>(NaiveSpan span, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        sink.BeginSpan();
        Send(span.Attributes, ref sink);
        foreach (var e in span.Events)
        {
            sink.BeginEvent();
            Send(e.Attributes, ref sink);
            sink.EndEvent(new EventFields { Time = e.Time, Name = Utf8(e.Name), DroppedAttributes = e.DroppedAttributes });
        }
        foreach (var link in span.Links)
        {
            sink.BeginLink();
            Send(link.Attributes, ref sink);
            sink.EndLink(new LinkFields
            {
                TraceId = link.TraceId,
                SpanId = link.SpanId,
                TraceState = Utf8(link.TraceState),
                Flags = link.Flags,
                DroppedAttributes = link.DroppedAttributes,
            });
        }
        sink.EndSpan(new SpanFields
        {
            TraceId = span.TraceId,
            SpanId = span.SpanId,
            ParentSpanId = span.ParentSpanId,
            Start = span.Start,
            End = span.End,
            Name = Utf8(span.Name),
            TraceState = Utf8(span.TraceState),
            StatusMessage = Utf8(span.StatusMessage),
            Flags = span.Flags,
            DroppedAttributes = span.DroppedAttributes,
            DroppedEvents = span.DroppedEvents,
            DroppedLinks = span.DroppedLinks,
            Kind = span.Kind,
            Status = span.Status,
        });
    }

    private static void Send<TSink>(Sequence<NaiveAttribute> attributes, ref TSink sink)
        where TSink : struct, ISpanSink
    {
        foreach (var attribute in attributes) sink.Attribute(Utf8(attribute.Key), attribute.Value.ToAttributeValue(attribute.Value.ToBytes()));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
