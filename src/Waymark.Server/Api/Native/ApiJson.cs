// The small answers as records, serialised by generated code. Large answers are written element by element instead (SpanJson, LayoutRoute).
using System.Text.Json;
using System.Text.Json.Serialization;

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
    IReadOnlyList<ServiceShareItem> Services);

internal sealed record ServiceShareItem(string Name, int SpanCount, int ErrorCount);

internal sealed record ServicesAnswer(IReadOnlyList<ServiceItem> Services);

internal sealed record ServiceItem(string Name, int OperationCount, long SpanCount, string LastStartUnixNanos);

internal sealed record OperationsAnswer(IReadOnlyList<OperationItem> Operations);

internal sealed record OperationItem(string Service, string Name, string Kind, long SpanCount, string LastStartUnixNanos);

internal sealed record StatusAnswer(
    string TimeUnixNanos,
    bool AcceptsWrites,
    string? ReadOnlyReason,
    StoreItem Store,
    IReadOnlyList<string> Alarms,
    JsonElement? Ingest);

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
[JsonSerializable(typeof(ServicesAnswer))]
[JsonSerializable(typeof(OperationsAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ApiJson : JsonSerializerContext;
