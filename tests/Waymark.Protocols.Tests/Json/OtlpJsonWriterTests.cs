// A stored trace written as JSON: read back it is the same, and each form looks as its readers expect.
using System.Buffers;
using System.Text;
using System.Text.Json;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;

namespace Waymark.Protocols.Tests.Json;

public sealed class OtlpJsonWriterTests
{
    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    internal static byte[] Write(SpanBlock block, OtlpJsonForm form)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WritePropertyName("resourceSpans");
            OtlpJsonWriter.WriteResourceSpans(block, 0, json, form);
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    [Fact]
    public void A_trace_written_and_decoded_is_the_same_trace()
    {
        for (var seed = 0; seed < 500 * Scale; seed++)
        {
            var block = new RandomBlock(new Random(seed)).Build();
            var recording = Recording.Of(Write(block, OtlpJsonForm.Otlp), SpanLimits.Default with { MaxAttributes = 10 });
            Assert.Equal((seed, Malformed.None), (seed, recording.Report.Malformed));
            Assert.Equal((seed, 0L, 0L), (seed, recording.Report.CutTotal, recording.Report.RejectedTotal));
            Assert.Equal(RandomBlock.Lines(block), recording.Spans);
        }
    }

    [Fact]
    public void Tempo_s_form_differs_in_ids_and_enumerations_only()
    {
        for (var seed = 0; seed < 100 * Scale; seed++)
        {
            var block = new RandomBlock(new Random(seed)).Build();
            using var otlp = JsonDocument.Parse(Write(block, OtlpJsonForm.Otlp));
            using var tempo = JsonDocument.Parse(Write(block, OtlpJsonForm.TempoV1));
            Same(otlp.RootElement, tempo.RootElement, "");
        }
    }

    private static void Same(JsonElement otlp, JsonElement tempo, string name)
    {
        switch (name)
        {
            case "traceId" or "spanId" or "parentSpanId":
                Assert.Equal(Convert.FromHexString(otlp.GetString()!), tempo.GetBytesFromBase64());
                Assert.Equal(otlp.GetString()!.ToLowerInvariant(), otlp.GetString());
                return;
            case "kind":
                Assert.Equal("SPAN_KIND_" + ((SpanKind)otlp.GetInt32()).ToString().ToUpperInvariant(), tempo.GetString());
                return;
            case "code":
                Assert.Equal("STATUS_CODE_" + ((StatusCode)otlp.GetInt32()).ToString().ToUpperInvariant(), tempo.GetString());
                return;
        }
        Assert.Equal(otlp.ValueKind, tempo.ValueKind);
        if (otlp.ValueKind == JsonValueKind.Object)
        {
            var left = otlp.EnumerateObject().ToList();
            var right = tempo.EnumerateObject().ToList();
            Assert.Equal(left.Select(member => member.Name), right.Select(member => member.Name));
            foreach (var (a, b) in left.Zip(right)) Same(a.Value, b.Value, a.Name);
        }
        else if (otlp.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(otlp.GetArrayLength(), tempo.GetArrayLength());
            foreach (var (a, b) in otlp.EnumerateArray().Zip(tempo.EnumerateArray())) Same(a, b, "");
        }
        else
        {
            Assert.Equal(otlp.GetRawText(), tempo.GetRawText());
        }
    }

    [Fact]
    public void What_says_nothing_is_left_out()
    {
        var block = Plain();
        Assert.Equal("{\"resourceSpans\":[{\"resource\":{},\"scopeSpans\":[{\"scope\":{},\"spans\":[{\"traceId\":\"000000000000000000000000000000ff\","
            + "\"spanId\":\"0000000000000001\",\"name\":\"\",\"kind\":2,\"startTimeUnixNano\":\"1\",\"endTimeUnixNano\":\"2\"}]}]}]}",
            Encoding.UTF8.GetString(Write(block, OtlpJsonForm.Otlp)));
        Assert.Equal("{\"resourceSpans\":[{\"resource\":{},\"scopeSpans\":[{\"scope\":{},\"spans\":[{\"traceId\":\"AAAAAAAAAAAAAAAAAAAA/w==\","
            + "\"spanId\":\"AAAAAAAAAAE=\",\"name\":\"\",\"kind\":\"SPAN_KIND_SERVER\",\"startTimeUnixNano\":\"1\",\"endTimeUnixNano\":\"2\"}]}]}]}",
            Encoding.UTF8.GetString(Write(block, OtlpJsonForm.TempoV1)).Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(AttributeType.Empty, 0, "", "{}", "null")]
    [InlineData(AttributeType.Text, 0, "C3A922", "{\"stringValue\":\"é\\\"\"}", "\"é\\\"\"")]
    [InlineData(AttributeType.Bool, 1, "", "{\"boolValue\":true}", "true")]
    [InlineData(AttributeType.Int, long.MinValue, "", "{\"intValue\":\"-9223372036854775808\"}", "-9223372036854775808")]
    [InlineData(AttributeType.Double, 4602678819172646912, "", "{\"doubleValue\":0.5}", "0.5")]
    [InlineData(AttributeType.Double, 9218868437227405312, "", "{\"doubleValue\":\"Infinity\"}", "\"Infinity\"")]
    [InlineData(AttributeType.Double, -4503599627370496, "", "{\"doubleValue\":\"-Infinity\"}", "\"-Infinity\"")]
    [InlineData(AttributeType.Double, -2251799813685248, "", "{\"doubleValue\":\"NaN\"}", "\"NaN\"")]
    [InlineData(AttributeType.Bytes, 0, "0102", "{\"bytesValue\":\"AQI=\"}", "\"AQI=\"")]
    [InlineData(AttributeType.Array, 0, "", "{\"arrayValue\":{\"values\":[]}}", "[]")]
    [InlineData(AttributeType.Array, 0, "0A000A0210010A0218030A022A00", "{\"arrayValue\":{\"values\":[{},{\"boolValue\":true},{\"intValue\":\"3\"},{\"arrayValue\":{\"values\":[]}}]}}", "[null,true,3,[]]")]
    [InlineData(AttributeType.KeyValues, 0, "0A070A016B120218010A030A01650A00",
        "{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":{\"intValue\":\"1\"}},{\"key\":\"e\",\"value\":{}},{\"key\":\"\",\"value\":{}}]}}", "{\"k\":1,\"e\":null,\"\":null}")]
    public void A_value_is_written_typed_or_plain(AttributeType type, long number, string hex, string typed, string plain)
    {
        var texts = new TextTable();
        var entry = new AttributeEntry(-1, type, hex.Length == 0 ? -1 : texts.Add(Convert.FromHexString(hex)), number);
        Assert.Equal(typed, Written(json => OtlpJsonWriter.WriteAnyValue(texts, entry, json, OtlpJsonForm.Otlp)));
        Assert.Equal(typed, Written(json => OtlpJsonWriter.WriteAnyValue(texts, entry, json, OtlpJsonForm.TempoV1)));
        Assert.Equal(plain, Written(json => OtlpJsonWriter.WritePlainValue(texts, entry, json)));
    }

    [Theory]
    [InlineData("0B")]
    [InlineData("0A")]
    [InlineData("0A05")]
    [InlineData("0A0118")]
    [InlineData("0A02FF00")]
    [InlineData("0AFFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("0A022100")]
    public void Stored_bytes_that_are_no_list_are_told_not_guessed(string hex)
    {
        var texts = new TextTable();
        var entry = new AttributeEntry(-1, AttributeType.Array, texts.Add(Convert.FromHexString(hex)), 0);
        Assert.Throws<InvalidDataException>(() => Written(json => OtlpJsonWriter.WritePlainValue(texts, entry, json)));
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static SpanBlock Plain() => new()
    {
        Traces = [new TraceSlice(new TraceId(0, 0xFF), 0, 1, default, default, 0, false)],
        Texts = new TextTable(),
        Resources = [new ResourceEntry(-1, -1, 0, [])],
        Scopes = [new ScopeEntry(-1, -1, -1, 0, [])],
        SpanIds = [new SpanId(1)],
        ParentSpanIds = [default],
        ParentRow = [-1],
        SubtreeEnd = [1],
        Start = [new UnixNanos(1)],
        End = [new UnixNanos(2)],
        Name = [-1],
        Kind = [SpanKind.Server],
        Status = [StatusCode.Unset],
        StatusMessage = [-1],
        TraceState = [-1],
        Flags = [0],
        DroppedAttributes = [0],
        DroppedEvents = [0],
        DroppedLinks = [0],
        Resource = [0],
        Scope = [0],
        Marks = [SpanMarks.None],
        Attributes = AttributeTable.None,
        Events = EventTable.None,
        Links = LinkTable.None,
    };
}
