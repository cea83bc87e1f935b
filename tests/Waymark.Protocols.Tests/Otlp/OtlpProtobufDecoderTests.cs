// The protobuf decoder against Google's parser: good requests, damaged requests, and the order of fields.
using Google.Protobuf;
using Waymark.Model.Limits;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Otlp;

public sealed class OtlpProtobufDecoderTests
{
    [Fact]
    public void Random_requests_read_as_the_oracle_reads_them()
    {
        for (var seed = 0; seed < 3000 * Decoded.Scale; seed++)
        {
            var body = new RandomRequests(seed, oddities: seed % 3 == 0 ? 0.02 : 0).Request().ToByteArray();
            AssertAgrees(body, $"seed {seed}");
        }
    }

    [Fact]
    public void Requests_with_damaged_bytes_are_accepted_or_refused_as_the_oracle_does()
    {
        var accepted = 0;
        var rounds = 8000 * Decoded.Scale;
        for (var seed = 0; seed < rounds; seed++)
        {
            var random = new Random(seed);
            var body = WireMutations.MutateBytes(new RandomRequests(seed).Request().ToByteArray(), random);
            if (AssertAgrees(body, $"seed {seed}")) accepted++;
        }
        Assert.InRange(accepted, rounds / 20, rounds - rounds / 20);
    }

    [Fact]
    public void Requests_with_moved_repeated_retyped_and_unknown_fields_read_as_the_oracle_reads_them()
    {
        var accepted = 0;
        var rounds = 12000 * Decoded.Scale;
        for (var seed = 0; seed < rounds; seed++)
        {
            var random = new Random(seed);
            var body = new RandomRequests(seed, oddities: 0.01).Request().ToByteArray();
            for (var times = random.Next(1, 5); times > 0; times--) body = WireMutations.MutateFields(body, random);
            if (AssertAgrees(body, $"seed {seed}")) accepted++;
        }
        Assert.InRange(accepted, rounds / 4, rounds - rounds / 20);
    }

    [Fact]
    public void Every_prefix_of_a_request_is_accepted_or_refused_as_the_oracle_does()
    {
        var body = new RandomRequests(5).ResourceSpans().ToByteArray();
        byte[] request = [.. new ExportTraceServiceRequest { ResourceSpans = { ResourceSpans.Parser.ParseFrom(body) } }.ToByteArray()];
        for (var length = 0; length <= request.Length; length++) AssertAgrees(request[..length], $"length {length}");
        for (var length = 0; length <= body.Length; length++) AssertAgrees(body[..length], $"resource spans, length {length}");
    }

    [Fact]
    public void The_order_of_a_spans_fields_does_not_matter()
    {
        var span = new RandomRequests(11).Span();
        var fields = new List<byte[]>();
        var input = new CodedInputStream(span.ToByteArray());
        var whole = span.ToByteArray();
        uint tag;
        var start = 0;
        while ((tag = input.ReadTag()) != 0)
        {
            input.SkipLastField();
            fields.Add(whole[start..(int)input.Position]);
            start = (int)input.Position;
        }
        for (var seed = 0; seed < 200; seed++)
        {
            var shuffled = fields.ToArray();
            new Random(seed).Shuffle(shuffled);
            byte[] bytes = [.. shuffled.SelectMany(field => field)];
            AssertAgrees(Field(1, Field(2, Field(2, bytes))), $"seed {seed}");
        }
    }

    [Fact]
    public void Resources_and_scopes_entered_by_identity_read_as_if_sent()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var one = new RandomRequests(seed).Request();
            byte[] body = [.. one.ToByteArray(), .. one.ToByteArray(), .. new RandomRequests(seed + 1).Request().ToByteArray()];
            var forgetful = Decoded.From(body, SpanLimits.None);
            var remembering = Decoded.From(body, SpanLimits.None, remembers: true);
            Assert.Equal(forgetful.Seen.Lines, remembering.Seen.Lines);
            Assert.True(one.ResourceSpans.All(r => r.Resource is null || r.Resource.CalculateSize() == 0) || remembering.Seen.Entered > 0);
        }
    }

    [Fact]
    public void A_body_that_is_no_protobuf_is_refused_with_the_place_of_the_defect()
    {
        // Resource spans of 3 bytes, in which the schema URL claims 9.
        var report = Decoded.From([0x0A, 3, 0x1A, 9, (byte)'x']).Report;
        Assert.Equal(Malformed.BadLength, report.Malformed);
        Assert.Equal(3, report.MalformedAt);
        Assert.Equal(Malformed.BadTag, Decoded.From("GET / HTTP/1.1"u8).Report.Malformed);
        Assert.Equal(Malformed.BadTag, Decoded.From([0]).Report.Malformed);
        Assert.Equal(Malformed.Truncated, Decoded.From([0x0A]).Report.Malformed);
        Assert.Equal(Malformed.BadVarint, Decoded.From([0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]).Report.Malformed);
        Assert.Equal(Malformed.UnbalancedGroup, Decoded.From([0x0C]).Report.Malformed);
        Assert.Equal(Malformed.None, Decoded.From([]).Report.Malformed);
    }

    [Fact]
    public void A_defect_at_any_byte_of_a_span_is_reported_within_that_span()
    {
        var request = new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new RandomRequests(3).Span() } } } } } };
        var body = request.ToByteArray();
        for (var at = 0; at < body.Length; at++)
        {
            var damaged = body.ToArray();
            damaged[at] = 0xFF;
            var report = Decoded.From(damaged).Report;
            if (report.IsMalformed) Assert.InRange(report.MalformedAt, 0, body.Length);
        }
    }

    [Fact]
    public void Groups_nest_up_to_the_bound_and_no_deeper()
    {
        // Google counts groups and messages together and stops at 100: here, at the top of the request, both bounds are the same but for one.
        static byte[] Groups(int depth) => [.. Enumerable.Repeat((byte)0x1B, depth), .. Enumerable.Repeat((byte)0x1C, depth)];
        AssertAgrees(Groups(99), "99 groups");
        Assert.Equal(Malformed.None, Decoded.From(Groups(100)).Report.Malformed);
        Assert.Equal(Malformed.TooDeep, Decoded.From(Groups(101)).Report.Malformed);
        Assert.Equal(Malformed.TooDeep, Decoded.From(Groups(100_000)).Report.Malformed);
    }

    [Fact]
    public void A_value_nested_a_hundred_thousand_deep_is_cut_and_does_not_exhaust_the_stack()
    {
        // Google refuses it (recursion limit); here what lies below the kept depth is not read, so it is a cut.
        // Built from the inside out, backwards: tag and length of each array and each value around what is there.
        var reversed = new List<byte>();
        for (var i = 0; i < 200_000; i++)
        {
            var length = reversed.Count;
            var prefix = new List<byte> { (byte)((i % 2 == 0 ? 1 : 5) << 3 | 2) };
            for (; length >= 0x80; length >>= 7) prefix.Add((byte)(length | 0x80));
            prefix.Add((byte)length);
            prefix.Reverse();
            reversed.AddRange(prefix);
        }
        reversed.Reverse();
        byte[] attribute = [.. Field(1, "deep"u8.ToArray()), .. Field(2, [.. reversed])];
        byte[] span = [.. new Span { TraceId = Id(16), SpanId = Id(8) }.ToByteArray(), .. Field(9, attribute)];
        var body = Field(1, Field(2, Field(2, span)));
        foreach (var limits in new[] { SpanLimits.Default, SpanLimits.None })
        {
            var decoded = Decoded.From(body, limits);
            Assert.False(decoded.Report.IsMalformed);
            Assert.Equal(1, decoded.Report.Accepted);
            Assert.Equal(1, decoded.Report.Cuts[(int)Cut.NestingTooDeep]);
        }
    }

    /// <summary>Decodes a body and parses it with Google's parser: both must refuse it, or both must read the same. True when it was accepted.</summary>
    internal static bool AssertAgrees(byte[] body, string what)
    {
        ExportTraceServiceRequest? parsed = null;
        try
        {
            parsed = ExportTraceServiceRequest.Parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException)
        {
            // The oracle's way of refusing.
        }
        var decoded = Decoded.From(body, SpanLimits.None);
        Assert.True(parsed is null == decoded.Report.IsMalformed, $"{what}: oracle {(parsed is null ? "refuses" : "accepts")}, decoder says {decoded.Report.Malformed}: {Convert.ToHexString(body)}");
        if (parsed is null) return false;
        var expected = OracleReading.Of(parsed);
        Assert.Equal(expected.Lines, decoded.Seen.Lines);
        Assert.Equal(expected.Lines.Count(line => line.StartsWith("span ", StringComparison.Ordinal)), decoded.Report.Accepted);
        Assert.Equal(expected.Rejects.Count, decoded.Report.RejectedTotal);
        Assert.Equal(expected.Rejects.Count, decoded.Seen.Abandoned);
        foreach (var reason in Enum.GetValues<Reject>()) Assert.Equal(expected.Rejects.Count(r => r == reason), decoded.Report.Rejected[(int)reason]);
        return true;
    }

    /// <summary>A length-delimited field.</summary>
    internal static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }
        return stream.ToArray();
    }

    internal static ByteString Id(int length) => ByteString.CopyFrom([.. Enumerable.Range(1, length).Select(i => (byte)i)]);
}
