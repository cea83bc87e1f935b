// Canonical OTLP AnyValue bytes of nested values, written the slow and plain way: the second opinion on what decoders produce.
using System.Text;
using Waymark.Model.Spans;

namespace Waymark.Testing;

/// <summary>Encodes <c>ArrayValue</c> and <c>KeyValueList</c> messages (opentelemetry/proto/common/v1/common.proto): known fields, in order, shortest varints.</summary>
public static class NaiveAnyValue
{
    /// <summary>An <c>ArrayValue</c>: repeated AnyValue = 1.</summary>
    public static byte[] ArrayContent(ReadOnlySpan<NaiveValue> items)
    {
        var bytes = new List<byte>();
        foreach (var item in items) Delimited(bytes, 1, AnyValue(item));
        return [.. bytes];
    }

    /// <summary>A <c>KeyValueList</c>: repeated KeyValue { key = 1, value = 2 } = 1. An empty key or value is left out, as it says nothing; the members of an array never are.</summary>
    public static byte[] KeyValuesContent(ReadOnlySpan<NaiveAttribute> items)
    {
        var bytes = new List<byte>();
        foreach (var item in items)
        {
            var pair = new List<byte>();
            if (item.Key.Length > 0) Delimited(pair, 1, Encoding.UTF8.GetBytes(item.Key));
            if (item.Value.Type != AttributeType.Empty) Delimited(pair, 2, AnyValue(item.Value));
            Delimited(bytes, 1, [.. pair]);
        }
        return [.. bytes];
    }

    /// <summary>An <c>AnyValue</c>; no bytes at all for an empty one.</summary>
    public static byte[] AnyValue(NaiveValue value)
    {
        var bytes = new List<byte>();
        switch (value.Type)
        {
            case AttributeType.Text:
                Delimited(bytes, 1, value.ToBytes());
                break;
            case AttributeType.Bool:
                bytes.Add(2 << 3);
                Varint(bytes, (ulong)value.Number);
                break;
            case AttributeType.Int:
                bytes.Add(3 << 3);
                Varint(bytes, (ulong)value.Number);
                break;
            case AttributeType.Double:
                bytes.Add((4 << 3) | 1);
                bytes.AddRange(BitConverter.GetBytes(value.Number));
                break;
            case AttributeType.Array:
                Delimited(bytes, 5, value.ToBytes());
                break;
            case AttributeType.KeyValues:
                Delimited(bytes, 6, value.ToBytes());
                break;
            case AttributeType.Bytes:
                Delimited(bytes, 7, value.ToBytes());
                break;
            case AttributeType.Empty:
                break;
            default:
                throw new InvalidOperationException($"Unknown attribute type {value.Type}.");
        }
        return [.. bytes];
    }

    private static void Delimited(List<byte> bytes, int field, byte[] content)
    {
        bytes.Add((byte)((field << 3) | 2));
        Varint(bytes, (ulong)content.Length);
        bytes.AddRange(content);
    }

    private static void Varint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }
}
