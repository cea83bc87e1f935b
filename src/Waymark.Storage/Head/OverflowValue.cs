// One attribute of a key that got no column of its own: key, type and value in one byte string. The same bytes stand in segments (docs/formats/segment.md).
using System.Buffers.Binary;
using Waymark.Model.Spans;

namespace Waymark.Storage.Head;

/// <summary><c>u8 type | u32 key length | key | value</c>: 8 bytes little-endian for Bool, Int and Double, the content for the rest, nothing for Empty.</summary>
internal static class OverflowValue
{
    public static int Size(ReadOnlySpan<byte> key, in AttributeValue value) => 5 + key.Length + Math.Max(value.Content.Length, 8);

    public static int Write(Span<byte> destination, ReadOnlySpan<byte> key, in AttributeValue value)
    {
        destination[0] = (byte)value.Type;
        BinaryPrimitives.WriteInt32LittleEndian(destination[1..], key.Length);
        key.CopyTo(destination[5..]);
        var rest = destination[(5 + key.Length)..];
        if (AttributeColumn.HasContent(value.Type))
        {
            value.Content.CopyTo(rest);
            return 5 + key.Length + value.Content.Length;
        }
        if (value.Type == AttributeType.Empty) return 5 + key.Length;
        BinaryPrimitives.WriteInt64LittleEndian(rest, value.Number);
        return 5 + key.Length + 8;
    }

    /// <summary>Whether all of a row's overflow attributes, each behind its length, can be read: in a file they may be anything.</summary>
    public static bool AreWhole(ReadOnlySpan<byte> values)
    {
        while (!values.IsEmpty)
        {
            if (values.Length < 4) return false;
            var length = BinaryPrimitives.ReadInt32LittleEndian(values);
            values = values[4..];
            if (length < 5 || length > values.Length) return false;
            var type = (AttributeType)values[0];
            var key = BinaryPrimitives.ReadInt32LittleEndian(values[1..]);
            var number = AttributeColumn.HasContent(type) || type == AttributeType.Empty ? 0 : 8;
            if (key < 0 || key > length - 5 - number) return false;
            values = values[length..];
        }
        return true;
    }

    public static void Read(ReadOnlySpan<byte> bytes, out AttributeType type, out ReadOnlySpan<byte> key, out long number, out ReadOnlySpan<byte> content)
    {
        type = (AttributeType)bytes[0];
        key = bytes.Slice(5, BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]));
        var rest = bytes[(5 + key.Length)..];
        var hasContent = AttributeColumn.HasContent(type);
        content = hasContent ? rest : default;
        number = hasContent || type == AttributeType.Empty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(rest);
    }
}
