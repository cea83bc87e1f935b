// What the two trace routes have in common: reading the id and the times, finding the trace, and saying why there is none.
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.Api.Tempo;

/// <summary>One request for a trace by id.</summary>
internal static class TraceRequest
{
    /// <summary>
    /// Finds the trace that the route's <c>id</c> names (1 to 32 hex digits, padded with zeros on the left). Otherwise answers by itself — 400 for a malformed
    /// request, 404 when nothing of the trace is stored, 422 when it takes more memory than a query may have — and returns null.
    /// <para><c>start</c> and <c>end</c> (Unix seconds, 0 = none) are hints by which Tempo skips blocks; here the whole trace is found by its id alone, so they are only checked.</para>
    /// </summary>
    public static async ValueTask<TracePieces?> FindAsync(HttpContext context)
    {
        var cancellation = context.RequestAborted;
        if (!TraceId.TryParse(context.Request.RouteValues["id"] as string, out var id))
            return await RefuseAsync(context, StatusCodes.Status400BadRequest, "A trace id is 1 to 32 hex digits.");
        if (!TryReadSeconds(context.Request, "start", out var start) || !TryReadSeconds(context.Request, "end", out var end))
            return await RefuseAsync(context, StatusCodes.Status400BadRequest, "start and end are whole seconds since 1970.");
        if (start > 0 && end > 0 && end < start)
            return await RefuseAsync(context, StatusCodes.Status400BadRequest, "end lies before start.");

        context.Response.Headers.Vary = "Accept";
        try
        {
            var block = await context.RequestServices.GetRequiredService<ITraceStore>().FindTraceAsync(id, cancellation);
            if (block is null) return await RefuseAsync(context, StatusCodes.Status404NotFound, "trace not found");
            return new TracePieces(block);
        }
        catch (QueryTooLargeException tooLarge)
        {
            return await RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, tooLarge.Message);
        }
    }

    private static bool TryReadSeconds(HttpRequest request, string name, out long seconds)
    {
        var text = request.Query[name].ToString();
        seconds = 0;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    private static async Task<TracePieces?> RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(why, context.RequestAborted);
        return null;
    }
}
