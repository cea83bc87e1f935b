// GET /api/v1/status: what the store holds, how it fares, and what came in.
using System.Globalization;
using Waymark.Server.Commands;
using Waymark.Server.Hosting;
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
            ("version", Schema.Text("Of the server.")),
            ("listeners", Schema.Array(Schema.Object(
                ("role", Schema.Enum(Words.ListenerRoles)),
                ("url", Schema.Text("An address of this machine that can be connected to; of a wildcard, the loopback's."))), "Where the server listens: http has pages, API and OTLP over HTTP, the others one protocol each.")),
            ("acceptsWrites", Schema.Bool("False while spans are refused.")),
            ("readOnlyReason", Schema.Nullable(Schema.Text("Why writes are refused at present; null when they are taken."))),
            ("store", Schema.Object(
                ("spanCount", Schema.Int("Spans in memory and files.")),
                ("traceCount", Schema.Int("Distinct traces.")),
                ("headSpanCount", Schema.Int("Spans in memory, not yet in a segment.")),
                ("segmentCount", Schema.Int("Segment files.")),
                ("segmentBytes", Schema.Int("Bytes of segment files.")),
                ("logBytes", Schema.Int("Bytes of log files.")),
                ("headBytes", Schema.Int("Bytes that spans in memory take.")),
                ("duplicateRequestCount", Schema.Int("Retried requests that were acknowledged without storing them again.")))),
            ("process", Schema.Object(
                ("cpuSeconds", Schema.Double("User and system time since the start.")),
                ("allocatedBytes", Schema.Int("Managed bytes allocated since the start.")),
                ("managedHeapBytes", Schema.Int("Managed memory in use.")),
                ("residentBytes", Schema.Int("Physical memory in use.")),
                ("collections", Schema.Array(Schema.Int(), "Garbage collections since the start, by generation.")))),
            ("alarms", Schema.Array(Schema.Text(), "Files set aside or pages found broken since the start.")),
            ("ingest", Schema.Nullable(Schema.Object(
                ("sinceUnixNanos", Schema.UnixNanos("When counting began.")),
                ("acceptedSpans", Schema.Int("Spans stored, retries not counted again.")),
                ("rejectedSpans", Schema.Map("Spans left out, by reason.", Schema.Int())),
                ("cuts", Schema.Map("What was shortened in accepted spans, by kind.", Schema.Int())),
                ("refusedRequests", Schema.Map("Good requests the store could not take, by reason.", Schema.Int())),
                ("turnedAwayRequests", Schema.Map("Requests the receivers turned away, by reason.", Schema.Int())),
                ("protocols", Schema.Array(Schema.Object(
                    ("protocol", Schema.Text("E.g. otlpHttpProtobuf.")),
                    ("requests", Schema.Map("Requests by outcome.", Schema.Int())),
                    ("lastSeenUnixNanos", Schema.UnixNanos("When the last one came."))), "Those that were used.")),
                ("wireBytes", Schema.Int("Body bytes as they came.")),
                ("bodyBytes", Schema.Int("Body bytes after decompression.")),
                ("recentRefusals", Schema.Array(Schema.Object(
                    ("timeUnixNanos", Schema.UnixNanos("When it came.")),
                    ("protocol", Schema.Text("As under protocols.")),
                    ("reason", Schema.Text("As in the counts above, or malformed.")),
                    ("sentence", Schema.Text("What its sender was told."))), $"The latest requests that were not taken, or not whole, newest first; at most {RecentRefusals.Max}."))))))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        var status = call.Store.GetStatus();
        // A server without receivers, as tests build them, has none.
        var counters = call.Http.RequestServices.GetService<IngestCounters>();
        var answer = new StatusAnswer(
            call.Now.Value.ToString(CultureInfo.InvariantCulture),
            ProductVersion.Text,
            Listeners(call),
            status.ReadOnlyReason is null,
            status.ReadOnlyReason,
            new StoreItem(status.Spans, status.Traces, status.HeadSpans, status.Segments, status.SegmentBytes, status.LogBytes, status.HeadBytes, status.DuplicateRequests),
            ProcessItem.Now(),
            status.Alarms,
            counters is null ? null : IngestItem.Of(counters.Snapshot()));
        await call.AnswerAsync(answer, ApiJson.Default.StatusAnswer);
    }

    private static ListenerItem[] Listeners(RouteCall call) =>
        [.. (call.Http.RequestServices.GetService<WaymarkHost>()?.Listeners ?? []).Select(l => new ListenerItem(Words.ListenerRoles[(int)l.Role], l.Url))];
}
