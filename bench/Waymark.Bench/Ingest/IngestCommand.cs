// The way from a request's bytes to the log, layer by layer, each beside a memory copy of the same bytes: which layer a change helps, and how much.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Bench.Corpus;
using Waymark.Bench.Load;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage;
using Waymark.Storage.Columns;
using Waymark.Storage.Ingestion;
using Waymark.Storage.Retries;

namespace Waymark.Bench.Ingest;

internal static class IngestCommand
{
    private static readonly Option<long> Spans = new("--spans") { Description = "Spans of one round.", DefaultValueFactory = _ => 150_000 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds; the first two warm up and do not count.", DefaultValueFactory = _ => 9 };
    private static readonly Option<string[]> Only = new("--layers") { Description = "Layers to measure; all by default.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<Durability> Mode = new("--durability") { Description = "Of the last layers: Sync, Interval or Os.", DefaultValueFactory = _ => Durability.Os };

    public static Command Build()
    {
        var command = new Command("ingest", "CPU time per span of each layer between a request's bytes and the log.") { Spans, Rounds, Only, Mode };
        command.SetAction((arguments, _) => RunAsync(arguments.GetValue(Spans), arguments.GetValue(Rounds), arguments.GetValue(Only) ?? [], arguments.GetValue(Mode)));
        return command;
    }

    private static async Task RunAsync(long spans, int rounds, string[] only, Durability durability)
    {
        var start = UnixNanos.Now(TimeProvider.System).Value;
        var plain = HttpLoad.Prepare(spans, seed: 1, start, CorpusEncoding.Protobuf, gzip: false, statistics: null);
        var zipped = HttpLoad.Prepare(spans, seed: 1, start, CorpusEncoding.Protobuf, gzip: true, statistics: null);
        var sent = plain.Sum(request => (long)request.Spans);
        (string Name, Func<Task<Figure>> Run)[] layers =
        [
            ("copy", () => Measure(sent, () => Copy(plain))),
            ("fingerprint", () => Measure(sent, () => Fingerprint(plain))),
            ("checksum", () => Measure(sent, () => Checksum(plain))),
            ("inflate", () => Measure(sent, () => Inflate(zipped))),
            ("parse", () => Measure(sent, () => Parse(plain))),
            ("parse+insert", () => Measure(sent, () => Insert(plain))),
            ("parse+insert+log", () => LogAsync(plain, sent, gzip: false, durability)),
            ("gzip:parse+insert+log", () => LogAsync(zipped, sent, gzip: true, durability)),
        ];
        var results = layers.ToDictionary(layer => layer.Name, _ => new List<Figure>(), StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, run) in layers)
            {
                if (only.Length > 0 && !only.Contains(name, StringComparer.Ordinal)) continue;
                var figure = await run();
                if (round >= 2) results[name].Add(figure);
            }
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sent} spans in {plain.Count} requests a round, {rounds - 2} rounds, {(double)plain.Sum(r => (long)r.Body.Length) / sent:0} B ({(double)zipped.Sum(r => (long)r.Body.Length) / sent:0} B gzip) per span; {Machine.Describe()}, memcpy {Machine.MeasureMemcpyGigabytesPerSecond():0.0} GB/s"));
        foreach (var (name, _) in layers)
        {
            if (results[name] is not { Count: > 0 } figures) continue;
            var nanos = figures.Select(f => f.Nanos).Order().ToArray();
            var bytes = figures.Select(f => f.Bytes).Order().ElementAt(figures.Count / 2);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24}{nanos[nanos.Length / 2],8:0.0} ns/span (best {nanos[0]:0.0}), {bytes:0.00} B managed"));
        }
    }

    private static Task<Figure> Measure(long spans, Action run)
    {
        var meter = Meter.Start();
        run();
        return Task.FromResult(meter.Stop(spans));
    }

    /// <summary>Every layer begins as a receiver does: with a copy of the body into a buffer that is used again and again, so that it finds the bytes in the cache.</summary>
    private static void Receive(List<LoadRequest> requests, Action<ReadOnlyMemory<byte>, int> layer)
    {
        using var received = new PooledBuffer(1 << 20);
        foreach (var request in requests)
        {
            received.Clear();
            received.Write(request.Body);
            layer(received.WrittenMemory, request.Spans);
        }
    }

    private static void Copy(List<LoadRequest> requests) => Receive(requests, static (_, _) => { });

    private static void Fingerprint(List<LoadRequest> requests) => Receive(requests, static (body, _) => Sink.Keep((ulong)XxHash128.HashToUInt128(body.Span, seed: 1)));

    private static void Checksum(List<LoadRequest> requests) => Receive(requests, static (body, _) => Sink.Keep(Crc32C.Compute(body.Span)));

    private static void Inflate(List<LoadRequest> requests)
    {
        using var into = new PooledBuffer(1 << 20);
        foreach (var request in requests) Unzip(request.Body, into);
    }

    private static void Parse(List<LoadRequest> requests)
    {
        var decoder = new OtlpBodyDecoder();
        Receive(requests, (body, spans) =>
        {
            var sink = new NullSink();
            var report = default(DecodeReport);
            decoder.Decode(BodyKind.OtlpProtobuf, body.Span, SpanLimits.Default, ref sink, ref report);
            Expect(report, spans);
            Sink.Keep(sink.Seen);
        });
    }

    private static void Insert(List<LoadRequest> requests)
    {
        var decoder = new OtlpBodyDecoder();
        using var lane = new Lane(new RetryList(TimeSpan.FromMinutes(1), 1));
        using var head = lane.Head;
        Receive(requests, (body, spans) =>
        {
            var report = default(DecodeReport);
            lane.Decode(decoder, BodyKind.OtlpProtobuf, body.Span, SpanLimits.Default, ref report);
            Expect(report, spans);
        });
    }

    private static async Task<Figure> LogAsync(List<LoadRequest> requests, long spans, bool gzip, Durability durability)
    {
        var directory = Directory.CreateTempSubdirectory("waymark-bench-").FullName;
        try
        {
            // Nothing seals before it is told to.
            var options = new StoreOptions { Directory = directory, Durability = durability, SealBytes = 4L << 30, MemoryBytes = 8L << 30, Lanes = 1 };
            await using var store = await SpanStore.OpenAsync(options, new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
            using var received = new PooledBuffer(1 << 20);
            using var plain = new PooledBuffer(1 << 20);
            var meter = Meter.Start();
            foreach (var request in requests)
            {
                received.Clear();
                received.Write(request.Body);
                if (gzip) Unzip(received.WrittenMemory, plain);
                var body = gzip ? plain.WrittenMemory : received.WrittenMemory;
                var receipt = await store.WriteAsync(
                    new WriteRequest(BodyKind.OtlpProtobuf, body, gzip ? BodyCodec.Gzip : BodyCodec.None, received.WrittenMemory, SpanLimits.Default), CancellationToken.None);
                if (receipt.Outcome != WriteOutcome.Stored) throw new InvalidOperationException($"{receipt.Outcome} {receipt.Refusal}");
            }
            return meter.Stop(spans);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Unzip(ReadOnlyMemory<byte> body, PooledBuffer into)
    {
        into.Clear();
        if (Gzip.Decompress(body, 64 << 20, into) != GzipOutcome.Ok) throw new InvalidDataException("The corpus does not decompress.");
    }

    private static void Expect(in DecodeReport report, int spans)
    {
        if (report.IsMalformed || report.Accepted != spans) throw new UnreachableException("The corpus does not decode.");
    }

    /// <summary>Nanoseconds of CPU and bytes allocated, per span.</summary>
    private readonly record struct Figure(double Nanos, double Bytes);

    private readonly record struct Meter(TimeSpan Cpu, long Allocated)
    {
        public static Meter Start() => new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));

        public Figure Stop(long spans) =>
            new((Environment.CpuUsage.TotalTime - Cpu).TotalNanoseconds / spans, (double)(GC.GetTotalAllocatedBytes(precise: true) - Allocated) / spans);
    }

    /// <summary>Results that must not be optimised away.</summary>
    private static class Sink
    {
        private static ulong kept;

        public static void Keep(ulong value) => kept ^= value;
    }
}
