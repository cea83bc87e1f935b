// The second store: plain rows in a list, everything computed anew on each call. It keeps the contract honest and gives API tests something to stand on.
using System.Runtime.CompilerServices;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Testing;

/// <summary>Keeps spans in memory in order of arrival. Any number of threads. A scan prunes nothing but the cursor, so that callers must evaluate for themselves.</summary>
/// <param name="decoder">For <see cref="WriteAsync"/>; without one only <see cref="Add(NaiveSpan)"/> works.</param>
/// <param name="time">Says when a span arrived; without one, at 0.</param>
public sealed class NaiveStore(IBodyDecoder? decoder = null, TimeProvider? time = null) : ITraceStore, ISpanWriter
{
    private readonly Lock gate = new();
    private readonly List<NaiveArrival> arrivals = [];
    private readonly Dictionary<string, DecodeReport> requests = [];
    private readonly List<string> services = [];
    private long duplicateRequests;

    /// <summary>How many traces a scan puts into one block.</summary>
    public int TracesPerBlock { get; init; } = 3;

    public void Add(NaiveSpan span) => Add([span]);

    public void Add(params IEnumerable<NaiveSpan> spans)
    {
        var received = Now();
        lock (gate) arrivals.AddRange(spans.Select(s => new NaiveArrival(s, received)));
    }

    public ValueTask<WriteReceipt> WriteAsync(WriteRequest request, CancellationToken cancellation)
    {
        if (decoder is null) throw new InvalidOperationException("This store was made without a decoder.");
        var sink = new NaiveSink();
        var report = default(DecodeReport);
        decoder.Decode(request.Kind, request.Body.Span, request.Limits, ref sink, ref report);
        if (report.IsMalformed) return new(new WriteReceipt(WriteOutcome.Malformed, report));
        if (sink.Spans.Count == 0) return new(new WriteReceipt(WriteOutcome.NothingToStore, report));

        var fingerprint = $"{request.Tenant}/{request.Kind}/{Convert.ToHexString(request.Body.Span)}";
        var received = Now();
        lock (gate)
        {
            if (requests.TryGetValue(fingerprint, out var first))
            {
                duplicateRequests++;
                return new(new WriteReceipt(WriteOutcome.AlreadyStored, first));
            }
            requests[fingerprint] = report;
            arrivals.AddRange(sink.Spans.Select(s => new NaiveArrival(s, received)));
        }
        return new(new WriteReceipt(WriteOutcome.Stored, report));
    }

    public ValueTask<SpanBlock?> FindTraceAsync(TraceId id, SpanSelection selection, CancellationToken cancellation)
    {
        var found = Snapshot().Where(a => a.Span.TraceId == id).ToList();
        return new(found.Count == 0 ? null : Blocks.From(found.Select(a => Select(a, selection)), selection.Parts));
    }

    public async IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var traces = Snapshot()
            .GroupBy(a => a.Span.TraceId)
            .Select(t => (Cursor: new TraceCursor(t.Min(a => a.Span.Start), t.Key), Arrivals: t.ToList()))
            .Where(t => scan.After is not { } after || t.Cursor.CompareTo(after) > 0)
            .OrderBy(t => t.Cursor, Comparer<TraceCursor>.Create((a, b) => a.CompareTo(b)))
            .ToList();
        foreach (var chunk in traces.Chunk(TracesPerBlock))
        {
            cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
            yield return Blocks.From(chunk.SelectMany(t => t.Arrivals), scan.Parts);
        }
    }

    public ValueTask<SpanMeasurement> MeasureAsync(SpanMeasure measure, CancellationToken cancellation) => new(NaiveMeasure.Of(Snapshot().Select(a => a.Span), measure));

    public ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation)
    {
        IReadOnlyList<OperationSummary> operations =
        [
            .. Snapshot()
                .Select(a => a.Span)
                .GroupBy(s => (s.Service, s.Name, s.Kind))
                .OrderBy(g => g.Key.Service, StringComparer.Ordinal)
                .ThenBy(g => g.Key.Name, StringComparer.Ordinal)
                .ThenBy(g => g.Key.Kind)
                .Select(g => new OperationSummary(g.Key.Service, g.Key.Name, g.Key.Kind, g.Count(), g.Max(s => s.Start))),
        ];
        return new(operations);
    }

    public int OrdinalOf(string service)
    {
        lock (gate)
        {
            if (!services.Contains(service)) services.Add(service);
            return services.IndexOf(service);
        }
    }

    public StoreStatus GetStatus()
    {
        var all = Snapshot();
        return new StoreStatus(all.Count, all.Select(a => a.Span.TraceId).Distinct().Count(), all.Count, 0, 0, 0, 0, Interlocked.Read(ref duplicateRequests), null);
    }

    private UnixNanos Now() => time is null ? default : UnixNanos.Now(time);

    /// <summary>Leaves out whatever the caller says it does not want, so that whoever wants too little is found out.</summary>
    private static NaiveArrival Select(NaiveArrival arrival, SpanSelection selection)
    {
        var span = arrival.Span;
        if (selection.Spans?.Contains(span.SpanId) == false) return arrival with { Span = span with { Attributes = [], Events = [], Links = [] } };
        if (selection.Keys is null) return arrival;
        return arrival with
        {
            Span = span with
            {
                Attributes = Wanted(span.Attributes),
                Events = [.. span.Events.Select(e => e with { Attributes = Wanted(e.Attributes) })],
                Links = [.. span.Links.Select(l => l with { Attributes = Wanted(l.Attributes) })],
            },
        };

        Sequence<NaiveAttribute> Wanted(Sequence<NaiveAttribute> attributes) => [.. attributes.Where(a => selection.Keys.Contains(a.Key))];
    }

    private List<NaiveArrival> Snapshot()
    {
        lock (gate) return [.. arrivals];
    }
}
