// A sealed store of the corpus, and a sample of what is in it: made once, found again.
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Bench.Corpus;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage;

namespace Waymark.Bench.Scan;

/// <summary>A trace that is in the store, and the value of an attribute that no other trace has.</summary>
internal readonly record struct ScanSample(TraceId Id, string Session);

internal sealed class ScanStore : IAsyncDisposable
{
    private const int Samples = 4_000;

    private ScanStore(SpanStore store, IReadOnlyList<ScanSample> sample)
    {
        Store = store;
        Sample = sample;
    }

    public SpanStore Store { get; }

    /// <summary>Chosen evenly among all traces, in random order.</summary>
    public IReadOnlyList<ScanSample> Sample { get; }

    /// <summary>Opens the store below a directory, or makes one.</summary>
    /// <param name="pageCacheMib">Null: the store's default.</param>
    public static async Task<ScanStore> OpenAsync(string directory, long spans, int? pageCacheMib, CancellationToken cancellation)
    {
        var sampleFile = Path.Combine(directory, "sample.txt");
        // Written last: a store without it was not finished.
        if (!File.Exists(sampleFile)) await BuildAsync(directory, spans, sampleFile, cancellation);
        var sample = File.ReadLines(sampleFile).Select(Parse).ToList();
        var options = Options(directory);
        if (pageCacheMib is { } mib) options = options with { PageCacheBytes = (long)mib << 20 };
        return new ScanStore(await SpanStore.OpenAsync(options, new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, cancellation), sample);
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static StoreOptions Options(string directory) => new()
    {
        Directory = Path.Combine(directory, "store"),
        Durability = Durability.Os,
        RetentionAge = TimeSpan.FromDays(3650),
        RetentionBytes = long.MaxValue,
        RetentionVolumeShare = 1,
        ReserveBytes = 0,
    };

    private static async Task BuildAsync(string directory, long spans, string sampleFile, CancellationToken cancellation)
    {
        if (Directory.Exists(Path.Combine(directory, "store"))) Directory.Delete(Path.Combine(directory, "store"), recursive: true);
        var random = new Random(1);
        var sample = new List<ScanSample>();
        long traces = 0, sent = 0;
        var generator = new CorpusGenerator(1, UnixNanos.Now(TimeProvider.System).Value)
        {
            // A reservoir: every trace is as likely to stay.
            OnTrace = trace =>
            {
                var kept = sample.Count < Samples ? sample.Count : random.NextInt64(traces + 1);
                traces++;
                if (kept >= Samples) return;
                var session = trace.SelectMany(s => s.Attributes).FirstOrDefault(a => a.Key == "session.id").Text ?? "";
                var one = new ScanSample(new TraceId(trace[0].TraceHigh, trace[0].TraceLow), session);
                if (kept == sample.Count) sample.Add(one);
                else sample[(int)kept] = one;
            },
        };
        var clock = Stopwatch.StartNew();
        var told = TimeSpan.Zero;
        await using (var store = await SpanStore.OpenAsync(Options(directory), new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, cancellation))
        {
            using var body = new PooledBuffer(1 << 20);
            foreach (var request in generator.Requests(spans))
            {
                body.Clear();
                CorpusGenerator.Encode(request, CorpusEncoding.Protobuf, body);
                await WriteAsync(store, body.WrittenMemory, cancellation);
                sent += request.Count;
                if (clock.Elapsed - told < TimeSpan.FromSeconds(2)) continue;
                told = clock.Elapsed;
                Tell(sent, spans, clock.Elapsed, end: "\r");
            }
        }
        Tell(sent, spans, clock.Elapsed, end: "\n");
        var order = sample.ToArray();
        random.Shuffle(order);
        await File.WriteAllLinesAsync(sampleFile, order.Select(s => $"{s.Id} {s.Session}"), cancellation);
    }

    /// <summary>Waits for the seal when memory is full.</summary>
    private static async Task WriteAsync(SpanStore store, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        while (true)
        {
            var receipt = await store.WriteAsync(new WriteRequest(BodyKind.OtlpProtobuf, body, BodyCodec.None, body, SpanLimits.Default), cancellation);
            if (receipt.Outcome == WriteOutcome.Stored) return;
            if (receipt.Refusal != Refusal.MemoryFull) throw new InvalidOperationException($"{receipt.Outcome} {receipt.Refusal}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellation);
        }
    }

    private static void Tell(long sent, long spans, TimeSpan elapsed, string end)
    {
        var rate = sent / elapsed.TotalSeconds;
        var left = TimeSpan.FromSeconds(Math.Max(0, spans - sent) / rate);
        Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"{sent:N0} of {spans:N0} spans, {rate:N0}/s, {left:hh\\:mm\\:ss} left   {end}"));
    }

    private static ScanSample Parse(string line)
    {
        var parts = line.Split(' ');
        return new ScanSample(TraceId.TryParse(parts[0], out var id) ? id : throw new InvalidDataException($"Not a trace id: {parts[0]}"), parts[1]);
    }
}
