// Bit packing: every width at every vector level, and the layout that docs/formats/segment.md gives.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class BitPackingTests
{
    public static TheoryData<int> Widths => [.. Enumerable.Range(1, 32)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_width_unpacks_to_what_was_packed_at_every_vector_level(int width)
    {
        foreach (var values in Patterns(width))
        {
            var reference = new byte[BitPacking.BlockBytes(width)];
            BitPacking.Pack(values, width, reference, SimdLevel.Scalar);
            foreach (var level in Enum.GetValues<SimdLevel>())
            {
                var block = new byte[reference.Length];
                Array.Fill(block, (byte)0xAA);
                BitPacking.Pack(values, width, block, level);
                Assert.Equal(reference, block);
                foreach (var add in new uint[] { 0, 7, uint.MaxValue })
                {
                    var unpacked = new uint[BitPacking.BlockValues];
                    BitPacking.Unpack(block, width, add, unpacked, level);
                    Assert.Equal(values.Select(v => unchecked(v + add)), unpacked);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_value_lies_where_the_document_says(int width)
    {
        var random = new Random(width);
        for (var round = 0; round < 20; round++)
        {
            var index = random.Next(BitPacking.BlockValues);
            var values = new uint[BitPacking.BlockValues];
            values[index] = uint.MaxValue >> (32 - width);
            var block = new byte[BitPacking.BlockBytes(width)];
            BitPacking.Pack(values, width, block, BitPacking.Best);
            var (lane, slot) = (index % 16, index / 16);
            for (var bit = 0; bit < block.Length * 8; bit++)
            {
                // Bit of the file -> lane and bit of the lane: rows of 16 words of 32 bits.
                var (row, inRow) = (bit / 512, bit % 512);
                var laneBit = (row * 32) + (inRow % 32);
                var expected = inRow / 32 == lane && laneBit >= slot * width && laneBit < (slot + 1) * width;
                Assert.Equal(expected, (block[bit / 8] >> (bit % 8) & 1) != 0);
            }
        }
    }

    private static IEnumerable<uint[]> Patterns(int width)
    {
        var mask = uint.MaxValue >> (32 - width);
        var random = new Random(width * 31);
        yield return new uint[BitPacking.BlockValues];
        yield return [.. Enumerable.Repeat(mask, BitPacking.BlockValues)];
        yield return [.. Enumerable.Range(0, BitPacking.BlockValues).Select(i => (uint)i & mask)];
        for (var i = 0; i < TestScale.Of(3); i++)
            yield return [.. Enumerable.Range(0, BitPacking.BlockValues).Select(_ => (uint)random.NextInt64() & mask)];
    }
}
