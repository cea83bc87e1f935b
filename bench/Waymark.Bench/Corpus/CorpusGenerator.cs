// Turns traces into the requests that instances would send: up to 512 spans each, or what has gathered in 5 s.
using Waymark.Model.Bodies;

namespace Waymark.Bench.Corpus;

internal enum CorpusEncoding
{
    Protobuf,
    Json,
}

/// <summary>A stream of requests from a seed; equal seeds give equal bytes. Holds one buffer per instance and nothing else.</summary>
/// <param name="start">Time of the first trace, nanoseconds since 1970.</param>
internal sealed class CorpusGenerator(int seed, long start)
{
    public const int MaxSpansPerRequest = 512;
    private const long FlushAfterNanos = 5_000_000_000;

    /// <summary>2,000 traces a second: fills most requests before they are due.</summary>
    private const double MeanNanosBetweenTraces = 500_000;

    private readonly Random random = new(seed ^ 0x5EED);
    private readonly TraceMaker maker = new(seed);

    /// <summary>Called with each whole trace, in pre-order, before its spans are sent.</summary>
    public Action<List<CorpusSpan>>? OnTrace { get; init; }

    /// <summary>Requests of about <paramref name="spans"/> spans in all (the last trace is finished). The list is reused: encode it before asking for the next.</summary>
    public IEnumerable<List<CorpusSpan>> Requests(long spans)
    {
        var pending = new List<CorpusSpan>[maker.Instances.Count];
        var due = new long[pending.Length];
        for (var i = 0; i < pending.Length; i++) pending[i] = [];
        var now = start;
        for (long made = 0; made < spans;)
        {
            now += (long)(-Math.Log(1 - random.NextDouble()) * MeanNanosBetweenTraces);
            var trace = maker.NextTrace(now);
            made += trace.Count;
            OnTrace?.Invoke(trace);
            // Spans are queued as they end: children before parents.
            foreach (var span in trace.OrderBy(span => span.End))
            {
                var index = span.Instance.Index;
                if (pending[index].Count == 0) due[index] = now + FlushAfterNanos;
                pending[index].Add(span);
                if (pending[index].Count < MaxSpansPerRequest) continue;
                yield return pending[index];
                pending[index].Clear();
            }

            for (var i = 0; i < pending.Length; i++)
            {
                if (pending[i].Count == 0 || due[i] > now) continue;
                yield return pending[i];
                pending[i].Clear();
            }
        }

        foreach (var rest in pending.Where(rest => rest.Count > 0)) yield return rest;
    }

    /// <summary>Writes one request of <see cref="Requests"/>.</summary>
    public static void Encode(List<CorpusSpan> request, CorpusEncoding encoding, PooledBuffer output)
    {
        if (encoding == CorpusEncoding.Protobuf) OtlpProtobufEncoder.Write(request, output);
        else OtlpJsonEncoder.Write(request, output);
    }
}
