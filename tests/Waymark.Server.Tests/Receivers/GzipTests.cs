// Gzip on whole bodies: everything a compressor writes comes back, and nothing damaged passes.
using System.IO.Compression;
using Waymark.Model.Bodies;

namespace Waymark.Server.Tests.Receivers;

public sealed class GzipTests
{
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE"), out var scale) ? scale : 1;

    private static byte[] Compress(byte[] body, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, level, leaveOpen: true)) gzip.Write(body);
        return compressed.ToArray();
    }

    private static (GzipOutcome Outcome, byte[] Body) Decompress(byte[] compressed, int maxBytes = 1 << 24)
    {
        using var output = new PooledBuffer();
        output.Write([7, 7]);
        var outcome = Gzip.Decompress(compressed, maxBytes, output);
        return (outcome, output.WrittenSpan[2..].ToArray());
    }

    private static byte[] RandomBody(Random random, int size)
    {
        var body = new byte[size];
        random.NextBytes(body.AsSpan(0, random.Next(size + 1)));
        return body;
    }

    [Fact]
    public void What_was_compressed_comes_back_in_one_member_or_several()
    {
        var random = new Random(11);
        for (var round = 0; round < 60 * Scale; round++)
        {
            var bodies = Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomBody(random, random.Next(1, 1 << random.Next(1, 18)))).ToList();
            byte[] whole = [.. bodies.SelectMany(static b => b)];
            byte[] compressed = [.. bodies.SelectMany(b => Compress(b, (CompressionLevel)random.Next(4)))];
            Assert.Equal((GzipOutcome.Ok, whole.Length), (Decompress(compressed).Outcome, Decompress(compressed).Body.Length));
            Assert.Equal(whole, Decompress(compressed, whole.Length).Body);
            Assert.Equal(GzipOutcome.TooLarge, Decompress(compressed, whole.Length - 1).Outcome);
        }
    }

    [Fact]
    public void Every_header_field_is_passed_over()
    {
        byte[] body = [1, 2, 3, 4], compressed = Compress(body);
        byte[] header = [0x1F, 0x8B, 8, 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9, (byte)'n', 0, (byte)'c', 0];
        byte[] member = [.. header, .. compressed[10..]];
        Assert.Equal(GzipOutcome.Ok, Decompress(member).Outcome);
        // Twice, so that the headers are also read by our own code.
        Assert.Equal([.. body, .. body, 5], Decompress([.. member, .. member, .. Compress([5])]).Body);
    }

    [Fact]
    public void Nothing_cut_off_passes()
    {
        var random = new Random(3);
        var compressed = Compress(RandomBody(random, 3000));
        for (var length = 0; length < compressed.Length; length++)
        {
            Assert.Equal((length, GzipOutcome.Corrupt), (length, Decompress(compressed[..length]).Outcome));
            Assert.Equal((length, length == 0 ? GzipOutcome.Ok : GzipOutcome.Corrupt), (length, Decompress([.. compressed, .. compressed[..length]]).Outcome));
        }
    }

    [Fact]
    public void No_single_flipped_bit_of_data_or_trailer_passes_unless_the_body_is_the_same()
    {
        var random = new Random(4);
        var body = RandomBody(random, 500);
        var compressed = Compress(body);
        for (var bit = 80; bit < compressed.Length * 8; bit++)
        {
            var damaged = (byte[])compressed.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            var (outcome, read) = Decompress(damaged);
            if (outcome == GzipOutcome.Ok) Assert.Equal(body, read);
        }
    }

    [Fact]
    public void A_flood_of_empty_members_is_given_up_soon()
    {
        byte[] member = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(GzipOutcome.Ok, Decompress(member).Outcome);
        byte[] flood = [.. Enumerable.Repeat(member, 20_000).SelectMany(static m => m), .. Compress([1]), .. member];
        Assert.Equal(GzipOutcome.Corrupt, Decompress(flood).Outcome);
    }
}
