// A sender's side of OTLP, written for these tests only: spans with known contents, as protobuf or JSON, plain or gzip.
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Waymark.Process.Tests.Harness;

/// <summary>A span as sent. <paramref name="Marker"/> becomes the string attribute <c>marker</c>, <paramref name="Number"/> the integer <c>number</c>.</summary>
internal sealed record SentSpan(string TraceId, string SpanId, string ParentSpanId, string Name, long Start, long End, string Marker, long Number)
{
    /// <summary>True when the stored span is this one, field by field.</summary>
    public bool Equals(StoredSpan stored, string service) =>
        stored.TraceId == TraceId && stored.SpanId == SpanId && stored.ParentSpanId == ParentSpanId && stored.Name == Name && stored.Start == Start && stored.End == End
        && stored.Kind == 2 && stored.Service == service && stored.Attributes.Count == 2 && stored.Attributes.GetValueOrDefault("marker") == "string:" + Marker
        && stored.Attributes.GetValueOrDefault("number") == string.Create(CultureInfo.InvariantCulture, $"int:{Number}");
}

/// <summary>Bytes ready to be posted, the same at every try.</summary>
internal sealed record SentRequest(byte[] Body, string ContentType, bool IsGzip, string Service, IReadOnlyList<SentSpan> Spans);

internal static class OtlpRequests
{
    public static SentRequest Encode(string service, IReadOnlyList<SentSpan> spans, bool asJson, bool asGzip)
    {
        var body = asJson ? Json(service, spans) : Protobuf(service, spans);
        return new SentRequest(asGzip ? Compress(body) : body, asJson ? "application/json" : "application/x-protobuf", asGzip, service, spans);
    }

    private static byte[] Json(string service, IReadOnlyList<SentSpan> spans)
    {
        var request = new
        {
            resourceSpans = new[]
            {
                new
                {
                    resource = new { attributes = new[] { TextAttribute("service.name", service) } },
                    scopeSpans = new[] { new { scope = new { name = "sender" }, spans = spans.Select(Json) } },
                },
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(request);
    }

    private static Dictionary<string, object> Json(SentSpan span)
    {
        var json = new Dictionary<string, object>
        {
            ["traceId"] = span.TraceId,
            ["spanId"] = span.SpanId,
            ["name"] = span.Name,
            ["kind"] = 2,
            ["startTimeUnixNano"] = span.Start.ToString(CultureInfo.InvariantCulture),
            ["endTimeUnixNano"] = span.End.ToString(CultureInfo.InvariantCulture),
            ["attributes"] = new object[]
            {
                TextAttribute("marker", span.Marker),
                new { key = "number", value = new { intValue = span.Number.ToString(CultureInfo.InvariantCulture) } },
            },
        };
        if (span.ParentSpanId.Length > 0) json["parentSpanId"] = span.ParentSpanId;
        return json;
    }

    private static object TextAttribute(string key, string value) => new { key, value = new { stringValue = value } };

    private static byte[] Protobuf(string service, IReadOnlyList<SentSpan> spans)
    {
        var scopeSpans = new List<byte>();
        Message(scopeSpans, 1, Bytes(list => Text(list, 1, "sender")));
        foreach (var span in spans) Message(scopeSpans, 2, Bytes(list => Span(list, span)));
        var resource = Bytes(list => Message(list, 1, Attribute("service.name", value => Text(value, 1, service))));
        var resourceSpans = Bytes(list =>
        {
            Message(list, 1, resource);
            Message(list, 2, scopeSpans);
        });
        return [.. Bytes(list => Message(list, 1, resourceSpans))];
    }

    private static void Span(List<byte> output, SentSpan span)
    {
        Message(output, 1, Convert.FromHexString(span.TraceId));
        Message(output, 2, Convert.FromHexString(span.SpanId));
        if (span.ParentSpanId.Length > 0) Message(output, 4, Convert.FromHexString(span.ParentSpanId));
        Text(output, 5, span.Name);
        Varint(output, (6 << 3) | 0);
        Varint(output, 2);
        Fixed64(output, 7, (ulong)span.Start);
        Fixed64(output, 8, (ulong)span.End);
        Message(output, 9, Attribute("marker", value => Text(value, 1, span.Marker)));
        Message(output, 9, Attribute("number", value =>
        {
            Varint(value, (3 << 3) | 0);
            Varint(value, (ulong)span.Number);
        }));
    }

    private static List<byte> Attribute(string key, Action<List<byte>> value) => Bytes(list =>
    {
        Text(list, 1, key);
        Message(list, 2, Bytes(value));
    });

    private static List<byte> Bytes(Action<List<byte>> write)
    {
        var list = new List<byte>();
        write(list);
        return list;
    }

    private static void Text(List<byte> output, uint field, string text) => Message(output, field, Encoding.UTF8.GetBytes(text));

    private static void Message(List<byte> output, uint field, IReadOnlyCollection<byte> content)
    {
        Varint(output, (field << 3) | 2);
        Varint(output, (ulong)content.Count);
        output.AddRange(content);
    }

    private static void Fixed64(List<byte> output, uint field, ulong value)
    {
        Varint(output, (field << 3) | 1);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        output.AddRange(bytes);
    }

    private static void Varint(List<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7) output.Add((byte)(value | 0x80));
        output.Add((byte)value);
    }

    private static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(body);
        return compressed.ToArray();
    }
}
