// The page and its files, with the addresses the page needs written into it.
using System.Text;
using System.Text.Json;

namespace Checkout.Shop;

/// <summary>
/// <c>waymark:ui</c> and <c>waymark:otlp</c> in the configuration are where traces are looked at and sent to. Without them the page works as well,
/// only untraced and without links.
/// </summary>
internal sealed class ShopPage(IConfiguration configuration)
{
    private const string Placeholder = "__CONFIGURATION__";

    private readonly string? otlp = configuration["waymark:otlp"];

    public string Html { get; } = Text("index.html").Replace(
        Placeholder,
        JsonSerializer.Serialize(new { waymark = configuration["waymark:ui"], otlp = configuration["waymark:otlp"], release = configuration["release"] ?? "1.4.0" }, JsonSerializerOptions.Web),
        StringComparison.Ordinal);

    public string Script { get; } = Text("app.js");

    public string Style { get; } = Text("style.css");

    public string Icon { get; } = Text("icon.svg");

    /// <summary>The page loads from here only and sends to here and to Waymark only.</summary>
    public string ContentSecurityPolicy => $"default-src 'self'; connect-src 'self' {otlp}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static string Text(string name)
    {
        using var stream = typeof(ShopPage).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the program.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

internal static class ShopPageRoutes
{
    public static void MapPage(this WebApplication app)
    {
        app.MapGet("/", static (HttpContext context, ShopPage page) =>
        {
            context.Response.Headers.ContentSecurityPolicy = page.ContentSecurityPolicy;
            return File(context, page.Html, "text/html");
        });
        app.MapGet("/page/app.js", static (HttpContext context, ShopPage page) => File(context, page.Script, "text/javascript"));
        app.MapGet("/page/icon.svg", static (HttpContext context, ShopPage page) => File(context, page.Icon, "image/svg+xml"));
        app.MapGet("/page/style.css", static (HttpContext context, ShopPage page) => File(context, page.Style, "text/css"));
    }

    private static IResult File(HttpContext context, string text, string type)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return Results.Text(text, type, Encoding.UTF8);
    }
}
