// One attribute value in flight between a decoder and a sink: no object, no copy.
namespace Waymark.Model.Spans;

/// <summary>
/// A typed attribute value. <see cref="Number"/> holds Bool (0/1), Int, and Double (its IEEE bits); <see cref="Content"/> holds
/// Text (valid UTF-8), Bytes (as they are), and Array / KeyValues as canonical OTLP <c>ArrayValue</c> / <c>KeyValueList</c>
/// messages: known fields only, in field order, shortest varints. The content lives only as long as the call it is passed to.
/// </summary>
public readonly ref struct AttributeValue
{
    private AttributeValue(AttributeType type, long number, ReadOnlySpan<byte> content)
    {
        Type = type;
        Number = number;
        Content = content;
    }

    public AttributeType Type { get; }
    public long Number { get; }
    public ReadOnlySpan<byte> Content { get; }

    public static AttributeValue Empty => default;
    public static AttributeValue Text(ReadOnlySpan<byte> utf8) => new(AttributeType.Text, 0, utf8);
    public static AttributeValue Bool(bool value) => new(AttributeType.Bool, value ? 1 : 0, default);
    public static AttributeValue Int(long value) => new(AttributeType.Int, value, default);
    public static AttributeValue Double(double value) => new(AttributeType.Double, BitConverter.DoubleToInt64Bits(value), default);
    public static AttributeValue Bytes(ReadOnlySpan<byte> bytes) => new(AttributeType.Bytes, 0, bytes);
    public static AttributeValue Array(ReadOnlySpan<byte> canonical) => new(AttributeType.Array, 0, canonical);
    public static AttributeValue KeyValues(ReadOnlySpan<byte> canonical) => new(AttributeType.KeyValues, 0, canonical);
}
