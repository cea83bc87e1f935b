// Varints and page lists of a segment's directory, while it is being written.
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Waymark.Storage.Segments;

/// <summary>A growing piece of directory.</summary>
internal sealed class DirectoryWriter
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    public ReadOnlySpan<byte> Written => bytes.WrittenSpan;

    public void Byte(byte value)
    {
        bytes.GetSpan(1)[0] = value;
        bytes.Advance(1);
    }

    public void Varint(ulong value)
    {
        var span = bytes.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        bytes.Advance(length);
    }

    public void Zigzag(long value) => Varint(unchecked(((ulong)value << 1) ^ (ulong)(value >> 63)));

    public void Word16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.GetSpan(2), value);
        bytes.Advance(2);
    }

    public void Word32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.GetSpan(4), value);
        bytes.Advance(4);
    }

    public void Word64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(8), value);
        bytes.Advance(8);
    }

    public void Prefixed(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        bytes.Write(value);
    }

    public void Text(string value) => Prefixed(Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a page entry; <paramref name="previousMin"/> and <paramref name="previousEnd"/> are the list's running state.</summary>
    public void Page(PageInfo page, ref long previousMin, ref long previousEnd)
    {
        Varint((ulong)page.Count);
        if (page.Count == 0) return;
        Varint((ulong)page.Encoding);
        Varint((ulong)page.Codec);
        Zigzag(unchecked(page.Min - previousMin));
        Varint(unchecked((ulong)page.Max - (ulong)page.Min));
        previousMin = page.Min;
        Varint((ulong)page.Bytes);
        if (page.Bytes == 0) return;
        Varint((ulong)(page.Offset - previousEnd));
        previousEnd = page.Offset + page.Bytes;
        Word32(page.Crc);
    }
}
