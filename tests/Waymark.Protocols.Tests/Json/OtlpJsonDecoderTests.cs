// The rules of OTLP's JSON mapping, one case each.
using System.Text;
using Waymark.Model.Limits;

namespace Waymark.Protocols.Tests.Json;

public sealed class OtlpJsonDecoderTests
{
    private const string Ids = "\"traceId\":\"0102030405060708090a0b0c0d0e0f10\",\"spanId\":\"0000000000000011\"";

    private static string Request(string span) =>
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" + span + "}]}]}]}";

    private static string One(string members) => Request(Ids + (members.Length > 0 ? "," + members : ""));

    private static string WithValue(string value) => One("\"attributes\":[{\"key\":\"k\",\"value\":" + value + "}]");

    private static string Only(string json, SpanLimits? limits = null)
    {
        var recording = Recording.Of(json, limits);
        Assert.False(recording.Report.IsMalformed, $"{recording.Report.Malformed} at {recording.Report.MalformedAt}");
        Assert.Equal(1, recording.Report.Accepted);
        return Assert.Single(recording.Spans);
    }

    private static void Fails(string json, Malformed why, int? at = null)
    {
        var report = Recording.Of(json).Report;
        Assert.Equal((why, at ?? report.MalformedAt), (report.Malformed, report.MalformedAt));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(" \r\n\t{ } ")]
    [InlineData("{\"resourceSpans\":[]}")]
    [InlineData("{\"resourceSpans\":null}")]
    [InlineData("{\"resourceSpans\":[{}]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{}]}]}")]
    [InlineData("{\"resourceSpans\":[{\"resource\":null,\"scopeSpans\":[{\"scope\":null,\"spans\":null}]}]}")]
    [InlineData("{\"resourceLogs\":[{\"x\":[1,2,{\"y\":null}]}],\"z\":true}")]
    public void A_request_without_spans_is_good(string json)
    {
        var recording = Recording.Of(json);
        Assert.Equal(Malformed.None, recording.Report.Malformed);
        Assert.Empty(recording.Spans);
    }

    [Theory]
    [InlineData("", Malformed.Truncated, 0)]
    [InlineData("  ", Malformed.Truncated, 2)]
    [InlineData("[]", Malformed.WrongJsonType, 0)]
    [InlineData("null", Malformed.WrongJsonType, 0)]
    [InlineData("{}x", Malformed.BadJson, 2)]
    [InlineData("{} {}", Malformed.BadJson, 3)]
    [InlineData("{", Malformed.Truncated, 1)]
    [InlineData("{\"a\"", Malformed.Truncated, 4)]
    [InlineData("{\"a\":", Malformed.Truncated, 5)]
    [InlineData("{\"a\":tru", Malformed.Truncated, 5)]
    [InlineData("{\"a\":trux}", Malformed.BadJson, 5)]
    [InlineData("{\"a\":1,}", Malformed.BadJson, 7)]
    [InlineData("{,}", Malformed.BadJson, 1)]
    [InlineData("{a:1}", Malformed.BadJson, 1)]
    [InlineData("{\"a\" 1}", Malformed.BadJson, 5)]
    [InlineData("{\"a\":[1 2]}", Malformed.BadJson, 8)]
    [InlineData("{\"a\":[1}", Malformed.BadJson, 7)]
    [InlineData("{\"a\":01}", Malformed.BadJson, 5)]
    [InlineData("{\"a\":1.}", Malformed.BadJson, 5)]
    [InlineData("{\"a\":\"\\x\"}", Malformed.BadJson, 6)]
    [InlineData("{\"a\":\"\\u12g4\"}", Malformed.BadJson, 6)]
    [InlineData("{\"a\":\"\n\"}", Malformed.BadJson, 6)]
    [InlineData("{\"resourceSpans\":{}}", Malformed.WrongJsonType, 17)]
    [InlineData("{\"resourceSpans\":[1]}", Malformed.WrongJsonType, 18)]
    [InlineData("{\"resourceSpans\":[null]}", Malformed.WrongJsonType, 18)]
    [InlineData("{\"resourceSpans\":[{\"resource\":[]}]}", Malformed.WrongJsonType, 30)]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":\"\"}]}", Malformed.WrongJsonType, 32)]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{]}]}", Malformed.BadJson, null)]
    public void A_body_that_is_no_request_is_malformed_and_says_where(string json, Malformed why, int? at) => Fails(json, why, at);

    [Theory]
    [InlineData("\"name\":1", Malformed.WrongJsonType)]
    [InlineData("\"name\":{}", Malformed.WrongJsonType)]
    [InlineData("\"kind\":[]", Malformed.WrongJsonType)]
    [InlineData("\"kind\":1.5", Malformed.BadJsonNumber)]
    [InlineData("\"traceId\":17", Malformed.WrongJsonType)]
    [InlineData("\"startTimeUnixNano\":true", Malformed.WrongJsonType)]
    [InlineData("\"startTimeUnixNano\":\"\"", Malformed.BadJsonNumber)]
    [InlineData("\"startTimeUnixNano\":\"x\"", Malformed.BadJsonNumber)]
    [InlineData("\"startTimeUnixNano\":-1", Malformed.BadJsonNumber)]
    [InlineData("\"startTimeUnixNano\":0.5", Malformed.BadJsonNumber)]
    [InlineData("\"startTimeUnixNano\":18446744073709551616", Malformed.BadJsonNumber)]
    [InlineData("\"flags\":4294967296", Malformed.BadJsonNumber)]
    [InlineData("\"flags\":\"-1\"", Malformed.BadJsonNumber)]
    [InlineData("\"status\":1", Malformed.WrongJsonType)]
    [InlineData("\"events\":{}", Malformed.WrongJsonType)]
    [InlineData("\"links\":[[]]", Malformed.WrongJsonType)]
    [InlineData("\"attributes\":[null]", Malformed.WrongJsonType)]
    [InlineData("\"attributes\":[{\"key\":\"k\",\"value\":3}]", Malformed.WrongJsonType)]
    [InlineData("\"attributes\":[{\"value\":{\"intValue\":1.5}}]", Malformed.BadJsonNumber)]
    [InlineData("\"attributes\":[{\"value\":{\"intValue\":9223372036854775808}}]", Malformed.BadJsonNumber)]
    [InlineData("\"attributes\":[{\"value\":{\"intValue\":\"-9223372036854775809\"}}]", Malformed.BadJsonNumber)]
    [InlineData("\"attributes\":[{\"value\":{\"boolValue\":1}}]", Malformed.WrongJsonType)]
    [InlineData("\"attributes\":[{\"value\":{\"boolValue\":\"yes\"}}]", Malformed.WrongJsonType)]
    [InlineData("\"attributes\":[{\"value\":{\"doubleValue\":\"nan\"}}]", Malformed.BadJsonNumber)]
    [InlineData("\"attributes\":[{\"value\":{\"doubleValue\":{}}}]", Malformed.WrongJsonType)]
    [InlineData("\"attributes\":[{\"value\":{\"bytesValue\":\"A\"}}]", Malformed.BadBase64)]
    [InlineData("\"attributes\":[{\"value\":{\"bytesValue\":\"AA*A\"}}]", Malformed.BadBase64)]
    [InlineData("\"attributes\":[{\"value\":{\"bytesValue\":\"AAA==\"}}]", Malformed.BadBase64)]
    [InlineData("\"attributes\":[{\"value\":{\"arrayValue\":[]}}]", Malformed.WrongJsonType)]
    [InlineData("\"attributes\":[{\"value\":{\"arrayValue\":{\"values\":[1]}}}]", Malformed.WrongJsonType)]
    public void A_known_member_of_the_wrong_kind_makes_the_body_malformed(string member, Malformed why) => Fails(One(member), why);

    [Theory]
    [InlineData("\"spanId\":\"0000000000000011\"", Reject.TraceIdLength)]
    [InlineData("\"traceId\":\"\",\"spanId\":\"0000000000000011\"", Reject.TraceIdLength)]
    [InlineData("\"traceId\":\"01\",\"spanId\":\"0000000000000011\"", Reject.TraceIdLength)]
    [InlineData("\"traceId\":\"0102030405060708090a0b0c0d0e0fzz\",\"spanId\":\"0000000000000011\"", Reject.TraceIdLength)]
    [InlineData("\"traceId\":\"00000000000000000000000000000000\"", Reject.TraceIdZero)]
    [InlineData("\"traceId\":\"0102030405060708090a0b0c0d0e0f10\"", Reject.SpanIdLength)]
    [InlineData("\"traceId\":\"0102030405060708090a0b0c0d0e0f10\",\"spanId\":\"0000000000000000\"", Reject.SpanIdZero)]
    [InlineData(Ids + ",\"parentSpanId\":\"11\"", Reject.ParentSpanIdLength)]
    [InlineData(Ids + ",\"parentSpanId\":\"g000000000000000\"", Reject.ParentSpanIdLength)]
    [InlineData(Ids + ",\"startTimeUnixNano\":\"9223372036854775808\"", Reject.TimeOutOfRange)]
    [InlineData(Ids + ",\"endTimeUnixNano\":18446744073709551615", Reject.TimeOutOfRange)]
    [InlineData(Ids + ",\"events\":[{\"timeUnixNano\":1e19}]", Reject.TimeOutOfRange)]
    [InlineData(Ids + ",\"links\":[{\"traceId\":\"01\"}]", Reject.LinkIdLength)]
    [InlineData(Ids + ",\"links\":[{\"spanId\":\"01\"}]", Reject.LinkIdLength)]
    public void A_span_that_cannot_be_kept_is_rejected_for_one_reason(string span, Reject why)
    {
        // Its cuts do not count, and its neighbours stay.
        var json = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" + span + ",\"kind\":99,\"attributes\":[{\"key\":\"x\"}]},{" + Ids + "}]}]}]}";
        var recording = Recording.Of(json);
        Assert.Equal(Malformed.None, recording.Report.Malformed);
        Assert.Equal((1L, 1, 0L), (recording.Report.RejectedTotal, recording.Report.Rejected[(int)why], recording.Report.CutTotal));
        Assert.Equal(Only(One("")), Assert.Single(recording.Spans));
    }

    [Theory]
    [InlineData("", "0102030405060708090a0b0c0d0e0f10 0000000000000011 parent=0000000000000000 0..0 '' Unspecified Unset '' state='' flags=0 dropped=0,0,0 []")]
    [InlineData("\"traceId\":\"ABCDEFabcdef00112233445566778899\"", "abcdefabcdef00112233445566778899 ")]
    [InlineData("\"parentSpanId\":\"\"", "parent=0000000000000000")]
    [InlineData("\"parentSpanId\":null", "parent=0000000000000000")]
    [InlineData("\"parentSpanId\":\"00000000000000Ff\"", "parent=00000000000000ff")]
    [InlineData("\"parentSpanId\":\"zz\",\"parentSpanId\":\"00000000000000Ff\"", "parent=00000000000000ff")]
    [InlineData("\"parent_span_id\":\"00000000000000ff\",\"start_time_unix_nano\":7", "parent=00000000000000ff 7..0")]
    [InlineData("\"\\u006eame\":\"n\"", " 'n' ")]
    [InlineData("\"startTimeUnixNano\":\"1544712660000000001\",\"endTimeUnixNano\":1544712661000000003", " 1544712660000000001..1544712661000000003 ")]
    [InlineData("\"startTimeUnixNano\":1.7e18,\"endTimeUnixNano\":\"1.70000E+18\"", " 1700000000000000000..1700000000000000000 ")]
    [InlineData("\"startTimeUnixNano\":9223372036854775807,\"endTimeUnixNano\":170000e-4", " 9223372036854775807..17 ")]
    [InlineData("\"startTimeUnixNano\":3.0,\"endTimeUnixNano\":0e99999999999999", " 3..0 ")]
    [InlineData("\"startTimeUnixNano\":\"\\u0031\\u0032\"", " 12..0 ")]
    [InlineData("\"name\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00é😀\"", " 'a\"\\/\b\f\n\r\té😀é😀' ")]
    [InlineData("\"name\":\"first\",\"name\":\"last\"", " 'last' ")]
    [InlineData("\"name\":\"first\",\"name\":null", " 'first' ")]
    [InlineData("\"kind\":2", " Server ")]
    [InlineData("\"kind\":\"SPAN_KIND_CONSUMER\"", " Consumer ")]
    [InlineData("\"kind\":\"SPAN_KIND_CLIENT\"", " Client ")]
    [InlineData("\"status\":{\"code\":\"STATUS_CODE_ERROR\",\"message\":\"m\"}", " Error 'm' ")]
    [InlineData("\"status\":{\"code\":1}", " Ok '' ")]
    [InlineData("\"status\":{\"code\":0}", " Unset '' ")]
    [InlineData("\"traceState\":\"a=b\",\"flags\":769", " state='a=b' flags=769 ")]
    [InlineData("\"droppedAttributesCount\":1,\"droppedEventsCount\":\"2\",\"droppedLinksCount\":4294967295", " dropped=1,2,4294967295 ")]
    [InlineData("\"unknown\":{\"name\":[{}]},\"x\":\"\\u0000\"", " '' ")]
    [InlineData("\"attributes\":[{\"key\":\"a\"}],\"attributes\":[{\"value\":{\"boolValue\":true},\"key\":\"b\"},{}]", " ['a'=empty, 'b'=Bool:1, ''=empty]")]
    [InlineData("\"events\":[{\"name\":\"e\",\"timeUnixNano\":\"5\",\"attributes\":[{\"key\":\"x\",\"value\":{\"intValue\":1}}],\"droppedAttributesCount\":2},{}]",
        "[] event(5 'e' dropped=2 ['x'=Int:1]) event(0 '' dropped=0 [])")]
    [InlineData("\"links\":[{\"traceId\":\"0102030405060708090a0b0c0d0e0f10\",\"spanId\":\"0000000000000012\",\"traceState\":\"s\",\"flags\":1},{\"traceId\":\"\",\"spanId\":\"\"}]",
        "[] link(0102030405060708090a0b0c0d0e0f10 0000000000000012 's' flags=1 dropped=0 []) link(00000000000000000000000000000000 0000000000000000 '' flags=0 dropped=0 [])")]
    public void Members_of_a_span_mean_what_the_mapping_says(string members, string expected) => Assert.Contains(expected, Only(One(members)), StringComparison.Ordinal);

    [Theory]
    [InlineData("null", "empty")]
    [InlineData("{}", "empty")]
    [InlineData("{\"stringValue\":null}", "empty")]
    [InlineData("{\"other\":[1]}", "empty")]
    [InlineData("{\"stringValue\":\"\"}", "''")]
    [InlineData("{\"stringValue\":\"x\"}", "'x'")]
    [InlineData("{\"string_value\":\"x\"}", "'x'")]
    [InlineData("{\"stringValue\":\"x\",\"intValue\":3}", "Int:3")]
    [InlineData("{\"intValue\":3,\"stringValue\":\"\\n\",\"boolValue\":null}", "'\n'")]
    [InlineData("{\"intValue\":\"-9223372036854775808\"}", "Int:-9223372036854775808")]
    [InlineData("{\"intValue\":9223372036854775807}", "Int:9223372036854775807")]
    [InlineData("{\"intValue\":-0}", "Int:0")]
    [InlineData("{\"boolValue\":false}", "Bool:0")]
    [InlineData("{\"boolValue\":\"true\"}", "Bool:1")]
    [InlineData("{\"doubleValue\":1}", "Double:4607182418800017408")]
    [InlineData("{\"doubleValue\":\"1\"}", "Double:4607182418800017408")]
    [InlineData("{\"doubleValue\":-0.0}", "Double:-9223372036854775808")]
    [InlineData("{\"doubleValue\":\"Infinity\"}", "Double:9218868437227405312")]
    [InlineData("{\"doubleValue\":\"-Infinity\"}", "Double:-4503599627370496")]
    [InlineData("{\"bytesValue\":\"\"}", "Bytes:")]
    [InlineData("{\"bytesValue\":\"AQID\"}", "Bytes:010203")]
    [InlineData("{\"bytesValue\":\"AQ==\"}", "Bytes:01")]
    [InlineData("{\"bytesValue\":\"AQ\"}", "Bytes:01")]
    [InlineData("{\"bytesValue\":\"-_8=\"}", "Bytes:FBFF")]
    [InlineData("{\"bytesValue\":\"+\\/8\"}", "Bytes:FBFF")]
    [InlineData("{\"arrayValue\":{}}", "Array:")]
    [InlineData("{\"arrayValue\":{\"values\":null}}", "Array:")]
    [InlineData("{\"arrayValue\":{\"values\":[{},{\"stringValue\":\"\"},{\"boolValue\":false},{\"intValue\":\"-1\"}]}}", "Array:0A000A020A000A0210000A0B18FFFFFFFFFFFFFFFFFF01")]
    [InlineData("{\"arrayValue\":{\"values\":[{\"doubleValue\":0},{\"bytesValue\":\"AQ\"}],\"values\":[{\"arrayValue\":{}}]}}", "Array:0A092100000000000000000A033A01010A022A00")]
    [InlineData("{\"kvlistValue\":{\"values\":[{\"value\":{\"intValue\":1},\"key\":\"k\"},{\"key\":\"\\u0065\",\"value\":{}},{}]}}", "KeyValues:0A070A016B120218010A030A01650A00")]
    [InlineData("{\"kvlistValue\":{\"values\":[{\"key\":\"\",\"value\":{\"kvlistValue\":{\"values\":[{\"key\":\"x\",\"value\":{\"stringValue\":\"y\"}}]}}}]}}", "KeyValues:0A0E120C320A0A080A017812030A0179")]
    public void A_value_has_the_type_of_the_last_member_present(string value, string expected) =>
        Assert.Contains($"['k'={expected}]", Only(WithValue(value)), StringComparison.Ordinal);

    [Fact]
    public void Not_a_number_is_a_double() =>
        Assert.Contains($"['k'=Double:{BitConverter.DoubleToInt64Bits(double.NaN)}]", Only(WithValue("{\"doubleValue\":\"NaN\"}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"kind\":99", " Unspecified ")]
    [InlineData("\"kind\":-1", " Unspecified ")]
    [InlineData("\"kind\":\"SPAN_KIND_NEW\"", " Unspecified ")]
    [InlineData("\"status\":{\"code\":3}", " Unset ")]
    [InlineData("\"status\":{\"code\":\"\"}", " Unset ")]
    public void An_unknown_enumeration_member_is_replaced_and_counted(string member, string expected)
    {
        var recording = Recording.Of(One(member));
        Assert.Equal(1, recording.Report.Cuts[(int)Cut.UnknownEnum]);
        Assert.Contains(expected, Assert.Single(recording.Spans), StringComparison.Ordinal);
        Assert.True(recording.Report.IsUnchanged);
    }

    [Theory]
    [InlineData("a\\ud800b", "a\ufffdb")]
    [InlineData("\\udc00", "\ufffd")]
    [InlineData("\\ud800\\ud800\\udc00", "\ufffd\U00010000")]
    [InlineData("\\ud800\\n", "\ufffd\n")]
    public void Half_a_surrogate_pair_becomes_a_replacement_character(string json, string text)
    {
        var recording = Recording.Of(One("\"name\":\"" + json + "\""));
        Assert.Equal(1, recording.Report.Cuts[(int)Cut.InvalidUtf8]);
        Assert.Contains($" '{text}' ", Assert.Single(recording.Spans), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters()
    {
        var json = Encoding.Latin1.GetBytes(One("\"name\":\"a\xff\\n\",\"traceState\":\"\xc3\xa9\",\"attributes\":[{\"key\":\"\xc3\"}]"));
        var recording = Recording.Of(json);
        Assert.Equal(2, recording.Report.Cuts[(int)Cut.InvalidUtf8]);
        var span = Assert.Single(recording.Spans);
        Assert.Contains(" 'a\ufffd\n' ", span, StringComparison.Ordinal);
        Assert.Contains(" state='é' ", span, StringComparison.Ordinal);
        Assert.Contains("['\ufffd'=empty]", span, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_beyond_the_limit_is_cut_at_a_character()
    {
        var limits = new SpanLimits { MaxTextBytes = 4 };
        var recording = Recording.Of(One("\"name\":\"abcé\",\"traceState\":\"abcd\",\"status\":{\"message\":\"\\u0061bcdef\"},"
            + "\"attributes\":[{\"key\":\"k\",\"value\":{\"bytesValue\":\"AQIDBAU=\"}},{\"key\":\"l\",\"value\":{\"arrayValue\":{\"values\":[{\"stringValue\":\"vwxyz\"}]}}}]"), limits);
        var span = Assert.Single(recording.Spans);
        Assert.Equal(4, recording.Report.Cuts[(int)Cut.TextTooLong]);
        Assert.False(recording.Report.IsUnchanged);
        Assert.Contains(" 'abc' Unspecified Unset 'abcd' state='abcd' ", span, StringComparison.Ordinal);
        Assert.Contains("['k'=Bytes:01020304, 'l'=Array:0A060A04767778" + "79]", span, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_beyond_the_limit_are_dropped_and_counted()
    {
        var limits = new SpanLimits { MaxAttributes = 2 };
        const string Four = "\"attributes\":[{\"key\":\"a\"},{\"key\":\"b\"},{\"key\":\"c\"}],\"attributes\":[{\"key\":\"d\"}],\"droppedAttributesCount\":4294967294";
        var recording = Recording.Of("{\"resourceSpans\":[{\"resource\":{" + Four + "},\"scopeSpans\":[{\"spans\":[{" + Ids + "," + Four + "}]}]}]}", limits);
        var span = Assert.Single(recording.Spans);
        Assert.Equal(4, recording.Report.Cuts[(int)Cut.TooManyAttributes]);
        Assert.Contains("dropped=4294967295,0,0 ['a'=empty, 'b'=empty] | resource url='' dropped=4294967295 ['a'=empty, 'b'=empty]", span, StringComparison.Ordinal);
        Assert.Empty(recording.KnownResources);
    }

    [Fact]
    public void A_dropped_attribute_must_be_well_formed_and_its_own_cuts_do_not_count()
    {
        var limits = new SpanLimits { MaxAttributes = 0, MaxTextBytes = 1 };
        var recording = Recording.Of(One("\"attributes\":[{\"key\":\"too long\"}]"), limits);
        Assert.Equal((1, 0), (recording.Report.Cuts[(int)Cut.TooManyAttributes], recording.Report.Cuts[(int)Cut.TextTooLong]));
        Assert.Equal(Malformed.WrongJsonType, Recording.Of(One("\"attributes\":[{\"key\":3}]"), limits).Report.Malformed);
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    public void Without_limits_a_value_may_still_nest_a_hundred_deep_only(int depth, int cuts)
    {
        const string Open = "{\"kvlistValue\":{\"values\":[{\"value\":";
        var json = WithValue(string.Concat(Enumerable.Repeat(Open, depth)) + "{\"intValue\":1}" + string.Concat(Enumerable.Repeat("}]}}", depth)));
        var recording = Recording.Of(json, SpanLimits.None);
        Assert.Equal((1, cuts), (recording.Report.Accepted, recording.Report.Cuts[(int)Cut.NestingTooDeep]));
    }

    [Theory]
    [InlineData(2, 0, "Array:0A072A050A032A010A")]
    [InlineData(1, 1, "Array:0A042A020A00")]
    [InlineData(0, 1, "Array:0A00")]
    public void A_value_nested_too_deep_becomes_an_empty_one(int maxNesting, int cuts, string expected)
    {
        var json = WithValue("{\"arrayValue\":{\"values\":[{\"arrayValue\":{\"values\":[{\"stringValue\":\"x\"}]}}]}}");
        var recording = Recording.Of(json, new SpanLimits { MaxNesting = maxNesting });
        Assert.Equal(cuts, recording.Report.Cuts[(int)Cut.NestingTooDeep]);
        if (maxNesting < 2) Assert.Contains($"'k'={expected}]", Assert.Single(recording.Spans), StringComparison.Ordinal);
        else Assert.Contains("'k'=Array:0A072A050A030A0178]", Assert.Single(recording.Spans), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"x\":")]
    [InlineData("{\"resourceSpans\":")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":")]
    [InlineData("{\"resourceSpans\":[{\"resource\":")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":[{\"value\":")]
    public void A_million_open_brackets_do_no_harm(string before)
    {
        Assert.True(Recording.Of(before + new string('[', 1_000_000)).Report.IsMalformed);
        Assert.True(Recording.Of(before + string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", 100_000))).Report.IsMalformed);
        var deep = before + new string('[', 600) + new string(']', 600) + new string('}', 3);
        Assert.True(Recording.Of(deep).Report.IsMalformed);
    }

    [Fact]
    public void Unknown_content_may_be_of_any_depth_and_its_brackets_must_match()
    {
        foreach (var depth in new[] { 1, 63, 64, 65, 511, 512, 513, 1_000, 100_000, 1_000_000 })
        {
            Assert.False(Recording.Of("{\"x\":" + new string('[', depth) + new string(']', depth) + "}").Report.IsMalformed);
            var mixed = string.Concat(Enumerable.Repeat("[{\"a\":", depth / 2)) + "0" + string.Concat(Enumerable.Repeat("},1]", depth / 2));
            Assert.False(Recording.Of("{\"x\":" + mixed + "}").Report.IsMalformed);
            Fails("{\"x\":" + new string('[', depth) + "}", Malformed.BadJson, 5 + depth);
            Fails("{\"x\":[" + new string('[', depth) + new string(']', depth) + "}", Malformed.BadJson, 6 + 2 * depth);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(169)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void A_value_of_any_depth_is_emptied_below_the_limit_and_counted_once(int depth)
    {
        foreach (var (open, close) in new[] { ("{\"arrayValue\":{\"values\":[", "]}}"), ("{\"kvlistValue\":{\"values\":[{\"value\":", "}]}}") })
        {
            var json = WithValue(string.Concat(Enumerable.Repeat(open, depth)) + "{\"intValue\":1}" + string.Concat(Enumerable.Repeat(close, depth)));
            var recording = Recording.Of(json);
            Assert.Equal((Malformed.None, 1, 1), (recording.Report.Malformed, recording.Report.Accepted, recording.Report.Cuts[(int)Cut.NestingTooDeep]));
        }
    }

    [Fact]
    public void What_holds_for_all_spans_may_stand_after_them()
    {
        const string Resource = "{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"a[]{}\\\"\"}}],\"droppedAttributesCount\":1}";
        const string Scope = "{\"version\":\"v\",\"name\":\"n\"}";
        var spans = "\"spans\":[{" + Ids + ",\"name\":\"]}\\\\\"}]";
        var front = "{\"resourceSpans\":[{\"schemaUrl\":\"r\",\"resource\":" + Resource + ",\"scopeSpans\":[{\"schemaUrl\":\"s\",\"scope\":" + Scope + "," + spans + "}]}]}";
        var back = "{\"resourceSpans\":[{\"scopeSpans\":[{" + spans + ",\"scope\":" + Scope + ",\"schemaUrl\":\"s\"}],\"resource\":" + Resource + ",\"schemaUrl\":\"r\"}]}";
        var span = Only(front);
        Assert.Contains("| resource url='r' dropped=1 ['service.name'='a[]{}\"'] | scope 'n' 'v' url='s' dropped=0 []", span, StringComparison.Ordinal);
        Assert.Equal(span, Only(back));
    }

    [Fact]
    public void Lists_given_twice_go_on_and_objects_given_twice_count_once()
    {
        var scopeSpans = "\"scopeSpans\":[{\"spans\":[{" + Ids + "}],\"spans\":[{" + Ids + "}]}]";
        var recording = Recording.Of("{\"resourceSpans\":[{\"resource\":{\"droppedAttributesCount\":1}," + scopeSpans + "," + scopeSpans
            + ",\"resource\":{\"droppedAttributesCount\":2}}],\"resourceSpans\":[]}");
        Assert.Equal(4, recording.Spans.Count);
        Assert.All(recording.Spans, span => Assert.Contains("resource url='' dropped=2", span, StringComparison.Ordinal));
    }

    [Fact]
    public void A_resource_met_before_is_not_read_again()
    {
        var one = "{\"resource\":{\"droppedAttributesCount\":1},\"scopeSpans\":[{\"scope\":{\"name\":\"n\"},\"spans\":[{" + Ids + "}]}]}";
        var recording = Recording.Of("{\"resourceSpans\":[" + one + "," + one + "]}");
        Assert.Equal(2, recording.Recalled);
        Assert.Equal(recording.Spans[0], recording.Spans[1]);
    }
}
