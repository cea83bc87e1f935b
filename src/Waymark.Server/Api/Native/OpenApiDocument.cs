// The OpenAPI 3.1 document of the native API, built from its routes so that it can't drift from them.
using System.Text.Json.Nodes;

namespace Waymark.Server.Api.Native;

internal static class OpenApiDocument
{
    private const string ProblemName = "Problem";

    /// <param name="pathBase">Where the server is mounted; empty at the root.</param>
    public static JsonObject Of(IReadOnlyList<Route> routes, PathString pathBase)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject { [ProblemName] = ProblemSchema() };
        foreach (var route in routes)
        {
            paths[route.Path] = new JsonObject { ["get"] = Operation(route) };
            schemas[route.Answer.Name] = route.Answer.Schema.DeepClone();
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Waymark native API",
                ["version"] = "1",
                ["description"] = "Times are nanoseconds: points in time as text, durations as numbers. Ids are lower-case hex. Unknown parameters are refused.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = pathBase.HasValue ? pathBase.ToUriComponent() : "/" }),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Operation(Route route)
    {
        var responses = new JsonObject
        {
            ["200"] = Response("As described.", "application/json", route.Answer.Name),
            ["400"] = Response("A parameter is wrong or unknown; the answer names it.", Problem.MediaType, ProblemName),
        };
        if (route.Parameters.Any(p => p.Place == ParameterPlace.Path)) responses["404"] = Response("There is no such trace or span.", Problem.MediaType, ProblemName);
        return new JsonObject
        {
            ["operationId"] = route.Name,
            ["summary"] = route.Summary,
            ["parameters"] = new JsonArray([.. route.Parameters.Select(ParameterObject)]),
            ["responses"] = responses,
        };
    }

    private static JsonObject ParameterObject(Parameter parameter)
    {
        var schema = parameter.Schema.DeepClone().AsObject();
        return new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.Place == ParameterPlace.Path ? "path" : "query",
            ["description"] = parameter.Description,
            ["required"] = parameter.IsRequired,
            ["schema"] = parameter.IsRepeatable ? Schema.Array(schema) : schema,
        };
    }

    private static JsonObject Response(string description, string mediaType, string schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { [mediaType] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/" + schema } } },
    };

    private static JsonObject ProblemSchema() => Schema.Object(
        ("status", Schema.Int("HTTP status.")),
        ("title", Schema.Text("The kind of problem.")),
        ("detail", Schema.Text("One sentence for a person.")),
        ("parameter", Schema.Nullable(Schema.Text("The parameter at fault."))),
        ("found", Schema.Nullable(Schema.Text("Its value as received."))),
        ("expected", Schema.Nullable(Schema.Text("What would be right."))),
        ("suggestion", Schema.Nullable(Schema.Text("What was probably meant."))));
}
