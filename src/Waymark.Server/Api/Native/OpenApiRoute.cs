// GET /api/v1/openapi.json: the API described by the same routes that answer it.
namespace Waymark.Server.Api.Native;

internal static class OpenApiRoute
{
    public static readonly Route Route = new(
        "/api/v1/openapi.json",
        "getOpenApi",
        "This document.",
        [],
        ("OpenApi", Schema.Map("An OpenAPI 3.1 document.")),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        await using var answer = call.OpenJson();
        OpenApiDocument.Of(NativeApi.Routes, call.Http.Request.PathBase).WriteTo(answer.Json);
        await answer.FinishAsync();
    }
}
