// Attributes without a column of their own, as a file has them: what is called whole can be read, whatever it says, and what was written is whole.
using System.Buffers.Binary;
using Waymark.Storage.Head;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Head;

public sealed class OverflowValueTests
{
    [Fact]
    public void What_was_written_is_whole_and_what_is_whole_can_be_read()
    {
        var random = new Random(3);
        byte[] written = [.. Behind([4, 0, 0, 0, 0]), .. Behind([1, 2, 0, 0, 0, 65, 66, 67]), .. Behind([3, 1, 0, 0, 0, 65, 1, 2, 3, 4, 5, 6, 7, 8])];
        Assert.True(OverflowValue.AreWhole([]));
        var whole = 0;
        for (var round = 0; round < TestScale.Of(20_000); round++)
        {
            var values = Damage.Mutate(written, random);
            if (!OverflowValue.AreWhole(values)) continue;
            whole++;
            ReadOnlySpan<byte> rest = values;
            while (!rest.IsEmpty)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
                OverflowValue.Read(rest.Slice(4, length), out _, out var key, out _, out var content);
                Assert.True(key.Length + content.Length <= length);
                rest = rest[(4 + length)..];
            }
        }
        Assert.InRange(whole, 1, int.MaxValue);
        foreach (var type in Enum.GetValues<Waymark.Model.Spans.AttributeType>())
        {
            var value = new byte[14];
            value[0] = (byte)type;
            value[1] = 1;
            Assert.True(OverflowValue.AreWhole(Behind(value)));
            Assert.False(OverflowValue.AreWhole(Behind(value).AsSpan(0, 4 + value.Length - 1)));
        }
    }

    private static byte[] Behind(byte[] value)
    {
        var bytes = new byte[4 + value.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value.Length);
        value.CopyTo(bytes, 4);
        return bytes;
    }
}
