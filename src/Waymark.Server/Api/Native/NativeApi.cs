// The native API's table of contents: /api/v1, what the pages, the terminal and scripts read.
namespace Waymark.Server.Api.Native;

/// <summary>
/// Maps <c>/api/v1</c>. Needs <see cref="Waymark.Model.Stores.ITraceStore"/> and <see cref="TimeProvider"/> as services; the ingest counters are optional.
/// </summary>
public static class NativeApi
{
    internal static readonly IReadOnlyList<Route> Routes =
    [
        FindTracesRoute.Route,
        RemediesRoute.Route,
        TraceRoute.Route,
        LayoutRoute.Route,
        SpansRoute.Route,
        SpanRoute.Route,
        FindRowsRoute.Route,
        BacklinksRoute.Route,
        OtlpDownloadRoute.Route,
        ServicesRoute.Route,
        OperationsRoute.Route,
        RootDurationsRoute.Route,
        AttributesRoute.Route,
        StatusRoute.Route,
        OpenApiRoute.Route,
    ];

    public static IEndpointRouteBuilder MapNativeApi(this IEndpointRouteBuilder app)
    {
        foreach (var route in Routes) app.Map(route.Path, route.InvokeAsync).WithDisplayName($"native {route.Name}");
        app.Map("/api/v1/{**rest}", NothingHereAsync).WithDisplayName("native: nothing here");
        return app;
    }

    private static Task NothingHereAsync(HttpContext http) =>
        Problem.NotFound($"There is nothing at {http.Request.Path}; /api/v1/openapi.json lists what there is.").WriteAsync(http);
}
