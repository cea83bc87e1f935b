// Passes a JSON answer on to the output, unchanged in meaning but harmless to a terminal.
using System.Globalization;
using System.Text;

namespace Waymark.Server.Terminal;

/// <summary>Copies JSON text.</summary>
internal static class JsonEcho
{
    /// <summary>
    /// Copies the whole stream (UTF-8) and ends it with a line break. Characters that a terminal might obey, and that JSON allows inside strings as they are (DEL, C1 controls,
    /// direction overrides), are written as <c>\u</c> escapes: the same JSON to every reader.
    /// </summary>
    public static async Task CopyAsync(Stream json, TextWriter output, CancellationToken cancellation)
    {
        using var reader = new StreamReader(json, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024, leaveOpen: true);
        var buffer = new char[64 * 1024];
        var escaped = new StringBuilder();
        var last = '\n';
        while (true)
        {
            var read = await reader.ReadAsync(buffer, cancellation);
            if (read == 0) break;
            last = buffer[read - 1];
            escaped.Clear();
            foreach (var character in buffer.AsSpan(0, read))
            {
                if (IsHarmless(character)) escaped.Append(character);
                else escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            await output.WriteAsync(escaped, cancellation);
        }
        if (last != '\n') await output.WriteLineAsync();
    }

    private static bool IsHarmless(char character) => character is not ((>= '\u007F' and <= '\u009F') or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'));
}
