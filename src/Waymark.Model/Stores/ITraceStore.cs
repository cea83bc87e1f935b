// The one contract between query and store. Query decides meaning; a store only accelerates.
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>
/// Reads stored spans. Every span acknowledged before a call starts is in its answer. Any number of threads; calls see one consistent moment each.
/// Blocks are owned by the receiver and immutable.
/// </summary>
public interface ITraceStore
{
    /// <summary>
    /// The whole trace: every stored span of it, merged from all pieces, each identity (trace, span id, kind, service, start) once, in pre-order, with the parts
    /// that are selected. Null when there is none.
    /// </summary>
    ValueTask<SpanBlock?> FindTraceAsync(TraceId id, SpanSelection selection, CancellationToken cancellation);

    /// <summary>
    /// Candidate traces for a scan, whole and merged as in <see cref="FindTraceAsync"/>, in blocks, newest first: strictly descending by (smallest start among the trace's stored spans, trace id).
    /// <para>A store may return more traces than match, never fewer: every trace for which all <see cref="SpanScan.Conditions"/> hold and one of the matching spans starts in
    /// <see cref="SpanScan.Range"/>, and that lies after <see cref="SpanScan.After"/>, is among them. The caller evaluates the conditions itself and stops enumerating when it has enough.</para>
    /// </summary>
    IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, CancellationToken cancellation);

    /// <summary>
    /// Counts spans, exactly: each identity once, over all pieces of its trace, whatever they are stored in. Where something can't be read, what it held is missing from the answer, which then says that it is partial.
    /// </summary>
    ValueTask<SpanMeasurement> MeasureAsync(SpanMeasure measure, CancellationToken cancellation);

    /// <summary>Every (service, operation, kind) among stored spans, by service, operation, kind in ordinal order. A service without a name is "".</summary>
    ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation);

    /// <summary>
    /// A small number that stands for a service, whether or not it has spans: 0 for the first one ever asked about, 1 for the next, and the same for as long as the store lives. It says which
    /// colour the service has. A store that lost its notes numbers anew; names beyond what a store remembers share numbers. Never throws.
    /// </summary>
    int OrdinalOf(string service);

    /// <summary>What the store holds and how it fares.</summary>
    StoreStatus GetStatus();
}

/// <summary>One operation of one service.</summary>
/// <param name="Spans">Stored spans, before merging duplicates across pieces.</param>
/// <param name="LastStart">Start of the newest of them.</param>
public sealed record OperationSummary(string Service, string Operation, SpanKind Kind, long Spans, UnixNanos LastStart);

/// <summary>A store's state, for readiness and the status answer.</summary>
/// <param name="Spans">Spans in memory and files. A span that was sent again and lies in two pieces counts twice.</param>
/// <param name="Traces">Distinct traces in memory and files.</param>
/// <param name="HeadSpans">Those of <paramref name="Spans"/> that are in memory.</param>
/// <param name="SegmentBytes">Bytes of segment files.</param>
/// <param name="LogBytes">Bytes of log files.</param>
/// <param name="HeadBytes">Bytes that spans in memory take.</param>
/// <param name="DuplicateRequests">Requests since the start whose bytes had been stored before.</param>
/// <param name="ReadOnlyReason">Why writes are refused at present; null when they are taken.</param>
public sealed record StoreStatus(
    long Spans,
    long Traces,
    long HeadSpans,
    int Segments,
    long SegmentBytes,
    long LogBytes,
    long HeadBytes,
    long DuplicateRequests,
    string? ReadOnlyReason)
{
    /// <summary>Files set aside or pages found broken since the start, in words: each is an alarm.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];
}
