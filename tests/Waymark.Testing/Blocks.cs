// Between plain spans and blocks, both ways: how tests build a store's answer and look into one.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Testing;

/// <summary>A span and when it arrived.</summary>
public readonly record struct NaiveArrival(NaiveSpan Span, UnixNanos Received);

/// <summary>Converts between <see cref="NaiveSpan"/>s and <see cref="SpanBlock"/>s.</summary>
public static class Blocks
{
    /// <summary>A block of whole traces, newest first, from spans in order of arrival; received at 0.</summary>
    public static SpanBlock From(IEnumerable<NaiveSpan> spans, SpanParts parts = SpanParts.All) =>
        From(spans.Select(s => new NaiveArrival(s, default)), parts);

    /// <summary>A block of whole traces, newest first (start, then id, descending), from spans in order of arrival.</summary>
    public static SpanBlock From(IEnumerable<NaiveArrival> arrivals, SpanParts parts = SpanParts.All)
    {
        var builder = new BlockBuilder(parts);
        var traces = arrivals.GroupBy(a => a.Span.TraceId).OrderByDescending(t => t.Min(a => a.Span.Start)).ThenByDescending(t => t.Key);
        foreach (var trace in traces) builder.Add(trace.Key, [.. trace]);
        return builder.Build();
    }

    /// <summary>The spans of a block, row by row.</summary>
    public static List<NaiveSpan> ToSpans(SpanBlock block)
    {
        var resources = block.Resources.Select(r => new NaiveResource(Attributes(block, r.Attributes), Text(block, r.SchemaUrl), r.DroppedAttributes)).ToList();
        var scopes = block.Scopes.Select(s => new NaiveScope(Text(block, s.Name), Text(block, s.Version), Attributes(block, s.Attributes), Text(block, s.SchemaUrl), s.DroppedAttributes)).ToList();
        var spans = new List<NaiveSpan>();
        foreach (var trace in block.Traces)
        {
            for (var row = trace.FirstRow; row < trace.FirstRow + trace.Count; row++)
            {
                spans.Add(new NaiveSpan
                {
                    TraceId = trace.Id,
                    SpanId = block.SpanIds[row],
                    ParentSpanId = block.ParentSpanIds[row],
                    Start = block.Start[row],
                    End = block.End[row],
                    Name = Text(block, block.Name[row]),
                    TraceState = Text(block, block.TraceState[row]),
                    Kind = block.Kind[row],
                    Status = block.Status[row],
                    StatusMessage = Text(block, block.StatusMessage[row]),
                    Flags = block.Flags[row],
                    DroppedAttributes = block.DroppedAttributes[row],
                    DroppedEvents = block.DroppedEvents[row],
                    DroppedLinks = block.DroppedLinks[row],
                    Attributes = Attributes(block, block.Attributes.Of(row)),
                    Events = Events(block, row),
                    Links = Links(block, row),
                    Resource = resources[block.Resource[row]],
                    Scope = scopes[block.Scope[row]],
                });
            }
        }
        return spans;
    }

    private static Sequence<NaiveEvent> Events(SpanBlock block, int row)
    {
        var (first, end) = block.Events.Of(row);
        var list = new List<NaiveEvent>();
        for (var e = first; e < end; e++)
        {
            list.Add(new NaiveEvent(block.Events.Time[e], Text(block, block.Events.Name[e]), Attributes(block, block.Events.Attributes.Of(e)), block.Events.DroppedAttributes[e]));
        }
        return [.. list];
    }

    private static Sequence<NaiveLink> Links(SpanBlock block, int row)
    {
        var (first, end) = block.Links.Of(row);
        var links = block.Links;
        var list = new List<NaiveLink>();
        for (var l = first; l < end; l++)
        {
            list.Add(new NaiveLink(links.TraceIds[l], links.SpanIds[l], Text(block, links.TraceState[l]), links.Flags[l], Attributes(block, links.Attributes.Of(l)), links.DroppedAttributes[l]));
        }
        return [.. list];
    }

    private static Sequence<NaiveAttribute> Attributes(SpanBlock block, ReadOnlySpan<AttributeEntry> entries)
    {
        var list = new List<NaiveAttribute>();
        foreach (var entry in entries) list.Add(new NaiveAttribute(Text(block, entry.Key), NaiveValue.From(entry.Type, entry.Number, block.Texts.Utf8(entry.Content))));
        return [.. list];
    }

    private static string Text(SpanBlock block, int code) => Encoding.UTF8.GetString(block.Texts.Utf8(code));
}
