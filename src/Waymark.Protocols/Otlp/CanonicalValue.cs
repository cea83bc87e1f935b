// Reads stored arrays and key-value lists: the canonical OTLP messages that every decoder makes of nested values.
using System.Buffers.Binary;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Walks the elements of a canonical <c>ArrayValue</c> or <c>KeyValueList</c> (see <see cref="AttributeValue"/>) without copying.
/// Throws <see cref="InvalidDataException"/> on bytes that are no such message: what was stored is then not what was written.
/// </summary>
internal ref struct CanonicalValue(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> rest = content;

    public readonly bool IsAtEnd => rest.IsEmpty;

    /// <summary>The next element of an array.</summary>
    public AttributeValue NextValue() => Read(Field(ref rest, 1 << 3 | 2));

    /// <summary>The next member of a key-value list.</summary>
    public AttributeValue NextMember(out ReadOnlySpan<byte> key)
    {
        var member = Field(ref rest, 1 << 3 | 2);
        key = default;
        if (!member.IsEmpty && member[0] == (1 << 3 | 2)) key = Field(ref member, 1 << 3 | 2);
        return member.IsEmpty ? AttributeValue.Empty : Read(Field(ref member, 2 << 3 | 2));
    }

    /// <summary>An <c>AnyValue</c> message.</summary>
    private static AttributeValue Read(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty) return AttributeValue.Empty;
        var tag = message[0];
        switch (tag)
        {
            case 1 << 3 | 2: return AttributeValue.Text(Field(ref message, tag));
            case 5 << 3 | 2: return AttributeValue.Array(Field(ref message, tag));
            case 6 << 3 | 2: return AttributeValue.KeyValues(Field(ref message, tag));
            case 7 << 3 | 2: return AttributeValue.Bytes(Field(ref message, tag));
        }
        message = message[1..];
        return tag switch
        {
            2 << 3 => AttributeValue.Bool(Varint(ref message) != 0),
            3 << 3 => AttributeValue.Int((long)Varint(ref message)),
            4 << 3 | 1 when message.Length >= 8 => AttributeValue.Double(BinaryPrimitives.ReadDoubleLittleEndian(message)),
            _ => throw NotCanonical(),
        };
    }

    /// <summary>Takes a length-delimited field with this tag from the front.</summary>
    private static ReadOnlySpan<byte> Field(scoped ref ReadOnlySpan<byte> message, byte tag)
    {
        if (message.IsEmpty || message[0] != tag) throw NotCanonical();
        message = message[1..];
        var length = Varint(ref message);
        if (length > (ulong)message.Length) throw NotCanonical();
        var content = message[..(int)length];
        message = message[(int)length..];
        return content;
    }

    private static ulong Varint(scoped ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (var i = 0; i < message.Length && i < 10; i++)
        {
            value |= (ulong)(message[i] & 0x7F) << (7 * i);
            if (message[i] >= 0x80) continue;
            message = message[(i + 1)..];
            return value;
        }
        throw NotCanonical();
    }

    private static InvalidDataException NotCanonical() => new("A stored array or key-value list is not a canonical OTLP message.");
}
