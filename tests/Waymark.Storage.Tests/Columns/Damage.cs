// Bytes as no encoder writes them, and what a decoder must keep to all the same.
namespace Waymark.Storage.Tests.Columns;

internal static class Damage
{
    private const long Canary = 0x5A5A5A5A_DEADBEEF;

    public delegate bool Decoder(ReadOnlySpan<byte> stored, Span<long> into);

    /// <summary>The bytes with one to three changes: bits turned, bytes set, a part cut out or repeated, the end cut off or longer.</summary>
    public static byte[] Mutate(byte[] bytes, Random random)
    {
        var list = bytes.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            // Heads lie in front: half of the changes go there.
            var at = list.Count == 0 ? 0 : random.Next(random.Next(2) == 0 ? Math.Min(list.Count, 24) : list.Count);
            switch (random.Next(6))
            {
                case 0 when list.Count > 0: list[at] ^= (byte)(1 << random.Next(8)); break;
                case 1 when list.Count > 0: list[at] = (byte)random.Next(256); break;
                case 2 when list.Count > 0: list.RemoveRange(at, Math.Min(random.Next(1, 9), list.Count - at)); break;
                case 3 when list.Count > 0: list.InsertRange(at, list.Skip(random.Next(list.Count)).Take(random.Next(1, 9)).ToArray()); break;
                case 4: list.RemoveRange(at, list.Count - at); break;
                default: list.AddRange(Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256))); break;
            }
        }
        return [.. list];
    }

    /// <summary>Decodes twice between different neighbours: the answer and what was decoded are the same, and nothing around the target is touched.</summary>
    public static void Decode(byte[] stored, int count, Random random, Decoder decode)
    {
        var (isFirst, first) = Once(stored, count, (byte)random.Next(256), decode);
        var (isSecond, second) = Once(stored, count, (byte)random.Next(256), decode);
        Assert.Equal(isFirst, isSecond);
        if (isFirst) Assert.Equal(first, second);
    }

    private static (bool IsDecoded, long[] Numbers) Once(byte[] stored, int count, byte around, Decoder decode)
    {
        var bytes = new byte[stored.Length + 256];
        Array.Fill(bytes, around);
        stored.CopyTo(bytes, 128);
        var numbers = new long[count + 64];
        Array.Fill(numbers, Canary);
        var isDecoded = decode(bytes.AsSpan(128, stored.Length), numbers.AsSpan(32, count));
        Assert.True(numbers.AsSpan(0, 32).IndexOfAnyExcept(Canary) < 0 && numbers.AsSpan(32 + count).IndexOfAnyExcept(Canary) < 0, "A decoder wrote outside its target.");
        return (isDecoded, numbers[32..(32 + count)]);
    }
}
