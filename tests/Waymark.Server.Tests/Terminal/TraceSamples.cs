// Traces for terminal tests: a builder, and the shop's checkout as it looks in practice.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;
using Waymark.Server.Terminal;
using Waymark.Testing;

namespace Waymark.Server.Tests.Terminal;

/// <summary>Builds a <see cref="TraceModel"/> span by span; times are microseconds since the trace's start.</summary>
internal sealed class TraceSample
{
    public const string Id = "4bf92f3577b34da6a3ce929d0e0e4736";

    /// <summary>2026-11-22 11:15:03.412 UTC.</summary>
    public static readonly UnixNanos Start = UnixNanos.From(new DateTimeOffset(2026, 11, 22, 11, 15, 3, 412, TimeSpan.Zero));

    private readonly List<SpanModel> spans = [];

    private readonly List<SpanKind> kinds = [];

    /// <summary>The trace with its analysis, as the server gives it.</summary>
    public TraceModel Trace
    {
        get
        {
            var block = Blocks.From(spans.Select((span, index) => new NaiveSpan
            {
                TraceId = new TraceId(0, 1),
                SpanId = new SpanId((ulong)index + 1),
                ParentSpanId = span.ParentSpanId.Length == 0 ? default : new SpanId(ulong.Parse(span.ParentSpanId, NumberStyles.HexNumber)),
                Name = span.Name,
                Kind = kinds[index],
                Start = span.Start,
                End = span.End,
                Status = span.IsError ? StatusCode.Error : StatusCode.Unset,
                StatusMessage = span.StatusMessage,
                Resource = NaiveResource.Of(span.Service),
            }));
            if (block.Count == 0) return new TraceModel(Id, spans);
            var analysis = TraceAnalysis.Of(block, block.Traces[0]);
            return new TraceModel(Id, spans)
            {
                Path = [.. analysis.CriticalPath.Segments.Where(s => s.Row >= 0).Select(s => new PathModel((int)block.SpanIds[s.Row].Value - 1, s.From, s.To))],
                Verdict = analysis.Verdict.Parts,
                SkewedSpans = analysis.Timeline.SkewedSpans,
            };
        }
    }

    public IReadOnlyList<SpanModel> Spans => spans;

    /// <summary>Adds a span and returns its index.</summary>
    public int Add(int parent, string service, string name, long fromMicros, long micros, string? error = null, string missingParent = "", SpanMarks marks = SpanMarks.None, string[]? attributes = null, SpanKind kind = SpanKind.Unspecified)
    {
        spans.Add(new SpanModel
        {
            SpanId = (spans.Count + 1).ToString("x16"),
            ParentSpanId = parent >= 0 ? spans[parent].SpanId : missingParent,
            Parent = parent,
            Service = service,
            Name = name,
            Start = Start + new DurationNanos(fromMicros * 1000),
            Duration = new DurationNanos(micros * 1000),
            IsError = error is not null,
            StatusMessage = error ?? "",
            Marks = marks,
            Attributes = [.. (attributes ?? []).Select(a => KeyValuePair.Create(a.Split('=')[0], a.Split('=')[1]))],
        });
        kinds.Add(kind);
        return spans.Count - 1;
    }

    /// <summary>A slow checkout: a serial N+1 in the catalogue, a card declined once and retried.</summary>
    public static TraceSample Shop()
    {
        var shop = new TraceSample();
        var root = shop.Add(-1, "frontend", "POST /checkout", 0, 1_234_000, kind: SpanKind.Server, attributes: ["http.request.method=POST", "http.response.status_code=200", "url.path=/checkout"]);
        shop.Add(root, "frontend", "middleware - session", 400, 2_100);
        shop.Add(root, "frontend", "middleware - jsonParser", 2_600, 310);
        var handler = shop.Add(root, "frontend", "request handler - /checkout", 3_050, 1_230_100);
        var cart = shop.Add(handler, "frontend", "GET", 4_200, 61_000, kind: SpanKind.Client);
        var cartServer = shop.Add(cart, "cart", "GET /cart/{id}", 6_000, 57_300, kind: SpanKind.Server);
        shop.Add(cartServer, "cart", "redis GET", 7_100, 840, attributes: ["db.system=redis"]);
        shop.Add(cartServer, "cart", "price items", 8_100, 54_000);
        var quote = shop.Add(handler, "frontend", "POST", 66_000, 431_000, kind: SpanKind.Client);
        var quoteServer = shop.Add(quote, "catalogue", "POST /quote", 68_300, 426_900, kind: SpanKind.Server);
        for (var item = 0; item < 31; item++) shop.Add(quoteServer, "catalogue", "SELECT shop.products", 70_000 + item * 13_600, 12_100 + item % 7 * 90);
        var pay = shop.Add(handler, "frontend", "charge card", 500_000, 702_000, attributes: ["payment.attempts=2"]);
        var first = shop.Add(pay, "frontend", "POST", 501_000, 180_000, "Request failed with status code 503", kind: SpanKind.Client);
        var firstServer = shop.Add(first, "payments", "POST /charge", 503_200, 174_000, "bank gateway did not answer in 150 ms", kind: SpanKind.Server);
        shop.Add(firstServer, "payments", "bank.authorize", 510_000, 150_300, "deadline exceeded");
        var second = shop.Add(pay, "frontend", "POST", 781_500, 419_000, kind: SpanKind.Client);
        var secondServer = shop.Add(second, "payments", "POST /charge", 783_000, 415_000, kind: SpanKind.Server);
        shop.Add(secondServer, "payments", "bank.authorize", 789_000, 401_000);
        shop.Add(secondServer, "payments", "INSERT payments.ledger", 1_191_000, 6_400);
        shop.Add(handler, "frontend", "orders publish", 1_203_500, 3_900);
        shop.Add(handler, "frontend", "render confirmation", 1_208_000, 24_600);
        return shop;
    }
}
