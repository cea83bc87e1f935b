// The write half of a store: one request in, one receipt out.
using Waymark.Model.Bodies;
using Waymark.Model.Limits;

namespace Waymark.Model.Stores;

/// <summary>Stores the spans of whole requests.</summary>
public interface ISpanWriter
{
    /// <summary>
    /// Decodes and stores one request. When the task completes with <see cref="WriteOutcome.Stored"/>, the spans are as durable as the store's durability mode says
    /// and in the answer of every query that starts afterwards. With any other outcome nothing of it is stored. A request with bytes that were stored already
    /// (same tenant, within the retry list's memory) is <see cref="WriteOutcome.AlreadyStored"/>; one whose twin is still being written waits for the twin.
    /// <para>Any number of threads. The request's memory must stay valid until the task completes. Never throws for bad input or a full disk: see <see cref="WriteReceipt"/>.</para>
    /// </summary>
    ValueTask<WriteReceipt> WriteAsync(WriteRequest request, CancellationToken cancellation);
}

/// <summary>A request body, decompressed and as it came.</summary>
/// <param name="Kind">Protocol and encoding of <paramref name="Body"/>.</param>
/// <param name="Body">Decompressed bytes.</param>
/// <param name="Codec">Compression of <paramref name="AsReceived"/>.</param>
/// <param name="AsReceived">The bytes from the wire: what is logged when every span was admitted unchanged. Equals <paramref name="Body"/> when <paramref name="Codec"/> is None.</param>
/// <param name="Limits">What to cut.</param>
/// <param name="Tenant">Tenant number; 0 while multi-tenancy is off.</param>
public readonly record struct WriteRequest(
    BodyKind Kind,
    ReadOnlyMemory<byte> Body,
    BodyCodec Codec,
    ReadOnlyMemory<byte> AsReceived,
    SpanLimits Limits,
    uint Tenant = 0);

/// <summary>What became of a request.</summary>
public enum WriteOutcome
{
    /// <summary>At least one span is stored; <see cref="WriteReceipt.Report"/> says what was rejected or cut.</summary>
    Stored,

    /// <summary>The same bytes were stored before: acknowledged, not stored again. The report is that of the first time when still known.</summary>
    AlreadyStored,

    /// <summary>Well-formed, but no span in it was acceptable, or it held none.</summary>
    NothingToStore,

    /// <summary>The body can't be read; the report says where.</summary>
    Malformed,

    /// <summary>Not stored, through no fault of the request: <see cref="WriteReceipt.Refusal"/> says why. Worth retrying.</summary>
    Refused,
}

/// <summary>Why a good request was not stored. All are retryable.</summary>
public enum Refusal
{
    None,

    /// <summary>The volume has no room beyond the reserve.</summary>
    DiskFull,

    /// <summary>Writing or syncing failed otherwise.</summary>
    DiskError,

    /// <summary>The memory budget is used up; sealing is behind.</summary>
    MemoryFull,

    /// <summary>The store is closing.</summary>
    Stopping,
}

/// <summary>The outcome of one <see cref="ISpanWriter.WriteAsync"/>.</summary>
public readonly record struct WriteReceipt(WriteOutcome Outcome, DecodeReport Report, Refusal Refusal = Refusal.None);
