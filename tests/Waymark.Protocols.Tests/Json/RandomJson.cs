// Random OTLP JSON requests in every spelling the mapping allows, members in any order.
using System.Text;

namespace Waymark.Protocols.Tests.Json;

internal sealed class RandomJson(Random random)
{
    private static readonly string[] Integers = ["0", "1", "2", "3", "17", "1e3", "1.70e2", "-0", "1700000000000000001", "9223372036854775807", "4e0", "0.0", "1E+9", "20e-1"];
    private static readonly string[] Doubles = ["0", "-0.0", "1.5", "1e400", "-1e-400", "0.1", "123456789.123456789", "4.9e-324"];
    private static readonly string[] Strings = ["", "a", "é", "😀", "\\n", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\\\", "\\\"", "[{", "]}", "\\/", "a long text without anything special in it at all"];

    public string Request() => Object(Maybe("resourceSpans", () => Array(3, ResourceSpans)));

    private string ResourceSpans() => Object(Maybe("resource", Resource), Maybe("schemaUrl", Text), Maybe("scopeSpans", () => Array(3, ScopeSpans)), Maybe("scopeSpans", () => Array(1, ScopeSpans), 5));

    private string Resource() => Object(Maybe("attributes", Attributes), Maybe("droppedAttributesCount", Integer32));

    private string ScopeSpans() => Object(
        Maybe("scope", () => Object(Maybe("name", Text), Maybe("version", Text), Maybe("attributes", Attributes), Maybe("droppedAttributesCount", Integer32))),
        Maybe("schemaUrl", Text), Maybe("spans", () => Array(4, Span)), Maybe("spans", () => Array(1, Span), 5));

    private string Span() => Object(
        Always("traceId", () => Id(32)), Always("spanId", () => Id(16)), Maybe("parentSpanId", () => Id(16)), Maybe("traceState", Text), Maybe("flags", Integer32),
        Maybe("name", Text), Maybe("name", Text, 8), Maybe("kind", () => Enumeration("SPAN_KIND_", ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER", "OTHER"])),
        Maybe("startTimeUnixNano", Integer), Maybe("endTimeUnixNano", Integer), Maybe("attributes", Attributes), Maybe("attributes", Attributes, 8), Maybe("droppedAttributesCount", Integer32),
        Maybe("events", () => Array(2, () => Object(Maybe("timeUnixNano", Integer), Maybe("name", Text), Maybe("attributes", Attributes), Maybe("droppedAttributesCount", Integer32)))),
        Maybe("droppedEventsCount", Integer32),
        Maybe("links", () => Array(2, () => Object(Maybe("traceId", () => Id(32)), Maybe("spanId", () => Id(16)), Maybe("traceState", Text), Maybe("flags", Integer32), Maybe("attributes", Attributes)))),
        Maybe("droppedLinksCount", Integer32),
        Maybe("status", () => Object(Maybe("message", Text), Maybe("code", () => Enumeration("STATUS_CODE_", ["UNSET", "OK", "ERROR", "OTHER"])))));

    private string Attributes() => Array(4, () => KeyValue(0));

    private string KeyValue(int depth) => Object(Maybe("key", Text), Maybe("key", Text, 10), Maybe("value", () => Value(depth)), Maybe("value", () => Value(depth), 10));

    private string Value(int depth) => random.Next(12) == 0 ? Object(Member(depth), Member(depth)) : Object(Member(depth));

    private string? Member(int depth) => random.Next(depth < 4 ? 8 : 6) switch
    {
        0 => null,
        1 => Named("stringValue", Text()),
        2 => Named("boolValue", Pick("true", "false", "\"true\"", "\"false\"")),
        3 => Named("intValue", random.Next(4) == 0 ? Quoted("-" + random.Next(100_000)) : Integer()),
        4 => Named("doubleValue", random.Next(4) == 0 ? Pick("\"NaN\"", "\"Infinity\"", "\"-Infinity\"") : Quoted(Pick(Doubles))),
        5 => Named("bytesValue", Pick("\"\"", "\"AQ\"", "\"AQ==\"", "\"-_8\"", "\"+\\/8=\"", "\"AQIDBAUGBwg=\"")),
        6 => Named("arrayValue", Object(Maybe("values", () => Array(3, () => Value(depth + 1))), Maybe("values", () => Array(1, () => Value(depth + 1)), 8))),
        _ => Named("kvlistValue", Object(Maybe("values", () => Array(3, () => KeyValue(depth + 1))))),
    };

    private string Object(params string?[] members)
    {
        var list = members.OfType<string>().ToList();
        if (random.Next(6) == 0) list.Add(Named("unknown", Pick("1", "null", "\"x\"", "[1,[],{\"name\":\"]\"}]", "{\"values\":[{}]}")));
        var shuffled = list.ToArray();
        random.Shuffle(shuffled);
        return "{" + Space() + string.Join(Space() + "," + Space(), shuffled) + Space() + "}";
    }

    private string Array(int most, Func<string> element) => "[" + Space() + string.Join("," + Space(), Enumerable.Range(0, random.Next(most + 1)).Select(_ => element())) + Space() + "]";

    private string? Maybe(string name, Func<string> value, int rarity = 1) => random.Next(rarity * 4) is var dice && dice > 3 ? null : dice == 3 ? random.Next(2) == 0 ? null : Named(name, "null") : Named(name, value());

    private string Always(string name, Func<string> value) => Named(name, value());

    private string Named(string name, string value)
    {
        var key = random.Next(8) switch
        {
            0 => string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? "_" + char.ToLowerInvariant(c) : c.ToString())),
            1 => $"\\u{(int)name[0]:x4}{name[1..]}",
            _ => name,
        };
        return $"\"{key}\"{Space()}:{Space()}{value}";
    }

    private string Text() => "\"" + string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => Pick(Strings))) + "\"";

    private string Integer() => Quoted(Pick(Integers));

    private string Integer32() => Quoted(Pick("0", "1", "257", "4294967295", "1e3", "2.0"));

    private string Quoted(string number) => random.Next(2) == 0 ? number : "\"" + number + "\"";

    private string Enumeration(string prefix, string[] names)
    {
        var index = random.Next(names.Length);
        return random.Next(2) == 0 ? index.ToString() : $"\"{prefix}{names[index]}\"";
    }

    private string Id(int digits)
    {
        if (random.Next(30) == 0) digits -= 2;
        var id = new StringBuilder();
        var isZero = random.Next(40) == 0;
        for (var i = 0; i < digits; i++) id.Append(isZero ? '0' : "0123456789abcdefABCDEF"[random.Next(22)]);
        return "\"" + (random.Next(30) == 0 ? "" : id.ToString()) + "\"";
    }

    private string Space() => random.Next(8) switch { 0 => " ", 1 => "\n\t", _ => "" };

    private string Pick(params string[] among) => among[random.Next(among.Length)];
}
