// Serves the web UI on the main port: its files, its page at every address of its own, and links written for Jaeger.
using Waymark.Server.Options;

namespace Waymark.Server.Pages;

/// <summary>
/// Stands before the query gate: pages come from memory, and must come also while the server is busy. What is not the UI's goes on, so does the root for those who do not ask for HTML.
/// </summary>
internal sealed class PagesMiddleware(RequestDelegate next, PageFolder pages, ServerOptions options)
{
    /// <summary>First segments of the UI's addresses. Others get the same page, which then says that nothing is there, with status 404.</summary>
    public static readonly string[] Routes = ["/explore", "/trace", "/connect"];

    // What programs ask for is answered by the APIs alone, in their own words.
    private static readonly string[] Apis = ["/api", "/tempo"];

    public Task InvokeAsync(HttpContext http)
    {
        if (pages.Index is not { } index) return next(http);
        var path = http.Request.Path.HasValue ? http.Request.Path : new PathString("/");
        var isAsset = IsBelow(path, PageFolder.Assets);
        var file = pages.Find(path.Value!);
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) return file is null && !isAsset ? next(http) : AnswerMethodAsync(http);

        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (file is not null) return file.AnswerAsync(http);
        if (isAsset) return AnswerNoFileAsync(http);
        if (JaegerLinks.Find(path, http.Request.Query) is { } target)
        {
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Redirect(new PathString(options.PathBase).ToUriComponent() + target);
            return Task.CompletedTask;
        }

        if (Array.Exists(Routes, route => IsBelow(path, route))) return index.AnswerAsync(http, StatusCodes.Status200OK);
        if (!AsksForHtml(http.Request) || Array.Exists(Apis, api => IsBelow(path, api))) return next(http);
        return index.AnswerAsync(http, path.Value is "/" or "/index.html" ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
    }

    private static bool IsBelow(PathString path, string segment) => path.StartsWithSegments(segment, StringComparison.Ordinal);

    /// <summary>Browsers name text/html when they open a page; curl and scripts, which take anything, do not.</summary>
    private static bool AsksForHtml(HttpRequest request) =>
        Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(static one => one.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && one.Quality != 0);

    private static Task AnswerMethodAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        http.Response.Headers.Allow = "GET, HEAD";
        return Task.CompletedTask;
    }

    private static Task AnswerNoFileAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.Response.ContentType = "text/plain; charset=utf-8";
        // A page of an older version may ask for what a newer one no longer has; it must not be remembered as missing.
        http.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync("There is no such file in this version of Waymark.\n");
    }
}
