// Texts as columns of spans have them, texts nobody sends, and damage.
using System.Globalization;
using System.Text;

namespace Waymark.Storage.Tests.Columns;

/// <summary>Samples shared by the tests of text encodings.</summary>
internal static class TextSamples
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static readonly string[] Kinds =
        ["uuid", "UUID", "uuid7", "order", "ipv4", "url", "sql", "base62", "mixed", "hex32", "time", "float", "random", "digits", "words", "markers", "empty", "protobuf"];

    /// <summary>One text of a kind.</summary>
    public static byte[] Make(string kind, Random random) => kind switch
    {
        "uuid" => Text(Uuid(random)),
        "UUID" => Text(Uuid(random).ToUpperInvariant()),
        "uuid7" => Text(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddMilliseconds(1_790_000_000_000 + random.Next(60_000))).ToString()),
        "order" => Text($"ORD-{random.Next():X8}"),
        "ipv4" => Text($"10.{random.Next(4)}.{random.Next(256)}.{random.Next(256)}"),
        "url" => Text($"/api/v2/users/{random.Next(100_000)}/orders/{random.Next():x8}?page={random.Next(20)}&q=shoes"),
        "sql" => Text($"SELECT id, name FROM orders WHERE customer_id = {random.Next(1_000_000)} AND total > {random.Next(1000)}.{random.Next(100):00} LIMIT 10"),
        "base62" => Text(new string(random.GetItems<char>(Base62, 21))),
        "mixed" => Make(Kinds[random.Next(7)], random),
        "hex32" => Text($"{random.NextInt64():x16}{random.NextInt64():x16}"),
        "time" => Text(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMilliseconds(random.Next()).ToString("O", CultureInfo.InvariantCulture)),
        "float" => Text(random.NextDouble().ToString("R", CultureInfo.InvariantCulture)),
        "random" => Random(random, random.Next(60)),
        "digits" => Text(new string(random.GetItems<char>("0123456789", random.Next(1, 45)))),
        "words" => Text(string.Join(' ', random.GetItems<string>(["alpha", "beta", "gamma", "delta", "Überlänge", "日本", "user42", "k8s", "v1"], random.Next(6)))),
        "markers" => [.. Enumerable.Range(0, random.Next(30)).Select(_ => (byte)(random.Next(2) == 0 ? random.Next(0xF0, 0x100) : random.Next('0', ':')))],
        "empty" => [],
        "protobuf" => [0x0A, (byte)random.Next(5), 0x12, .. Random(random, 4), 0x18, 0xFF, 0xFF, 0x01],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>A column of a kind; neighbours are equal with the given probability, and a value may come back later.</summary>
    public static byte[][] Column(string kind, Random random, int count, double repeats)
    {
        var values = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            values[i] = i > 0 && random.NextDouble() < repeats ? values[i - 1]
                : i > 0 && random.NextDouble() < repeats / 4 ? values[random.Next(i)] : Make(kind, random);
        }
        return values;
    }

    /// <summary>Up to so many distinct texts of a kind in ordinal order.</summary>
    public static byte[][] Sorted(string kind, Random random, int count)
    {
        var values = Column(kind, random, count, repeats: 0);
        Array.Sort(values, (a, b) => a.AsSpan().SequenceCompareTo(b));
        return [.. values.Where((v, i) => i == 0 || !v.AsSpan().SequenceEqual(values[i - 1]))];
    }

    /// <summary>Byte strings of many lengths and natures.</summary>
    public static IEnumerable<byte[]> Bytes()
    {
        var random = new Random(11);
        for (var length = 0; length < 40; length++)
        {
            yield return Random(random, length);
            yield return new byte[length];
        }
        foreach (var length in new[] { 200, 270, 4_096, 65_535, 65_536, 65_537, 200_000 })
        {
            yield return Random(random, length);
            yield return new byte[length];
            // A repeat from just within, and just beyond, what an offset reaches.
            yield return [.. Random(new Random(length), length), .. Random(new Random(length), Math.Min(length, 100))];
        }
        foreach (var kind in Kinds)
        {
            yield return [.. Enumerable.Range(0, 800).SelectMany(_ => Make(kind, random))];
        }
    }

    /// <summary>A copy with bits flipped, bytes replaced, bytes cut off or bytes added.</summary>
    public static byte[] Damaged(byte[] stored, Random random)
    {
        var damaged = (byte[])stored.Clone();
        switch (random.Next(4))
        {
            case 0:
                return damaged[..random.Next(damaged.Length + 1)];
            case 1:
                return [.. damaged, .. Random(random, random.Next(1, 9))];
            case 2:
                for (var i = random.Next(1, 5); i > 0 && damaged.Length > 0; i--) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                return damaged;
            default:
                // The counts and lengths in front do the most harm.
                for (var i = random.Next(1, 4); i > 0 && damaged.Length > 0; i--) damaged[random.Next(Math.Min(damaged.Length, 40))] = (byte)random.Next(256);
                return damaged;
        }
    }

    public static byte[] Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    public static (byte[] Heap, int[] Ends) Heap(byte[][] values)
    {
        var ends = new int[values.Length];
        var end = 0;
        for (var i = 0; i < ends.Length; i++) ends[i] = end += values[i].Length;
        return ([.. values.SelectMany(v => v)], ends);
    }

    private static string Uuid(Random random)
    {
        var bytes = Random(random, 16);
        bytes[6] = (byte)((bytes[6] & 0xF) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static byte[] Text(FormattableString text) => Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture));

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
