// Every option there is. `waymark config`, --help, the documentation and the checks all read this list; an option that is not here does not exist.
using Waymark.Model.Limits;
using Waymark.Storage;

namespace Waymark.Server.Options;

/// <summary>The registry of options.</summary>
internal static class OptionCatalog
{
    private static readonly StoreOptions Store = new() { Directory = "" };

    public static readonly OptionSpec<ListenAddress> ServerHttp = new("server.http", "--http", new AddressKind(), ListenAddress.TryParse("127.0.0.1:7070")!,
        "HTTP API and OTLP/HTTP listen here.");

    public static readonly OptionSpec<bool> AllowAnonymous = new("server.allow_anonymous", "--allow-anonymous", new SwitchKind(), false,
        "Allow listening on addresses that other machines can reach, though there is no authentication.");

    public static readonly OptionSpec<string> PathBase = new("server.path_base", null, new TextKind("path", "empty, or a path like /waymark", IsPathBase), "",
        "Path under which a reverse proxy serves the main port.");

    public static readonly OptionSpec<IReadOnlyList<string>> Hosts = new("server.hosts", null, new ListKind("host names without port, or * for any", IsHost), [],
        "Host names by which the main port may be called, besides loopback names and the bound addresses.");

    public static readonly OptionSpec<ListenAddress> OtlpHttp = new("otlp.http", "--otlp-http", new AddressKind(), ListenAddress.TryParse("127.0.0.1:4318")!,
        "OTLP/HTTP listens here.");

    public static readonly OptionSpec<ListenAddress> OtlpGrpc = new("otlp.grpc", "--otlp-grpc", new AddressKind(), ListenAddress.TryParse("127.0.0.1:4317")!,
        "OTLP/gRPC listens here.");

    public static readonly OptionSpec<long> MaxRequestBytes = new("otlp.max_request_bytes", null, new BytesKind(1 << 10, 1 << 30), 64 << 20,
        "Largest request, before and after decompression; a larger one is answered 413 (RESOURCE_EXHAUSTED).");

    public static readonly OptionSpec<long> MaxInFlightBytes = new("otlp.max_in_flight_bytes", null, new BytesKind(2 << 10, 1L << 40), 256L << 20,
        "Bytes of all requests being received or stored at once, at least twice otlp.max_request_bytes; beyond it senders are told to come again (503, UNAVAILABLE).");

    public static readonly OptionSpec<IReadOnlyList<string>> CorsOrigins = new("otlp.cors_origins", null, new ListKind("origins like https://shop.example, or * for any", IsOrigin), [],
        "Web pages from these origins may send OTLP/HTTP, besides pages served from this machine.");

    public static readonly OptionSpec<long> TextBytes = new("limits.text_bytes", null, new BytesKind(64, 16 << 20), SpanLimits.Default.MaxTextBytes,
        "Bytes of one attribute value or other text of a span; longer ones are cut and counted.");

    public static readonly OptionSpec<int> Attributes = new("limits.attributes", null, new IntegerKind(1, 65_536), SpanLimits.Default.MaxAttributes,
        "Attributes of one span, event, link, resource or scope; those beyond are dropped and counted.");

    public static readonly OptionSpec<int> Nesting = new("limits.nesting", null, new IntegerKind(1, 64), SpanLimits.Default.MaxNesting,
        "Depth of arrays and key-value lists in a value; a deeper one is emptied and counted.");

    public const string DataDirectoryKey = "data.directory";

    public static readonly OptionSpec<string> DataDirectory = new(DataDirectoryKey, "--data", new TextKind("path", "a directory, made if missing", static text => text.Length > 0), "./waymark-data",
        "Everything Waymark stores is in this directory.");

    public static readonly OptionSpec<Durability> StoreDurability = new("store.durability", "--durability", new ChoiceKind<Durability>(), Store.Durability,
        "When spans are acknowledged: sync = after a shared fsync, survives power loss; interval = after the write, fsync every store.sync_interval; os = after the write.");

    public static readonly OptionSpec<TimeSpan> SyncInterval = new("store.sync_interval", null, new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)), Store.SyncInterval,
        "Time between fsyncs with durability interval: what a power loss may take.");

    public static readonly OptionSpec<int> Lanes = new("store.lanes", null, new IntegerKind(1, 64), Store.Lanes,
        "Independent ingest lanes. The default is one for every two processors.");

    public static readonly OptionSpec<long> SealBytes = new("store.seal_bytes", null, new BytesKind(1 << 20, 4L << 30), Store.SealBytes,
        "Bytes of spans in memory at which they are sealed into a segment file.");

    public static readonly OptionSpec<TimeSpan> SealAge = new("store.seal_age", null, new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), Store.SealAge,
        "Age of the oldest span in memory at which they are sealed.");

    public static readonly OptionSpec<TimeSpan> Linger = new("store.linger", null, new DurationKind(TimeSpan.Zero, TimeSpan.FromMinutes(10)), Store.Linger,
        "Traces with a span younger than this stay in memory when the rest is sealed, up to a tenth of the spans, so that fewer are split over segments; 0ms = never.");

    public static readonly OptionSpec<long> MemoryBytes = new("store.memory_bytes", null, new BytesKind(2 << 20, 1L << 40), Store.MemoryBytes,
        "Bytes of spans in memory, those being sealed included, beyond which senders are told to come again; more than store.seal_bytes.");

    public static readonly OptionSpec<long> PageCacheBytes = new("store.page_cache_bytes", null, new BytesKind(0, 1L << 40), Store.PageCacheBytes,
        "Bytes of segment pages, as they are stored, and of dictionaries that stay in memory between queries.");

    public static readonly OptionSpec<long> QueryMemoryBytes = new("store.query_memory_bytes", null, new BytesKind(1 << 20, 1L << 40), Store.QueryMemoryBytes,
        "Bytes of memory that one query may hold; one that needs more is answered with an error that says so. A trace of 200,000 spans takes about 230MiB.");

    public static readonly OptionSpec<long> LogFileBytes = new("store.log_file_bytes", null, new BytesKind(1 << 20, 4L << 30), Store.LogFileBytes,
        "Size of one write-ahead log file.");

    public static readonly OptionSpec<long?> ReserveBytes = new("store.reserve_bytes", null, new AutoBytesKind(new BytesKind(0, 1L << 40), "5 % of the volume, between 64MiB and 10GiB"), Store.ReserveBytes,
        "Bytes of the volume that ingest leaves free.");

    public static readonly OptionSpec<TimeSpan> RetryWindow = new("store.retry_window", null, new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), Store.RetryWindow,
        "How long a request is remembered, so that the same bytes sent again are acknowledged without being stored twice.");

    public static readonly OptionSpec<int> RetryRequests = new("store.retry_requests", null, new IntegerKind(1, 100_000_000), Store.RetryRequests,
        "How many requests are remembered for that.");

    public static readonly OptionSpec<TimeSpan> RetentionAge = new("retention.age", null, new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650)), Store.RetentionAge,
        "Segments whose youngest span arrived longer ago than this are deleted.");

    public static readonly OptionSpec<long> RetentionBytes = new("retention.bytes", null, new BytesKind(1 << 20, 1L << 60), Store.RetentionBytes,
        "Bytes of segments beyond which the oldest are deleted.");

    public static readonly OptionSpec<double> RetentionShare = new("retention.volume_share", null, new ShareKind(0.01, 1), Store.RetentionVolumeShare,
        "Share of the volume that segments may take; the smaller of this and retention.bytes rules.");

    /// <summary>Every option, grouped, in the order they are shown.</summary>
    public static IReadOnlyList<OptionSpec> All { get; } =
    [
        ServerHttp, AllowAnonymous, PathBase, Hosts,
        OtlpHttp, OtlpGrpc, MaxRequestBytes, MaxInFlightBytes, CorsOrigins,
        TextBytes, Attributes, Nesting,
        DataDirectory,
        StoreDurability, SyncInterval, Lanes, SealBytes, SealAge, Linger, MemoryBytes, PageCacheBytes, QueryMemoryBytes, LogFileBytes, ReserveBytes, RetryWindow, RetryRequests,
        RetentionAge, RetentionBytes, RetentionShare,
    ];

    private static readonly Dictionary<string, OptionSpec> ByKey = All.ToDictionary(static spec => spec.Key, StringComparer.Ordinal);

    /// <summary>The option with exactly this key, or null.</summary>
    public static OptionSpec? Find(string key) => ByKey.GetValueOrDefault(key);

    private static bool IsPathBase(string text) => text.Length == 0 || (text[0] == '/' && text.Length > 1 && text[^1] != '/' && !text.AsSpan().ContainsAny("?#% "));

    private static bool IsHost(string text) => text == "*" || Uri.CheckHostName(text) != UriHostNameType.Unknown;

    private static bool IsOrigin(string text) =>
        text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && text.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase));
}
