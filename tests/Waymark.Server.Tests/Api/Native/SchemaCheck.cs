// A validator for the part of JSON Schema the API's document uses.
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Waymark.Server.Tests.Api.Native;

/// <summary>Checks values against schemas. A keyword it does not know is an error: what is not checked must not be promised.</summary>
internal sealed class SchemaCheck(JsonNode document)
{
    /// <summary>Every violation, with its path; empty when the value fits.</summary>
    public List<string> Violations(JsonNode schema, JsonNode? value)
    {
        var violations = new List<string>();
        Check(schema, value, "$", violations);
        return violations;
    }

    private void Check(JsonNode schema, JsonNode? value, string path, List<string> violations)
    {
        foreach (var (keyword, operand) in schema.AsObject())
        {
            switch (keyword)
            {
                case "description" or "format" or "default":
                    break;
                case "$ref":
                    Check(Resolve(operand!.GetValue<string>()), value, path, violations);
                    break;
                case "type":
                    var types = operand is JsonArray several ? several.Select(t => t!.GetValue<string>()).ToArray() : [operand!.GetValue<string>()];
                    if (!types.Contains(TypeOf(value)) && !(types.Contains("number") && TypeOf(value) == "integer")) violations.Add($"{path}: {TypeOf(value)} instead of {string.Join("/", types)}");
                    break;
                case "enum":
                    if (!operand!.AsArray().Any(o => JsonNode.DeepEquals(o, value))) violations.Add($"{path}: {value} is not in {operand}");
                    break;
                case "pattern":
                    if (TypeOf(value) == "string" && !Regex.IsMatch(value!.GetValue<string>(), operand!.GetValue<string>())) violations.Add($"{path}: {value} does not match {operand}");
                    break;
                case "minimum":
                    if (TypeOf(value) == "integer" && value!.GetValue<long>() < operand!.GetValue<long>()) violations.Add($"{path}: {value} is below {operand}");
                    break;
                case "maximum":
                    if (TypeOf(value) == "integer" && value!.GetValue<long>() > operand!.GetValue<long>()) violations.Add($"{path}: {value} is above {operand}");
                    break;
                case "items":
                    for (var i = 0; i < (value as JsonArray)?.Count; i++) Check(operand!, value![i], $"{path}[{i}]", violations);
                    break;
                case "properties":
                    foreach (var (name, property) in operand!.AsObject())
                    {
                        if (value is JsonObject holder && holder.TryGetPropertyValue(name, out var inner)) Check(property!, inner, $"{path}.{name}", violations);
                    }
                    break;
                case "required":
                    violations.AddRange(operand!.AsArray().Select(n => n!.GetValue<string>()).Where(n => value is JsonObject holder && !holder.ContainsKey(n)).Select(n => $"{path}: no {n}"));
                    break;
                case "additionalProperties" when operand is JsonObject:
                    foreach (var (name, inner) in value as JsonObject ?? []) Check(operand, inner, $"{path}.{name}", violations);
                    break;
                case "additionalProperties":
                    var known = schema["properties"]!.AsObject();
                    violations.AddRange((value as JsonObject ?? []).Select(p => p.Key).Where(n => !known.ContainsKey(n)).Select(n => $"{path}: unknown {n}"));
                    break;
                default:
                    violations.Add($"{path}: the check knows no keyword {keyword}");
                    break;
            }
        }
    }

    private JsonNode Resolve(string reference)
    {
        var node = document;
        foreach (var part in reference.TrimStart('#', '/').Split('/')) node = node[part] ?? throw new InvalidOperationException($"{reference} leads nowhere.");
        return node;
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.AsValue().TryGetValue<long>(out _) || value.AsValue().TryGetValue<ulong>(out _) ? "integer" : "number",
        _ => "undefined",
    };
}
