// One way into the store: a head, the lock that makes its writer single, and the requests that wait for the log.
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;
using Waymark.Storage.Retries;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Ingestion;

/// <summary>
/// A lane takes one request at a time. Its rows become visible in the order of the log, when the log says so.
/// <para>Locks: <see cref="Gate"/> guards head and sink state (decoding, swapping the head); inside it, <c>waiting</c> guards the hand-over to the log's writer thread.</para>
/// </summary>
internal sealed class Lane : IDisposable
{
    private readonly Lock waiting = new();
    private readonly Queue<WaitingBatch> batches = new();
    private readonly RetryList retries;
    private long headBytes;
    private HeadSinkState state = new();

    public Lane(RetryList retries) => this.retries = retries;

    /// <summary>Held while decoding. Monitor, so that a busy lane can be passed over.</summary>
    public object Gate { get; } = new();

    /// <summary>The head that takes spans now. Read and replaced under <see cref="Gate"/>; readers go through the store's state.</summary>
    public SpanHead Head { get; private set; } = new();

    /// <summary>Bytes of the head after its last request. Any thread.</summary>
    public long HeadBytes => Volatile.Read(ref headBytes);

    /// <summary>Decodes a body into the head. Under <see cref="Gate"/>. What was decoded stays unpublished until <see cref="Publish"/>, or goes with <see cref="RollBack"/>.</summary>
    public Mark Decode(IBodyDecoder decoder, BodyKind kind, ReadOnlySpan<byte> body, SpanLimits limits, ref DecodeReport report)
    {
        var mark = new Mark(Head.Spans.Count, Head.Events.Count, Head.Links.Count, Head.Slots.Count);
        var sink = new HeadSink(Head, state, kind);
        try
        {
            decoder.Decode(kind, body, limits, ref sink, ref report);
            if (!report.IsMalformed) state.Pending.Resolve(Head);
        }
        catch
        {
            // Rows that nobody will ever decide would stop sealing for good.
            RollBack(mark);
            throw;
        }
        if (report.IsMalformed || report.Accepted == 0) RollBack(mark);
        else Head.Traces.Add(mark.Spans, Head.Spans.Count);
        Volatile.Write(ref headBytes, Head.Bytes);
        return mark;
    }

    /// <summary>Under <see cref="Gate"/>: queues the decoded rows for the log and for publication when the log has them.</summary>
    public WalTicket Publish(in Mark mark, WriteAheadLog log, in WalEntry entry, in WriteReceipt receipt)
    {
        lock (waiting)
        {
            var ticket = default(WalTicket);
            try
            {
                ticket = log.Append(entry);
                return ticket;
            }
            finally
            {
                // A log that is closed, or refuses by an exception, gives no sequence and will never call back.
                var batch = Head.AddBatch(mark.Spans, ticket.Sequence, entry.ReceivedAt);
                batches.Enqueue(new WaitingBatch(Head, batch, entry.Tenant, entry.Fingerprint, receipt));
                ResolveRefused();
            }
        }
    }

    /// <summary>Under <see cref="Gate"/>, at replay: the rows are in the log already.</summary>
    public void PublishReplayed(in Mark mark, ulong sequence, UnixNanos receivedAt) => Head.Resolve(Head.AddBatch(mark.Spans, sequence, receivedAt), stored: true);

    /// <summary>The log has every record up to a sequence: their rows become visible. Called by the log's writer thread.</summary>
    public void Resolve(ulong throughSequence, bool stored)
    {
        lock (waiting)
        {
            while (batches.TryPeek(out var next) && next.Batch.Sequence <= throughSequence)
            {
                batches.Dequeue();
                var isStored = stored && next.Batch.Sequence != 0;
                // Visible before it is remembered: a retry that is answered from memory is an acknowledgement too.
                next.Head.Resolve(next.Batch, isStored);
                if (isStored) retries.Complete(next.Tenant, next.Fingerprint, next.Receipt);
            }
            ResolveRefused();
        }
    }

    /// <summary>True while a request in this head is on its way through the log, or through <see cref="Resolve"/>: a seal must wait, to find its rows and its fingerprint, or neither.</summary>
    public bool IsWaiting(SpanHead head)
    {
        lock (waiting)
        {
            foreach (var batch in batches)
            {
                if (batch.Head == head) return true;
            }
            return false;
        }
    }

    /// <summary>Under <see cref="Gate"/>: puts an empty head in place of the current one, and returns that.</summary>
    public SpanHead Swap()
    {
        var full = Head;
        Head = new SpanHead();
        Volatile.Write(ref headBytes, 0);
        state.Dispose();
        state = new HeadSinkState();
        return full;
    }

    /// <summary>Gives back the sink's scratch space. The head belongs to the store's state.</summary>
    public void Dispose() => state.Dispose();

    /// <summary>Under <c>waiting</c>: rows that got no sequence are dead, in their turn, so that the watermark passes nothing undecided.</summary>
    private void ResolveRefused()
    {
        while (batches.TryPeek(out var next) && next.Batch.Sequence == 0)
        {
            batches.Dequeue();
            next.Head.Resolve(next.Batch, stored: false);
        }
    }

    private void RollBack(in Mark mark)
    {
        state.Pending.Drop(Head);
        Head.Spans.Truncate(mark.Spans);
        Head.Events.Truncate(mark.Events);
        Head.Links.Truncate(mark.Links);
        Head.Slots.Truncate(mark.Slots);
    }

    /// <summary>Where a request's rows begin.</summary>
    internal readonly record struct Mark(int Spans, int Events, int Links, int Slots);

    private readonly record struct WaitingBatch(SpanHead Head, HeadBatch Batch, uint Tenant, UInt128 Fingerprint, WriteReceipt Receipt);
}
