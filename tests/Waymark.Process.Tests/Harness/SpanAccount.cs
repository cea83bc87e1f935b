// After kills: what a server holds against what it acknowledged. Used by the kill test, and by the bench program's verb kill.
namespace Waymark.Process.Tests.Harness;

/// <summary>Says what is wrong, one sentence each; nothing when every promise was kept.</summary>
internal static class SpanAccount
{
    /// <summary>While senders go on: every span of these acknowledged requests is there exactly once, as it was sent.</summary>
    public static async Task<List<string>> CheckAcknowledgedAsync(WaymarkProcess waymark, IEnumerable<SentRequest> requests)
    {
        var failures = new List<string>();
        using var reader = new WaymarkReader(waymark.Http);
        foreach (var trace in requests.SelectMany(request => request.Spans.Select(span => (Request: request, Span: span))).GroupBy(sent => sent.Span.TraceId))
        {
            var stored = ((await reader.GetTrace(trace.Key))?.Spans ?? []).ToLookup(span => span.SpanId);
            foreach (var (request, span) in trace)
            {
                if (Wrong(request, span, [.. stored[span.SpanId]]) is { } wrong) failures.Add(wrong);
            }
        }

        return failures;
    }

    /// <summary>When all senders have stopped: the same, and unacknowledged requests are there whole or not at all, and nothing else is.</summary>
    public static async Task<List<string>> CheckAllAsync(WaymarkProcess waymark, IReadOnlyCollection<RetryingSender> senders)
    {
        var acknowledged = senders.SelectMany(sender => sender.Acknowledged).ToList();
        var unacknowledged = senders.SelectMany(sender => sender.Unacknowledged).ToList();
        var failures = new List<string>();
        var stored = new HashSet<string>();
        var sent = acknowledged.Concat(unacknowledged).SelectMany(request => request.Spans).Select(span => span.SpanId).ToHashSet();
        using var reader = new WaymarkReader(waymark.Http);
        foreach (var trace in acknowledged.Select(request => (Request: request, IsAcknowledged: true)).Concat(unacknowledged.Select(request => (Request: request, IsAcknowledged: false)))
            .SelectMany(request => request.Request.Spans.Select(span => (request.Request, request.IsAcknowledged, Span: span))).GroupBy(sent => sent.Span.TraceId))
        {
            var found = ((await reader.GetTrace(trace.Key))?.Spans ?? []).ToLookup(span => span.SpanId);
            foreach (var span in found)
            {
                if (span.Count() > 1 || !stored.Add(span.Key)) failures.Add($"Span {span.Key} of trace {trace.Key} is there more than once.");
                if (!sent.Contains(span.Key)) failures.Add($"Span {span.Key} of trace {trace.Key} was never sent.");
            }

            foreach (var (request, isAcknowledged, span) in trace)
            {
                if (isAcknowledged && Wrong(request, span, [.. found[span.SpanId]]) is { } wrong) failures.Add(wrong);
            }
        }

        foreach (var request in unacknowledged)
        {
            var there = request.Spans.Count(span => stored.Contains(span.SpanId));
            if (there != 0 && there != request.Spans.Count) failures.Add($"{there} of {request.Spans.Count} spans of an unacknowledged request are there.");
        }

        return failures;
    }

    private static string? Wrong(SentRequest request, SentSpan span, StoredSpan[] stored) => stored.Length switch
    {
        0 => $"Span {span.SpanId} of trace {span.TraceId} was acknowledged ({request.ContentType}, gzip {request.IsGzip}) and is not there.",
        1 => span.Equals(stored[0], request.Service) ? null : $"{span} came back changed: {stored[0]}",
        _ => $"Span {span.SpanId} of trace {span.TraceId} is there {stored.Length} times.",
    };
}
