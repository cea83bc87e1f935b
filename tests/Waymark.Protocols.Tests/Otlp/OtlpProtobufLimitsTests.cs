// What the protobuf decoder refuses, span by span, and what it cuts: each reason, each limit at its boundary.
using Google.Protobuf;
using Waymark.Model.Limits;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Otlp;

public sealed class OtlpProtobufLimitsTests
{
    private static readonly SpanLimits Tight = new() { MaxTextBytes = 8, MaxAttributes = 3, MaxNesting = 2 };

    public static TheoryData<Reject, string> BadSpans => new()
    {
        { Reject.TraceIdLength, "no trace id" },
        { Reject.TraceIdLength, "trace id of 15 bytes" },
        { Reject.TraceIdLength, "trace id of 17 bytes" },
        { Reject.TraceIdZero, "zero trace id" },
        { Reject.SpanIdLength, "no span id" },
        { Reject.SpanIdLength, "span id of 7 bytes" },
        { Reject.SpanIdZero, "zero span id" },
        { Reject.ParentSpanIdLength, "parent of 9 bytes" },
        { Reject.TimeOutOfRange, "start" },
        { Reject.TimeOutOfRange, "end" },
        { Reject.TimeOutOfRange, "event" },
        { Reject.LinkIdLength, "link's trace id of 8 bytes" },
        { Reject.LinkIdLength, "link's span id of 16 bytes" },
    };

    [Theory]
    [MemberData(nameof(BadSpans))]
    public void A_bad_span_is_refused_for_its_reason_and_the_others_are_taken(Reject reason, string defect)
    {
        var bad = GoodSpan();
        bad.Attributes.Add(Text("key", "a text that would be cut"));
        switch (defect)
        {
            case "no trace id": bad.TraceId = ByteString.Empty; break;
            case "trace id of 15 bytes": bad.TraceId = Id(15); break;
            case "trace id of 17 bytes": bad.TraceId = Id(17); break;
            case "zero trace id": bad.TraceId = Zero(16); break;
            case "no span id": bad.SpanId = ByteString.Empty; break;
            case "span id of 7 bytes": bad.SpanId = Id(7); break;
            case "zero span id": bad.SpanId = Zero(8); break;
            case "parent of 9 bytes": bad.ParentSpanId = Id(9); break;
            case "start": bad.StartTimeUnixNano = 1UL << 63; break;
            case "end": bad.EndTimeUnixNano = ulong.MaxValue; break;
            case "event": bad.Events.Add(new Span.Types.Event { TimeUnixNano = 1UL << 63 }); break;
            case "link's trace id of 8 bytes": bad.Links.Add(new Span.Types.Link { TraceId = Id(8), SpanId = Id(8) }); break;
            case "link's span id of 16 bytes": bad.Links.Add(new Span.Types.Link { TraceId = Id(16), SpanId = Id(16) }); break;
        }
        var decoded = Decoded.From(Request(GoodSpan(), bad, GoodSpan()), Tight);
        Assert.Equal(2, decoded.Report.Accepted);
        Assert.Equal(1, decoded.Report.Rejected[(int)reason]);
        Assert.Equal(1, decoded.Report.RejectedTotal);
        Assert.Equal(1, decoded.Seen.Abandoned);
        // Cuts are told of accepted spans only.
        Assert.Equal(0, decoded.Report.CutTotal);
        Assert.False(decoded.Report.IsUnchanged);
    }

    [Fact]
    public void A_span_with_several_defects_is_counted_once()
    {
        var decoded = Decoded.From(Request(new Span { StartTimeUnixNano = ulong.MaxValue, ParentSpanId = Id(3), Links = { new Span.Types.Link { TraceId = Id(1) } } }));
        Assert.Equal(1, decoded.Report.RejectedTotal);
        Assert.Equal(1, decoded.Report.Rejected[(int)Reject.TraceIdLength]);
    }

    [Fact]
    public void A_bad_id_that_is_overridden_by_a_good_one_does_no_harm()
    {
        byte[] span = [.. new Span { TraceId = Id(3), SpanId = Id(8) }.ToByteArray(), .. GoodSpan().ToByteArray()];
        Assert.Equal(1, Decoded.From(OtlpProtobufDecoderTests.Field(1, OtlpProtobufDecoderTests.Field(2, OtlpProtobufDecoderTests.Field(2, span)))).Report.Accepted);
    }

    [Fact]
    public void The_edges_of_what_is_good_are_taken()
    {
        var span = GoodSpan();
        span.StartTimeUnixNano = long.MaxValue;
        span.EndTimeUnixNano = 0;
        span.ParentSpanId = Zero(8);
        span.Links.Add(new Span.Types.Link());
        span.Links.Add(new Span.Types.Link { TraceId = Zero(16), SpanId = Zero(8) });
        var decoded = Decoded.From(Request(span));
        Assert.Equal(1, decoded.Report.Accepted);
        Assert.True(decoded.Report.IsUnchanged);
    }

    [Theory]
    [InlineData(7, 0)]
    [InlineData(8, 0)]
    [InlineData(9, 1)]
    public void Every_text_of_a_span_is_cut_beyond_the_limit(int length, int cuts)
    {
        var text = new string('x', length);
        var kept = new string('x', Math.Min(length, 8));
        foreach (var (what, make) in new (string, Func<string, Span>)[]
        {
            ("name", t => GoodSpan(s => s.Name = t)),
            ("trace state", t => GoodSpan(s => s.TraceState = t)),
            ("status message", t => GoodSpan(s => s.Status = new Status { Message = t })),
            ("key", t => GoodSpan(s => s.Attributes.Add(Text(t, "v")))),
            ("value", t => GoodSpan(s => s.Attributes.Add(Text("k", t)))),
            ("bytes", t => GoodSpan(s => s.Attributes.Add(new KeyValue { Key = "k", Value = new AnyValue { BytesValue = ByteString.CopyFromUtf8(t) } }))),
            ("text in an array", t => GoodSpan(s => s.Attributes.Add(new KeyValue { Key = "k", Value = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = t } } } } }))),
            ("key in a list", t => GoodSpan(s => s.Attributes.Add(new KeyValue { Key = "k", Value = new AnyValue { KvlistValue = new KeyValueList { Values = { Text(t, "v") } } } }))),
            ("event name", t => GoodSpan(s => s.Events.Add(new Span.Types.Event { Name = t }))),
            ("link state", t => GoodSpan(s => s.Links.Add(new Span.Types.Link { TraceState = t }))),
        })
        {
            var decoded = Decoded.From(Request(make(text)), Tight);
            Assert.True(decoded.Report.Cuts[(int)Cut.TextTooLong] == cuts, what);
            Assert.Equal(cuts, decoded.Report.CutTotal);
            Assert.Equal(Decoded.From(Request(make(kept))).Seen.Lines, decoded.Seen.Lines);
        }
    }

    [Fact]
    public void Texts_of_resource_and_scope_are_cut_and_these_are_then_not_to_be_remembered()
    {
        var request = new ExportTraceServiceRequest
        {
            ResourceSpans =
            {
                new ResourceSpans
                {
                    Resource = new Resource { Attributes = { Text("service.name", "x") } },
                    ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = "longer than eight", Version = "1" } } },
                },
            },
        };
        var cut = Decoded.From(request, Tight);
        Assert.Equal(2, cut.Report.Cuts[(int)Cut.TextTooLong]);
        Assert.All(cut.Seen.Identities, identity => Assert.Empty(identity));
        var whole = Decoded.From(request);
        Assert.Equal([request.ResourceSpans[0].Resource.ToByteArray(), request.ResourceSpans[0].ScopeSpans[0].Scope.ToByteArray()], whole.Seen.Identities);
    }

    [Theory]
    [InlineData("aaaaaaa\u00e9", "aaaaaaa")]
    [InlineData("aaaaaa\u00e9", "aaaaaa\u00e9")]
    [InlineData("aaaaaa\u65e5", "aaaaaa")]
    [InlineData("aaaaa\U0001F9A9", "aaaaa")]
    [InlineData("aaaa\U0001F9A9", "aaaa\U0001F9A9")]
    public void Text_is_cut_between_characters(string text, string kept)
    {
        var decoded = Decoded.From(Request(GoodSpan(s => s.Attributes.Add(Text("k", text)))), Tight);
        Assert.Equal(Decoded.From(Request(GoodSpan(s => s.Attributes.Add(Text("k", kept))))).Seen.Lines, decoded.Seen.Lines);
        Assert.Equal(text == kept ? 0 : 1, decoded.Report.Cuts[(int)Cut.TextTooLong]);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    [InlineData(9, 6)]
    public void Attributes_beyond_the_limit_are_dropped_and_added_to_the_dropped_count(int count, int dropped)
    {
        foreach (var (what, make) in new (string, Func<int, uint, IMessage>)[]
        {
            ("span", (n, d) => Request(GoodSpan(s => { s.DroppedAttributesCount = d; s.Attributes.AddRange(Numbers(n)); }))),
            ("event", (n, d) => Request(GoodSpan(s => s.Events.Add(new Span.Types.Event { DroppedAttributesCount = d, Attributes = { Numbers(n) } })))),
            ("link", (n, d) => Request(GoodSpan(s => s.Links.Add(new Span.Types.Link { DroppedAttributesCount = d, Attributes = { Numbers(n) } })))),
            ("resource", (n, d) => Request(new Resource { DroppedAttributesCount = d, Attributes = { Numbers(n) } }, new InstrumentationScope { Name = "s" })),
            ("scope", (n, d) => Request(new Resource(), new InstrumentationScope { DroppedAttributesCount = d, Attributes = { Numbers(n) } })),
        })
        {
            var decoded = Decoded.From(make(count, 5), Tight);
            Assert.True(decoded.Report.Cuts[(int)Cut.TooManyAttributes] == dropped, what);
            Assert.Equal(dropped == 0, decoded.Report.IsUnchanged);
            Assert.Equal(Decoded.From(make(Math.Min(count, 3), 5 + (uint)dropped)).Seen.Lines, decoded.Seen.Lines);
            // The sum stops at the largest count there is.
            Assert.Equal(Decoded.From(make(Math.Min(count, 3), uint.MaxValue)).Seen.Lines, Decoded.From(make(count, uint.MaxValue), Tight).Seen.Lines);
        }
    }

    [Fact]
    public void A_malformed_attribute_beyond_the_limit_still_spoils_the_request()
    {
        byte[] span = [.. GoodSpan(s => s.Attributes.AddRange(Numbers(3))).ToByteArray(), 9 << 3 | 2, 2, 0x12, 9];
        Assert.True(Decoded.From(OtlpProtobufDecoderTests.Field(1, OtlpProtobufDecoderTests.Field(2, OtlpProtobufDecoderTests.Field(2, span))), Tight).Report.IsMalformed);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(30, 1)]
    public void A_value_nested_deeper_than_the_limit_becomes_empty(int depth, int cuts)
    {
        foreach (var lists in new[] { false, true })
        {
            var sent = Nested(depth, new AnyValue { IntValue = 1 }, lists);
            var kept = depth <= 2 ? sent : Nested(3, new AnyValue(), lists);
            var decoded = Decoded.From(Request(GoodSpan(s => s.Attributes.Add(new KeyValue { Key = "k", Value = sent }))), Tight);
            Assert.Equal(cuts, decoded.Report.Cuts[(int)Cut.NestingTooDeep]);
            Assert.Equal(Decoded.From(Request(GoodSpan(s => s.Attributes.Add(new KeyValue { Key = "k", Value = kept })))).Seen.Lines, decoded.Seen.Lines);
        }
    }

    [Fact]
    public void Invalid_utf8_is_replaced_counted_and_leaves_the_request_unchanged_for_the_log()
    {
        byte[] name = [(byte)'a', 0xFF, (byte)'b', 0xC3];
        byte[] span = [.. GoodSpan().ToByteArray(), .. OtlpProtobufDecoderTests.Field(5, name)];
        var body = OtlpProtobufDecoderTests.Field(1, OtlpProtobufDecoderTests.Field(2, OtlpProtobufDecoderTests.Field(2, span)));
        var decoded = Decoded.From(body);
        Assert.Equal(1, decoded.Report.Cuts[(int)Cut.InvalidUtf8]);
        Assert.True(decoded.Report.IsUnchanged);
        Assert.Equal(Decoded.From(Request(GoodSpan(s => s.Name = "a\uFFFDb\uFFFD"))).Seen.Lines.Last(), decoded.Seen.Lines.Last());
    }

    [Fact]
    public void Text_grows_when_repaired_and_is_cut_after_that()
    {
        byte[] name = [.. Enumerable.Repeat((byte)0xFF, 8)];
        byte[] span = [.. GoodSpan().ToByteArray(), .. OtlpProtobufDecoderTests.Field(5, name)];
        var decoded = Decoded.From(OtlpProtobufDecoderTests.Field(1, OtlpProtobufDecoderTests.Field(2, OtlpProtobufDecoderTests.Field(2, span))), Tight);
        Assert.Equal(1, decoded.Report.Cuts[(int)Cut.TextTooLong]);
        Assert.Equal(Decoded.From(Request(GoodSpan(s => s.Name = "\uFFFD\uFFFD"))).Seen.Lines.Last(), decoded.Seen.Lines.Last());
    }

    [Fact]
    public void Kinds_and_statuses_that_otlp_does_not_define_are_stored_as_unspecified_and_unset()
    {
        var decoded = Decoded.From(Request(GoodSpan(s =>
        {
            s.Kind = (Span.Types.SpanKind)6;
            s.Status = new Status { Code = (Status.Types.StatusCode)(-1), Message = "m" };
        })));
        Assert.Equal(2, decoded.Report.Cuts[(int)Cut.UnknownEnum]);
        Assert.True(decoded.Report.IsUnchanged);
        Assert.Equal(Decoded.From(Request(GoodSpan(s => s.Status = new Status { Message = "m" }))).Seen.Lines, decoded.Seen.Lines);
    }

    private static AnyValue Nested(int depth, AnyValue innermost, bool lists)
    {
        var value = innermost;
        for (var i = 0; i < depth; i++)
        {
            value = lists
                ? new AnyValue { KvlistValue = new KeyValueList { Values = { new KeyValue { Key = "i", Value = value } } } }
                : new AnyValue { ArrayValue = new ArrayValue { Values = { value } } };
        }
        return value;
    }

    private static IEnumerable<KeyValue> Numbers(int count) => Enumerable.Range(0, count).Select(i => new KeyValue { Key = $"k{i}", Value = new AnyValue { IntValue = i } });

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static Span GoodSpan(Action<Span>? change = null)
    {
        var span = new Span { TraceId = Id(16), SpanId = Id(8) };
        change?.Invoke(span);
        return span;
    }

    private static ExportTraceServiceRequest Request(params Span[] spans) =>
        new() { ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { spans } } } } } };

    private static ExportTraceServiceRequest Request(Resource resource, InstrumentationScope scope) =>
        new() { ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { new ScopeSpans { Scope = scope } } } } };

    private static ByteString Id(int length) => OtlpProtobufDecoderTests.Id(length);

    private static ByteString Zero(int length) => ByteString.CopyFrom(new byte[length]);
}
