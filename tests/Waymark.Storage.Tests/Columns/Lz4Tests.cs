// LZ4 blocks: what is compressed comes back, from a decoder written from the description alone too; anything else is refused.
using System.Text;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class Lz4Tests
{
    [Fact]
    public void Everything_comes_back_from_this_decoder_and_from_a_plain_one()
    {
        foreach (var plain in TextSamples.Bytes())
        {
            var stored = Compressed(plain);
            Assert.True(stored.Length <= Lz4.MaxCompressedBytes(plain.Length));
            Assert.Equal(plain, NaiveLz4.Decompress(stored, out _));
            var back = new byte[plain.Length];
            Assert.True(Lz4.TryDecompress(stored, back));
            Assert.Equal(plain, back);
            Assert.False(Lz4.TryDecompress(stored, new byte[plain.Length + 1]));
            if (plain.Length > 0) Assert.False(Lz4.TryDecompress(stored, back.AsSpan(1)));
        }
    }

    [Fact]
    public void The_end_of_a_block_is_as_strict_decoders_want_it()
    {
        foreach (var plain in TextSamples.Bytes())
        {
            NaiveLz4.Decompress(Compressed(plain), out var matches);
            if (matches.Count == 0) continue;
            var (start, length) = matches[^1];
            Assert.True(start <= plain.Length - 12, "the last match begins 12 bytes before the end");
            Assert.True(start + length <= plain.Length - 5, "the last 5 bytes are literals");
        }
    }

    [Theory]
    [InlineData("50 48656C6C6F", "Hello")]
    [InlineData("00", "")]
    [InlineData("15 61 0100 50 6263646566", "aaaaaaaaaabcdef")]
    [InlineData("22 6162 0200 50 6364656667", "ababababcdefg")]
    [InlineData("F0 01 30313233343536373839303132333435", "0123456789012345")]
    [InlineData("40 61626364", "abcd")]
    public void Blocks_written_by_hand_are_read(string hex, string text)
    {
        var stored = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var into = new byte[text.Length];
        Assert.True(Lz4.TryDecompress(stored, into));
        Assert.Equal(text, Encoding.ASCII.GetString(into));
    }

    [Fact]
    public void Lengths_of_several_bytes_are_added_up()
    {
        // 4 + 15 + 255 + 1 times x behind one literal x.
        byte[] stored = [0x1F, (byte)'x', 1, 0, 255, 1, 0x50, .. "abcde"u8];
        var into = new byte[1 + 275 + 5];
        Assert.True(Lz4.TryDecompress(stored, into));
        Assert.Equal(new string('x', 276) + "abcde", Encoding.ASCII.GetString(into));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("50 4865", 5)]
    [InlineData("15 61 0000 50 6263646566", 15)]
    [InlineData("15 61 0200 50 6263646566", 15)]
    [InlineData("15 61 01", 10)]
    [InlineData("15 61 0100", 10)]
    [InlineData("1F 61 0100 FF", 300)]
    [InlineData("F0", 15)]
    [InlineData("F0 FF", 300)]
    public void Blocks_that_contradict_themselves_are_refused(string hex, int length) =>
        Assert.False(Lz4.TryDecompress(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), new byte[length]));

    [Fact]
    public void Damaged_blocks_never_write_outside_their_place()
    {
        var random = new Random(17);
        var around = new byte[80_000];
        foreach (var plain in TextSamples.Bytes().Where(b => b.Length is > 0 and < 70_000))
        {
            var stored = Compressed(plain);
            for (var round = 0; round < TestScale.Of(200); round++)
            {
                var damaged = TextSamples.Damaged(stored, random);
                Array.Fill(around, (byte)0xA5);
                var wanted = random.Next(3) == 0 ? random.Next(70_000) : plain.Length;
                Lz4.TryDecompress(damaged, around.AsSpan(100, wanted));
                Assert.False(around.AsSpan(0, 100).ContainsAnyExcept((byte)0xA5));
                Assert.False(around.AsSpan(100 + wanted).ContainsAnyExcept((byte)0xA5));
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var plain = TextSamples.Bytes().MaxBy(b => b.Length)!;
        var stored = new byte[Lz4.MaxCompressedBytes(plain.Length)];
        var back = new byte[plain.Length];
        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Round()
        {
            var length = Lz4.Compress(plain, stored);
            if (!Lz4.TryDecompress(stored.AsSpan(0, length), back)) throw new InvalidOperationException();
        }
    }

    private static byte[] Compressed(byte[] plain)
    {
        var into = new byte[Lz4.MaxCompressedBytes(plain.Length)];
        return into[..Lz4.Compress(plain, into)];
    }

    /// <summary>The format read byte by byte, no shortcut taken.</summary>
    private static class NaiveLz4
    {
        public static byte[] Decompress(byte[] stored, out List<(int Start, int Length)> matches)
        {
            var plain = new List<byte>();
            matches = [];
            for (var at = 0; ;)
            {
                int token = stored[at++];
                for (var left = Length(token >> 4); left > 0; left--) plain.Add(stored[at++]);
                if (at == stored.Length) return [.. plain];
                var offset = stored[at] | (stored[at + 1] << 8);
                at += 2;
                var length = Length(token & 15) + 4;
                matches.Add((plain.Count, length));
                for (; length > 0; length--) plain.Add(plain[^offset]);

                int Length(int half)
                {
                    if (half < 15) return half;
                    for (; stored[at] == 255; at++) half += 255;
                    return half + stored[at++];
                }
            }
        }
    }
}
