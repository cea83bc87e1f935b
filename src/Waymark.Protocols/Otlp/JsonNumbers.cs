// Numbers of OTLP JSON: exact integers from decimal text, be it "17", 17, 1.7e1 or 17.0.
using System.Globalization;

namespace Waymark.Protocols.Otlp;

/// <summary>Scans and parses JSON numbers.</summary>
internal static class JsonNumbers
{
    /// <summary>Length of the JSON number at the start; 0 when there is none.</summary>
    public static int Scan(ReadOnlySpan<byte> text)
    {
        var i = text.Length > 0 && text[0] == (byte)'-' ? 1 : 0;
        var digits = Digits(text, i);
        if (digits == 0 || (digits > 1 && text[i] == (byte)'0')) return 0;
        i += digits;
        if (i < text.Length && text[i] == (byte)'.')
        {
            digits = Digits(text, i + 1);
            if (digits == 0) return 0;
            i += 1 + digits;
        }
        if (i < text.Length && (text[i] | 0x20) == 'e')
        {
            i++;
            if (i < text.Length && text[i] is (byte)'+' or (byte)'-') i++;
            digits = Digits(text, i);
            if (digits == 0) return 0;
            i += digits;
        }
        return i;
    }

    /// <summary>The exact value of a number (as <see cref="Scan"/> accepts it) when it is whole and its magnitude below 2^64.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> number, out bool negative, out ulong magnitude)
    {
        negative = number[0] == (byte)'-';
        var text = negative ? number[1..] : number;
        magnitude = 0;
        if (text.Length <= 19)
        {
            foreach (var c in text)
            {
                if (c is < (byte)'0' or > (byte)'9') return TryScaled(text, out magnitude);
                magnitude = magnitude * 10 + (ulong)(c - '0');
            }
            return true;
        }
        return TryScaled(text, out magnitude);
    }

    public static bool TryDouble(ReadOnlySpan<byte> number, out double value) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>Any form: digits with a point and an exponent. Whole when no digit other than 0 stands after the shifted point.</summary>
    private static bool TryScaled(ReadOnlySpan<byte> text, out ulong magnitude)
    {
        magnitude = 0;
        var mantissaEnd = text.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = mantissaEnd < 0 ? text : text[..mantissaEnd];
        var point = mantissa.IndexOf((byte)'.');
        // Digits before the point once the exponent is applied: may be negative, or far beyond what there is.
        var whole = (point < 0 ? mantissa.Length : point) + (mantissaEnd < 0 ? 0 : Exponent(text[(mantissaEnd + 1)..]));
        long seen = 0;
        foreach (var c in mantissa)
        {
            if (c == (byte)'.') continue;
            var digit = (ulong)(c - '0');
            if (seen++ >= whole)
            {
                if (digit != 0) return false;
                continue;
            }
            if (!Append(ref magnitude, digit)) return false;
        }
        if (magnitude == 0) return true;
        for (; seen < whole; seen++)
        {
            if (!Append(ref magnitude, 0)) return false;
        }
        return true;
    }

    private static bool Append(ref ulong magnitude, ulong digit)
    {
        if (magnitude > (ulong.MaxValue - digit) / 10) return false;
        magnitude = magnitude * 10 + digit;
        return true;
    }

    /// <summary>Beyond ±10^10 the exact exponent no longer matters: no body has that many digits to make up for it.</summary>
    private static long Exponent(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == (byte)'-';
        long value = 0;
        foreach (var c in text[0] is (byte)'+' or (byte)'-' ? text[1..] : text)
        {
            value = Math.Min(value * 10 + (c - '0'), 10_000_000_000);
        }
        return negative ? -value : value;
    }

    private static int Digits(ReadOnlySpan<byte> text, int start)
    {
        var i = start;
        while (i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9') i++;
        return i - start;
    }
}
