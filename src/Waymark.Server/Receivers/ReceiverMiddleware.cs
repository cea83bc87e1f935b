// The first thing a request meets: OTLP and the health routes are served here, before routing and its costs; everything else goes on.
using Waymark.Model.Stores;
using Waymark.Server.Hosting;

namespace Waymark.Server.Receivers;

/// <summary>Sends each request where its listener and path say.</summary>
internal sealed class ReceiverMiddleware(RequestDelegate next, OtlpHttpReceiver otlpHttp, OtlpGrpcReceiver otlpGrpc, ITraceStore store, IHostApplicationLifetime lifetime)
{
    public Task InvokeAsync(HttpContext context)
    {
        var role = context.Features.Get<ListenerFeature>()?.Role ?? ListenerRole.Http;
        // gRPC sent to an HTTP port, and OTLP/HTTP sent to the gRPC port, are the commonest slips in setting up an SDK: both just work.
        if (HttpProtocol.IsHttp2(context.Request.Protocol) && OtlpGrpcReceiver.IsGrpc(context.Request.ContentType)) return otlpGrpc.HandleAsync(context);
        var path = context.Request.Path.Value;
        var signal = OtlpRoute.OfPath(path);
        if (role == ListenerRole.OtlpGrpc)
        {
            if (signal is OtlpSignal.None or OtlpSignal.Root) return otlpGrpc.HandleAsync(context);
            return otlpHttp.HandleAsync(context, signal);
        }

        if (signal == OtlpSignal.Root) return role == ListenerRole.OtlpHttp || IsBareOtlp(context.Request) ? otlpHttp.HandleAsync(context, signal) : next(context);
        if (signal != OtlpSignal.None) return otlpHttp.HandleAsync(context, signal);
        return path switch
        {
            "/ready" => AnswerReadyAsync(context),
            "/health" => AnswerAsync(context, StatusCodes.Status200OK, "ok"),
            _ => role == ListenerRole.OtlpHttp || StraySender.IsOne(context.Request) ? otlpHttp.HandleUnknownPathAsync(context) : next(context),
        };
    }

    /// <summary>On the main port the root is the front page, except for what only an OTLP sender would do.</summary>
    private static bool IsBareOtlp(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
            ? OtlpRoute.EncodingOf(request.ContentType) is not null
            : HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;

    private Task AnswerReadyAsync(HttpContext context)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping");
        return store.GetStatus().ReadOnlyReason is { } reason
            ? AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "not taking spans: " + reason)
            : AnswerAsync(context, StatusCodes.Status200OK, "ready");
    }

    private static Task AnswerAsync(HttpContext context, int status, string text)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method)) return Task.CompletedTask;
        return context.Response.WriteAsync(text + "\n");
    }
}
