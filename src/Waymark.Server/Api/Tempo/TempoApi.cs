// Table of contents of the Tempo dialect: what Grafana's Tempo data source and other Tempo clients may ask of Waymark.

namespace Waymark.Server.Api.Tempo;

/// <summary>Routes of the Tempo HTTP API, relative to the group they are mapped on (<c>/tempo</c>, or the root of Tempo's own port).</summary>
public static class TempoApi
{
    /// <summary>Maps the routes. Needs an <see cref="Model.Stores.ITraceStore"/> among the services.</summary>
    public static IEndpointRouteBuilder MapTempoApi(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapGet("api/echo", static (HttpContext context) => context.Response.WriteAsync("echo", context.RequestAborted));
        app.MapGet("api/traces/{id}", TraceByIdV1.Handle);
        app.MapGet("api/v2/traces/{id}", TraceByIdV2.Handle);
        return app;
    }
}
