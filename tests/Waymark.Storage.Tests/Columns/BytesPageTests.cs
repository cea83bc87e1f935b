// Pages of byte strings, damaged ones too, and the checksum all pages have.
using System.Buffers.Binary;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class BytesPageTests
{
    [Fact]
    public void Ends_that_descend_pass_the_heap_or_leave_a_rest_are_refused()
    {
        Assert.True(BytesPage.TryReadEnds(Page(3, 1, 3), 2, out var ends));
        Assert.Equal([1, 3], ends);
        Assert.False(BytesPage.TryReadEnds(Page(3, 2, 1), 2, out _));
        Assert.False(BytesPage.TryReadEnds(Page(3, 1, 4), 2, out _));
        Assert.False(BytesPage.TryReadEnds(Page(3, 1, 2), 2, out _));
        Assert.False(BytesPage.TryReadEnds(Page(3, -1, 3), 2, out _));
        Assert.False(BytesPage.TryReadEnds(new byte[7], 2, out _));
        Assert.True(BytesPage.TryReadEnds([], 0, out _));
        Assert.False(BytesPage.TryReadEnds(new byte[1], 0, out _));
    }

    [Fact]
    public void A_slice_of_a_heap_is_stored_with_ends_of_its_own()
    {
        var stored = new byte[BytesPage.StoredBytes(2, 3)];
        BytesPage.Encode("abcdef"u8, [3, 5], 2, stored);
        Assert.True(BytesPage.TryReadEnds(stored, 2, out var ends));
        Assert.Equal([1, 3], ends);
        Assert.Equal("cde"u8.ToArray(), stored[8..]);
    }

    [Fact]
    public void The_checksum_is_castagnolis()
    {
        // The check value of every CRC catalogue.
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0u, Crc32C.Compute([]));
        Assert.Equal(0xE3069283u, Crc32C.Compute("6789"u8, Crc32C.Compute("12345"u8)));
    }

    private static byte[] Page(int heap, params int[] ends)
    {
        var page = new byte[(ends.Length * 4) + heap];
        for (var i = 0; i < ends.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(i * 4), ends[i]);
        return page;
    }
}
