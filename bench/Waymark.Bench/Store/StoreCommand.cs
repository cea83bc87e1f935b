// The store without a network: CPU time per span of decode + insert + log, and of the seal, each beside memcpy in the same run. No client shares the cores.
using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Bench.Corpus;
using Waymark.Bench.Load;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage;

namespace Waymark.Bench.Store;

internal static class StoreCommand
{
    private static readonly Option<long> Spans = new("--spans") { Description = "Spans of one round.", DefaultValueFactory = _ => 150_000 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds; the first two warm up and do not count.", DefaultValueFactory = _ => 9 };
    private static readonly Option<bool> Compressed = new("--gzip") { Description = "Gzip bodies: the time to decompress is part of the first figure." };
    private static readonly Option<Durability> Mode = new("--durability") { Description = "Sync, Interval or Os.", DefaultValueFactory = _ => Durability.Os };

    public static Command Build()
    {
        var command = new Command("store", "CPU time per span of the store itself, in this process.") { Spans, Rounds, Compressed, Mode };
        command.SetAction((arguments, cancellation) => RunAsync(arguments.GetValue(Spans), arguments.GetValue(Rounds), arguments.GetValue(Compressed), arguments.GetValue(Mode), cancellation));
        return command;
    }

    private static async Task RunAsync(long spans, int rounds, bool gzip, Durability durability, CancellationToken cancellation)
    {
        var requests = HttpLoad.Prepare(spans, seed: 1, UnixNanos.Now(TimeProvider.System).Value, CorpusEncoding.Protobuf, gzip, statistics: null);
        var sent = requests.Sum(r => (long)r.Spans);
        var memcpy = Machine.MeasureMemcpyGigabytesPerSecond();
        var results = new List<Round>();
        for (var round = 0; round < rounds; round++)
        {
            var result = await RoundAsync(requests, sent, gzip, durability, cancellation);
            if (round >= 2) results.Add(result);
        }
        double Median(Func<Round, double> figure) => results.Select(figure).Order().ElementAt(results.Count / 2);
        double Best(Func<Round, double> figure) => results.Min(figure);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} spans a round, {rounds - 2} rounds, gzip {gzip}, durability {durability}; {Machine.Describe()}, memcpy {memcpy:0.0} GB/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"decode + insert + log  {Median(r => r.Write):0} ns/span (best {Best(r => r.Write):0}), {Median(r => r.WriteBytes):0.0} B managed"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seal                   {Median(r => r.Seal):0} ns/span (best {Best(r => r.Seal):0}), {Median(r => r.SealBytes):0.0} B managed, {Median(r => r.DiskBytes):0.0} B on disk"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"replay                 {Median(r => r.Replay):0} ns/span (best {Best(r => r.Replay):0})"));
    }

    private static async Task<Round> RoundAsync(List<LoadRequest> requests, long spans, bool gzip, Durability durability, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("waymark-bench-").FullName;
        try
        {
            // Nothing seals before it is told to.
            var options = new StoreOptions { Directory = directory, Durability = durability, SealBytes = 4L << 30, MemoryBytes = 8L << 30, Lanes = 1 };
            var store = await SpanStore.OpenAsync(options, new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, cancellation);
            using var plain = new PooledBuffer(1 << 20);
            var write = Meter.Start();
            foreach (var request in requests)
            {
                ReadOnlyMemory<byte> body = request.Body;
                if (gzip)
                {
                    plain.Clear();
                    if (Gzip.Decompress(body, 64 << 20, plain) != GzipOutcome.Ok) throw new InvalidDataException("The corpus does not decompress.");
                    body = plain.WrittenMemory;
                }
                var receipt = await store.WriteAsync(new WriteRequest(BodyKind.OtlpProtobuf, body, gzip ? BodyCodec.Gzip : BodyCodec.None, request.Body, SpanLimits.Default), cancellation);
                if (receipt.Outcome != WriteOutcome.Stored) throw new InvalidOperationException($"{receipt.Outcome} {receipt.Refusal}");
            }
            var written = write.Stop(spans);

            // What a crash would leave: the log and nothing else.
            var copy = directory + "-copy";
            CopyLog(directory, copy);
            var replay = Meter.Start();
            var replayed = await SpanStore.OpenAsync(options with { Directory = copy }, new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, cancellation);
            var read = replay.Stop(spans);
            if (replayed.GetStatus().Spans != spans) throw new InvalidOperationException("Replay lost spans.");
            await replayed.DisposeAsync();
            Directory.Delete(copy, recursive: true);

            var seal = Meter.Start();
            await store.DisposeAsync();
            var closed = seal.Stop(spans);
            var disk = new DirectoryInfo(Path.Combine(directory, "segments")).EnumerateFiles().Sum(f => f.Length);
            return new Round(written.Nanos, written.Bytes, closed.Nanos, closed.Bytes, (double)disk / spans, read.Nanos);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void CopyLog(string from, string to)
    {
        Directory.CreateDirectory(Path.Combine(to, "wal"));
        File.Copy(Path.Combine(from, "manifest"), Path.Combine(to, "manifest"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(from, "wal"))) File.Copy(file, Path.Combine(to, "wal", Path.GetFileName(file)));
    }

    /// <summary>Nanoseconds of CPU and bytes allocated, per span.</summary>
    private readonly record struct Round(double Write, double WriteBytes, double Seal, double SealBytes, double DiskBytes, double Replay);

    private readonly record struct Meter(TimeSpan Cpu, long Allocated)
    {
        public static Meter Start() => new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));

        public (double Nanos, double Bytes) Stop(long spans) =>
            ((Environment.CpuUsage.TotalTime - Cpu).TotalNanoseconds / spans, (double)(GC.GetTotalAllocatedBytes(precise: true) - Allocated) / spans);
    }
}
