// Text as it travels through Waymark: UTF-8, made valid once at the edge.
using System.Text;
using System.Text.Unicode;

namespace Waymark.Model.Bodies;

/// <summary>Checks, repairs and cuts UTF-8.</summary>
public static class Utf8Text
{
    public static bool IsValid(ReadOnlySpan<byte> utf8) => Utf8.IsValid(utf8);

    /// <summary>Replaces every invalid sequence by U+FFFD, as <see cref="Encoding.UTF8"/> does. Allocates: for the rare invalid text only.</summary>
    public static byte[] Repair(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8));

    /// <summary>The longest prefix of valid UTF-8 that is at most <paramref name="maxBytes"/> long and ends at a character boundary.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (utf8.Length <= maxBytes) return utf8;
        var end = maxBytes;
        while (end > 0 && (utf8[end] & 0xC0) == 0x80) end--;
        return utf8[..end];
    }
}
