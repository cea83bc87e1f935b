// Protects the main port's pages and API from hostile web pages: DNS rebinding (Host) and cross-site requests (Origin, content type).
using System.Net;
using Waymark.Server.Options;

namespace Waymark.Server.Hosting;

/// <summary>Checks Host, and for changing requests to the native API Origin and content type. Runs after the OTLP routes, which it does not concern.</summary>
internal sealed class MainPortGuard(RequestDelegate next, ServerOptions options)
{
    private const string NativeApi = "/api";

    public Task InvokeAsync(HttpContext context)
    {
        if (!IsKnownHost(context))
        {
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest,
                $"Waymark does not know the host name \"{context.Request.Host.Host}\". Add it to server.hosts to allow it.");
        }

        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || !context.Request.Path.StartsWithSegments(NativeApi, StringComparison.Ordinal)) return next(context);
        if (!IsSameOrigin(context.Request)) return RefuseAsync(context, StatusCodes.Status403Forbidden, "Requests that change something must come from Waymark's own pages.");
        if (!HttpMethods.IsOptions(method) && HasBody(context.Request) && !IsJson(context.Request.ContentType))
            return RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "The Content-Type must be application/json.");
        return next(context);
    }

    private bool IsKnownHost(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (string.IsNullOrEmpty(host)) return false;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) return true;
        if (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address))
        {
            // A literal address can't be rebound; it is known when it is the one the connection came in on.
            if (IPAddress.IsLoopback(address)) return true;
            var local = context.Connection.LocalIpAddress;
            if (local is not null && (address.Equals(local) || (local.IsIPv4MappedToIPv6 && address.Equals(local.MapToIPv4())))) return true;
        }

        foreach (var known in options.Hosts)
        {
            if (known == "*" || host.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static bool IsSameOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        if (origin.Count == 0) return true;
        // Behind a proxy that ends TLS the scheme may differ; host and port are what tells pages apart.
        return origin.Count == 1 && Uri.TryCreate(origin[0], UriKind.Absolute, out var uri) && uri.Authority.Equals(DefaultPortRemoved(uri, request.Host), StringComparison.OrdinalIgnoreCase);
    }

    private static string DefaultPortRemoved(Uri origin, HostString host) => host.Port is null || (origin.IsDefaultPort && host.Port == origin.Port) ? host.Host : host.Value!;

    private static bool HasBody(HttpRequest request) =>
        request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0 || HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsPatch(request.Method);

    private static bool IsJson(string? contentType) => contentType is not null
        && Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(sentence + "\n");
    }
}
