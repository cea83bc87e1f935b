// Rows of a byte each against a loop.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class ByteKernelsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(8_192)]
    public void Equal_bytes_are_found_and_others_taken_out(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < 20; round++)
        {
            var rows = Enumerable.Range(0, count).Select(_ => (byte)random.Next(1 + (round * 12))).ToArray();
            var wanted = (byte)random.Next(1 + (round * 12));
            var bits = new ulong[RowBits.Words];
            Array.Fill(bits, ulong.MaxValue);
            ByteKernels.Equal(rows, wanted, bits);
            for (var r = 0; r < RowBits.Rows; r++) Assert.Equal(r < count && rows[r] == wanted, RowBits.Contains(bits, r));
            foreach (ref var word in bits.AsSpan()) word = random.Next(3) == 0 ? 0 : (ulong)random.NextInt64();
            var before = bits.ToArray();
            ByteKernels.NarrowToEqual(rows, wanted, bits);
            for (var r = 0; r < RowBits.Rows; r++) Assert.Equal(r < count && rows[r] == wanted && RowBits.Contains(before, r), RowBits.Contains(bits, r));
        }
    }
}
