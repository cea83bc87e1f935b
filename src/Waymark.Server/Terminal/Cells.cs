// Text on a grid of terminal cells: made harmless, measured, cut and padded.
using System.Globalization;
using System.Text;

namespace Waymark.Server.Terminal;

/// <summary>
/// Works on text that a stranger sent. <see cref="Clean"/> comes first: after it a text holds nothing a terminal would obey (escape sequences, line breaks,
/// direction overrides), so its width is the sum of its characters' widths.
/// </summary>
internal static class Cells
{
    /// <summary>Shows control characters as their pictures (␛ for ESC), replaces C1 controls and direction overrides by U+FFFD, and drops other invisible characters but the joiners.</summary>
    public static string Clean(string text)
    {
        var isClean = true;
        foreach (var character in text)
        {
            if (character is >= ' ' and < (char)0x7F) continue;
            isClean = false;
            break;
        }
        if (isClean) return text;

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case < 0x20:
                    clean.Append((char)(0x2400 + rune.Value));
                    break;
                case 0x7F:
                    clean.Append('\u2421');
                    break;
                case < 0xA0 and > 0x7F:
                case 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069):
                    clean.Append('\uFFFD');
                    break;
                case 0x2028 or 0x2029:
                    clean.Append('\u2424');
                    break;
                case 0x200C or 0x200D:
                    clean.Append(rune);
                    break;
                default:
                    if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format) clean.Append(rune);
                    break;
            }
        }
        return clean.ToString();
    }

    /// <summary>Cells that a clean text takes.</summary>
    public static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) width += Width(rune);
        return width;
    }

    /// <summary>The text when it fits into <paramref name="cells"/>, else its longest prefix that leaves room for "…".</summary>
    public static string Cut(string text, int cells)
    {
        if (text.Length <= cells && IsAscii(text)) return text;
        if (Width(text) <= cells) return text;
        if (cells <= 0) return "";
        var width = 0;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var next = width + Width(rune);
            if (next > cells - 1) break;
            width = next;
            end += rune.Utf16SequenceLength;
        }
        return string.Concat(text.AsSpan(0, end), "…");
    }

    /// <summary>Spaces that bring a text to <paramref name="cells"/>.</summary>
    public static string Padding(string text, int cells) => new(' ', Math.Max(0, cells - Width(text)));

    private static bool IsAscii(string text) => Ascii.IsValid(text);

    /// <summary>0 for marks that combine with the character before, 2 for East Asian wide characters and pictographs, else 1 (Unicode's UAX #11 in the ranges that occur).</summary>
    private static int Width(Rune rune)
    {
        var value = rune.Value;
        if (value < 0x300) return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) return 0;
        return value switch
        {
            >= 0x1100 and <= 0x115F => 2,
            0x231A or 0x231B or (>= 0x23E9 and <= 0x23EC) or 0x23F0 or 0x23F3 => 2,
            0x2614 or 0x2615 or (>= 0x2648 and <= 0x2653) or 0x267F or 0x2693 or 0x26A1 or 0x26AA or 0x26AB => 2,
            0x26BD or 0x26BE or 0x26C4 or 0x26C5 or 0x26CE or 0x26D4 or 0x26EA or 0x26F2 or 0x26F3 or 0x26F5 or 0x26FA or 0x26FD => 2,
            0x2705 or 0x270A or 0x270B or 0x2728 or 0x274C or 0x274E or (>= 0x2753 and <= 0x2755) or 0x2757 => 2,
            (>= 0x2795 and <= 0x2797) or 0x27B0 or 0x27BF or 0x2B1B or 0x2B1C or 0x2B50 or 0x2B55 => 2,
            >= 0x2E80 and <= 0x303E => 2,
            >= 0x3041 and <= 0x4DBF => 2,
            >= 0x4E00 and <= 0xA4CF => 2,
            >= 0xA960 and <= 0xA97F => 2,
            >= 0xAC00 and <= 0xD7A3 => 2,
            >= 0xF900 and <= 0xFAFF => 2,
            >= 0xFE30 and <= 0xFE6F => 2,
            >= 0xFF00 and <= 0xFF60 => 2,
            >= 0xFFE0 and <= 0xFFE6 => 2,
            >= 0x16FE0 and <= 0x18DFF => 2,
            >= 0x1AFF0 and <= 0x1B2FF => 2,
            0x1F004 or 0x1F0CF or 0x1F18E or (>= 0x1F191 and <= 0x1F19A) or (>= 0x1F200 and <= 0x1F265) => 2,
            >= 0x1F300 and <= 0x1F64F => 2,
            >= 0x1F680 and <= 0x1F6FF => 2,
            >= 0x1F7E0 and <= 0x1F7F0 => 2,
            >= 0x1F90C and <= 0x1F9FF => 2,
            >= 0x1FA70 and <= 0x1FAFF => 2,
            >= 0x20000 and <= 0x3FFFD => 2,
            _ => 1,
        };
    }
}
