// A small web UI in a folder of its own, laid out as the real build leaves it, and a server that serves it.
using System.IO.Compression;
using System.Text;
using Waymark.Server.Hosting;
using Waymark.Server.Options;
using Waymark.Server.Tests.Hosting;

namespace Waymark.Server.Tests.Pages;

internal sealed class BuiltPages : IAsyncDisposable
{
    public const string Script = "/assets/index-abc123.js";

    public static readonly string ScriptText = "console.log('" + new string('x', 2000) + "');";

    public const string ThemeScript = "\n document.documentElement.dataset.theme = 'dark' + '\u00e9';\n ";

    private readonly string folder;
    private readonly TestServer server;
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private BuiltPages(string folder, TestServer server) => (this.folder, this.server) = (folder, server);

    public Uri Root => server.Url(ListenerRole.Http);

    /// <summary>Name of a file that lies beside the folder.</summary>
    public string SecretName => Path.GetFileName(folder) + "-secret.txt";

    public TestServer Server => server;

    public static async Task<BuiltPages> StartAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        var made = Directory.CreateTempSubdirectory("waymark-pages-").FullName;
        Directory.CreateDirectory(Path.Combine(made, "assets"));
        File.WriteAllText(Path.Combine(made, "index.html"), $"<!doctype html><html><head><base href=\"/\" /><script>{ThemeScript}</script><script type=\"module\" src=\".{Script}\"></script></head></html>");
        WriteCompressed(made + Script, ScriptText);
        WriteCompressed(Path.Combine(made, "favicon.svg"), "<svg/>");
        File.WriteAllText(made + Script + ".map", "{}");
        // What lies beside the folder must stay out of reach.
        File.WriteAllText(made + "-secret.txt", "secret");
        return new(made, await TestServer.StartAsync(change, pagesFolder: made));
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public Task<HttpResponseMessage> OpenAsync(string path) => GetAsync(path, ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(Root.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        File.Delete(folder + "-secret.txt");
    }

    private static void WriteCompressed(string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        File.WriteAllBytes(path, bytes);
        using (var brotli = new BrotliStream(File.Create(path + ".br"), CompressionLevel.Optimal)) brotli.Write(bytes);
        using var gzip = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Optimal);
        gzip.Write(bytes);
    }
}
