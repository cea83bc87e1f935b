// Which of a file's encodings a browser gets.
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Waymark.Server.Pages;

/// <summary>Reads Accept-Encoding (RFC 9110, section 12.5.3).</summary>
internal static class ContentCoding
{
    public const string Brotli = "br";
    public const string Gzip = "gzip";

    /// <summary>The coding the caller likes best, Brotli if it is all the same to it; null for the bytes as they are, which is also what a caller gets that accepts nothing.</summary>
    public static string? Choose(StringValues acceptEncoding, bool hasBrotli, bool hasGzip)
    {
        if (!StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted)) return null;
        var (brotli, gzip) = (hasBrotli ? Quality(accepted, Brotli) : 0, hasGzip ? Quality(accepted, Gzip) : 0);
        // Plain bytes are always acceptable, but preferred only by those who say so.
        var plain = Entry(accepted, "identity") is { } identity ? identity.Quality ?? 1 : 0;
        var best = Math.Max(brotli, gzip);
        if (best <= 0 || plain > best) return null;
        return brotli >= gzip ? Brotli : Gzip;
    }

    private static double Quality(IList<StringWithQualityHeaderValue> accepted, string coding) =>
        (Entry(accepted, coding) ?? Entry(accepted, "*")) is { } entry ? entry.Quality ?? 1 : 0;

    private static StringWithQualityHeaderValue? Entry(IList<StringWithQualityHeaderValue> accepted, string coding) =>
        accepted.FirstOrDefault(one => one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase));
}
