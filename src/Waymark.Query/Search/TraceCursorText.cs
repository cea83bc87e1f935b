// A cursor as clients carry it from page to page: opaque, safe in a URL.
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>The text form of a <see cref="TraceCursor"/>: start and trace id, 24 bytes big-endian, in base64url.</summary>
public static class TraceCursorText
{
    private const int Bytes = sizeof(long) + TraceId.Bytes;

    public static string Encode(TraceCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, cursor.Start.Value);
        cursor.Id.Write(bytes[sizeof(long)..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryDecode([NotNullWhen(true)] string? text, out TraceCursor cursor)
    {
        cursor = default;
        if (text is not { Length: Bytes / 3 * 4 } || !Ascii.IsValid(text)) return false;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Bytes) return false;
        var start = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (start < 0) return false;
        cursor = new TraceCursor(new UnixNanos(start), TraceId.Read(bytes[sizeof(long)..]));
        return true;
    }
}
