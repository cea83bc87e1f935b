// The embedded store: composition of log, lanes, sealing, segments and retention. Where a span goes after it is decoded, and where queries find it.
// Exception policy: WriteAsync never throws for bad input or a failing disk (see WriteReceipt); OpenAsync throws IOException naming the file; queries throw IOException only when a file can't be read at all,
// and QueryTooLargeException when they would hold more memory than one may.
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Ingestion;
using Waymark.Storage.Retries;
using Waymark.Storage.Scanning;
using Waymark.Storage.Scanning.Measuring;
using Waymark.Storage.Wal;

namespace Waymark.Storage;

/// <summary>The embedded store in one directory. Thread-safe. Once closed, queries throw <see cref="ObjectDisposedException"/>, writes are refused as stopping, and the status says so.</summary>
public sealed class SpanStore : ITraceStore, ISpanWriter, IAsyncDisposable
{
    private readonly StoreOptions options;
    private readonly IBodyDecoder decoder;
    private readonly TimeProvider time;
    private readonly StoreLock? storeLock;
    private readonly Catalog.Catalog catalog;
    private readonly WriteAheadLog log;
    private readonly RetryList retries;
    private readonly StoreState state;
    private readonly Lane[] lanes;
    private readonly Keeper keeper;
    private readonly Alarms alarms;
    private readonly ServiceOrdinals ordinals;
    private readonly long fingerprintSeed;
    private int nextLane;
    private int stopping;
    private int writers;
    private long duplicateRequests;

    private SpanStore(StoreParts parts, StoreLock? storeLock)
    {
        (options, decoder, time, catalog, log, retries, state, lanes, alarms) =
            (parts.Options, parts.Decoder, parts.Time, parts.Catalog, parts.Log!, parts.Retries, parts.State, parts.Lanes, parts.Alarms);
        this.storeLock = storeLock;
        // Nobody outside knows the store's id, so nobody can make two bodies with one fingerprint.
        fingerprintSeed = (long)XxHash3.HashToUInt64(catalog.StoreId.ToByteArray());
        log.Durable = sequence => Resolve(sequence, stored: true);
        log.Failed = (_, last) => Resolve(last, stored: false);
        keeper = new Keeper(parts);
        log.Suspected = keeper.NoteSuspectLog;
        ordinals = new ServiceOrdinals(parts.Files, parts.Paths.Services, parts.Alarms);
    }

    /// <summary>Opens the store in a directory, replaying its log. Throws <see cref="IOException"/> naming the file when it can't, or when another process has it open.</summary>
    public static async Task<SpanStore> OpenAsync(StoreOptions options, IBodyDecoder decoder, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Directory);
        var held = StoreLock.Acquire(options.Directory);
        try
        {
            return await OpenAsync(RealFileSystem.Instance, held, options, decoder, time, logger, cancellation);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The same over any file system; for tests, which bring one that fails.</summary>
    internal static Task<SpanStore> OpenAsync(
        IFileSystem files, StoreLock? storeLock, StoreOptions options, IBodyDecoder decoder, TimeProvider time, ILogger logger, CancellationToken cancellation) =>
        Task.Run(() => new SpanStore(StoreOpening.Open(files, options, decoder, time, logger, cancellation), storeLock), cancellation);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WriteReceipt> WriteAsync(WriteRequest request, CancellationToken cancellation)
    {
        Interlocked.Increment(ref writers);
        try
        {
            return Volatile.Read(ref stopping) != 0 ? Refused(Refusal.Stopping) : await WriteOpenAsync(request, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref writers);
        }
    }

    public ValueTask<SpanBlock?> FindTraceAsync(TraceId id, SpanSelection selection, CancellationToken cancellation) => new(Task.Run(
        () =>
        {
            using var view = state.View(alarms.Raise, NewMemory());
            var block = new TraceCollector(view, selection);
            return block.Add(id) ? block.Build() : null;
        },
        cancellation));

    public async IAsyncEnumerable<SpanBlock> ScanAsync(SpanScan scan, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var view = state.View(alarms.Raise, NewMemory());
        await foreach (var block in new TraceScan(view, scan, options.SearchPace, cancellation).RunAsync()) yield return block;
    }

    public ValueTask<SpanMeasurement> MeasureAsync(SpanMeasure measure, CancellationToken cancellation) => new(Task.Run(
        async () =>
        {
            using var view = state.View(alarms.Raise, NewMemory());
            return await new StoreMeasure(view, measure, cancellation).RunAsync();
        },
        cancellation));

    public ValueTask<IReadOnlyList<OperationSummary>> GetOperationsAsync(CancellationToken cancellation) => new(Task.Run(
        () =>
        {
            using var view = state.View(alarms.Raise, NewMemory());
            return OperationList.Of(view);
        },
        cancellation));

    public int OrdinalOf(string service) => ordinals.Of(service);

    public StoreStatus GetStatus()
    {
        // Whoever asks how a closed store fares is told that it is closed.
        using var view = state.TryView(alarms.Raise, new QueryMemory());
        var segments = view?.Segments ?? [];
        long headSpans = 0, headBytes = 0;
        foreach (var snapshot in view?.Heads ?? [])
        {
            headSpans += snapshot.Spans;
            headBytes += snapshot.Head.Bytes;
        }
        return new StoreStatus(
            headSpans + segments.Sum(s => s.Entry.Spans),
            view?.CountTraces() ?? 0,
            headSpans,
            segments.Length,
            segments.Sum(s => s.Entry.Bytes),
            log.Bytes,
            headBytes,
            Interlocked.Read(ref duplicateRequests),
            Volatile.Read(ref stopping) != 0 ? "the store is closing" : log.FullReason ?? keeper.Blocked?.Message)
        {
            Alarms = alarms.All,
        };
    }

    /// <summary>Seals everything in memory now and applies retention. Throws the <see cref="IOException"/> that prevents it.</summary>
    internal Task SealNowAsync() => keeper.SealNowAsync();

    /// <summary>Seals as housekeeping does when it is time: young traces may stay in memory. Throws the <see cref="IOException"/> that prevents it.</summary>
    internal Task SealLingeringAsync() => keeper.SealLingeringAsync();

    /// <summary>Refuses further writes, seals what is in memory and closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref stopping, 1) != 0) return;
        await keeper.StopAsync();
        await log.DisposeAsync();
        // Writers that were inside already: the log has answered them, and none may find its lane's memory gone.
        while (Volatile.Read(ref writers) > 0) await Task.Delay(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        keeper.Dispose();
        state.Dispose();
        foreach (var lane in lanes) lane.Dispose();
        catalog.Dispose();
        ordinals.Dispose();
        storeLock?.Dispose();
    }

    private QueryMemory NewMemory() => new(options.QueryMemoryBytes);

    private static WriteReceipt Refused(Refusal refusal) => new(WriteOutcome.Refused, default, refusal);

    /// <summary><see cref="WriteAsync"/> while the store is open.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WriteReceipt> WriteOpenAsync(WriteRequest request, CancellationToken cancellation)
    {
        if (log.FullReason is not null) return Refused(Refusal.DiskFull);
        if (!await keeper.WaitForMemoryAsync(cancellation)) return Refused(keeper.Blocked is DiskFullException ? Refusal.DiskFull : Refusal.MemoryFull);

        var now = UnixNanos.Now(time);
        var fingerprint = XxHash128.HashToUInt128(request.Body.Span, fingerprintSeed + (long)request.Kind);
        switch (retries.Begin(request.Tenant, fingerprint, now, out var twin, out var known))
        {
            case RetryVerdict.Known:
                Interlocked.Increment(ref duplicateRequests);
                return known;
            case RetryVerdict.Pending:
                Interlocked.Increment(ref duplicateRequests);
                return await twin!.WaitAsync(cancellation);
        }
        return await WriteNewAsync(request, fingerprint, now);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WriteReceipt> WriteNewAsync(WriteRequest request, UInt128 fingerprint, UnixNanos now)
    {
        PooledBuffer? reencoded = null;
        try
        {
            var receipt = Append(request, fingerprint, now, ref reencoded, out var ticket);
            if (ticket is not { } logged)
            {
                retries.Complete(request.Tenant, fingerprint, receipt);
                return receipt;
            }
            var outcome = await logged.Completion;
            if (outcome != WalOutcome.Durable)
            {
                receipt = Refused(outcome switch { WalOutcome.DiskFull => Refusal.DiskFull, WalOutcome.Closed => Refusal.Stopping, _ => Refusal.DiskError });
                retries.Complete(request.Tenant, fingerprint, receipt);
            }
            keeper.NoteWrite();
            return receipt;
        }
        catch
        {
            retries.Abandon(request.Tenant, fingerprint);
            throw;
        }
        finally
        {
            reencoded?.Dispose();
        }
    }

    /// <summary>Decodes into a lane and hands the request to the log. Without a ticket nothing was stored, and the receipt says why.</summary>
    private WriteReceipt Append(in WriteRequest request, UInt128 fingerprint, UnixNanos now, ref PooledBuffer? reencoded, out WalTicket? ticket)
    {
        ticket = null;
        var report = default(DecodeReport);
        var lane = EnterLane();
        try
        {
            var mark = lane.Decode(decoder, request.Kind, request.Body.Span, request.Limits, ref report);
            if (report.IsMalformed) return new WriteReceipt(WriteOutcome.Malformed, report);
            if (report.Accepted == 0) return new WriteReceipt(WriteOutcome.NothingToStore, report);
            var (kind, codec, payload, bodyLength) = (request.Kind, request.Codec, request.AsReceived, request.Body.Length);
            if (!report.IsUnchanged)
            {
                reencoded = new PooledBuffer(request.Body.Length + 1024);
                decoder.Reencode(request.Kind, request.Body.Span, request.Limits, reencoded);
                (kind, codec, payload, bodyLength) = (BodyKind.OtlpProtobuf, BodyCodec.None, reencoded.WrittenMemory, reencoded.Length);
            }
            var receipt = new WriteReceipt(WriteOutcome.Stored, report);
            var entry = new WalEntry(kind, codec, reencoded is not null, request.Tenant, now, fingerprint, bodyLength, report.Accepted, payload);
            ticket = lane.Publish(mark, log, entry, receipt);
            return receipt;
        }
        finally
        {
            Monitor.Exit(lane.Gate);
        }
    }

    /// <summary>The next lane that is free, or else the next in turn; its gate is held.</summary>
    private Lane EnterLane()
    {
        var first = (int)((uint)Interlocked.Increment(ref nextLane) % (uint)lanes.Length);
        for (var k = 0; k < lanes.Length; k++)
        {
            var lane = lanes[(first + k) % lanes.Length];
            if (Monitor.TryEnter(lane.Gate)) return lane;
        }
        Monitor.Enter(lanes[first].Gate);
        return lanes[first];
    }

    private void Resolve(ulong throughSequence, bool stored)
    {
        foreach (var lane in lanes) lane.Resolve(throughSequence, stored);
    }
}
