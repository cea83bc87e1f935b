// A route, stated once: from this the server's routing, the checking of parameters and the OpenAPI document all derive.
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.Api.Native;

/// <summary>One address of the native API.</summary>
/// <param name="Path">As in OpenAPI and ASP.NET Core routing, which agree on <c>{name}</c>.</param>
/// <param name="Name">Operation id.</param>
/// <param name="Answer">Name and schema of the body of a 200.</param>
internal sealed record Route(
    string Path,
    string Name,
    string Summary,
    ImmutableArray<Parameter> Parameters,
    (string Name, JsonObject Schema) Answer,
    Func<RouteCall, Task> Handle)
{
    /// <summary>Checks the request and handles it.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            await Problem.MethodNotAllowed(http.Request.Method).WriteAsync(http);
            return;
        }
        var call = new RouteCall(http, UnixNanos.Now(http.RequestServices.GetRequiredService<TimeProvider>()));
        if (call.Read(Parameters) is { } problem)
        {
            await problem.WriteAsync(http);
            return;
        }
        try
        {
            await Handle(call);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
        catch (QueryTooLargeException tooLarge) when (!http.Response.HasStarted)
        {
            http.Response.Headers.ContentLength = null;
            await Problem.TooLarge(tooLarge.Message).WriteAsync(http);
        }
    }
}
