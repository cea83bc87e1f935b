// A small vocabulary for JSON schemas (the 2020-12 dialect that OpenAPI 3.1 uses).
using System.Text.Json.Nodes;

namespace Waymark.Server.Api.Native;

/// <summary>Builds schemas. Objects are closed: every property is always there, and there are no others.</summary>
internal static class Schema
{
    public static JsonObject Text(string? description = null, string? pattern = null) => Of("string", description, ("pattern", pattern));

    public static JsonObject Int(string? description = null) => Of("integer", description, ("format", "int64"));

    public static JsonObject Double(string? description = null) => Of("number", description, ("format", "double"));

    public static JsonObject IntBetween(int min, int max, int fallback)
    {
        var schema = Of("integer", null);
        schema["minimum"] = min;
        schema["maximum"] = max;
        schema["default"] = fallback;
        return schema;
    }

    public static JsonObject Bool(string? description = null) => Of("boolean", description);

    /// <summary>A point in time as text, because it exceeds what a JSON number holds exactly in many languages.</summary>
    public static JsonObject UnixNanos(string description) => Text(description + " Nanoseconds since 1970-01-01T00:00Z.", "^[0-9]+$");

    public static JsonObject TraceId(string description = "Trace id.") => Text(description, "^[0-9a-f]{32}$");

    public static JsonObject SpanId(string description = "Span id.") => Text(description, "^[0-9a-f]{16}$");

    public static JsonObject Enum(params ReadOnlySpan<string> words)
    {
        var schema = Of("string", null);
        schema["enum"] = new JsonArray([.. words]);
        return schema;
    }

    public static JsonObject Array(JsonObject items, string? description = null)
    {
        var schema = Of("array", description);
        schema["items"] = Own(items);
        return schema;
    }

    /// <summary>Anything JSON can hold.</summary>
    public static JsonObject Any(string description) => new() { ["description"] = description };

    /// <summary>The number that a service's colour goes by.</summary>
    public static JsonObject Ordinal() => Int("Number of the service: 0, 1, 2 … in the order this server first met them, and the same from then on. Its colour goes by it.");

    /// <summary>An object with any keys.</summary>
    /// <param name="values">What each value is; null: anything.</param>
    public static JsonObject Map(string description, JsonObject? values = null)
    {
        var schema = Of("object", description);
        if (values is not null) schema["additionalProperties"] = Own(values);
        return schema;
    }

    public static JsonObject Nullable(JsonObject schema)
    {
        var copy = schema.DeepClone().AsObject();
        copy["type"] = new JsonArray(copy["type"]!.DeepClone(), "null");
        return copy;
    }

    public static JsonObject Object(params ReadOnlySpan<(string Name, JsonObject Schema)> properties) => Object([], properties);

    /// <param name="optional">Names of properties that may be missing.</param>
    public static JsonObject Object(string[] optional, ReadOnlySpan<(string Name, JsonObject Schema)> properties)
    {
        var map = new JsonObject();
        var required = new JsonArray();
        foreach (var (name, schema) in properties)
        {
            map[name] = Own(schema);
            if (!optional.Contains(name)) required.Add(name);
        }
        return new JsonObject { ["type"] = "object", ["properties"] = map, ["required"] = required, ["additionalProperties"] = false };
    }

    private static JsonObject Of(string type, string? description, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var schema = new JsonObject { ["type"] = type };
        if (description is not null) schema["description"] = description;
        foreach (var (name, value) in more)
        {
            if (value is not null) schema[name] = value;
        }
        return schema;
    }

    // A node has one parent; a schema may stand in several places.
    private static JsonObject Own(JsonObject schema) => schema.Parent is null ? schema : schema.DeepClone().AsObject();
}
