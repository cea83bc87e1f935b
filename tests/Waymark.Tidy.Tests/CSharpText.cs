// Just enough of C#'s surface to find members: comments and literals blanked out, then braces matched.
using System.Text;
using System.Text.RegularExpressions;

namespace Waymark.Tidy.Tests;

/// <summary>A member of a type with a body in braces, and how many lines it takes from its first word to its closing brace.</summary>
internal sealed record Member(string Name, int FirstLine, int Lines);

internal static partial class CSharpText
{
    /// <summary>The members of all types in a file. Tables of data (a field with an initializer) are none.</summary>
    public static IEnumerable<Member> Members(string source)
    {
        var code = Blank(source);
        var blocks = new Stack<(bool IsType, string Header, int Start)>();
        var headerStart = 0;
        var depth = 0;
        for (var i = 0; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '(' or '[':
                    depth++;
                    break;
                case ')' or ']':
                    depth--;
                    break;
                case ';' when depth == 0:
                    headerStart = i + 1;
                    break;
                case '{':
                    var header = code[headerStart..i].Trim();
                    blocks.Push((TypeHeader().IsMatch(header), header, headerStart + Blanks(code, headerStart)));
                    headerStart = i + 1;
                    break;
                case '}' when blocks.TryPop(out var block):
                    headerStart = i + 1;
                    if (!block.IsType && blocks.TryPeek(out var outer) && outer.IsType && !IsData(block.Header)) yield return NewMember(code, block.Header, block.Start, i);
                    break;
            }
        }
    }

    /// <summary>The source with comments, strings and characters replaced by blanks; line breaks stay.</summary>
    public static string Blank(string source)
    {
        var output = new StringBuilder(source);
        var position = 0;
        BlankCode(source, output, ref position, isHole: false);
        return output.ToString();
    }

    /// <summary>Code until the end, or until the brace that closes a string's hole.</summary>
    private static void BlankCode(string source, StringBuilder output, ref int i, bool isHole)
    {
        var depth = 0;
        while (i < source.Length)
        {
            var rest = source.AsSpan(i);
            if (rest.StartsWith("//")) Wipe(output, ref i, i + Length(rest, "\n", from: 0));
            else if (rest.StartsWith("/*")) Wipe(output, ref i, i + Length(rest, "*/", from: 2) + 2);
            else if (StringStart(rest) is var prefix and > 0) BlankString(source, output, ref i, prefix);
            else if (rest[0] == '\'') Wipe(output, ref i, i + CharacterLength(rest));
            else if (isHole && rest[0] == '}' && depth == 0) return;
            else
            {
                if (rest[0] is '{' or '(') depth++;
                if (rest[0] is '}' or ')') depth--;
                if (isHole && output[i] != '\n') output[i] = ' ';
                i++;
            }
        }
    }

    /// <summary>Length of <c>"</c>, <c>$"</c>, <c>@"</c>, <c>$$"""</c> and so on up to the last opening quote; 0 when no string starts here.</summary>
    private static int StringStart(ReadOnlySpan<char> rest)
    {
        var prefix = 0;
        while (prefix < rest.Length && rest[prefix] is '$' or '@') prefix++;
        if (prefix >= rest.Length || rest[prefix] != '"') return 0;
        var quotes = 0;
        while (prefix + quotes < rest.Length && rest[prefix + quotes] == '"') quotes++;
        return prefix + (quotes >= 3 ? quotes : 1);
    }

    private static void BlankString(string source, StringBuilder output, ref int i, int prefix)
    {
        var opening = source.AsSpan(i, prefix);
        var dollars = opening.Count('$');
        var isVerbatim = opening.Contains('@');
        var quotes = opening.Count('"');
        var end = new string('"', quotes);
        Wipe(output, ref i, i + prefix);
        while (i < source.Length)
        {
            var rest = source.AsSpan(i);
            if (rest.StartsWith(end))
            {
                if (isVerbatim && rest.StartsWith("\"\""))
                {
                    Wipe(output, ref i, i + 2);
                    continue;
                }

                Wipe(output, ref i, i + quotes);
                return;
            }

            if (quotes == 1 && !isVerbatim && rest[0] == '\\') Wipe(output, ref i, i + 2);
            else if (dollars > 0 && HoleLength(rest, dollars, isRaw: quotes >= 3) is var braces and > 0)
            {
                Wipe(output, ref i, i + braces);
                if (braces % 2 == 0 && quotes == 1) continue;
                BlankCode(source, output, ref i, isHole: true);
            }
            else Wipe(output, ref i, i + 1);
        }
    }

    /// <summary>How many opening braces to pass over here: a hole's, or an escaped pair; 0 for none.</summary>
    private static int HoleLength(ReadOnlySpan<char> rest, int dollars, bool isRaw)
    {
        var braces = 0;
        while (braces < rest.Length && rest[braces] == '{') braces++;
        if (isRaw) return braces >= dollars ? braces : 0;
        return braces >= 2 ? 2 : braces;
    }

    private static int CharacterLength(ReadOnlySpan<char> rest)
    {
        if (rest.Length > 2 && rest[1] == '\\') return Length(rest, "'", from: 3) + 1;
        return rest.Length > 2 && rest[2] == '\'' ? 3 : 1;
    }

    private static int Length(ReadOnlySpan<char> rest, string end, int from)
    {
        var at = from >= rest.Length ? -1 : rest[from..].IndexOf(end);
        return at < 0 ? rest.Length : from + at;
    }

    private static void Wipe(StringBuilder output, ref int i, int to)
    {
        for (to = Math.Min(to, output.Length); i < to; i++)
        {
            if (output[i] != '\n') output[i] = ' ';
        }
    }

    private static Member NewMember(string code, string header, int start, int end)
    {
        var first = code.AsSpan(0, start).Count('\n') + 1;
        var name = NameBeforeParameters().Match(WithoutAttributes().Replace(header, "")) is { Success: true } match ? match.Groups["name"].Value : header.Split(' ')[^1];
        return new Member(name, first, code.AsSpan(start, end - start).Count('\n') + 1);
    }

    private static bool IsData(string header)
    {
        var bare = InParentheses().Replace(header, "");
        return bare.Contains('=', StringComparison.Ordinal) && !bare.Contains("=>", StringComparison.Ordinal) && !bare.Contains("operator", StringComparison.Ordinal);
    }

    private static int Blanks(string code, int from)
    {
        var at = from;
        while (at < code.Length && char.IsWhiteSpace(code[at])) at++;
        return at - from;
    }

    [GeneratedRegex(@"\b(class|struct|interface|enum|record)\s+(struct\s+|class\s+)?\w+|\bnamespace\b|\bextension\s*[(<]", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"(?<name>\w+)\s*(<[^()]*>)?\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex NameBeforeParameters();

    [GeneratedRegex(@"\[[^\[\]]*\]")]
    private static partial Regex WithoutAttributes();

    [GeneratedRegex(@"\([^()]*\)")]
    private static partial Regex InParentheses();
}
