// The JSON decoder against a naive reader, on random requests and on what is left of them after damage.
using System.Diagnostics;
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Otlp;

namespace Waymark.Protocols.Tests.Json;

public sealed class OtlpJsonFuzzTests
{
    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    private static readonly string[] Tokens =
        ["{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "1", "-", "1e9", "\"\"", "{}", "[]", " ", "\u0001", "\\u00", "\\ud800", "é", "\"name\":", "\"spans\":[", "\"resource\":{},"];

    [Fact]
    public void Requests_in_any_spelling_and_order_read_as_the_naive_reader_reads_them()
    {
        var spans = 0;
        for (var seed = 0; seed < 800 * Scale; seed++)
        {
            var json = new RandomJson(new Random(seed)).Request();
            Assert.True(NaiveReader.Read(json) is not null, $"seed {seed}: the generator makes good requests only: {json}");
            spans += Compare(Encoding.UTF8.GetBytes(json), seed);
        }
        Assert.True(spans > 200 * Scale);
    }

    [Fact]
    public void Damaged_requests_never_throw_and_are_taken_exactly_when_still_well_formed()
    {
        var (good, bad) = (0, 0);
        for (var seed = 0; seed < 2000 * Scale; seed++)
        {
            var random = new Random(seed);
            var json = Damage(Encoding.UTF8.GetBytes(new RandomJson(random).Request()), random);
            if (Compare(json, seed) >= 0) good++;
            else bad++;
        }
        Assert.True(good > 100 * Scale && bad > 100 * Scale, $"{good} good, {bad} bad");
    }

    [Fact]
    public void A_request_cut_off_anywhere_is_malformed()
    {
        for (var seed = 0; seed < 6 * Scale; seed++)
        {
            var json = Encoding.UTF8.GetBytes(new RandomJson(new Random(seed)).Request());
            for (var length = 0; length < json.Length; length++)
            {
                var report = Recording.Of(json[..length]).Report;
                Assert.True(report.IsMalformed, $"seed {seed}, length {length}");
                Assert.InRange(report.MalformedAt, 0, length);
            }
        }
    }

    [Fact]
    public void Passing_over_by_brackets_stops_where_the_value_ends()
    {
        for (var seed = 0; seed < 1000 * Scale; seed++)
        {
            var random = new Random(seed);
            var json = Encoding.UTF8.GetBytes(new RandomJson(random).Request());
            Assert.Equal(json.Length, JsonBrackets.FindEnd([.. json, .. Encoding.UTF8.GetBytes(new string(']', random.Next(100)) + new string('x', random.Next(100)))]));
            Assert.Equal(-1, JsonBrackets.FindEnd(json.AsSpan(0, random.Next(json.Length))));
        }
    }

    [Fact]
    public void Reading_takes_time_in_proportion_to_the_body()
    {
        // Each would take minutes if any part of it were gone over once per element.
        var clock = Stopwatch.StartNew();
        var many = string.Concat(Enumerable.Repeat("{\"scopeSpans\":[{\"spans\":[{},{}]},{}]},", 20_000));
        Assert.False(Recording.Of("{\"resourceSpans\":[" + many + "{}]}").Report.IsMalformed);
        Assert.True(Recording.Of("{\"resourceSpans\":[" + many).Report.IsMalformed);
        Assert.False(Recording.Of("{\"resourceSpans\":[{" + string.Concat(Enumerable.Repeat("\"resource\":{\"attributes\":[{}]},", 20_000)) + "\"scopeSpans\":[{}]}]}").Report.IsMalformed);
        Assert.False(Recording.Of("{\"x\":\"" + new string('\\', 2_000_000) + "\"}").Report.IsMalformed);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void Nothing_is_allocated_per_span()
    {
        var span = "{\"traceId\":\"0102030405060708090a0b0c0d0e0f10\",\"spanId\":\"0000000000000011\",\"name\":\"a\\nb\",\"kind\":\"SPAN_KIND_CLIENT\",\"startTimeUnixNano\":\"1\","
            + "\"attributes\":[{\"key\":\"k\",\"value\":{\"arrayValue\":{\"values\":[{\"stringValue\":\"x\\ty\"},{\"doubleValue\":1.5}]}}},{\"key\":\"b\",\"value\":{\"bytesValue\":\"AQID\"}}],"
            + "\"events\":[{\"name\":\"e\"}],\"links\":[{\"spanId\":\"0000000000000011\"}],\"status\":{\"code\":2,\"message\":\"m\"}},";
        Assert.Equal(Allocated(Request(100)), Allocated(Request(2000)));

        byte[] Request(int spans) => Encoding.UTF8.GetBytes("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + string.Concat(Enumerable.Repeat(span, spans)) + "{}]}]}]}");

        static long Allocated(byte[] json)
        {
            var least = long.MaxValue;
            for (var round = 0; round < 20; round++)
            {
                var sink = default(NoSink);
                var report = default(DecodeReport);
                var before = GC.GetAllocatedBytesForCurrentThread();
                OtlpJsonDecoder.Decode(json, SpanLimits.Default, ref sink, ref report);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
                Assert.Equal(1, report.RejectedTotal);
            }
            return least;
        }
    }

    private struct NoSink : ISpanSink
    {
        public readonly bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;
        public readonly void BeginResource() { }
        public readonly void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes) { }
        public readonly bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;
        public readonly void BeginScope() { }
        public readonly void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope) { }
        public readonly void BeginSpan() { }

        public readonly bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

        public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length) => Attribute(key, value);

        public readonly void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value) { }
        public readonly void BeginEvent() { }
        public readonly void EndEvent(scoped in EventFields e) { }
        public readonly void BeginLink() { }
        public readonly void EndLink(scoped in LinkFields link) { }
        public readonly void EndSpan(scoped in SpanFields span) { }
        public readonly void AbandonSpan() { }
    }

    /// <summary>Spans accepted; −1 when malformed.</summary>
    private static int Compare(byte[] json, int seed)
    {
        var recording = Recording.Of(json, SpanLimits.None);
        var naive = NaiveReader.Read(Encoding.UTF8.GetString(json));
        if (naive is null)
        {
            Assert.True(recording.Report.IsMalformed, $"seed {seed}: taken, but should not be: {Encoding.UTF8.GetString(json)}");
            Assert.InRange(recording.Report.MalformedAt, 0, json.Length);
            return -1;
        }
        Assert.False(recording.Report.IsMalformed, $"seed {seed}: {recording.Report.Malformed} at {recording.Report.MalformedAt}: {Encoding.UTF8.GetString(json)}");
        Assert.Equal(naive.Value.Spans, recording.Spans);
        Assert.Equal(naive.Value.Spans.Count, recording.Report.Accepted);
        for (var reason = 0; reason < 7; reason++)
        {
            Assert.Equal(naive.Value.Rejected.GetValueOrDefault((Reject)reason), recording.Report.Rejected[reason]);
        }
        return recording.Report.Accepted;
    }

    private static byte[] Damage(byte[] json, Random random)
    {
        var bytes = new List<byte>(json);
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 4), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    var length = Math.Min(random.Next(40), bytes.Count - at);
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. bytes];
    }
}
