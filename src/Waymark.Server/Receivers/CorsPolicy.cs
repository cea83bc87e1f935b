// Which web pages may send OTLP from a browser: those served from this machine, and those named in otlp.cors_origins.
using System.Net;

namespace Waymark.Server.Receivers;

/// <summary>CORS (Fetch standard, "CORS protocol") and private network access for the OTLP/HTTP endpoints.</summary>
/// <param name="origins">Further origins, e.g. <c>https://shop.example</c>; <c>*</c> for any.</param>
internal sealed class CorsPolicy(IReadOnlyList<string> origins)
{
    private readonly bool any = origins.Contains("*", StringComparer.Ordinal);

    /// <summary>True for loopback origins on any port, and for the configured ones.</summary>
    public bool Allows(string origin)
    {
        if (any) return true;
        foreach (var allowed in origins)
        {
            if (string.Equals(allowed, origin, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https"
            && (string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
    }

    /// <summary>Lets an allowed page read the answer. Nothing happens without an Origin.</summary>
    public void AddHeaders(HttpContext context)
    {
        var sent = context.Request.Headers.Origin;
        if (sent.Count != 1) return;
        var origin = sent[0]!;
        var headers = context.Response.Headers;
        headers.Vary = "Origin";
        if (!Allows(origin)) return;
        headers.AccessControlAllowOrigin = origin;
        // navigator.sendBeacon, which browser exporters use, always counts as a request with credentials. Waymark keeps no cookies.
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlExposeHeaders = "Retry-After";
    }

    /// <summary>Answers OPTIONS; <see cref="AddHeaders"/> has run.</summary>
    public Task AnswerPreflightAsync(HttpContext context)
    {
        var request = context.Request.Headers;
        var response = context.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.Allow = "POST, OPTIONS";
        if (request.Origin.Count == 0) return Task.CompletedTask;
        if (response.Headers.AccessControlAllowOrigin.Count == 0)
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            response.ContentType = "text/plain; charset=utf-8";
            return response.WriteAsync($"Pages from {request.Origin} may not send traces here. Add the origin to otlp.cors_origins to allow it.\n");
        }

        response.Headers.Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network";
        response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        if (request.AccessControlRequestHeaders.Count > 0) response.Headers.AccessControlAllowHeaders = request.AccessControlRequestHeaders;
        if (string.Equals(request["Access-Control-Request-Private-Network"], "true", StringComparison.OrdinalIgnoreCase))
            response.Headers["Access-Control-Allow-Private-Network"] = "true";
        // Two hours: the longest Chromium honours.
        response.Headers.AccessControlMaxAge = "7200";
        return Task.CompletedTask;
    }
}
