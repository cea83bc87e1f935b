// Damages good messages in the ways that networks, broken clients and attackers do. Input i of seed s is always the same bytes.
using System.Text;
using Waymark.Bench.Corpus;
using Waymark.Model.Bodies;

namespace Waymark.Bench.Fuzz;

/// <summary>Not thread-safe; one per thread.</summary>
internal sealed class Mutator
{
    /// <summary>Mutations may not grow an input beyond this, bytes.</summary>
    private const int MaxBytes = 256 * 1024;

    private static readonly byte[][] ProtobufTokens =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [0x00], [0x0B], [0x0C], [0x0A, 0x00], [0x7F], [0x80], [0x2A, 0x0A, 0x0A], [0x32, 0x04, 0x0A, 0x02], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF8],
    ];

    private static readonly byte[][] JsonTokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "1e999", "-0", "0.1", "18446744073709551616", "\"9223372036854775808\"", "\"\\ud800\"", "\"\\u0000\"", "\"\\", "{\"arrayValue\":{\"values\":[", "{\"kvlistValue\":{\"values\":[{\"key\":\"\",\"value\":",
            "\"traceId\":\"\"", "\"kind\":\"SPAN_KIND_SERVER\"", "\"kind\":99", "\"bytesValue\":\"!!\"", "\uFEFF", "/*", "NaN", " ",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private readonly List<byte[]> protobuf = [];
    private readonly List<byte[]> json = [];

    public Mutator()
    {
        using var body = new PooledBuffer();
        foreach (var request in new CorpusGenerator(seed: 7, CorpusCommand.FixedStart).Requests(4_000))
        {
            // Small ones: damage should hit every kind of field, not the thousandth span alike.
            var some = request.Take(1 + (protobuf.Count % 5)).ToList();
            body.Clear();
            CorpusGenerator.Encode(some, CorpusEncoding.Protobuf, body);
            protobuf.Add(body.WrittenSpan.ToArray());
            body.Clear();
            CorpusGenerator.Encode(some, CorpusEncoding.Json, body);
            json.Add(body.WrittenSpan.ToArray());
        }

        // Everything OTLP can carry, by hand: every value type, nesting, links, events, dropped counts, schema URLs.
        json.Add(Encoding.UTF8.GetBytes(RichSeed.Json));
        protobuf.Add(RichSeed.Protobuf());
    }

    public (BodyKind Kind, byte[] Body) Input(int seed, long index)
    {
        var random = new Random(HashCode(seed, index));
        var isJson = random.Next(2) == 0;
        var seeds = isJson ? json : protobuf;
        // One in four starts from the rich message.
        var body = seeds[random.Next(4) == 0 ? seeds.Count - 1 : random.Next(seeds.Count)].ToList();
        for (var times = 1 + (random.Next(3) == 0 ? random.Next(8) : 0); times > 0 && body.Count > 0; times--) Mutate(body, isJson, seeds, random);
        return (isJson ? BodyKind.OtlpJson : BodyKind.OtlpProtobuf, body.ToArray());
    }

    private static void Mutate(List<byte> body, bool isJson, List<byte[]> seeds, Random random)
    {
        var at = random.Next(body.Count);
        var length = Math.Min(body.Count - at, 1 + random.Next(random.Next(2) == 0 ? 4 : 200));
        switch (random.Next(10))
        {
            case 0:
                body[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                body[at] = (byte)random.Next(256);
                break;
            case 2:
                body.RemoveRange(at, body.Count - at);
                break;
            case 3:
                body.RemoveRange(at, length);
                break;
            case 4:
                body.InsertRange(at, body.GetRange(at, length));
                break;
            case 5:
                var other = seeds[random.Next(seeds.Count)];
                var from = random.Next(other.Length);
                body.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, length)).ToArray());
                break;
            case 6:
                body[at] = (byte)(body[at] + (random.Next(2) == 0 ? 1 : -1));
                break;
            case 7:
                Nest(body, at, isJson, random);
                break;
            default:
                var token = isJson ? JsonTokens[random.Next(JsonTokens.Length)] : ProtobufTokens[random.Next(ProtobufTokens.Length)];
                if (random.Next(2) == 0) body.RemoveRange(at, Math.Min(token.Length, body.Count - at));
                body.InsertRange(at, token);
                break;
        }

        if (body.Count > MaxBytes) body.RemoveRange(MaxBytes, body.Count - MaxBytes);
    }

    /// <summary>The same opening many times over: what exhausts a stack.</summary>
    private static void Nest(List<byte> body, int at, bool isJson, Random random)
    {
        var opening = isJson ? JsonTokens[random.Next(3) switch { 0 => 0, 1 => 2, _ => 18 }] : random.Next(2) == 0 ? [0x0B] : [0x2A, 0x7E, 0x0A, 0x7C];
        // Deeper than any limit, and now and then deep enough for a stack to notice.
        var times = random.Next(16) == 0 ? random.Next(1, 10_000) : random.Next(1, 80);
        var nested = new byte[Math.Min(times * opening.Length, MaxBytes)];
        for (var i = 0; i < nested.Length; i++) nested[i] = opening[i % opening.Length];
        body.InsertRange(at, nested);
    }

    /// <summary>The framework's own combination is seeded per process; this one is the same everywhere.</summary>
    private static int HashCode(int seed, long index)
    {
        var mixed = ((ulong)(uint)seed << 32 ^ (ulong)index) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
        return (int)(mixed >> 32);
    }
}
