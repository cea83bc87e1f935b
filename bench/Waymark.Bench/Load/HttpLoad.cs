// Sends encoded requests as fast as the server takes them, over a fixed number of connections.
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Waymark.Bench.Corpus;
using Waymark.Model.Bodies;

namespace Waymark.Bench.Load;

/// <summary>One request, ready to be posted.</summary>
internal readonly record struct LoadRequest(byte[] Body, int Spans);

/// <summary>What came of a run.</summary>
/// <param name="Retries">Answers 429 or 503 that were sent again.</param>
internal readonly record struct LoadResult(long Spans, long Requests, long Bytes, long Retries, TimeSpan Wall);

internal sealed class HttpLoad(Uri address, CorpusEncoding encoding, bool gzip)
{
    private static readonly TimeSpan BackOff = TimeSpan.FromMilliseconds(20);

    private readonly Uri url = new(address, "/v1/traces");
    private readonly MediaTypeHeaderValue contentType = new(encoding == CorpusEncoding.Json ? "application/json" : "application/x-protobuf");

    /// <summary>Makes and encodes everything beforehand, so that sending costs the client next to nothing.</summary>
    public static List<LoadRequest> Prepare(long spans, int seed, long start, CorpusEncoding encoding, bool gzip, CorpusStatistics? statistics)
    {
        var generator = new CorpusGenerator(seed, start) { OnTrace = statistics is null ? null : statistics.Add };
        var requests = new List<LoadRequest>();
        using var body = new PooledBuffer(1 << 20);
        foreach (var request in generator.Requests(spans))
        {
            body.Clear();
            CorpusGenerator.Encode(request, encoding, body);
            requests.Add(new LoadRequest(gzip ? Compress(body.WrittenMemory) : body.WrittenSpan.ToArray(), request.Count));
        }

        return requests;
    }

    public async Task<LoadResult> Send(List<LoadRequest> requests, int connections)
    {
        var next = -1;
        long retries = 0;
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { Timeout = TimeSpan.FromMinutes(2) };
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < requests.Count; i = Interlocked.Increment(ref next))
            {
                while (!await Post(client, requests[i].Body))
                {
                    Interlocked.Increment(ref retries);
                    await Task.Delay(BackOff);
                }
            }
        })));
        return new LoadResult(requests.Sum(request => (long)request.Spans), requests.Count, requests.Sum(request => (long)request.Body.Length), retries, clock.Elapsed);
    }

    private async Task<bool> Post(HttpClient client, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = contentType;
        if (gzip) content.Headers.ContentEncoding.Add("gzip");
        using var answer = await client.PostAsync(url, content);
        if (answer.StatusCode == HttpStatusCode.OK) return true;
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) return false;
        throw new InvalidOperationException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static byte[] Compress(ReadOnlyMemory<byte> body)
    {
        using var compressed = new MemoryStream();
        // Level 6, as client libraries use it.
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) gzip.Write(body.Span);
        return compressed.ToArray();
    }
}
