// How text and bytes travel in gRPC's headers and trailers.
using System.Text;

namespace Waymark.Protocols.Grpc;

/// <summary>Encodings of the grpc-message and -bin header values.</summary>
public static class GrpcText
{
    /// <summary>Percent-encodes a grpc-message: UTF-8 bytes outside printable ASCII, and the percent sign itself, become %XX.</summary>
    public static string PercentEncode(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !text.Contains('%', StringComparison.Ordinal)) return text;
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%') encoded.Append((char)b);
            else encoded.Append('%').Append(HexDigit(b >> 4)).Append(HexDigit(b & 15));
        }

        return encoded.ToString();
    }

    /// <summary>The value of a header whose name ends in -bin: base64 without padding.</summary>
    public static string Binary(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static char HexDigit(int value) => "0123456789ABCDEF"[value];
}
