// The web UI as it was built, read once at the start: what is not listed then is never looked for, so no text from a request becomes a file name.
using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Waymark.Server.Pages;

/// <summary>The files by path and the page itself. Throws what the file system throws: a damaged installation should say so at once.</summary>
internal sealed class PageFolder
{
    /// <summary>Names in here carry a hash of their content, so they never change.</summary>
    public const string Assets = "/assets";

    private const string IndexName = "index.html";
    private const string Forever = "public,max-age=31536000,immutable";
    private const string AskAgain = "no-cache";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".json"] = "application/json",
        [".txt"] = "text/plain; charset=utf-8",
        [".webmanifest"] = "application/manifest+json",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
        [".woff2"] = "font/woff2",
        [".wasm"] = "application/wasm",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenDictionary<string, PageFile> files;

    private PageFolder(FrozenDictionary<string, PageFile> files, IndexPage? index) => (this.files, Index) = (files, index);

    /// <summary>Null when this server was built without its UI.</summary>
    public IndexPage? Index { get; }

    /// <summary>Where the UI lies beside the program.</summary>
    public static string BesideTheProgram => Path.Combine(AppContext.BaseDirectory, "wwwroot");

    /// <param name="folder">May be missing.</param>
    /// <param name="pathBase">Where the server is mounted; empty at the root.</param>
    public static PageFolder Read(string folder, string pathBase)
    {
        var index = Path.Combine(folder, IndexName);
        if (!File.Exists(index)) return new(FrozenDictionary<string, PageFile>.Empty, null);
        var read = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (path == index || !ContentTypes.TryGetValue(Path.GetExtension(path), out var type)) continue;
            var address = "/" + Path.GetRelativePath(folder, path).Replace('\\', '/');
            read.Add(address, ReadFile(path, type, address.StartsWith(Assets + "/", StringComparison.Ordinal) ? Forever : AskAgain));
        }

        return new(read.ToFrozenDictionary(StringComparer.Ordinal), IndexPage.Of(File.ReadAllText(index), pathBase));
    }

    /// <summary>The file at a path like "/favicon.svg", or null.</summary>
    public PageFile? Find(string path) => files.GetValueOrDefault(path);

    internal static string TagOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));

    private static PageFile ReadFile(string path, string type, string cacheControl)
    {
        var plain = File.ReadAllBytes(path);
        return new PageFile(type, cacheControl, TagOf(plain), plain, ReadSmaller(path + ".br", plain), ReadSmaller(path + ".gz", plain));
    }

    /// <summary>Tiny files can grow when compressed: those go out as they are.</summary>
    private static byte[]? ReadSmaller(string path, byte[] plain)
    {
        if (!File.Exists(path)) return null;
        var bytes = File.ReadAllBytes(path);
        return bytes.Length < plain.Length ? bytes : null;
    }
}
