// What goes into the log, what comes back from it, and how it can be set.
using Waymark.Model.Bodies;
using Waymark.Model.Spans;

namespace Waymark.Storage.Wal;

/// <summary>One request for the log, or what a seal carries over.</summary>
/// <param name="Reencoded">The payload is what was admitted of the request, not the bytes received.</param>
/// <param name="BodyLength">Bytes of the body once decompressed.</param>
/// <param name="Payload">Must stay as it is until the ticket completes. At most <see cref="WalFormat.MaxPayloadBytes"/>.</param>
internal readonly record struct WalEntry(
    BodyKind Kind,
    BodyCodec Codec,
    bool Reencoded,
    uint Tenant,
    UnixNanos ReceivedAt,
    UInt128 Fingerprint,
    int BodyLength,
    int SpanCount,
    ReadOnlyMemory<byte> Payload)
{
    /// <summary>The payload is a <see cref="Sealing.CarryPayload"/>. Synced before it is called durable whatever <see cref="WalOptions.Durability"/> says: the log is about to let go of the originals.</summary>
    public bool IsCarryOver { get; init; }
}

/// <summary>What became of an entry.</summary>
internal enum WalOutcome
{
    /// <summary>As durable as <see cref="WalOptions.Durability"/> says.</summary>
    Durable,

    /// <summary>Not stored: no room beyond the reserve.</summary>
    DiskFull,

    /// <summary>Not stored: writing or syncing failed.</summary>
    DiskError,

    /// <summary>Not stored: the log is closed.</summary>
    Closed,
}

/// <summary>The promise of an append. <see cref="Completion"/> may be awaited once, as any <see cref="ValueTask"/>; it never faults.</summary>
internal readonly record struct WalTicket(ulong Sequence, ValueTask<WalOutcome> Completion);

/// <summary>How the log works.</summary>
internal sealed record WalOptions
{
    public Durability Durability { get; init; } = Durability.Sync;

    /// <summary>With <see cref="Durability.Interval"/>: the longest time between a write and its sync.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Size of a log file, reserved when it is made. A record that needs more gets a larger file of its own.</summary>
    public long FileBytes { get; init; } = 128L << 20;

    /// <summary>Bytes of the volume that making a log file must leave free; less is <see cref="WalOutcome.DiskFull"/>.</summary>
    public long ReserveBytes { get; init; }

    /// <summary>Payload bytes beyond which one shared write takes no further records (one record is always taken).</summary>
    public long MaxGroupBytes { get; init; } = 16L << 20;
}

/// <summary>A record read back.</summary>
/// <param name="Payload">Valid only during the call it is handed to.</param>
internal readonly record struct WalRecord(
    ulong Sequence,
    BodyKind Kind,
    BodyCodec Codec,
    bool Reencoded,
    uint Tenant,
    UnixNanos ReceivedAt,
    UInt128 Fingerprint,
    int BodyLength,
    int SpanCount,
    ReadOnlyMemory<byte> Payload)
{
    /// <summary>The payload is a <see cref="Sealing.CarryPayload"/>; the manifest tells whether it counts.</summary>
    public bool IsCarryOver { get; init; }
}

/// <summary>Takes one record of a replay.</summary>
internal delegate void WalRecordHandler(in WalRecord record);

/// <summary>What a replay found.</summary>
/// <param name="LastSequence">The highest sequence that counts: that of the last record read, or <c>after</c> when there was none. The next log continues at one more.</param>
/// <param name="Records">Records handed over.</param>
/// <param name="Bytes">Their payload bytes.</param>
/// <param name="TornTails">Files that end in an unfinished write: normal after a crash.</param>
/// <param name="Alarms">Lost or damaged records and files that are not ours, in words with file and offset.</param>
internal sealed record WalReplayResult(ulong LastSequence, int Records, long Bytes, int TornTails, IReadOnlyList<string> Alarms);
