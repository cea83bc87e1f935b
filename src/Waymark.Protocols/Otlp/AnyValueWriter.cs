// OTLP's KeyValue and AnyValue, written: for canonical nested values, for bodies encoded again, and for traces given back.
using System.Diagnostics;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Protocols.Protobuf;

namespace Waymark.Protocols.Otlp;

/// <summary>Writes attribute values as <c>AnyValue</c> (field numbers: <see cref="AnyValueReader"/>).</summary>
internal static class AnyValueWriter
{
    /// <summary>Tag of the <c>AnyValue</c> member that holds values of a type.</summary>
    public static uint Tag(AttributeType type) => type switch
    {
        AttributeType.Text => 1 << 3 | 2,
        AttributeType.Bool => 2 << 3 | 0,
        AttributeType.Int => 3 << 3 | 0,
        AttributeType.Double => 4 << 3 | 1,
        AttributeType.Array => 5 << 3 | 2,
        AttributeType.KeyValues => 6 << 3 | 2,
        AttributeType.Bytes => 7 << 3 | 2,
        _ => throw new UnreachableException($"Attribute type {type} has no member of AnyValue."),
    };

    /// <summary>Writes a <c>KeyValue</c> as field <paramref name="tag"/>. An empty value is left out: a key without a value means the same.</summary>
    public static void WriteKeyValue(PooledBuffer output, uint tag, ReadOnlySpan<byte> key, AttributeType type, long number, ReadOnlySpan<byte> content)
    {
        var start = output.BeginMessage(tag);
        if (!key.IsEmpty) output.WriteBytesField(1 << 3 | 2, key);
        if (type != AttributeType.Empty)
        {
            var value = output.BeginMessage(2 << 3 | 2);
            Write(output, type, number, content);
            output.EndMessage(value);
        }
        output.EndMessage(start);
    }

    /// <summary>Writes the fields of an <c>AnyValue</c>: none for an empty value.</summary>
    public static void Write(PooledBuffer output, scoped in AttributeValue value) => Write(output, value.Type, value.Number, value.Content);

    /// <summary>Writes the fields of an <c>AnyValue</c> that is empty, a boolean, an integer or a double.</summary>
    public static void WriteNumber(PooledBuffer output, AttributeType type, long number) => Write(output, type, number, default);

    private static void Write(PooledBuffer output, AttributeType type, long number, ReadOnlySpan<byte> content)
    {
        switch (type)
        {
            case AttributeType.Empty:
                break;
            case AttributeType.Bool or AttributeType.Int:
                output.WriteVarintField(Tag(type), (ulong)number);
                break;
            case AttributeType.Double:
                output.WriteFixed64Field(Tag(type), (ulong)number);
                break;
            default:
                output.WriteBytesField(Tag(type), content);
                break;
        }
    }
}
