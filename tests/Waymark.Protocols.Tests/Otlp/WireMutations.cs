// Damage for requests, of two kinds: bytes anywhere, and fields of the wire format (so that lengths stay right and the damage is subtle).
namespace Waymark.Protocols.Tests.Otlp;

/// <summary>Mutates encoded messages, deterministically from a <see cref="Random"/>.</summary>
public static class WireMutations
{
    /// <summary>Flips, inserts, deletes, copies or cuts off a few bytes.</summary>
    public static byte[] MutateBytes(byte[] message, Random random)
    {
        var bytes = message.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3 when at < bytes.Count:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 4), bytes.Count - at));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5 when bytes.Count > 0:
                    var from = random.Next(bytes.Count);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(1, 12), bytes.Count - from)));
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Reorders, repeats, drops, retypes and adds fields, at a random depth; every length is right afterwards.</summary>
    public static byte[] MutateFields(byte[] message, Random random, int depth = 0)
    {
        if (Fields(message) is not { } fields) return message;
        if (fields.Count > 0 && depth < 12 && random.Next(4) != 0)
        {
            // Go deeper into one field, and perhaps into others.
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                var i = random.Next(fields.Count);
                if (fields[i].Type == 2) fields[i] = fields[i] with { Value = MutateFields(fields[i].Value, random, depth + 1) };
            }
            if (random.Next(3) != 0) return Encode(fields, random, longForms: false);
        }
        for (var times = random.Next(1, 4); times > 0; times--) MutateList(fields, random);
        return Encode(fields, random, longForms: random.Next(4) == 0);
    }

    private static void MutateList(List<Field> fields, Random random)
    {
        if (fields.Count == 0 || random.Next(6) == 0)
        {
            fields.Insert(random.Next(fields.Count + 1), Unknown(random, depth: 0));
            return;
        }
        var i = random.Next(fields.Count);
        var field = fields[i];
        switch (random.Next(7))
        {
            case 0:
                fields.RemoveAt(i);
                break;
            case 1:
                fields.Insert(random.Next(fields.Count + 1), field);
                break;
            case 2:
                // The same message in two pieces, cut between fields: must merge to the whole.
                if (field.Type != 2 || Fields(field.Value) is not { Count: > 1 } inner) goto case 1;
                var at = random.Next(inner.Count);
                fields[i] = field with { Value = Encode(inner[..at], random, longForms: false) };
                fields.Insert(random.Next(i + 1, fields.Count + 1), field with { Value = Encode(inner[at..], random, longForms: false) });
                break;
            case 3:
                var values = fields.ToArray();
                random.Shuffle(values);
                fields.Clear();
                fields.AddRange(values);
                break;
            case 4:
                fields[i] = Unknown(random, depth: 0) with { Number = field.Number };
                break;
            case 5:
                fields[i] = field with { Number = random.Next(1, 18) };
                break;
            default:
                if (field.Type == 2) fields[i] = field with { Value = [.. field.Value, (byte)random.Next(256)] };
                else fields[i] = Unknown(random, depth: 0);
                break;
        }
    }

    private static Field Unknown(Random random, int depth)
    {
        var number = random.Next(3) == 0 ? random.Next(1, 1 << 29) : random.Next(1, 20);
        switch (random.Next(depth < 4 ? 6 : 4))
        {
            case 0:
                return new Field(number, 0, Varint((ulong)random.NextInt64(), random.Next(3)));
            case 1:
                return new Field(number, 1, [1, 2, 3, 4, 5, 6, 7, (byte)random.Next(256)]);
            case 2:
                var bytes = new byte[random.Next(20)];
                random.NextBytes(bytes);
                return new Field(number, 2, bytes);
            case 3:
                return new Field(number, 5, [9, 9, 9, (byte)random.Next(256)]);
            default:
                // A group: its value is its content and its end tag, sometimes a wrong one.
                var content = new List<Field>();
                for (var i = random.Next(3); i > 0; i--) content.Add(Unknown(random, depth + 1));
                var end = random.Next(8) == 0 ? random.Next(1, 20) : number;
                return new Field(number, 3, [.. Encode(content, random, longForms: false), .. Varint(((ulong)end << 3) | 4, 0)]);
        }
    }

    private sealed record Field(int Number, int Type, byte[] Value);

    private static List<Field>? Fields(byte[] message)
    {
        var fields = new List<Field>();
        var at = 0;
        while (at < message.Length)
        {
            if (ReadVarint(message, ref at) is not { } tag || tag >> 3 is 0 or >= 1 << 29) return null;
            var start = at;
            switch (tag & 7)
            {
                case 0:
                    if (ReadVarint(message, ref at) is null) return null;
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    if (ReadVarint(message, ref at) is not { } length || length > (ulong)(message.Length - at)) return null;
                    start = at;
                    at += (int)length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    return null;
            }
            if (at > message.Length) return null;
            fields.Add(new Field((int)(tag >> 3), (int)(tag & 7), message[start..at]));
        }
        return fields;
    }

    private static byte[] Encode(IEnumerable<Field> fields, Random random, bool longForms)
    {
        var bytes = new List<byte>();
        foreach (var field in fields)
        {
            var padding = longForms ? random.Next(4) : 0;
            bytes.AddRange(Varint(((ulong)field.Number << 3) | (uint)field.Type, padding));
            if (field.Type == 2) bytes.AddRange(Varint((ulong)field.Value.Length, padding));
            bytes.AddRange(field.Value);
        }
        return [.. bytes];
    }

    /// <summary>A varint, longer than need be by <paramref name="padding"/> bytes.</summary>
    private static byte[] Varint(ulong value, int padding)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        while (padding-- > 0 && bytes.Count < 10)
        {
            bytes[^1] |= 0x80;
            bytes.Add(0);
        }
        return [.. bytes];
    }

    private static ulong? ReadVarint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at == message.Length) return null;
            var b = message[at++];
            if (shift < 64) value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        return null;
    }
}
