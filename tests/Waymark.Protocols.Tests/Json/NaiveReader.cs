// The oracle of the JSON decoder's tests: the same mapping read the slow and obvious way, over JsonDocument.
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Tests.Json;

/// <summary>Reads a request without limits. Null when it is malformed.</summary>
internal sealed partial class NaiveReader
{
    private sealed class WrongShape : Exception;

    private readonly List<string> lines = [];
    private readonly Dictionary<Reject, int> rejected = [];

    public static (List<string> Spans, Dictionary<Reject, int> Rejected)? Read(string json)
    {
        var reader = new NaiveReader();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
            foreach (var spans in List(Of(document.RootElement, JsonValueKind.Object), "resourceSpans")) reader.ResourceSpans(spans);
            return (reader.lines, reader.rejected);
        }
        catch (Exception e) when (e is JsonException or WrongShape)
        {
            return null;
        }
    }

    private void ResourceSpans(JsonElement element)
    {
        var resource = Message(element, "resource");
        var line = $"resource url={Text(element, "schemaUrl")} dropped={UInt32(resource, "droppedAttributesCount")} {Attributes(resource)}";
        foreach (var spans in List(element, "scopeSpans"))
        {
            var scope = Message(spans, "scope");
            var scopeLine = $"scope {Text(scope, "name")} {Text(scope, "version")} url={Text(spans, "schemaUrl")} dropped={UInt32(scope, "droppedAttributesCount")} {Attributes(scope)}";
            foreach (var span in List(spans, "spans")) Span(span, $" | {line} | {scopeLine}");
        }
    }

    private void Span(JsonElement span, string suffix)
    {
        var traceId = Hex(span, "traceId");
        var spanId = Hex(span, "spanId");
        var parent = Hex(span, "parentSpanId");
        var start = Integer(span, "startTimeUnixNano", 0, ulong.MaxValue);
        var end = Integer(span, "endTimeUnixNano", 0, ulong.MaxValue);
        var isTimeBad = start > long.MaxValue || end > long.MaxValue;
        var isLinkBad = false;
        var status = Message(span, "status");
        var line = $"{traceId} {spanId} parent={(parent == "" ? new string('0', 16) : parent)} {start}..{end} {Text(span, "name")} "
            + $"{(SpanKind)Enumeration<SpanKind>(span, "kind", "SPAN_KIND_")} {(StatusCode)Enumeration<StatusCode>(status, "code", "STATUS_CODE_")} {Text(status, "message")} "
            + $"state={Text(span, "traceState")} flags={UInt32(span, "flags")} dropped={UInt32(span, "droppedAttributesCount")},{UInt32(span, "droppedEventsCount")},{UInt32(span, "droppedLinksCount")} "
            + Attributes(span);
        // Events and links stand in the line in the order of their members.
        foreach (var (name, value) in Members(span))
        {
            if (name == "events")
            {
                foreach (var e in Of(value, JsonValueKind.Array).EnumerateArray())
                {
                    var time = Integer(e, "timeUnixNano", 0, ulong.MaxValue);
                    isTimeBad |= time > long.MaxValue;
                    line += $" event({time} {Text(e, "name")} dropped={UInt32(e, "droppedAttributesCount")} {Attributes(e)})";
                }
            }
            else if (name == "links")
            {
                foreach (var link in Of(value, JsonValueKind.Array).EnumerateArray())
                {
                    var trace = Hex(link, "traceId");
                    var id = Hex(link, "spanId");
                    isLinkBad |= trace.Length is not (0 or 32) || id.Length is not (0 or 16);
                    line += $" link({trace.PadLeft(32, '0')} {id.PadLeft(16, '0')} {Text(link, "traceState")} flags={UInt32(link, "flags")} dropped={UInt32(link, "droppedAttributesCount")} {Attributes(link)})";
                }
            }
        }
        Reject? reason =
            traceId.Length != 32 ? Reject.TraceIdLength :
            traceId.All(c => c == '0') ? Reject.TraceIdZero :
            spanId.Length != 16 ? Reject.SpanIdLength :
            spanId.All(c => c == '0') ? Reject.SpanIdZero :
            parent.Length is not (0 or 16) ? Reject.ParentSpanIdLength :
            isTimeBad ? Reject.TimeOutOfRange :
            isLinkBad ? Reject.LinkIdLength : null;
        if (reason is { } why) rejected[why] = rejected.GetValueOrDefault(why) + 1;
        else lines.Add(line + suffix);
    }

    private static string Attributes(JsonElement? element) =>
        "[" + string.Join(", ", List(element, "attributes").Select(attribute => $"{Text(attribute, "key")}={Shown(Last(attribute, "value"))}")) + "]";

    private static string Shown(JsonElement? value)
    {
        var (type, number, content) = Any(value);
        return Recording.Show(type, number, content);
    }

    private static (AttributeType Type, long Number, byte[] Content) Any(JsonElement? element)
    {
        (AttributeType, long, byte[]) result = (AttributeType.Empty, 0, []);
        if (element is null) return result;
        foreach (var (name, value) in Members(element.Value))
        {
            result = name switch
            {
                "stringValue" => (AttributeType.Text, 0, Encoding.UTF8.GetBytes(String(value))),
                "boolValue" => (AttributeType.Bool, Bool(value) ? 1 : 0, []),
                "intValue" => (AttributeType.Int, (long)Integer(value, long.MinValue, long.MaxValue), []),
                "doubleValue" => (AttributeType.Double, BitConverter.DoubleToInt64Bits(Double(value)), []),
                "bytesValue" => (AttributeType.Bytes, 0, Base64(String(value))),
                "arrayValue" => (AttributeType.Array, 0, [.. List(value, "values").SelectMany(item => Field(1, Encoded(item)))]),
                "kvlistValue" => (AttributeType.KeyValues, 0, [.. List(value, "values").SelectMany(item => Field(1, KeyValue(item)))]),
                _ => result,
            };
        }
        return result;
    }

    private static byte[] KeyValue(JsonElement element)
    {
        var key = Encoding.UTF8.GetBytes(Last(element, "key") is { } text ? String(text) : "");
        // Every value given must have the right shape, though the last one counts.
        var value = Encoded(Last(element, "value"));
        return [.. key.Length > 0 ? Field(1, key) : [], .. value.Length > 0 ? Field(2, value) : []];
    }

    private static byte[] Encoded(JsonElement? element)
    {
        var (type, number, content) = Any(element);
        return type switch
        {
            AttributeType.Empty => [],
            AttributeType.Bool => [2 << 3, (byte)number],
            AttributeType.Int => [3 << 3, .. Varint((ulong)number)],
            AttributeType.Double => [4 << 3 | 1, .. BitConverter.GetBytes(number)],
            _ => Field((int)type, content),
        };
    }

    private static byte[] Field(int number, byte[] content) => [(byte)(number << 3 | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Varint(ulong value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    private static JsonElement Of(JsonElement element, JsonValueKind kind) => element.ValueKind == kind ? element : throw new WrongShape();

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement element)
    {
        foreach (var property in Of(element, JsonValueKind.Object).EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null) continue;
            var name = Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(property)));
            if (!name.Any(char.IsAsciiLetterUpper)) name = SnakeLetter().Replace(name, match => match.Groups[1].Value.ToUpperInvariant());
            yield return (name, property.Value);
        }
    }

    /// <summary>The last value of that name; all of them are looked at by <paramref name="check"/>.</summary>
    private static JsonElement? Last(JsonElement? element, string name, Action<JsonElement>? check = null)
    {
        JsonElement? last = null;
        if (element is null) return null;
        foreach (var (member, value) in Members(element.Value))
        {
            if (member != name) continue;
            check?.Invoke(value);
            if (name == "key") String(value);
            if (name == "value") Any(value);
            last = value;
        }
        return last;
    }

    private static List<JsonElement> List(JsonElement? element, string name) =>
        element is null ? [] : [.. Members(element.Value).Where(member => member.Name == name).SelectMany(member => Of(member.Value, JsonValueKind.Array).EnumerateArray().Select(item => Of(item, JsonValueKind.Object)))];

    private static JsonElement? Message(JsonElement element, string name) => Last(element, name, value => Of(value, JsonValueKind.Object));

    private static string Text(JsonElement? element, string name) =>
        Last(element, name, value => String(value)) is { } text ? Recording.Show(Encoding.UTF8.GetBytes(String(text))) : "''";

    private static string Hex(JsonElement element, string name)
    {
        var text = Last(element, name, value => String(value)) is { } id ? String(id) : "";
        return text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : "?";
    }

    private static uint UInt32(JsonElement? element, string name) => (uint)Integer(element, name, 0, uint.MaxValue);

    private static BigInteger Integer(JsonElement? element, string name, BigInteger from, BigInteger to) =>
        Last(element, name, value => Integer(value, from, to)) is { } number ? Integer(number, from, to) : 0;

    private static int Enumeration<T>(JsonElement? element, string name, string prefix)
        where T : struct, Enum
    {
        int Of(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                var number = (int)Integer(value, int.MinValue, int.MaxValue);
                return Enum.GetValues<T>().Any(known => Convert.ToInt32(known) == number) ? number : 0;
            }
            return Array.FindIndex(Enum.GetNames<T>(), known => prefix + known.ToUpperInvariant() == String(value)) is var index && index < 0 ? 0 : index;
        }
        return Last(element, name, value => Of(value)) is { } last ? Of(last) : 0;
    }

    private static bool Bool(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => String(value) switch { "true" => true, "false" => false, _ => throw new WrongShape() },
    };

    private static string NumberText(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? String(value) : Of(value, JsonValueKind.Number).GetRawText();
        return text;
    }

    private static double Double(JsonElement value)
    {
        var text = NumberText(value);
        if (value.ValueKind == JsonValueKind.String)
        {
            if (text == "NaN") return double.NaN;
            if (text == "Infinity") return double.PositiveInfinity;
            if (text == "-Infinity") return double.NegativeInfinity;
        }
        return NumberForm().IsMatch(text) ? double.Parse(text, CultureInfo.InvariantCulture) : throw new WrongShape();
    }

    private static BigInteger Integer(JsonElement value, BigInteger from, BigInteger to)
    {
        var match = NumberForm().Match(NumberText(value));
        if (!match.Success) throw new WrongShape();
        var fraction = match.Groups[3].Value;
        var digits = BigInteger.Parse(match.Groups[2].Value + fraction, CultureInfo.InvariantCulture);
        var exponent = match.Groups[4].Length == 0 ? 0 : BigInteger.Parse(match.Groups[4].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        exponent -= fraction.Length;
        if (digits.IsZero) return 0;
        if (BigInteger.Abs(exponent) > 5000) throw new WrongShape();
        var scale = BigInteger.Pow(10, (int)BigInteger.Abs(exponent));
        if (exponent < 0 && !(digits % scale).IsZero) throw new WrongShape();
        var number = exponent < 0 ? digits / scale : digits * scale;
        if (match.Groups[1].Length > 0) number = -number;
        return number >= from && number <= to ? number : throw new WrongShape();
    }

    private static byte[] Base64(string text)
    {
        var bare = text.TrimEnd('=');
        if (text.Length - bare.Length > 2 || (text.Length > bare.Length && text.Length % 4 != 0) || bare.Length % 4 == 1) throw new WrongShape();
        if (!bare.All(c => char.IsAsciiLetterOrDigit(c) || "+/-_".Contains(c))) throw new WrongShape();
        bare = bare.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(bare.PadRight((bare.Length + 3) / 4 * 4, '='));
    }

    private static string String(JsonElement value)
    {
        var raw = Of(value, JsonValueKind.String).GetRawText();
        return Unescape(raw[1..^1]);
    }

    private static string Unescape(string raw)
    {
        var text = new StringBuilder();
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }
            i++;
            text.Append(raw[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'u' => (char)Convert.ToInt32(raw.Substring(i + 1, 4), 16), var c => c });
            if (raw[i] == 'u') i += 4;
        }
        return text.ToString();
    }

    [GeneratedRegex("_([a-z])")]
    private static partial Regex SnakeLetter();

    [GeneratedRegex(@"\A(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\z")]
    private static partial Regex NumberForm();
}
