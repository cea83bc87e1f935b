// The wire format, read: varints of every length, lengths, groups, and where a reader stops.
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Protocols.Protobuf;

namespace Waymark.Protocols.Tests.Protobuf;

public sealed class ProtobufReaderTests
{
    [Fact]
    public void Varints_read_back_as_written()
    {
        using var buffer = new PooledBuffer();
        for (var bit = 0; bit < 64; bit++)
        {
            foreach (var value in new[] { (1UL << bit) - 1, 1UL << bit, ulong.MaxValue >> bit })
            {
                buffer.Clear();
                buffer.WriteVarint(value);
                var reader = new ProtobufReader(buffer.WrittenSpan);
                Assert.Equal(value, reader.ReadVarint());
                Assert.Equal(0, reader.Remaining);
                Assert.Equal(Malformed.None, reader.Error);
                // Every proper prefix is cut off.
                for (var length = 0; length < buffer.Length; length++)
                {
                    reader = new ProtobufReader(buffer.WrittenSpan[..length]);
                    reader.ReadVarint();
                    Assert.Equal(Malformed.Truncated, reader.Error);
                }
            }
        }
    }

    [Fact]
    public void A_varint_has_at_most_ten_bytes()
    {
        byte[] ten = [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E];
        var reader = new ProtobufReader(ten);
        Assert.Equal(1UL, reader.ReadVarint());
        byte[] eleven = [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
        reader = new ProtobufReader(eleven);
        reader.ReadVarint();
        Assert.Equal(Malformed.BadVarint, reader.Error);
    }

    [Fact]
    public void A_length_beyond_the_message_or_negative_is_bad()
    {
        var reader = new ProtobufReader([2, 1]);
        Assert.True(reader.ReadBytes().IsEmpty);
        Assert.Equal(Malformed.BadLength, reader.Error);
        Assert.Equal(2, reader.Remaining);
        Assert.Equal(0u, reader.ReadTag());
        reader = new ProtobufReader([0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1]);
        Assert.True(reader.ReadBytes().IsEmpty);
        Assert.Equal(Malformed.BadLength, reader.Error);
    }

    [Fact]
    public void Content_of_any_length_is_found_behind_its_prefix()
    {
        foreach (var length in new[] { 0, 1, 127, 128, 129, 16_383, 16_384, 70_000 })
        {
            using var buffer = new PooledBuffer();
            var content = new byte[length];
            new Random(length).NextBytes(content);
            buffer.WriteBytesField(1 << 3 | 2, content);
            buffer.WriteFixed32Field(16 << 3 | 5, 7);
            var reader = new ProtobufReader(buffer.WrittenSpan);
            Assert.Equal(1u << 3 | 2, reader.ReadTag());
            Assert.Equal(content, reader.ReadBytes().ToArray());
            Assert.Equal(16u << 3 | 5, reader.ReadTag());
            Assert.Equal(7u, reader.ReadFixed32());
            Assert.Equal(0u, reader.ReadTag());
            Assert.Equal(Malformed.None, reader.Error);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x0B, 0x0C }, Malformed.None)]
    [InlineData(new byte[] { 0x0B, 0x08, 0x01, 0x13, 0x14, 0x0C }, Malformed.None)]
    [InlineData(new byte[] { 0x0B, 0x14 }, Malformed.UnbalancedGroup)]
    [InlineData(new byte[] { 0x0B }, Malformed.UnbalancedGroup)]
    [InlineData(new byte[] { 0x0C }, Malformed.UnbalancedGroup)]
    [InlineData(new byte[] { 0x0B, 0x08, 0x0C }, Malformed.UnbalancedGroup)]
    [InlineData(new byte[] { 0x0B, 0x0E, 0x0C }, Malformed.BadTag)]
    [InlineData(new byte[] { 0x0F }, Malformed.BadTag)]
    [InlineData(new byte[] { 0x0D, 1, 2, 3 }, Malformed.Truncated)]
    [InlineData(new byte[] { 0x09, 1, 2, 3, 4, 5, 6, 7 }, Malformed.Truncated)]
    [InlineData(new byte[] { 0x80, 0x80, 0x80 }, Malformed.Truncated)]
    [InlineData(new byte[] { 0x07 }, Malformed.BadTag)]
    public void A_message_is_well_framed_or_its_first_defect_is_named(byte[] message, Malformed defect)
    {
        var reader = new ProtobufReader(message);
        Assert.Equal(defect == Malformed.None, reader.SkipAll());
        Assert.Equal(defect, reader.Error);
    }
}
