// One message with everything OTLP can carry, as JSON and as protobuf.
using System.Text;

namespace Waymark.Bench.Fuzz;

internal static class RichSeed
{
    public const string Json = """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"rich"}}],"droppedAttributesCount":1},"schemaUrl":"https://opentelemetry.io/schemas/1.38.0","scopeSpans":[{"scope":{"name":"lib","version":"1","attributes":[{"key":"s","value":{"boolValue":true}}],"droppedAttributesCount":2},"schemaUrl":"https://opentelemetry.io/schemas/1.37.0","spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","traceState":"a=1,ot=th:8","flags":769,"name":"caf\u00e9 \ud83d\ude00","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1767225600000000000","endTimeUnixNano":1767225600250000000,"attributes":[{"key":"text","value":{"stringValue":"v"}},{"key":"yes","value":{"boolValue":true}},{"key":"int","value":{"intValue":"-9223372036854775808"}},{"key":"number","value":{"intValue":7}},{"key":"double","value":{"doubleValue":-0.5}},{"key":"nan","value":{"doubleValue":"NaN"}},{"key":"bytes","value":{"bytesValue":"AAEC/w=="}},{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":1},{"arrayValue":{"values":[{}]}}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"doubleValue":1e300}},{"key":"m","value":{"kvlistValue":{"values":[]}}}]}}},{"key":"none","value":{}}],"droppedAttributesCount":3,"events":[{"timeUnixNano":"1767225600100000000","name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"E"}}],"droppedAttributesCount":4}],"droppedEventsCount":5,"links":[{"traceId":"5b8efff798038103d269b633813fc60d","spanId":"eee19b7ec3c1b175","traceState":"b=2","attributes":[{"key":"l","value":{"intValue":"1"}}],"droppedAttributesCount":6,"flags":257}],"droppedLinksCount":7,"status":{"code":"STATUS_CODE_ERROR","message":"no"},"unknownField":{"a":[1,2,{"b":null}]}}]}]}]}
        """;

    /// <summary>The same span, field by field.</summary>
    public static byte[] Protobuf()
    {
        var attributes = Join(
            Field(9, Pair("text", Text(1, "v"))),
            Field(9, Pair("yes", Varint(2, 1))),
            Field(9, Pair("int", Varint(3, 1UL << 63))),
            Field(9, Pair("double", Fixed64(4, BitConverter.DoubleToUInt64Bits(-0.5)))),
            Field(9, Pair("bytes", Field(7, [0, 1, 2, 255]))),
            Field(9, Pair("list", Field(5, Join(Field(1, Text(1, "a")), Field(1, Varint(3, 1)), Field(1, Field(5, Field(1, []))))))),
            Field(9, Pair("map", Field(6, Join(Field(1, Pair("k", Fixed64(4, BitConverter.DoubleToUInt64Bits(1e300)))), Field(1, Pair("m", Field(6, []))))))),
            Field(9, Pair("none", [])));
        var @event = Join(Fixed64(1, 1_767_225_600_100_000_000), Text(2, "exception"), Field(3, Pair("exception.type", Text(1, "E"))), Varint(4, 4));
        var link = Join(Field(1, Hex("5b8efff798038103d269b633813fc60d")), Field(2, Hex("eee19b7ec3c1b175")), Text(3, "b=2"), Field(4, Pair("l", Varint(3, 1))), Varint(5, 6), Fixed32(6, 257));
        var span = Join(
            Field(1, Hex("5b8efff798038103d269b633813fc60c")),
            Field(2, Hex("eee19b7ec3c1b174")),
            Text(3, "a=1,ot=th:8"),
            Field(4, Hex("eee19b7ec3c1b173")),
            Text(5, "café 😀"),
            Varint(6, 2),
            Fixed64(7, 1_767_225_600_000_000_000),
            Fixed64(8, 1_767_225_600_250_000_000),
            attributes,
            Varint(10, 3),
            Field(11, @event),
            Varint(12, 5),
            Field(13, link),
            Varint(14, 7),
            Field(15, Join(Text(2, "no"), Varint(3, 2))),
            Fixed32(16, 769),
            Varint(2000, 1));
        var scope = Join(Text(1, "lib"), Text(2, "1"), Field(3, Pair("s", Varint(2, 1))), Varint(4, 2));
        var resource = Join(Field(1, Pair("service.name", Text(1, "rich"))), Varint(2, 1));
        var scopeSpans = Join(Field(1, scope), Field(2, span), Text(3, "https://opentelemetry.io/schemas/1.37.0"));
        return Field(1, Join(Field(1, resource), Field(2, scopeSpans), Text(3, "https://opentelemetry.io/schemas/1.38.0")));
    }

    private static byte[] Pair(string key, byte[] value) => Join(Text(1, key), Field(2, value));

    private static byte[] Text(int field, string text) => Field(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int field, byte[] content) => Join(Raw((ulong)((field << 3) | 2)), Raw((ulong)content.Length), content);

    private static byte[] Varint(int field, ulong value) => Join(Raw((ulong)(field << 3)), Raw(value));

    private static byte[] Fixed64(int field, ulong value) => Join(Raw((ulong)((field << 3) | 1)), BitConverter.GetBytes(value));

    private static byte[] Fixed32(int field, uint value) => Join(Raw((ulong)((field << 3) | 5)), BitConverter.GetBytes(value));

    private static byte[] Hex(string digits) => Convert.FromHexString(digits);

    private static byte[] Raw(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];
}
