// The small answers as records, serialised by generated code. Large answers are written element by element instead (SpanJson, LayoutRoute).
using System.Text.Json;
using System.Text.Json.Serialization;
using Waymark.Model.Spans;
using Waymark.Server.SelfTelemetry;

namespace Waymark.Server.Api.Native;

internal sealed record TraceListAnswer(IReadOnlyList<TraceItem> Traces, string? Next);

internal sealed record TraceItem(
    string TraceId,
    string StartUnixNanos,
    string EndUnixNanos,
    long DurationNanos,
    string FirstReceivedUnixNanos,
    string RootService,
    string RootOperation,
    int SpanCount,
    int ErrorCount,
    int MatchedSpanCount,
    int DuplicateCount,
    IReadOnlyList<string> Oddities,
    IReadOnlyList<ServiceShareItem> Services,
    TopContributorItem? TopContributor);

internal sealed record ServiceShareItem(string Name, int Ordinal, int SpanCount, int ErrorCount);

internal sealed record TopContributorItem(string Service, string Operation, long Nanos, double Share);

internal sealed record RemediesAnswer(IReadOnlyList<RemedyItem> Remedies);

internal sealed record RemedyItem(string Kind, string Parameter, string Value, string? From, int Count, bool IsMore);

internal sealed record RootDurationsAnswer(int TraceCount, long? P50Nanos, long? P95Nanos, long? P99Nanos, long? MaxNanos);

internal sealed record AttributesAnswer(int TraceCount, IReadOnlyList<AttributeKeyItem> Keys);

internal sealed record AttributeKeyItem(string Key, int SpanCount, IReadOnlyList<AttributeValueItem> Values, bool IsCut);

internal sealed record AttributeValueItem(string Value, int SpanCount);

internal sealed record BacklinksAnswer(IReadOnlyList<BacklinkItem> Links, bool IsCut, int SearchedTraceCount);

internal sealed record BacklinkItem(string TraceId, string SpanId, string Service, string Name, string StartUnixNanos, string ToSpanId);

internal sealed record ServicesAnswer(IReadOnlyList<ServiceItem> Services, bool IsCut);

internal sealed record ServiceItem(string Name, int Ordinal, int OperationCount, long SpanCount, string LastStartUnixNanos);

internal sealed record OperationsAnswer(IReadOnlyList<OperationItem> Operations, bool IsCut);

internal sealed record OperationItem(string Service, string Name, string Kind, long SpanCount, string LastStartUnixNanos);

internal sealed record StatusAnswer(
    string TimeUnixNanos,
    string Version,
    IReadOnlyList<ListenerItem> Listeners,
    bool AcceptsWrites,
    string? ReadOnlyReason,
    StoreItem Store,
    ProcessItem Process,
    IReadOnlyList<string> Alarms,
    IngestItem? Ingest);

internal sealed record ListenerItem(string Role, string Url);

internal sealed record ProcessItem(double CpuSeconds, long AllocatedBytes, long ManagedHeapBytes, long ResidentBytes, int[] Collections)
{
    /// <summary>This process, at this moment.</summary>
    public static ProcessItem Now() => new(
        Environment.CpuUsage.TotalTime.TotalSeconds,
        GC.GetTotalAllocatedBytes(),
        GC.GetTotalMemory(forceFullCollection: false),
        Environment.WorkingSet,
        [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)]);
}

internal sealed record ProtocolItem(string Protocol, IReadOnlyDictionary<string, long> Requests, string LastSeenUnixNanos);

internal sealed record IngestItem(
    string SinceUnixNanos,
    long AcceptedSpans,
    IReadOnlyDictionary<string, long> RejectedSpans,
    IReadOnlyDictionary<string, long> Cuts,
    IReadOnlyDictionary<string, long> RefusedRequests,
    IReadOnlyDictionary<string, long> TurnedAwayRequests,
    IReadOnlyList<ProtocolItem> Protocols,
    long WireBytes,
    long BodyBytes,
    IReadOnlyList<RefusalItem> RecentRefusals)
{
    public static IngestItem Of(IngestSnapshot counted) => new(
        Text(counted.Since),
        counted.AcceptedSpans,
        Named(counted.RejectedSpans),
        Named(counted.Cuts),
        Named(counted.RefusedRequests),
        Named(counted.TurnedAwayRequests),
        [.. counted.Protocols.Select(p => new ProtocolItem(Name(p.Protocol), Named(p.Requests), Text(p.LastSeen)))],
        counted.WireBytes,
        counted.BodyBytes,
        [.. counted.RecentRefusals.Select(r => new RefusalItem(Text(r.Time), Name(r.Protocol), r.Reason, r.Sentence))]);

    private static string Text(UnixNanos time) => time.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Name<T>(T member)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(member.ToString());

    private static Dictionary<string, long> Named<T>(IReadOnlyDictionary<T, long> counts)
        where T : struct, Enum => counts.ToDictionary(c => Name(c.Key), c => c.Value);
}

internal sealed record RefusalItem(string TimeUnixNanos, string Protocol, string Reason, string Sentence);

internal sealed record StoreItem(
    long SpanCount,
    long TraceCount,
    long HeadSpanCount,
    int SegmentCount,
    long SegmentBytes,
    long LogBytes,
    long HeadBytes,
    long DuplicateRequestCount);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(TraceListAnswer))]
[JsonSerializable(typeof(RemediesAnswer))]
[JsonSerializable(typeof(RootDurationsAnswer))]
[JsonSerializable(typeof(AttributesAnswer))]
[JsonSerializable(typeof(BacklinksAnswer))]
[JsonSerializable(typeof(ServicesAnswer))]
[JsonSerializable(typeof(OperationsAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ApiJson : JsonSerializerContext;
