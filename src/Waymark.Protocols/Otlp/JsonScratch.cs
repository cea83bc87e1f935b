// Bytes that cannot be slices of the JSON body: unescaped text, decoded base64, canonical arrays and key-value lists.
using System.Buffers.Text;
using System.Diagnostics;
using Waymark.Model.Bodies;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Appends to one pooled buffer, used as a stack: whoever appends remembers the length before and truncates to it when the bytes have been passed on.
/// Content is built first and its protobuf prefix put before it afterwards, so that lengths are shortest varints.
/// </summary>
internal readonly struct JsonScratch(PooledBuffer buffer)
{
    public int Length => buffer.Length;

    public ReadOnlySpan<byte> Slice(int start, int length) => buffer.WrittenSpan.Slice(start, length);

    public ReadOnlySpan<byte> From(int mark) => buffer.WrittenSpan[mark..];

    public void Truncate(int length) => buffer.Truncate(length);

    public void Append(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    /// <summary>Appends the text that a JSON string stands for; its escapes have the right syntax. False when half a surrogate pair became U+FFFD.</summary>
    public bool AppendUnescaped(ReadOnlySpan<byte> json)
    {
        var whole = true;
        while (true)
        {
            var escape = json.IndexOf((byte)'\\');
            if (escape < 0) break;
            buffer.Write(json[..escape]);
            if (json[escape + 1] == (byte)'u')
            {
                json = json[(escape + AppendCodePoint(json[escape..], ref whole))..];
                continue;
            }
            buffer.GetSpan(1)[0] = json[escape + 1] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                var itself => itself,
            };
            buffer.Advance(1);
            json = json[(escape + 2)..];
        }
        buffer.Write(json);
        return whole;
    }

    /// <summary>Decodes the base64 text after <paramref name="mark"/> in place: standard or URL-safe alphabet, padding optional. False when it is neither.</summary>
    public bool TryDecodeBase64(int mark)
    {
        var text = buffer.Written[mark..];
        var length = text.Length;
        while (length > 0 && text.Length - length < 2 && text[length - 1] == (byte)'=') length--;
        if (length % 4 == 1 || (length != text.Length && text.Length % 4 != 0)) return false;
        uint bits = 0;
        var written = 0;
        for (var i = 0; i < length; i++)
        {
            var digit = Base64Digit(text[i]);
            if (digit < 0) return false;
            bits = bits << 6 | (uint)digit;
            if (i % 4 == 0) continue;
            text[written++] = (byte)(bits >> (6 - i % 4 * 2));
        }
        buffer.Truncate(mark + written);
        return true;
    }

    /// <summary>Puts a length-delimited field's tag (below 16) and length before the bytes after <paramref name="mark"/>, which become its content.</summary>
    public void Enclose(int mark, byte tag)
    {
        var length = buffer.Length - mark;
        var prefix = 1 + VarintBytes((ulong)length);
        buffer.GetSpan(prefix);
        buffer.Advance(prefix);
        var field = buffer.Written[mark..];
        field[..length].CopyTo(field[prefix..]);
        field[0] = tag;
        WriteVarint(field[1..], (ulong)length);
    }

    public void AppendVarintField(byte tag, ulong value)
    {
        var size = 1 + VarintBytes(value);
        var field = buffer.GetSpan(size);
        field[0] = tag;
        WriteVarint(field[1..], value);
        buffer.Advance(size);
    }

    public void AppendFixed64Field(byte tag, long value)
    {
        var field = buffer.GetSpan(9);
        field[0] = tag;
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(field[1..], value);
        buffer.Advance(9);
    }

    /// <summary>Moves the bytes from <paramref name="middle"/> on before those from <paramref name="start"/>.</summary>
    public void Swap(int start, int middle)
    {
        var all = buffer.Written[start..];
        all[..(middle - start)].Reverse();
        all[(middle - start)..].Reverse();
        all.Reverse();
    }

    private static int VarintBytes(ulong value) => (63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7 + 1;

    private static void WriteVarint(Span<byte> to, ulong value)
    {
        var i = 0;
        for (; value >= 0x80; value >>= 7) to[i++] = (byte)(value | 0x80);
        to[i] = (byte)value;
    }

    /// <summary>Takes <c>\uXXXX</c> at the start, and the low half after a high one; returns the length of what it took.</summary>
    private int AppendCodePoint(ReadOnlySpan<byte> json, ref bool whole)
    {
        var unit = Hex4(json[2..6]);
        var taken = 6;
        System.Text.Rune rune;
        if (char.IsHighSurrogate(unit) && json.Length >= 12 && json[6] == (byte)'\\' && json[7] == (byte)'u'
            && System.Text.Rune.TryCreate(unit, Hex4(json[8..12]), out rune))
        {
            taken = 12;
        }
        else if (!System.Text.Rune.TryCreate(unit, out rune))
        {
            rune = System.Text.Rune.ReplacementChar;
            whole = false;
        }
        buffer.Advance(rune.EncodeToUtf8(buffer.GetSpan(4)));
        return taken;
    }

    private static char Hex4(ReadOnlySpan<byte> digits)
    {
        var isHex = Utf8Parser.TryParse(digits, out ushort unit, out var consumed, 'X') && consumed == 4;
        Debug.Assert(isHex, "The cursor has checked the escape.");
        return (char)unit;
    }

    private static int Base64Digit(byte c) => c switch
    {
        >= (byte)'A' and <= (byte)'Z' => c - 'A',
        >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
        (byte)'+' or (byte)'-' => 62,
        (byte)'/' or (byte)'_' => 63,
        _ => -1,
    };
}
