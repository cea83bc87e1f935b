// Random traces, the same for the same seed: realistic ones, and everything odd that clients have been seen to send.
using Waymark.Model.Spans;

namespace Waymark.Testing;

/// <summary>A seeded source of spans, traces and values. Not thread-safe.</summary>
public sealed class RandomSpans(int seed)
{
    private static readonly string[] ServiceNames = ["checkout", "payments", "inventory", "frontend", "", "größe-服务"];
    private static readonly string[] OperationNames = ["GET /", "POST /orders/{id}", "SELECT orders", "", "💥 emoji", "checkout", "a\"quoted\\name\n", "process message"];
    private static readonly string[] Keys = ["http.method", "http.status_code", "db.statement", "user.id", "retry", "ключ", "a=b", "x"];
    private static readonly string[] Words = ["GET", "200", "3.0", "true", "false", "", "NaN", "error", "日本語", "\u0000zero", "a longer text with spaces, \"quotes\" and \\ backslashes", "🙂🙃"];

    private readonly Random random = new(seed);

    /// <summary>2026-01-01T00:00Z: where generated traces start, plus up to <see cref="Spread"/>.</summary>
    public UnixNanos Base { get; init; } = new(1_767_225_600_000_000_000);

    /// <summary>Nanoseconds over which trace starts are spread. Small values make ties.</summary>
    public long Spread { get; init; } = 10_000_000_000;

    /// <summary>Chance of each kind of oddity, per trace or span.</summary>
    public double Oddity { get; init; } = 0.15;

    public int MaxSpans { get; init; } = 24;

    /// <summary>Spans of several traces, in a random order of arrival; now and then one comes twice.</summary>
    public List<NaiveSpan> Traces(int count)
    {
        var spans = new List<NaiveSpan>();
        for (var i = 0; i < count; i++) spans.AddRange(Trace());
        if (Odd() && spans.Count > 0) spans.Add(Pick(spans));
        var shuffled = spans.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }

    /// <summary>The distinct spans of one trace: a tree at heart, with orphans, cycles, self-parents, shared ids and reversed times by chance.</summary>
    public List<NaiveSpan> Trace()
    {
        var traceId = TraceId();
        var resources = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Resource()).ToList();
        var scopes = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Scope()).ToList();
        var start = Base.Value + random.NextInt64(Spread);
        var count = random.Next(1, MaxSpans + 1);
        var spans = new List<NaiveSpan>(count);
        for (var i = 0; i < count; i++)
        {
            var parent = i == 0 ? null : Pick(spans);
            var span = Span(traceId, parent, parent is null ? start : parent.Start.Value + random.NextInt64(1_000_000));
            spans.Add(span with { Resource = Pick(resources), Scope = Pick(scopes) });
        }
        if (Odd()) MakeOrphans(spans);
        if (Odd()) MakeCycle(spans);
        if (Odd()) MakeSharedIds(spans);
        return [.. spans.DistinctBy(s => s.Identity)];
    }

    /// <summary>A span of any content, in a trace of its own.</summary>
    public NaiveSpan Span() => Span(TraceId(), null, Base.Value + random.NextInt64(Spread)) with { Resource = Resource(), Scope = Scope() };

    public TraceId TraceId() => new(Odd() ? 0 : Bits(), Bits() | 1);

    public SpanId SpanId() => new(Bits() | 1);

    public NaiveResource Resource()
    {
        var attributes = Attributes(4);
        if (random.Next(10) > 0) attributes.Insert(random.Next(attributes.Count + 1), NaiveAttribute.Text("service.name", Pick(ServiceNames)));
        if (Odd()) attributes.Add(NaiveAttribute.Int("service.name", 7));
        return new NaiveResource([.. attributes], Odd() ? "https://opentelemetry.io/schemas/1.24.0" : "", Dropped());
    }

    public NaiveScope Scope() =>
        Odd() ? NaiveScope.Empty : new NaiveScope(Pick(["http", "io.opentelemetry.express", ""]), Pick(["1.0.0", ""]), [.. Attributes(2)], Odd() ? "urn:schema" : "", Dropped());

    public NaiveAttribute Attribute() => new(Pick(Keys), Value(0));

    /// <summary>A value of any type; nested ones up to three deep.</summary>
    public NaiveValue Value(int depth) => random.Next(depth < 3 ? 10 : 7) switch
    {
        0 or 1 => NaiveValue.Text(Pick(Words)),
        2 => NaiveValue.Int(Pick<long>([0, 1, -1, 3, 200, long.MinValue, long.MaxValue, 1L << 53])),
        3 => NaiveValue.Double(Pick([0.0, -0.0, 3.0, 0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 1e300])),
        4 => NaiveValue.Bool(random.Next(2) == 0),
        5 => NaiveValue.Bytes(Pick<byte[]>([[], [0], [0xFF, 0xFE], [1, 2, 3, 4, 5]])),
        6 => NaiveValue.Empty,
        7 => NaiveValue.Array([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth + 1))]),
        _ => NaiveValue.KeyValues([.. Enumerable.Range(0, random.Next(4)).Select(_ => new NaiveAttribute(Pick(Keys), Value(depth + 1)))]),
    };

    public T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>True with the probability <see cref="Oddity"/>.</summary>
    public bool Odd() => random.NextDouble() < Oddity;

    private NaiveSpan Span(TraceId traceId, NaiveSpan? parent, long start)
    {
        var duration = random.Next(6) == 0 ? 0 : random.NextInt64(2_000_000);
        return new NaiveSpan
        {
            TraceId = traceId,
            SpanId = SpanId(),
            ParentSpanId = parent?.SpanId ?? default,
            Start = new UnixNanos(start),
            End = new UnixNanos(Odd() ? start - random.NextInt64(1, 1_000) : start + duration),
            Name = Pick(OperationNames),
            TraceState = Odd() ? "ot=th:8,vendor=x" : "",
            Kind = (SpanKind)random.Next(6),
            Status = (StatusCode)random.Next(3),
            StatusMessage = Odd() ? Pick(Words) : "",
            Flags = Odd() ? uint.MaxValue : (uint)Pick([0, 1, 0x101, 0x301]),
            DroppedAttributes = Dropped(),
            DroppedEvents = Dropped(),
            DroppedLinks = Dropped(),
            Attributes = [.. Attributes(5)],
            Events = [.. Enumerable.Range(0, random.Next(3)).Select(i => new NaiveEvent(new UnixNanos(start + i), Pick(["exception", "log", ""]), [.. Attributes(3)], Dropped()))],
            Links = [.. Enumerable.Range(0, Odd() ? random.Next(3) : 0).Select(_ => Link())],
        };
    }

    private NaiveLink Link() =>
        new(Odd() ? default : TraceId(), Odd() ? default : SpanId(), Odd() ? "a=b" : "", Odd() ? 1u : 0, [.. Attributes(2)], Dropped());

    private List<NaiveAttribute> Attributes(int max) => [.. Enumerable.Range(0, random.Next(max + 1)).Select(_ => Attribute())];

    private uint Dropped() => Odd() ? (uint)random.Next(1, 100) : 0;

    private void MakeOrphans(List<NaiveSpan> spans)
    {
        for (var i = 0; i < spans.Count; i++)
        {
            if (Odd()) spans[i] = spans[i] with { ParentSpanId = SpanId() };
        }
    }

    /// <summary>Links one span to a random other: often a cycle, sometimes of length one.</summary>
    private void MakeCycle(List<NaiveSpan> spans)
    {
        var at = random.Next(spans.Count);
        spans[at] = spans[at] with { ParentSpanId = Odd() ? spans[at].SpanId : Pick(spans).SpanId };
    }

    /// <summary>Gives some spans the id of another: as client and server share one in Zipkin, and as broken clients do.</summary>
    private void MakeSharedIds(List<NaiveSpan> spans)
    {
        for (var i = 1; i < spans.Count; i++)
        {
            if (Odd()) spans[i] = spans[i] with { SpanId = Pick(spans).SpanId };
        }
    }

    private ulong Bits() => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
