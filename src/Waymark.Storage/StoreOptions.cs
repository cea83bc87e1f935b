// What can be set about the embedded store. Server options map onto this one to one.
namespace Waymark.Storage;

/// <summary>When a write is acknowledged.</summary>
public enum Durability
{
    /// <summary>After a shared fsync: survives power loss.</summary>
    Sync,

    /// <summary>After the write; fsync every <see cref="StoreOptions.SyncInterval"/>: survives a crash of the process, may lose that much on power loss.</summary>
    Interval,

    /// <summary>After the write; the operating system syncs when it likes.</summary>
    Os,
}

/// <summary>Options of the embedded store.</summary>
public sealed record StoreOptions
{
    /// <summary>Where everything lives; made if missing.</summary>
    public required string Directory { get; init; }

    public Durability Durability { get; init; } = Durability.Sync;
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Independent ingest heads. Decoding, which a lane does for one request at a time, is a third of the work: half as many as processors hardly ever wait, and each that is spared is one head less to merge.</summary>
    public int Lanes { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 16);

    /// <summary>Bytes of spans in memory at which they are sealed into a segment.</summary>
    public long SealBytes { get; init; } = 64L << 20;

    /// <summary>Age of the oldest span in memory at which it is sealed.</summary>
    public TimeSpan SealAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Traces with a span that arrived less than this ago stay in memory when the rest is sealed, the youngest first, up to a tenth of the spans (less where
    /// memory fills within a fourth of that time, a hundredth at least): their next spans join them there instead of splitting them over segments. Zero: never.
    /// </summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest share of the spans that a seal carries over.</summary>
    internal double CarryShare { get; init; } = 0.1;

    /// <summary>The same when memory fills more quickly than spans linger.</summary>
    internal double LeastCarryShare { get; init; } = 0.01;

    /// <summary>When a scan looks for candidates on all processors.</summary>
    internal Scanning.SearchPace SearchPace { get; init; } = Scanning.SearchPace.Default;

    /// <summary>Bytes of spans in memory, those being sealed included, beyond which writes are refused as retryable.</summary>
    public long MemoryBytes { get; init; } = 160L << 20;

    /// <summary>Bytes of segments' pages, as they are stored, and of dictionaries, as they are read, that stay in memory between queries; what was not used lately goes first. 0: none.</summary>
    public long PageCacheBytes { get; init; } = 64L << 20;

    /// <summary>Bytes that one query may hold in memory at once: pages it reads, blocks it builds, tables it counts in. Beyond it the query ends with
    /// <see cref="Model.Stores.QueryTooLargeException"/>. A trace of 200,000 spans takes about 230 MB while it is put together.</summary>
    public long QueryMemoryBytes { get; init; } = 512L << 20;

    /// <summary>Segments whose youngest span arrived longer ago than this are deleted.</summary>
    public TimeSpan RetentionAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Bytes of segments beyond which the oldest are deleted.</summary>
    public long RetentionBytes { get; init; } = 50_000_000_000;

    /// <summary>Share of the volume that segments may take, as <see cref="RetentionBytes"/>; whichever is smaller rules.</summary>
    public double RetentionVolumeShare { get; init; } = 0.5;

    /// <summary>Bytes of the volume kept free for manifest, seal and retention; null: 5 % of the volume, between 64 MiB and 10 GiB.</summary>
    public long? ReserveBytes { get; init; }

    /// <summary>Size of one log file.</summary>
    public long LogFileBytes { get; init; } = 128L << 20;

    /// <summary>How long a request's fingerprint is remembered to recognise a retry.</summary>
    public TimeSpan RetryWindow { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How many fingerprints are remembered.</summary>
    public int RetryRequests { get; init; } = 1_000_000;
}
