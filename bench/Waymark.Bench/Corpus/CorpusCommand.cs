// "corpus": prints what the corpus is made of.
using System.CommandLine;
using System.Globalization;
using Waymark.Model.Bodies;

namespace Waymark.Bench.Corpus;

internal static class CorpusCommand
{
    /// <summary>2026-01-01T00:00Z: statistics do not depend on today.</summary>
    public const long FixedStart = 1_767_225_600_000_000_000;

    public static Command Build()
    {
        var spans = new Option<long>("--spans") { Description = "Spans to make.", DefaultValueFactory = _ => 1_000_000 };
        var seed = new Option<int>("--seed") { Description = "Equal seeds give equal spans.", DefaultValueFactory = _ => 1 };
        var command = new Command("corpus", "Prints statistics of the synthetic corpus, with its order-0 entropy floor.") { spans, seed };
        command.SetAction(arguments => Print(arguments.GetValue(spans), arguments.GetValue(seed)));
        return command;
    }

    private static void Print(long spans, int seed)
    {
        var statistics = new CorpusStatistics();
        var generator = new CorpusGenerator(seed, FixedStart) { OnTrace = statistics.Add };
        using var body = new PooledBuffer(1 << 20);
        long bytes = 0, requests = 0, jsonBytes = 0, jsonSpans = 0;
        foreach (var request in generator.Requests(spans))
        {
            requests++;
            body.Clear();
            CorpusGenerator.Encode(request, CorpusEncoding.Protobuf, body);
            bytes += body.Length;
            // A sample is enough for JSON.
            if (requests % 16 != 1) continue;
            body.Clear();
            CorpusGenerator.Encode(request, CorpusEncoding.Json, body);
            jsonBytes += body.Length;
            jsonSpans += request.Count;
        }

        Console.WriteLine(statistics.Describe());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{requests:N0} requests (mean {(double)statistics.Spans / requests:F0} spans); OTLP {(double)bytes / statistics.Spans:F1} B/span in protobuf, {(double)jsonBytes / jsonSpans:F1} in JSON"));
        Console.WriteLine("heaviest columns after the identifiers (entropy, B/span):");
        foreach (var (name, weight) in statistics.Heaviest(16)) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {weight,6:F2}  {name}"));
    }
}
