// Random OTLP requests: every field, every value type, present or missing, plain or odd.
using Google.Protobuf;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Otlp;

/// <summary>Makes requests from a seed. <paramref name="oddities"/>: 0 gives only good spans; above it, that share of ids, times and enums is bad.</summary>
public sealed class RandomRequests(int seed, double oddities = 0)
{
    private static readonly string[] Words =
    [
        "", "a", "service.name", "http.request.method", "GET", "checkout", "käse", "日本語", "🦩", "a b c", "\0", "\u007f\u0080", "e\u0301",
        "a key that is longer than any single byte of length could ever hold, because that is where varints begin to need a second byte, and so do lengths",
    ];

    private readonly Random random = new(seed);

    public ExportTraceServiceRequest Request()
    {
        var request = new ExportTraceServiceRequest();
        for (var i = random.Next(4); i > 0; i--) request.ResourceSpans.Add(ResourceSpans());
        return request;
    }

    public ResourceSpans ResourceSpans()
    {
        var result = new ResourceSpans { SchemaUrl = Text() };
        if (Chance(0.8))
        {
            result.Resource = new Resource { DroppedAttributesCount = Count() };
            result.Resource.Attributes.AddRange(Attributes(6));
        }
        for (var i = random.Next(4); i > 0; i--)
        {
            var scopeSpans = new ScopeSpans { SchemaUrl = Text() };
            if (Chance(0.8))
            {
                scopeSpans.Scope = new InstrumentationScope { Name = Text(), Version = Text(), DroppedAttributesCount = Count() };
                scopeSpans.Scope.Attributes.AddRange(Attributes(3));
            }
            for (var j = random.Next(5); j > 0; j--) scopeSpans.Spans.Add(Span());
            result.ScopeSpans.Add(scopeSpans);
        }
        return result;
    }

    public Span Span()
    {
        var span = new Span
        {
            TraceId = Id(16),
            SpanId = Id(8),
            ParentSpanId = Chance(0.3) ? ByteString.Empty : Chance(0.1) ? ByteString.CopyFrom(new byte[8]) : Id(8),
            TraceState = Text(),
            Name = Text(),
            Kind = (Span.Types.SpanKind)(Odd() ? random.Next(-1, 9) : random.Next(6)),
            StartTimeUnixNano = Time(),
            EndTimeUnixNano = Time(),
            DroppedAttributesCount = Count(),
            DroppedEventsCount = Count(),
            DroppedLinksCount = Count(),
            Flags = Chance(0.5) ? 0 : (uint)random.NextInt64(1L << 32),
        };
        if (Chance(0.6)) span.Status = new Status { Message = Text(), Code = (Status.Types.StatusCode)(Odd() ? random.Next(-1, 5) : random.Next(3)) };
        span.Attributes.AddRange(Attributes(12));
        for (var i = random.Next(3); i > 0; i--)
        {
            var e = new Span.Types.Event { TimeUnixNano = Time(), Name = Text(), DroppedAttributesCount = Count() };
            e.Attributes.AddRange(Attributes(3));
            span.Events.Add(e);
        }
        for (var i = random.Next(3); i > 0; i--)
        {
            var link = new Span.Types.Link
            {
                TraceId = Chance(0.2) ? ByteString.Empty : Id(16),
                SpanId = Chance(0.2) ? ByteString.Empty : Id(8),
                TraceState = Text(),
                Flags = Chance(0.5) ? 0 : (uint)random.NextInt64(1L << 32),
                DroppedAttributesCount = Count(),
            };
            link.Attributes.AddRange(Attributes(3));
            span.Links.Add(link);
        }
        return span;
    }

    public AnyValue Value(int nesting)
    {
        var value = new AnyValue();
        switch (random.Next(nesting > 0 ? 10 : 7))
        {
            case 0:
                break;
            case 1:
                value.BoolValue = Chance(0.5);
                break;
            case 2:
                value.IntValue = Chance(0.5) ? random.Next(-2, 200) : random.NextInt64(long.MinValue, long.MaxValue);
                break;
            case 3:
                value.DoubleValue = random.Next(5) switch { 0 => 0, 1 => -0.0, 2 => double.NaN, 3 => double.NegativeInfinity, _ => random.NextDouble() * 1e6 };
                break;
            case 4:
                value.BytesValue = ByteString.CopyFrom(RandomBytes(random.Next(40)));
                break;
            case 7 or 8:
                value.ArrayValue = new ArrayValue();
                for (var i = random.Next(4); i > 0; i--) value.ArrayValue.Values.Add(Value(nesting - 1));
                break;
            case 9:
                value.KvlistValue = new KeyValueList();
                for (var i = random.Next(4); i > 0; i--) value.KvlistValue.Values.Add(Attribute(nesting - 1));
                break;
            default:
                value.StringValue = Text();
                break;
        }
        return value;
    }

    private IEnumerable<KeyValue> Attributes(int most)
    {
        for (var i = random.Next(most + 1); i > 0; i--) yield return Attribute(nesting: 3);
    }

    private KeyValue Attribute(int nesting)
    {
        var attribute = new KeyValue { Key = Text() };
        if (!Chance(0.05)) attribute.Value = Value(nesting);
        return attribute;
    }

    private string Text() => Chance(0.05) ? new string((char)random.Next('a', 'z'), random.Next(400)) : Words[random.Next(Words.Length)] + (Chance(0.2) ? random.Next(1000) : "");

    private uint Count() => Chance(0.7) ? 0 : Chance(0.5) ? (uint)random.Next(200) : (uint)random.NextInt64(1L << 32);

    private ulong Time() => Chance(0.1) ? 0 : Odd() ? ulong.MaxValue - (ulong)random.Next(9) : (ulong)random.NextInt64(long.MaxValue);

    private ByteString Id(int length) =>
        Odd() ? ByteString.CopyFrom(new byte[random.Next(length * 2)]) : ByteString.CopyFrom([.. RandomBytes(length - 1), (byte)random.Next(1, 256)]);

    private byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private bool Chance(double share) => random.NextDouble() < share;

    private bool Odd() => random.NextDouble() < oddities;
}
