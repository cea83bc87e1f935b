// Just enough protobuf to read answers: the tests must not trust the product's own writer.
using System.Text;

namespace Waymark.Server.Tests.Receivers;

/// <summary>The fields of one message, in order.</summary>
internal sealed class ProtoFields
{
    private readonly List<(int Field, ulong Number, byte[]? Bytes)> fields = [];

    public static ProtoFields Parse(ReadOnlySpan<byte> bytes)
    {
        var message = new ProtoFields();
        while (!bytes.IsEmpty)
        {
            var tag = Varint(ref bytes);
            var number = 0UL;
            byte[]? content = null;
            switch (tag & 7)
            {
                case 0:
                    number = Varint(ref bytes);
                    break;
                case 2:
                    var length = (int)Varint(ref bytes);
                    content = bytes[..length].ToArray();
                    bytes = bytes[length..];
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7} is not expected in an answer.");
            }

            message.fields.Add(((int)(tag >> 3), number, content));
        }

        return message;
    }

    public bool Has(int field) => fields.Exists(f => f.Field == field);

    public long Number(int field) => (long)fields.LastOrDefault(f => f.Field == field).Number;

    public string Text(int field) => Encoding.UTF8.GetString(fields.LastOrDefault(f => f.Field == field).Bytes ?? []);

    public ProtoFields Message(int field) => Parse(fields.Last(f => f.Field == field).Bytes);

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }
}
