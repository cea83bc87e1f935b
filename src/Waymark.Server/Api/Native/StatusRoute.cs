// GET /api/v1/status: what the store holds, how it fares, and what came in.
using System.Globalization;
using Waymark.Server.SelfTelemetry;

namespace Waymark.Server.Api.Native;

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
            ("process", Schema.Object(
                ("cpuSeconds", Schema.Double("User and system time since the start.")),
                ("allocatedBytes", Schema.Int("Managed bytes allocated since the start.")),
                ("managedHeapBytes", Schema.Int()),
                ("residentBytes", Schema.Int("Physical memory in use.")),
                ("collections", Schema.Array(Schema.Int(), "Garbage collections since the start, by generation.")))),
            ("alarms", Schema.Array(Schema.Text(), "Files set aside or pages found broken since the start.")),
            ("ingest", Schema.Nullable(Schema.Object(
                ("sinceUnixNanos", Schema.UnixNanos("When counting began.")),
                ("acceptedSpans", Schema.Int()),
                ("rejectedSpans", Schema.Map("Spans left out, by reason.")),
                ("cuts", Schema.Map("What was shortened in accepted spans, by kind.")),
                ("refusedRequests", Schema.Map("Good requests the store could not take, by reason.")),
                ("turnedAwayRequests", Schema.Map("Requests the receivers turned away, by reason.")),
                ("protocols", Schema.Array(Schema.Object(
                    ("protocol", Schema.Text()),
                    ("requests", Schema.Map("Requests by outcome.")),
                    ("lastSeenUnixNanos", Schema.UnixNanos("When the last one came."))))),
                ("wireBytes", Schema.Int("Body bytes as they came.")),
                ("bodyBytes", Schema.Int("Body bytes after decompression."))))))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var status = call.Store.GetStatus();
        // A server without receivers, as tests build them, has none.
        var counters = call.Http.RequestServices.GetService<IngestCounters>();
        var answer = new StatusAnswer(
            call.Now.Value.ToString(CultureInfo.InvariantCulture),
            status.ReadOnlyReason is null,
            status.ReadOnlyReason,
            new StoreItem(status.Spans, status.Traces, status.HeadSpans, status.Segments, status.SegmentBytes, status.LogBytes, status.HeadBytes, status.DuplicateRequests),
            ProcessItem.Now(),
            status.Alarms,
            counters is null ? null : IngestItem.Of(counters.Snapshot()));
        await call.AnswerAsync(answer, ApiJson.Default.StatusAnswer);
    }
}
