// Resources and instrumentation scopes: few, so each is one self-contained byte string, the same in heads and segments (docs/formats/segment.md).
using System.Buffers.Binary;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;

namespace Waymark.Storage.Head;

/// <summary>
/// <c>u32 texts, { u32 length | bytes }* | u32 dropped attributes | u32 attributes, { u32 key length | key | u8 type | u32 content length | content, or 8 bytes of number }*</c>.
/// A resource has one text, its schema URL; a scope three: schema URL, name, version.
/// </summary>
internal static class ElementBlob
{
    public const int ResourceTexts = 1;
    public const int ScopeTexts = 3;

    /// <summary>Reads a blob of a file through. Throws <see cref="ArgumentException"/> or <see cref="IndexOutOfRangeException"/> where a blob with so many texts can't be read.</summary>
    public static void Check(ReadOnlySpan<byte> blob, int texts)
    {
        var reader = new Reader(blob);
        ArgumentOutOfRangeException.ThrowIfNotEqual(reader.Number(), (uint)texts, nameof(blob));
        for (var t = 0; t < texts; t++) reader.Text();
        reader.Number();
        for (var count = reader.Number(); count > 0; count--) reader.Attribute(out _, out _, out _, out _);
    }

    public static void WriteText(PooledBuffer output, ReadOnlySpan<byte> text)
    {
        WriteNumber(output, (uint)text.Length);
        output.Write(text);
    }

    public static void WriteNumber(PooledBuffer output, uint number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), number);
        output.Advance(4);
    }

    public static void WriteAttribute(PooledBuffer output, ReadOnlySpan<byte> key, in AttributeValue value)
    {
        WriteText(output, key);
        output.Write([(byte)value.Type]);
        if (AttributeColumn.HasContent(value.Type))
        {
            WriteText(output, value.Content);
            return;
        }
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value.Number);
        output.Advance(8);
    }

    /// <summary>Reads a blob front to back. The blob is ours and checksummed: a wrong length is a defect, and throws.</summary>
    public ref struct Reader(ReadOnlySpan<byte> blob)
    {
        private ReadOnlySpan<byte> rest = blob;

        public uint Number()
        {
            var number = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            rest = rest[4..];
            return number;
        }

        /// <summary>A number of elements that follow, each of four bytes at least.</summary>
        public int Count()
        {
            var count = Number();
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (uint)rest.Length / 4, nameof(count));
            return (int)count;
        }

        public ReadOnlySpan<byte> Text()
        {
            var length = (int)Number();
            var text = rest[..length];
            rest = rest[length..];
            return text;
        }

        public byte Byte()
        {
            var value = rest[0];
            rest = rest[1..];
            return value;
        }

        public long Long()
        {
            var value = BinaryPrimitives.ReadInt64LittleEndian(rest);
            rest = rest[8..];
            return value;
        }

        public void Attribute(out ReadOnlySpan<byte> key, out AttributeType type, out long number, out ReadOnlySpan<byte> content)
        {
            key = Text();
            type = (AttributeType)rest[0];
            rest = rest[1..];
            if (AttributeColumn.HasContent(type))
            {
                number = 0;
                content = Text();
                return;
            }
            content = default;
            number = BinaryPrimitives.ReadInt64LittleEndian(rest);
            rest = rest[8..];
        }
    }
}
