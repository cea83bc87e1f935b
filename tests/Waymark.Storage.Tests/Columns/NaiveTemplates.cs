// The splitting rules of docs/formats/segment.md read line by line, slowly.
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Waymark.Storage.Tests.Columns;

/// <summary>What a text splits into, drawn as <see cref="TemplatesTests"/> draws it.</summary>
internal static partial class NaiveTemplates
{
    private const int MaxWords = 32;

    public static string Show(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var shown = new StringBuilder();
        var words = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var run = Run().Match(text, at).Value;
            if (run.Length == 0)
            {
                shown.Append(text[at] >= 0xF8 ? $"\\{(int)text[at]:X2}" : text[at].ToString());
                at++;
                continue;
            }
            if (run.Length == 8 && Uuid().Match(text, at) is { Success: true } uuid && words.Count + 2 <= MaxWords)
            {
                var digits = uuid.Value.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
                shown.Append(uuid.Value.Any(char.IsAsciiLetterUpper) ? "<U>" : "<u>");
                words.Add(Trim(digits[12] + digits[..12] + digits[13..16]));
                words.Add(Trim(digits[16..]));
                at += uuid.Length;
                continue;
            }
            at += run.Length;
            shown.Append(Drawn(run, words));
        }
        foreach (var word in words) shown.Append(' ').Append(word);
        return shown.ToString();
    }

    private static string Drawn(string run, List<string> words)
    {
        if (Hex().IsMatch(run) && run.Any(char.IsAsciiDigit) && run.Length >= (run.All(char.IsAsciiDigit) ? 20 : 8))
        {
            var pieces = run.Chunk(16).Select(p => new string(p)).ToList();
            if (words.Count + pieces.Count > MaxWords) return run;
            words.AddRange(pieces.Select(p => Trim(p.ToUpperInvariant())));
            return string.Concat(pieces.Select(p => $"<{(run.Any(char.IsAsciiLetterUpper) ? 'X' : 'x')}{p.Length}>"));
        }
        if (Single().Match(run) is not { Success: true } single || words.Count == MaxWords) return run;
        var number = BigInteger.Parse(single.Groups[2].Value, CultureInfo.InvariantCulture);
        if (number > long.MaxValue) return run;
        words.Add(((long)number).ToString("X", CultureInfo.InvariantCulture));
        return single.Groups[1].Value + "#" + single.Groups[3].Value;
    }

    private static string Trim(string hex) => hex.TrimStart('0') is { Length: > 0 } digits ? digits : "0";

    [GeneratedRegex("\\G[0-9A-Za-z]*")]
    private static partial Regex Run();

    [GeneratedRegex("\\G([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12})")]
    private static partial Regex Uuid();

    [GeneratedRegex("^([0-9a-f]+|[0-9A-F]+)\\z")]
    private static partial Regex Hex();

    [GeneratedRegex("^([A-Za-z]*0*)([1-9][0-9]*|0(?![0-9]))([A-Za-z]*)\\z")]
    private static partial Regex Single();
}
