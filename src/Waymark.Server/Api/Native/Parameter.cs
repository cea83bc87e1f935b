// A parameter of a route, stated once: how it is parsed, what is said when it can't be, and how the OpenAPI document shows it.
using System.Text.Json.Nodes;
using Waymark.Model.Spans;

namespace Waymark.Server.Api.Native;

/// <summary>Where a parameter stands.</summary>
internal enum ParameterPlace
{
    Path,
    Query,
}

/// <summary>Reads a parameter's text. <paramref name="now"/> is the moment of the request.</summary>
internal delegate bool ParameterParser<T>(string text, UnixNanos now, out T value);

/// <summary>What is common to parameters of all types.</summary>
/// <param name="Expected">Completes "expected …" in an error.</param>
/// <param name="Schema">OpenAPI schema of one value.</param>
internal abstract record Parameter(string Name, ParameterPlace Place, string Description, string Expected, JsonObject Schema)
{
    /// <summary>May be given several times.</summary>
    public bool IsRepeatable { get; init; }

    public bool IsRequired { get; init; }

    /// <summary>The value, or null when the text is not one.</summary>
    public abstract object? Parse(string text, UnixNanos now);
}

/// <summary>A parameter with values of one type.</summary>
internal sealed record Parameter<T>(
    string Name,
    ParameterPlace Place,
    string Description,
    string Expected,
    JsonObject Schema,
    ParameterParser<T> Parser)
    : Parameter(Name, Place, Description, Expected, Schema)
    where T : notnull
{
    public override object? Parse(string text, UnixNanos now) => Parser(text, now, out var value) ? value : null;
}
