// GET / on the main port for those who do not ask for HTML: a few lines for whoever opens the address with curl. Browsers get the UI (Pages/).
using Waymark.Server.Commands;
using Waymark.Server.Hosting;
using Waymark.Server.Pages;

namespace Waymark.Server.Api;

/// <summary>Says what this is and where to go on. (<c>POST /</c> is OTLP's, and never gets here.)</summary>
internal static class FrontPage
{
    public static void MapFrontPage(this IEndpointRouteBuilder app) =>
        app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], AnswerAsync).WithDisplayName("front page");

    private static Task AnswerAsync(HttpContext http)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.Vary = "Accept";
        if (HttpMethods.IsHead(http.Request.Method)) return Task.CompletedTask;
        return http.Response.WriteAsync(Text(
            http.Request, http.RequestServices.GetRequiredService<WaymarkHost>().Listeners, hasPages: http.RequestServices.GetRequiredService<PageFolder>().Index is not null));
    }

    private static string Text(HttpRequest request, IReadOnlyList<BoundListener> listeners, bool hasPages)
    {
        var here = $"{request.Scheme}://{request.Host}{request.PathBase}";
        var pages = hasPages ? $"Open {here}/ in a browser to look at them." : "This build is without the web UI (BuildUi=false).";
        return $"""
            Waymark {ProductVersion.Text}: receives distributed traces over OTLP, keeps them, and gives them back.
            {pages}

            The API is described at {here}/api/v1/openapi.json, for instance
              curl '{here}/api/v1/traces?limit=5'

            Send spans from any OpenTelemetry SDK on this machine:
              OTEL_EXPORTER_OTLP_ENDPOINT={Url(listeners, ListenerRole.OtlpHttp)}   (OTLP/HTTP)
              OTEL_EXPORTER_OTLP_ENDPOINT={Url(listeners, ListenerRole.OtlpGrpc)}   (OTLP/gRPC)

            Look at them in a terminal:
              waymark traces --server {here}
              waymark trace ID --server {here}

            """.ReplaceLineEndings("\n");
    }

    private static string Url(IReadOnlyList<BoundListener> listeners, ListenerRole role) => listeners.First(listener => listener.Role == role).ClickableUrl;
}
