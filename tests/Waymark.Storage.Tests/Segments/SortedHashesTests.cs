// The order in which a segment's hashes go into filter and index: the one a plain stable sort gives.
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Segments;

public sealed class SortedHashesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(50_000)]
    public void Hashes_ascend_and_equal_ones_keep_their_order(int count)
    {
        var random = new Random(count);
        foreach (var mask in new[] { ulong.MaxValue, 0xFFUL, 0xFF00000000000000, 0x8000000000000001, 0UL })
        {
            var hashes = new ulong[count];
            for (var i = 0; i < count; i++) hashes[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue) & mask;
            using var sorted = SortedHashes.Of(hashes);
            var expected = hashes.Select((hash, i) => (hash, i)).OrderBy(p => p.hash).ToArray();
            Assert.Equal(expected.Select(p => p.hash), sorted.Hashes.ToArray());
            Assert.Equal(expected.Select(p => p.i), sorted.Ordinals.ToArray());
        }
    }

    [Fact]
    public void The_key_of_the_store_decides_which_ids_meet()
    {
        var one = TraceHash.KeyedBy(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        var other = TraceHash.KeyedBy(new Guid("00112233-4455-6677-8899-aabbccddeefe"));
        var id = new TraceId(1, 2);
        Assert.NotEqual(one.Of(id), other.Of(id));
        Assert.Equal(new TraceHash(0x0011223344556677, 0x8899AABBCCDDEEFF), one);
    }
}
