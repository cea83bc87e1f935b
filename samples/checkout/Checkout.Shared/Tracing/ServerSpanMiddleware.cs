// What ASP.NET Core leaves off its server spans: a name that says something, route, status, and what went wrong.
using System.Diagnostics;
using Checkout.Shared.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Checkout.Shared.Tracing;

/// <summary>
/// Outermost in the pipeline. Follows the HTTP semantic conventions for servers: an answer below 500 leaves the span's status unset,
/// since a client's mistake is not this service's failure. A tag that is already there stays: later versions of .NET set them themselves.
/// </summary>
internal static class ServerSpanMiddleware
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        try
        {
            await next(context);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            if (context.RequestAborted.IsCancellationRequested)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }
            else
            {
                // The status has no description here: the exception event says it all.
                span?.AddException(exception);
                SetIfAbsent(span, "error.type", exception.GetType().FullName!);
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                await context.Response.WriteAsJsonAsync(new Refusal("internal_error", "Something went wrong here. The trace tells what."), CancellationToken.None);
            }
        }

        if (span is { IsAllDataRequested: true }) Describe(span, context);
    }

    private static void Describe(Activity span, HttpContext context)
    {
        var status = context.Response.StatusCode;
        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            SetIfAbsent(span, "http.route", route);
            span.DisplayName = $"{context.Request.Method} {route}";
        }
        else
        {
            span.DisplayName = context.Request.Method;
        }

        SetIfAbsent(span, "http.response.status_code", status);
        if (status < StatusCodes.Status500InternalServerError) return;
        SetIfAbsent(span, "error.type", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (span.Status == ActivityStatusCode.Unset) span.SetStatus(ActivityStatusCode.Error);
    }

    private static void SetIfAbsent(Activity? span, string key, object value)
    {
        if (span?.GetTagItem(key) is null) span?.SetTag(key, value);
    }
}
