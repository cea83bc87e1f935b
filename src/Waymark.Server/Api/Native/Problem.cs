// What the API says when it can't do as asked: RFC 9457, with the parameter, what was found and what was expected.
using System.Text.Json;

namespace Waymark.Server.Api.Native;

/// <summary>An <c>application/problem+json</c> answer.</summary>
/// <param name="Detail">One sentence for a person.</param>
/// <param name="Parameter">The parameter at fault; null when none is.</param>
/// <param name="Found">Its value as received, cut at <see cref="MaxFound"/> characters.</param>
internal sealed record Problem(int Status, string Title, string Detail, string? Parameter = null, string? Found = null, string? Expected = null, string? Suggestion = null)
{
    public const string MediaType = "application/problem+json";
    private const int MaxFound = 200;

    public static Problem BadValue(Parameter parameter, string found)
    {
        found = Shorten(found);
        return new(400, "Bad parameter", $"Parameter '{parameter.Name}' is '{found}'; expected {parameter.Expected}.", parameter.Name, found, parameter.Expected);
    }

    public static Problem Repeated(Parameter parameter, int times) =>
        new(400, "Repeated parameter", $"Parameter '{parameter.Name}' is given {times} times; expected once.", parameter.Name, $"{times} values", "one value");

    public static Problem Missing(Parameter parameter) =>
        new(400, "Missing parameter", $"Parameter '{parameter.Name}' is missing; expected {parameter.Expected}.", parameter.Name, "", parameter.Expected);

    public static Problem Unknown(string name, IEnumerable<string> known)
    {
        name = Shorten(name);
        var names = known.ToArray();
        var suggestion = Spelling.Closest(name, names);
        var expected = names.Length == 0 ? "no parameters" : $"one of {Words.List(names)}";
        var hint = suggestion is null ? $"expected {expected}" : $"did you mean '{suggestion}'?";
        return new(400, "Unknown parameter", $"There is no parameter '{name}' here; {hint}" + (suggestion is null ? "." : ""), name, name, expected, suggestion);
    }

    public static Problem NotFound(string detail, string? parameter = null, string? found = null) => new(404, "Not found", detail, parameter, found);

    /// <summary>Well asked, but the answer would take more than a query may have.</summary>
    public static Problem TooLarge(string detail) => new(422, "Query too large", detail);

    public static Problem Busy(string detail) => new(503, "Busy", detail);

    public static Problem MethodNotAllowed(string method) =>
        new(405, "Method not allowed", $"This address answers GET and HEAD, not {Shorten(method)}.", Found: Shorten(method), Expected: "GET or HEAD");

    /// <summary>Writes the answer; nothing may have been sent before.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = MediaType;
        await using var answer = new JsonAnswer(http.Response.BodyWriter);
        JsonSerializer.Serialize(answer.Json, this, ApiJson.Default.Problem);
        await answer.FinishAsync();
    }

    private static string Shorten(string text)
    {
        if (text.Length <= MaxFound) return text;
        var end = char.IsHighSurrogate(text[MaxFound - 1]) ? MaxFound - 1 : MaxFound;
        return text[..end] + "…";
    }
}

/// <summary>Finds the word that was probably meant.</summary>
internal static class Spelling
{
    private const int MaxEdits = 3;
    private const int MaxLength = 64;

    /// <summary>The candidate with the fewest edits, at most three and fewer than half its length; or one that begins with, or is the beginning of, the word. Null when none is close.</summary>
    public static string? Closest(string word, IReadOnlyCollection<string> candidates)
    {
        if (word.Length is 0 or > MaxLength) return null;
        var best = candidates.Select(c => (Word: c, Edits: Edits(word.ToLowerInvariant(), c.ToLowerInvariant()))).OrderBy(c => c.Edits).FirstOrDefault();
        if (best.Word is not null && best.Edits <= MaxEdits && best.Edits * 2 < best.Word.Length) return best.Word;
        return candidates.FirstOrDefault(c => c.StartsWith(word, StringComparison.OrdinalIgnoreCase) || word.StartsWith(c, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Levenshtein distance.</summary>
    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
