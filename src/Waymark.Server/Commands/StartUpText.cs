// What `waymark serve` prints once it takes requests: a few lines for people, then one per listener for programs.
using Waymark.Server.Hosting;
using Waymark.Server.Options;

namespace Waymark.Server.Commands;

/// <summary>Writes the start-up text. The <c>listening NAME URL</c> lines are a fixed format that scripts may rely on.</summary>
internal static class StartUpText
{
    public static async Task WriteAsync(TextWriter output, ServerOptions options, IReadOnlyList<BoundListener> listeners)
    {
        var otlpHttp = Url(listeners, ListenerRole.OtlpHttp);
        var lines = new List<string>
        {
            $"Waymark {ProductVersion.Text} is ready: open {Url(listeners, ListenerRole.Http)}{options.PathBase}",
            "",
            $"  OTLP/HTTP    {otlpHttp}",
            $"  OTLP/gRPC    {Url(listeners, ListenerRole.OtlpGrpc)}",
            $"  Data         {options.Store.Directory} (durability {OptionCatalog.StoreDurability.Format(options.Store.Durability)})",
            "",
            $"  Send traces with OTEL_EXPORTER_OTLP_ENDPOINT={otlpHttp}",
            "  Ctrl-C stops.",
            "",
        };
        lines.AddRange(listeners.Select(static listener => $"listening {listener.Name} {listener.Url}"));
        await output.WriteLineAsync(string.Join(output.NewLine, lines));
        await output.FlushAsync();
    }

    private static string Url(IReadOnlyList<BoundListener> listeners, ListenerRole role) => listeners.First(listener => listener.Role == role).ClickableUrl;
}
