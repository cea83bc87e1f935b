// One append that waits for its group, and the group of them that goes to disk in one write.
using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace Waymark.Storage.Wal;

/// <summary>An entry in flight, and the source of its ticket's completion. Goes back to its pool when the completion has been read; one that nobody awaits is left to the collector.</summary>
internal sealed class WalPending(WalPendingPool pool) : IValueTaskSource<WalOutcome>
{
    private ManualResetValueTaskSourceCore<WalOutcome> source = new() { RunContinuationsAsynchronously = true };

    public ulong Sequence { get; private set; }
    public WalEntry Entry { get; private set; }
    public ValueTask<WalOutcome> Completion => new(this, source.Version);

    public void Begin(ulong sequence, in WalEntry entry)
    {
        Sequence = sequence;
        Entry = entry;
    }

    /// <summary>The last touch by the writer: the waiter may reuse this object at once.</summary>
    public void Complete(WalOutcome outcome)
    {
        Entry = default;
        source.SetResult(outcome);
    }

    WalOutcome IValueTaskSource<WalOutcome>.GetResult(short token)
    {
        var outcome = source.GetResult(token);
        source.Reset();
        pool.Return(this);
        return outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<WalOutcome>.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource<WalOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}

/// <summary>Keeps finished appends for reuse, at most 1,024.</summary>
internal sealed class WalPendingPool
{
    private const int Limit = 1024;

    private readonly ConcurrentBag<WalPending> free = [];

    public WalPending Take(ulong sequence, in WalEntry entry)
    {
        if (!free.TryTake(out var pending)) pending = new WalPending(this);
        pending.Begin(sequence, entry);
        return pending;
    }

    public void Return(WalPending pending)
    {
        if (free.Count < Limit) free.Add(pending);
    }
}

/// <summary>The bytes of one shared write: headers from one buffer, payloads where they are, zeros between. Used by the writer thread alone.</summary>
internal sealed class WalGroup(uint seed)
{
    private static readonly byte[] Zeros = new byte[8];

    private readonly List<ReadOnlyMemory<byte>> buffers = [];
    private byte[] headers = new byte[64 * WalFormat.RecordHeaderBytes];

    public IReadOnlyList<ReadOnlyMemory<byte>> Buffers => buffers;

    /// <summary>Bytes of the file the group takes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Something in it must be on disk before it is acknowledged, whatever the durability asked for.</summary>
    public bool MustSync { get; private set; }

    /// <summary>Lets go of the payloads.</summary>
    public void Clear()
    {
        buffers.Clear();
        Bytes = 0;
        MustSync = false;
    }

    public void Fill(List<WalPending> pending, int start, int count)
    {
        Clear();
        if (headers.Length < count * WalFormat.RecordHeaderBytes) headers = new byte[count * 2 * WalFormat.RecordHeaderBytes];
        for (var i = 0; i < count; i++)
        {
            var entry = pending[start + i].Entry;
            var header = new WalRecordHeader(
                pending[start + i].Sequence,
                entry.IsCarryOver ? WalFormat.KindCarryOver : WalFormat.KindBody,
                entry.Kind,
                entry.Codec,
                entry.Reencoded,
                entry.Tenant,
                entry.ReceivedAt,
                entry.Fingerprint,
                entry.BodyLength,
                entry.SpanCount,
                entry.Payload.Length);
            var bytes = headers.AsMemory(i * WalFormat.RecordHeaderBytes, WalFormat.RecordHeaderBytes);
            header.Write(bytes.Span, entry.Payload.Span, seed);
            buffers.Add(bytes);
            buffers.Add(entry.Payload);
            var padding = (int)(header.RecordBytes - WalFormat.RecordHeaderBytes - entry.Payload.Length);
            if (padding > 0) buffers.Add(Zeros.AsMemory(0, padding));
            Bytes += header.RecordBytes;
            MustSync |= entry.IsCarryOver;
        }
    }
}
