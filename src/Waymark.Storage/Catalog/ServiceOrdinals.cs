// The store's small notes on which service has which number, so that a service keeps its colour over restarts. Format: docs/formats/services.md.
// Exception policy: nothing is thrown. What can't be read or written costs colours, not answers: an alarm says so, and numbers are given from memory.
using System.IO.Hashing;
using System.Text;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Catalog;

/// <summary>Numbers services in the order they are first asked about. The file is read at the first question and grows by a line per new service. Any number of threads.</summary>
internal sealed class ServiceOrdinals(IFileSystem files, string path, Alarms alarms) : IDisposable
{
    /// <summary>Services with a number of their own: a palette has some ten colours, and a file of as many short names stays small.</summary>
    public const int MaxNames = 10_000;

    /// <summary>UTF-8 bytes of the longest name that is noted.</summary>
    public const int MaxNameBytes = 512;

    /// <summary>No file that this class wrote is longer: every byte of a name may be escaped, and a line has its checksum, a space and its end.</summary>
    internal const int MaxFileBytes = (MaxNames + 1) * ((2 * MaxNameBytes) + 10);

    /// <summary>The first line is magic, major and minor version; any minor version of this major can be read.</summary>
    private const string Magic = "WAYSERV 1.";
    private const string Header = Magic + "0";

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> ordinals = new(StringComparer.Ordinal);
    private readonly List<string> names = [];
    private bool isLoaded;
    private bool isDisposed;

    /// <summary>The file is another's, or can't be read: nothing is written to it.</summary>
    private bool isForeign;

    /// <summary>Names that are in the file.</summary>
    private int written;

    /// <summary>Bytes of the file that are right; 0: not even the first line.</summary>
    private long end;

    /// <summary>The number of a service; see <see cref="Model.Stores.ITraceStore.OrdinalOf"/>.</summary>
    public int Of(string service)
    {
        lock (gate)
        {
            if (!isLoaded) Load();
            if (ordinals.TryGetValue(service, out var known)) return known;
            if (names.Count >= MaxNames || Encoding.UTF8.GetByteCount(service) > MaxNameBytes) return Shared(service);
            var ordinal = Note(service);
            Write();
            return ordinal;
        }
    }

    public void Dispose()
    {
        lock (gate) isDisposed = true;
    }

    /// <summary>Beyond what is noted, a name is its own number: the same everywhere and always, though not its alone.</summary>
    private static int Shared(string service) => MaxNames + (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(service)) % MaxNames);

    private int Note(string service)
    {
        names.Add(service);
        return ordinals[service] = names.Count - 1;
    }

    private void Load()
    {
        isLoaded = true;
        if (isDisposed) return;
        try
        {
            if (!files.Exists(path)) return;
            using var file = files.OpenRead(path);
            var bytes = new byte[Math.Min(file.Length, MaxFileBytes)];
            Read(bytes.AsSpan(0, file.Read(bytes, 0)));
        }
        catch (IOException error)
        {
            isForeign = true;
            alarms.Add($"{path} can't be read; services may have other colours until the next start: {error.Message}");
        }
    }

    /// <summary>Takes line after line, up to the first that is torn or wrong: it and what follows is written over.</summary>
    private void Read(ReadOnlySpan<byte> content)
    {
        if (!TryLine(content, out var line, out var next) || !IsHeader(line))
        {
            // A first line that was begun and not finished is ours, whatever a crash left in its place.
            isForeign = line.Length > 0 || !IsUnfinished(content);
            if (isForeign) alarms.Add($"{path} is not a list of services that this version can read; it is left alone, and services get their colours anew at each start. Move it away to change that.");
            return;
        }
        for (end = next; TryLine(content[(int)end..], out line, out next) && TryUnescape(line, out var name) && ordinals.TryAdd(name, names.Count); end += next) names.Add(name);
        written = names.Count;
    }

    /// <summary>The start of the first line, or zeros: a file whose length became durable before its bytes.</summary>
    internal static bool IsUnfinished(ReadOnlySpan<byte> content) => Encoding.UTF8.GetBytes(Line(Header)).AsSpan().StartsWith(content) || !content.ContainsAnyExcept((byte)0);

    /// <summary>Whether a first line says that the file is a list of services of a version this one can read.</summary>
    internal static bool IsHeader(ReadOnlySpan<byte> line) => line.StartsWith(Encoding.ASCII.GetBytes(Magic));

    private void Write()
    {
        if (isForeign || isDisposed) return;
        try
        {
            using var file = files.Exists(path) ? files.Open(path) : files.Create(path);
            var text = new StringBuilder();
            if (end == 0) text.Append(Line(Header));
            for (var n = written; n < names.Count; n++) text.Append(Line(Escape(names[n])));
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            // Not synced: a power cut may cost the latest colours, and a query need not wait for a disk.
            file.Write(bytes, end);
            file.SetLength(end + bytes.Length);
            end += bytes.Length;
            written = names.Count;
        }
        catch (IOException error)
        {
            // Tried again with the next new name.
            alarms.Add($"{path} can't be written; new services may have other colours after a restart: {error.Message}");
        }
    }

    /// <summary>Checksum, space, text, line feed.</summary>
    private static string Line(string text) => $"{Crc32C.Compute(Encoding.UTF8.GetBytes(text)):x8} {text}\n";

    /// <summary>The text of the first line; false, and no text, when it is unfinished or its checksum is wrong.</summary>
    internal static bool TryLine(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> text, out int next)
    {
        text = default;
        next = content.IndexOf((byte)'\n') + 1;
        if (next < 10 || content[8] != (byte)' ') return false;
        var body = content[9..(next - 1)];
        if (!uint.TryParse(content[..8], System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var crc) || crc != Crc32C.Compute(body)) return false;
        text = body;
        return true;
    }

    private static string Escape(string name) => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    internal static bool TryUnescape(ReadOnlySpan<byte> line, out string name)
    {
        var text = new StringBuilder(line.Length);
        var escaped = false;
        foreach (var c in Encoding.UTF8.GetString(line))
        {
            if (!escaped && c == '\\')
            {
                escaped = true;
                continue;
            }
            text.Append(escaped && c == 'n' ? '\n' : c);
            escaped = false;
        }
        name = text.ToString();
        return !escaped;
    }
}
