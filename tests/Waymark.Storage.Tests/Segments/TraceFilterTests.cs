// The filter in front of the index: never a wrong no, seldom a wrong yes, and no bytes that break it.
using System.Buffers.Binary;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Segments;

public sealed class TraceFilterTests
{
    public static TheoryData<int> Sizes => [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 31, 64, 100, 333, 1_000, 4_097, 20_000, 34_999, 100_003, 200_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_hash_is_found_for_about_ten_bits_each(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < (count < 1_000 ? 20 : 1); round++)
        {
            var hashes = Ascending(count, random);
            var filter = Filter(hashes);
            foreach (var hash in hashes) Assert.True(filter.MayHave(hash));
            var positions = new int[hashes.Length];
            Assert.Equal(hashes.Length, filter.Candidates(hashes, positions));
            Assert.Equal(Enumerable.Range(0, hashes.Length), positions);
            // Whole segments of cells: the fewer traces, the more a rounded-up one weighs.
            if (count >= 1_000) Assert.InRange(filter.Bytes, count * 9.0 / 8, (count * (count < 20_000 ? 12.0 : 10.2) / 8) + 24);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(35_000)]
    public void One_in_256_of_other_hashes_passes(int count)
    {
        const int Others = 400_000;
        var random = new Random(3);
        var filter = Filter(Ascending(count, random));
        var others = Ascending(Others, random);
        var positions = new int[Others];
        var found = filter.Candidates(others, positions);
        // 1,562 expected, standard deviation 40; small filters have so few cells that their shares are coarser.
        if (count >= 1_000) Assert.InRange(found, 1_562 - 240, 1_562 + 240);
        else Assert.InRange(found, 0, Others / 64);
        Assert.Equal(others.Select((hash, i) => (hash, i)).Where(o => filter.MayHave(o.hash)).Select(o => o.i), positions[..found]);
    }

    [Fact]
    public void Equal_hashes_and_such_as_meet_in_few_cells_are_found_all_the_same()
    {
        ulong[][] sets =
        [
            [.. Enumerable.Repeat(5UL, 1_000)],
            [.. Enumerable.Repeat(0UL, 7), .. Enumerable.Repeat(ulong.MaxValue, 7)],
            [.. Enumerable.Range(0, 50_000).Select(i => (ulong)i)],
            [.. Enumerable.Range(0, 5_000).Select(i => (ulong)i << 40)],
            [.. Enumerable.Range(0, 5_000).Select(i => (ulong)i << 51)],
            [.. Enumerable.Range(0, 64).Select(i => 1UL << i)],
        ];
        foreach (var hashes in sets)
        {
            var filter = Filter(hashes);
            Assert.All(hashes, hash => Assert.True(filter.MayHave(hash)));
            Assert.Equal(hashes.Length, filter.Candidates(hashes, new int[hashes.Length]));
            // Counting numbers meet in the same cells unless a seed spreads them.
            Assert.True(new Random(5).NextInt64() is var other && (!filter.MayHave((ulong)other) || !filter.MayHave((ulong)other * 3) || !filter.MayHave((ulong)other * 5)));
        }
    }

    [Fact]
    public void The_bytes_answer_as_the_format_says()
    {
        foreach (var hashes in new[] { Ascending(5_000, new Random(1)), [.. Enumerable.Range(0, 5_000).Select(i => (ulong)i)] })
        {
            var section = TraceFilter.Build(hashes)!;
            var filter = new TraceFilter(section, "filter");
            var others = Ascending(20_000, new Random(2));
            Assert.All([.. hashes, .. others], hash => Assert.Equal(AsDocumented(section, hash), filter.MayHave(hash)));
            Assert.All(hashes, hash => Assert.True(AsDocumented(section, hash)));
        }

        static bool AsDocumented(byte[] section, ulong h)
        {
            int l = section[4];
            ulong seed = BitConverter.ToUInt64(section, 8), s = BitConverter.ToUInt32(section, 16), length = 1UL << l;
            if (seed != 0) h = TraceHash.Mix(h ^ seed);
            var p = (ulong)(((UInt128)(h >> 32) * s * length) >> 32);
            var a = p;
            var b = (p + length) ^ ((h >> 18) % length);
            var c = (p + (2 * length)) ^ (h % length);
            return (section[24 + (int)a] ^ section[24 + (int)b] ^ section[24 + (int)c]) == (byte)(h ^ (h >> 32));
        }
    }

    [Fact]
    public void The_same_hashes_give_the_same_bytes()
    {
        var hashes = Ascending(3_000, new Random(1));
        Assert.Equal(TraceFilter.Build(hashes), TraceFilter.Build(hashes));
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_answer_wrongly_but_never_break()
    {
        var random = new Random(12);
        var hashes = Ascending(300, random);
        var whole = TraceFilter.Build(hashes)!;
        var positions = new int[hashes.Length];
        for (var round = 0; round < TestScale.Of(5_000); round++)
        {
            var section = whole.ToArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--) section[random.Next(random.Next(2) == 0 ? TraceFilter.HeaderBytes : section.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            if (random.Next(4) == 0) section = section[..random.Next(section.Length)];
            if (random.Next(4) == 0 && section.Length >= TraceFilter.HeaderBytes) BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(16), (uint)random.NextInt64(1L << 32));
            try
            {
                var filter = new TraceFilter(section, "filter");
                Assert.InRange(filter.Candidates(hashes, positions), 0, hashes.Length);
            }
            catch (CorruptFileException)
            {
                // What a reader may say.
            }
        }
    }

    [Fact]
    public void Lengths_that_would_reach_beyond_the_cells_are_refused()
    {
        var whole = TraceFilter.Build(Ascending(1_000, new Random(1)))!;
        for (var bits = 0; bits < 256; bits++)
        {
            foreach (var segments in new uint[] { 0, 1, 2, 3, 1 << 20, uint.MaxValue - 2, uint.MaxValue - 1, uint.MaxValue })
            {
                var section = whole.ToArray();
                section[4] = (byte)bits;
                BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(16), segments);
                if (bits <= TraceFilter.MaxLengthBits && TraceFilter.HeaderBytes + ((segments + 2L) << bits) == section.Length && segments > 0) continue;
                Assert.Throws<CorruptFileException>(() => new TraceFilter(section, "filter"));
            }
        }
    }

    private static TraceFilter Filter(ReadOnlySpan<ulong> ascending) => new(TraceFilter.Build(ascending) ?? throw new InvalidOperationException("no filter"), "filter");

    private static ulong[] Ascending(int count, Random random)
    {
        var hashes = new ulong[count];
        for (var i = 0; i < count; i++) hashes[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        Array.Sort(hashes);
        return hashes;
    }
}
