// The JSON decoder against a naive reader, on random requests and on what is left of them after damage.
using System.Diagnostics;
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
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
        for (var seed = 0; seed < 2000 * Scale; seed++)
        {
            var json = new RandomJson(new Random(seed)).Request();
            Assert.True(NaiveReader.Read(json) is not null, $"seed {seed}: the generator makes good requests only: {json}");
            spans += Compare(Encoding.UTF8.GetBytes(json), seed);
        }
        Assert.True(spans > 500 * Scale);
    }

    [Fact]
    public void Damaged_requests_never_throw_and_are_taken_exactly_when_still_well_formed()
    {
        var (good, bad) = (0, 0);
        for (var seed = 0; seed < 4000 * Scale; seed++)
        {
            var random = new Random(seed);
            var json = Damage(Encoding.UTF8.GetBytes(new RandomJson(random).Request()), random);
            if (Compare(json, seed) >= 0) good++;
            else bad++;
        }
        Assert.True(good > 200 * Scale && bad > 200 * Scale, $"{good} good, {bad} bad");
    }

    [Fact]
    public void A_request_cut_off_anywhere_is_malformed()
    {
        for (var seed = 0; seed < 20 * Scale; seed++)
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
        for (var seed = 0; seed < 2000 * Scale; seed++)
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
        var many = string.Concat(Enumerable.Repeat("{\"scopeSpans\":[{\"spans\":[{},{}]},{}]},", 100_000));
        Assert.False(Recording.Of("{\"resourceSpans\":[" + many + "{}]}").Report.IsMalformed);
        Assert.True(Recording.Of("{\"resourceSpans\":[" + many).Report.IsMalformed);
        Assert.False(Recording.Of("{\"resourceSpans\":[{" + string.Concat(Enumerable.Repeat("\"resource\":{\"attributes\":[{}]},", 100_000)) + "\"scopeSpans\":[{}]}]}").Report.IsMalformed);
        Assert.False(Recording.Of("{\"x\":\"" + new string('\\', 2_000_000) + "\"}").Report.IsMalformed);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
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
