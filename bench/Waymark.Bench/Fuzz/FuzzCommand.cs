// "fuzz": damaged messages by the million against the decoders, or against a live server. No crash, no hang, bounded memory.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Waymark.Bench.Load;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Protocols.Otlp;

namespace Waymark.Bench.Fuzz;

internal static class FuzzCommand
{
    /// <summary>Far above what 256 KiB can take; a slower input counts as a failure.</summary>
    private static readonly TimeSpan InputLimit = TimeSpan.FromSeconds(1);

    /// <summary>An input that has not come back by then is a hang: the program ends there and names it.</summary>
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(30);

    /// <summary>What decoding one input may allocate beyond a multiple of its size, bytes.</summary>
    private const long MaxAllocatedBytes = 4 << 20;

    private static readonly Option<long> Inputs = new("--inputs") { Description = "How many.", DefaultValueFactory = _ => 10_000_000 };
    private static readonly Option<long> From = new("--from") { Description = "Number of the first input: with --inputs 1 and the same seed, a failure again.", DefaultValueFactory = _ => 0 };
    private static readonly Option<int> Seed = new("--seed") { Description = "Equal seeds give equal inputs.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads, or connections to --server.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private static readonly Option<Uri?> Server = AddressOption.Create("--server", "Post to this OTLP/HTTP address instead of decoding in the process.");

    public static Command Build()
    {
        var command = new Command("fuzz", "Mutated and truncated OTLP messages against the decoders or a live server.") { Inputs, From, Seed, Threads, Server };
        command.SetAction((arguments, _) => Run(arguments));
        return command;
    }

    private static async Task<int> Run(ParseResult arguments)
    {
        var (seed, from, inputs, threads) = (arguments.GetValue(Seed), arguments.GetValue(From), arguments.GetValue(Inputs), arguments.GetValue(Threads));
        var run = new FuzzRun(seed, from, from + inputs, threads);
        var clock = Stopwatch.StartNew();
        using var watch = new Timer(_ => run.FailOnHang(HangLimit), null, HangLimit, TimeSpan.FromSeconds(1));
        if (arguments.GetValue(Server) is { } server) await run.Post(server);
        else await run.Decode();
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["bench"] = "fuzz",
            ["seed"] = seed,
            ["inputs"] = inputs,
            ["inputs_per_s"] = Math.Round(inputs / clock.Elapsed.TotalSeconds),
            ["malformed"] = run.Malformed,
            ["with_rejected_spans"] = run.WithRejects,
            ["spans"] = run.Spans,
            ["slowest_ms"] = Math.Round(run.Slowest.TotalMilliseconds, 2),
            ["slowest_input"] = run.SlowestInput,
            ["peak_working_set_bytes"] = System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64,
            ["failures"] = run.Failures,
        }));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{inputs:N0} inputs, {inputs / clock.Elapsed.TotalSeconds:N0}/s: {run.Malformed:N0} malformed, {run.Failures:N0} failures, slowest {run.Slowest.TotalMilliseconds:F1} ms"));
        return run.Failures == 0 ? 0 : 1;
    }

    /// <summary>One run over the inputs [from, to), on several threads.</summary>
    private sealed class FuzzRun(int seed, long from, long to, int threads)
    {
        private const int MaxPrinted = 20;

        private readonly Lock gate = new();
        private readonly (long Input, long Since)[] busy = new (long, long)[threads];
        private long next = from - 1;

        public long Malformed { get; private set; }
        public long WithRejects { get; private set; }
        public long Spans { get; private set; }
        public long Failures { get; private set; }
        public TimeSpan Slowest { get; private set; }
        public long SlowestInput { get; private set; }

        public Task Decode() => Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() => DecodeAll(thread))));

        public async Task Post(Uri server)
        {
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = threads }) { Timeout = HangLimit };
            await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() => PostAll(client, new Uri(server, "/v1/traces"), thread))));
        }

        /// <summary>Ends the program when an input has been worked on for too long: a loop can't be interrupted.</summary>
        public void FailOnHang(TimeSpan limit)
        {
            foreach (var (input, since) in busy)
            {
                if (since != 0 && Stopwatch.GetElapsedTime(since) > limit) Environment.FailFast(string.Create(CultureInfo.InvariantCulture, $"Input {input} of seed {seed} hangs: fuzz --seed {seed} --from {input} --inputs 1"));
            }
        }

        private void DecodeAll(int thread)
        {
            var mutator = new Mutator();
            var decoder = new OtlpBodyDecoder();
            for (var input = Interlocked.Increment(ref next); input < to; input = Interlocked.Increment(ref next))
            {
                var (kind, body) = mutator.Input(seed, input);
                busy[thread] = (input, Stopwatch.GetTimestamp());
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                var sink = new GrammarSink(SpanLimits.Default);
                var report = default(DecodeReport);
                try
                {
                    decoder.Decode(kind, body, SpanLimits.Default, ref sink, ref report);
                    if (!report.IsMalformed) sink.ExpectClosed();
                    if (!report.IsMalformed && report.Accepted != sink.Ended) Fail(input, $"{report.Accepted} spans reported, {sink.Ended} sent");
                    allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
                    if (allocated > MaxAllocatedBytes + (16L * body.Length)) Fail(input, $"{allocated} B allocated for {body.Length} B");
                }
                catch (Exception exception)
                {
                    // Whatever a decoder throws is the finding; the run goes on to the next input.
                    Fail(input, exception.ToString());
                }

                Record(input, report.IsMalformed, report.RejectedTotal > 0, sink.Ended, Stopwatch.GetElapsedTime(busy[thread].Since));
                busy[thread] = default;
            }
        }

        private async Task PostAll(HttpClient client, Uri url, int thread)
        {
            var mutator = new Mutator();
            for (var input = Interlocked.Increment(ref next); input < to; input = Interlocked.Increment(ref next))
            {
                var (kind, body) = mutator.Input(seed, input);
                busy[thread] = (input, Stopwatch.GetTimestamp());
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue(kind == BodyKind.OtlpJson ? "application/json" : "application/x-protobuf");
                var malformed = false;
                try
                {
                    using var answer = await client.PostAsync(url, content);
                    malformed = answer.StatusCode == HttpStatusCode.BadRequest;
                    if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) Fail(input, $"answered {(int)answer.StatusCode}");
                }
                catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                {
                    Fail(input, exception.Message);
                }

                Record(input, malformed, false, 0, Stopwatch.GetElapsedTime(busy[thread].Since));
                busy[thread] = default;
            }
        }

        private void Record(long input, bool malformed, bool rejects, int spans, TimeSpan time)
        {
            lock (gate)
            {
                if (malformed) Malformed++;
                if (rejects) WithRejects++;
                Spans += spans;
                if (time > Slowest) (Slowest, SlowestInput) = (time, input);
            }

            if (time > InputLimit) Fail(input, $"took {time.TotalMilliseconds:F0} ms");
        }

        private void Fail(long input, string what)
        {
            lock (gate)
            {
                if (++Failures <= MaxPrinted) Console.Error.WriteLine($"input {input} of seed {seed}: {what}");
            }
        }
    }
}
