// GET /api/v1/status: what the store holds, how it fares, and what came in.
using System.Globalization;
using System.Text.Json;

namespace Waymark.Server.Api.Native;

/// <summary>Reads the ingest counters shown in the status answer: any object that serialises to JSON. Registered by whoever counts; without it the answer has null there.</summary>
public delegate object? ReadIngestCounters();

internal static class StatusRoute
{
    public static readonly Route Route = new(
        "/api/v1/status",
        "getStatus",
        "What the store holds and how it fares.",
        [],
        ("Status", Schema.Object(
            ("timeUnixNanos", Schema.UnixNanos("The server's clock.")),
            ("acceptsWrites", Schema.Bool()),
            ("readOnlyReason", Schema.Nullable(Schema.Text("Why writes are refused at present; null when they are taken."))),
            ("store", Schema.Object(
                ("spanCount", Schema.Int()),
                ("traceCount", Schema.Int()),
                ("headSpanCount", Schema.Int("Spans in memory, not yet in a segment.")),
                ("segmentCount", Schema.Int()),
                ("segmentBytes", Schema.Int()),
                ("logBytes", Schema.Int()),
                ("headBytes", Schema.Int()),
                ("duplicateRequestCount", Schema.Int("Retried requests that were acknowledged without storing them again.")))),
            ("alarms", Schema.Array(Schema.Text(), "Files set aside or pages found broken since the start.")),
            ("ingest", Schema.Any("Counters of the receivers; null without them.")))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var status = call.Store.GetStatus();
        JsonElement? ingest = call.Http.RequestServices.GetService<ReadIngestCounters>()?.Invoke() is { } counters
            ? JsonSerializer.SerializeToElement(counters, counters.GetType(), JsonSerializerOptions.Web)
            : null;
        var answer = new StatusAnswer(
            call.Now.Value.ToString(CultureInfo.InvariantCulture),
            status.ReadOnlyReason is null,
            status.ReadOnlyReason,
            new StoreItem(status.Spans, status.Traces, status.HeadSpans, status.Segments, status.SegmentBytes, status.LogBytes, status.HeadBytes, status.DuplicateRequests),
            status.Alarms,
            ingest);
        await call.AnswerAsync(answer, ApiJson.Default.StatusAnswer);
    }
}
