// Reads a segment's directory. The bytes have passed their checksum, yet every length is still checked before it is used.
using System.Buffers.Binary;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Segments;

/// <summary>A cursor over part of a directory. Throws <see cref="CorruptFileException"/> at whatever can't be.</summary>
internal ref struct DirectoryCursor(ReadOnlySpan<byte> bytes, string path, long fileOffset)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly string path = path;
    private readonly long fileOffset = fileOffset;
    private int at = 0;

    public readonly int Position => at;
    public readonly bool AtEnd => at == bytes.Length;

    public byte Byte() => Take(1)[0];

    public ushort Word16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint Word32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong Word64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at == bytes.Length) throw Corrupt("the directory ends inside a number");
            var next = bytes[at++];
            if (shift == 63 && next > 1) break;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Corrupt("a number of more than 64 bits");
    }

    /// <summary>A varint that must not be above a limit.</summary>
    public long Varint(long limit, string what)
    {
        var value = Varint();
        return value <= (ulong)limit ? (long)value : throw Corrupt($"{what} {value} is above {limit}");
    }

    public long Zigzag()
    {
        var value = Varint();
        return unchecked((long)(value >> 1) ^ -(long)(value & 1));
    }

    public ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > bytes.Length - at) throw Corrupt("the directory ends early");
        var taken = bytes.Slice(at, (int)length);
        at += (int)length;
        return taken;
    }

    /// <summary>A length and that many bytes.</summary>
    public ReadOnlySpan<byte> Prefixed() => Take(Varint(bytes.Length - at, "length"));

    /// <summary>A page entry; every stored byte lies between the header and <paramref name="dataEnd"/>.</summary>
    public PageInfo Page(ref long previousMin, ref long previousEnd, long dataEnd)
    {
        var count = (int)Varint(SegmentFormat.PageRows, "values of a page");
        if (count == 0) return default;
        var encoding = (PageEncoding)Varint(byte.MaxValue, "encoding");
        var codec = (PageCodec)(Varint(ushort.MaxValue, "codec") & 15);
        var min = unchecked(previousMin + Zigzag());
        var max = unchecked((long)((ulong)min + Varint()));
        if (max < min) throw Corrupt("a page's minimum is above its maximum");
        previousMin = min;
        var length = (int)Varint(int.MaxValue, "bytes of a page");
        if (length == 0) return new PageInfo(count, min, max, encoding, 0, 0, 0, codec);
        var offset = Offset(ref previousEnd, length, dataEnd);
        return new PageInfo(count, min, max, encoding, length, offset, Word32(), codec);
    }

    /// <summary>An offset as distance from the end of the previous piece; the piece must lie in the file's data.</summary>
    public long Offset(ref long previousEnd, int length, long dataEnd)
    {
        var offset = previousEnd + Varint(dataEnd, "offset");
        if (offset < SegmentFormat.HeaderBytes || offset > dataEnd - length) throw Corrupt($"{length} bytes at {offset} are outside the file's data");
        previousEnd = offset + length;
        return offset;
    }

    public readonly CorruptFileException Corrupt(string what) => new(path, fileOffset + at, what);
}
