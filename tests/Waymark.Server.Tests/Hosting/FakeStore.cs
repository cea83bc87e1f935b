// A store that keeps request bodies and answers as a test tells it to.
using System.Collections.Concurrent;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.Tests.Hosting;

/// <summary>One request as the fake was given it.</summary>
internal sealed record WrittenRequest(BodyKind Kind, byte[] Body, BodyCodec Codec, byte[] AsReceived, SpanLimits Limits);

internal sealed class FakeStore : ISpanWriter, ITraceStore
{
    public ConcurrentQueue<WrittenRequest> Written { get; } = new();

    public Func<WriteRequest, WriteReceipt> Answer { get; set; } = static _ => new(WriteOutcome.Stored, new DecodeReport { Accepted = 1 });

    /// <summary>Writes wait for this when set.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public bool KeepBodies { get; set; } = true;

    public string? ReadOnlyReason { get; set; }

    /// <summary>What every query ends with when set.</summary>
    public Exception? QueryFailure { get; set; }

    public async ValueTask<WriteReceipt> WriteAsync(WriteRequest request, CancellationToken cancellation)
    {
        if (Gate is { } gate) await gate.Task;
        if (KeepBodies) Written.Enqueue(new(request.Kind, request.Body.ToArray(), request.Codec, request.AsReceived.ToArray(), request.Limits));
        return Answer(request);
    }

    public ValueTask<SpanBlock?> FindTraceAsync(TraceId id, SpanSelection selection, CancellationToken cancellation) =>
        QueryFailure is { } failure ? ValueTask.FromException<SpanBlock?>(failure) : new((SpanBlock?)null);

    public async IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        if (QueryFailure is { } failure) throw failure;
        yield break;
    }

    public ValueTask<SpanMeasurement> MeasureAsync(SpanMeasure measure, CancellationToken cancellation) => new(new SpanMeasurement([], null, IsPartial: false));

    public ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation) => new(Array.Empty<OperationSummary>());

    public int OrdinalOf(string service) => 0;

    public StoreStatus GetStatus() => new(0, 0, 0, 0, 0, 0, 0, 0, ReadOnlyReason);
}
