// The checksum over long inputs, which is put together from parts.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class Crc32CTests
{
    [Fact]
    public void Bytes_in_parts_give_what_bit_by_bit_gives()
    {
        var random = new Random(1);
        var bytes = new byte[10_000];
        random.NextBytes(bytes);
        for (var round = 0; round < TestScale.Of(60); round++)
        {
            var length = round < 8 ? 1536 * (1 + round / 4) + round % 4 - 1 : random.Next(bytes.Length);
            var seed = (uint)random.NextInt64(1L << 32);
            var part = bytes.AsSpan(random.Next(bytes.Length - length), length);
            Assert.Equal(BitByBit(part, seed), Crc32C.Compute(part, seed));
        }
    }

    [Fact]
    public void A_checksum_continues_where_another_ended()
    {
        var bytes = new byte[9_000];
        new Random(2).NextBytes(bytes);
        var whole = Crc32C.Compute(bytes);
        for (var cut = 0; cut <= bytes.Length; cut += 300) Assert.Equal(whole, Crc32C.Compute(bytes.AsSpan(cut), Crc32C.Compute(bytes.AsSpan(0, cut))));
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes, uint seed)
    {
        var crc = ~seed;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? 0x82F63B78 ^ (crc >> 1) : crc >> 1;
        }
        return ~crc;
    }
}
