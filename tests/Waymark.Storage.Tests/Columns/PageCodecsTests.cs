// Codecs of pages: the one that gains is taken and remembered, everything comes back, damage is refused.
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class PageCodecsTests
{
    [Fact]
    public void Everything_comes_back_and_a_codec_gains_at_least_a_tenth()
    {
        foreach (var allowZlib in new[] { true, false })
        {
            foreach (var plain in TextSamples.Bytes())
            {
                var (codec, stored) = Compress(plain, new CodecChoice { AllowZlib = allowZlib });
                if (codec == PageCodec.None)
                {
                    Assert.Empty(stored);
                    continue;
                }
                Assert.True(stored.Length <= plain.Length * 0.9 + 1);
                Assert.True(allowZlib || codec == PageCodec.Lz4);
                ReadOnlySpan<byte> from = stored;
                Assert.True(PageCodecs.TryReadPlainLength(ref from, out var length));
                Assert.Equal(plain.Length, length);
                var back = new byte[length];
                Assert.True(PageCodecs.TryDecompress(codec, from, back));
                Assert.Equal(plain, back);
                Assert.False(PageCodecs.TryDecompress(codec, from, new byte[length + 1]));
                Assert.False(PageCodecs.TryDecompress(codec, from, new byte[length - 1]));
            }
        }
    }

    [Fact]
    public void Repeats_are_for_lz4_and_letters_without_repeats_for_zlib()
    {
        Assert.Equal(PageCodec.Lz4, Compress(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("the same text again. ", 400))), new CodecChoice()).Codec);
        var ids = Encoding.ASCII.GetBytes(new string(new Random(3).GetItems<char>("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 40_000)));
        var (codec, stored) = Compress(ids, new CodecChoice());
        Assert.Equal(PageCodec.Zlib, codec);
        Assert.True(stored.Length < 40_000 * 5.1 / 8, "5 bits per letter of 32");
        Assert.Equal(PageCodec.None, Compress(ids, new CodecChoice { AllowZlib = false }).Codec);
    }

    [Fact]
    public void What_the_first_page_showed_holds_for_the_next_ones_but_not_for_ever()
    {
        var random = new Random(5);
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("the same text again. ", 400)));
        var choice = new CodecChoice();
        Assert.Equal(PageCodec.None, Compress(TextSamples.Random(random, 4_000), choice).Codec);
        Assert.Equal(PageCodec.None, Compress(text, choice).Codec);
        for (var i = 0; i < 40; i++) Compress(text, choice);
        Assert.NotEqual(PageCodec.None, Compress(text, choice).Codec);
        // A page the remembered codec gains nothing on is stored plain.
        Assert.Equal(PageCodec.None, Compress(TextSamples.Random(random, 4_000), choice).Codec);
    }

    [Fact]
    public void Damage_is_refused_without_a_throw_and_no_length_is_believed_that_no_codec_reaches()
    {
        var random = new Random(6);
        foreach (var plain in TextSamples.Bytes().Where(b => b.Length > 100))
        {
            var (codec, stored) = Compress(plain, new CodecChoice());
            if (codec == PageCodec.None) continue;
            for (var round = 0; round < TestScale.Of(40); round++)
            {
                ReadOnlySpan<byte> from = TextSamples.Damaged(stored, random);
                var bytes = from.Length;
                if (!PageCodecs.TryReadPlainLength(ref from, out var length)) continue;
                Assert.True(length <= bytes * 1_032L);
                PageCodecs.TryDecompress(codec, from, new byte[length]);
            }
        }
        Assert.False(PageCodecs.TryDecompress((PageCodec)9, [1], new byte[1]));
        Assert.False(PageCodecs.TryDecompress(PageCodec.Zlib, [], new byte[1]));
        Assert.False(PageCodecs.TryDecompress(PageCodec.None, [1, 2], new byte[1]));
    }

    private static (PageCodec Codec, byte[] Stored) Compress(byte[] plain, CodecChoice choice)
    {
        using var into = new PooledBuffer();
        into.Write("before"u8);
        var codec = PageCodecs.Compress(plain, into, choice);
        Assert.True(into.WrittenSpan.StartsWith("before"u8));
        return (codec, into.WrittenSpan[6..].ToArray());
    }
}
