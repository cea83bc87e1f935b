// One client of a server that is killed again and again (the kill test, and the bench program's verb kill): random requests, retried with identical bytes until the server says yes.
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Waymark.Process.Tests.Harness;

/// <summary>How many spans all senders together may still send.</summary>
internal sealed class SpanBudget(int spans)
{
    private int left = spans;

    public bool TryTake(int count) => Interlocked.Add(ref left, -count) >= 0;
}

/// <summary>Sends over one connection at a time until it is stopped or the budget is spent.</summary>
internal sealed class RetryingSender(WaymarkProcess waymark, string service, Random random, SpanBudget budget)
{
    private readonly Lock gate = new();
    private readonly List<string> openTraces = [];
    private readonly List<SentRequest> acknowledged = [];
    private readonly List<SentRequest> unacknowledged = [];

    /// <summary>Answered 200 at least once, so far: a copy.</summary>
    public IReadOnlyList<SentRequest> Acknowledged
    {
        get
        {
            lock (gate) return [.. acknowledged];
        }
    }

    /// <summary>Sent at least once, and never answered 200; those being sent are not among them.</summary>
    public IReadOnlyList<SentRequest> Unacknowledged
    {
        get
        {
            lock (gate) return [.. unacknowledged];
        }
    }

    public int Retries { get; private set; }

    /// <summary>The longest pause between two requests.</summary>
    public int MaxPauseMs { get; init; } = 10;

    public async Task Run(CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1, PooledConnectionLifetime = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(5) };
        while (!stop.IsCancellationRequested)
        {
            var request = NewRequest();
            if (!budget.TryTake(request.Spans.Count)) return;

            // Some senders give up at once: those requests may be there or not, but never in part.
            var givesUp = random.Next(10) == 0;
            if (await Deliver(client, request, givesUp, stop))
            {
                lock (gate) acknowledged.Add(request);
                // Some never see the answer, and send the same again: it must not count twice.
                if (random.Next(10) == 0) await Deliver(client, request, givesUp: true, stop);
            }
            else
            {
                lock (gate) unacknowledged.Add(request);
            }

            await Task.Delay(random.Next(0, MaxPauseMs), CancellationToken.None);
        }
    }

    private async Task<bool> Deliver(HttpClient client, SentRequest request, bool givesUp, CancellationToken stop)
    {
        var isFirst = true;
        while (true)
        {
            if (!isFirst) Retries++;
            isFirst = false;
            if (await Post(client, request)) return true;
            if (givesUp || stop.IsCancellationRequested) return false;
            await Task.Delay(random.Next(5, 50), CancellationToken.None);
        }
    }

    private async Task<bool> Post(HttpClient client, SentRequest request)
    {
        if (waymark.OtlpHttpIfUp is not { } address) return false;
        using var content = new ByteArrayContent(request.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        if (request.IsGzip) content.Headers.ContentEncoding.Add("gzip");
        try
        {
            using var answer = await client.PostAsync(new Uri(address, "/v1/traces"), content);
            var body = await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                var told = Encoding.UTF8.GetString(body);
                return !told.Contains("rejectedSpans", StringComparison.Ordinal) ? true : throw new InvalidOperationException($"Spans were rejected: {told}");
            }

            if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout) return false;
            throw new InvalidOperationException($"{(int)answer.StatusCode} is not a status to retry: {Encoding.UTF8.GetString(body)}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
        {
            // Killed under the request, or too slow: what a sender retries.
            return false;
        }
    }

    private SentRequest NewRequest()
    {
        var count = random.Next(4) == 0 ? random.Next(40, 200) : random.Next(1, 30);
        var spans = new List<SentSpan>(count);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        for (var i = 0; i < count; i++)
        {
            var start = now + random.Next(1_000_000_000);
            var parent = random.Next(4) == 0 ? "" : Hex(8);
            spans.Add(new SentSpan(NextTrace(), Hex(8), parent, $"operation {random.Next(20)}", start, start + random.Next(1_000_000_000), Hex(random.Next(1, 40)), random.NextInt64()));
        }

        return OtlpRequests.Encode(service, spans, asJson: random.Next(3) == 0, asGzip: random.Next(3) == 0);
    }

    /// <summary>A new trace, or one that other requests are adding to as well.</summary>
    private string NextTrace()
    {
        if (openTraces.Count > 0 && random.Next(12) != 0) return openTraces[random.Next(openTraces.Count)];
        var traceId = Hex(16);
        if (openTraces.Count < 8) openTraces.Add(traceId);
        else openTraces[random.Next(openTraces.Count)] = traceId;
        return traceId;
    }

    private string Hex(int bytes)
    {
        Span<byte> id = stackalloc byte[bytes];
        random.NextBytes(id);
        id[0] |= 1;
        return Convert.ToHexStringLower(id);
    }
}
