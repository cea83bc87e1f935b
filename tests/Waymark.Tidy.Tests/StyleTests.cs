// How code reads: what every file owes its reader, and what has no place here.
using System.Text.RegularExpressions;

namespace Waymark.Tidy.Tests;

public sealed partial class StyleTests
{
    private const int MaxFileLines = 600;
    private const int MaxMemberLines = 70;

    /// <summary>"path" for a long file, "path: member" for a long member, with the reason why it is not split.</summary>
    private static readonly Dictionary<string, string> LongOnPurpose = new()
    {
        ["ui/src/api/schema.ts"] = "made by a generator from the API's document, and read with it",
    };

    private static readonly string[] Commented = [".cs", ".js", ".mjs", ".ts", ".tsx", ".sh"];
    private static readonly string[] Generated = ["[GeneratedRegex", "[LoggerMessage", "[JsonSerializable", "[LibraryImport"];

    [Fact]
    public void Every_file_starts_with_a_comment_that_says_what_it_is_for() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where (Commented.Contains(file.Extension, StringComparer.Ordinal) || file.Text.StartsWith("#!", StringComparison.Ordinal)) && !FirstComment().IsMatch(file.Text)
        select file.Path);

    [Fact]
    public void There_are_no_regions() => SourceTree.AssertNone(
        from file in SourceTree.CSharp
        from line in CSharpText.Blank(file.Text).Split('\n').Index()
        where line.Item.TrimStart().StartsWith("#region", StringComparison.Ordinal)
        select $"{file.Path}:{line.Index + 1}");

    [Fact]
    public void Types_are_partial_for_generators_only() => SourceTree.AssertNone(
        from file in SourceTree.CSharp
        where PartialType().IsMatch(CSharpText.Blank(file.Text)) && !Generated.Any(generator => file.Text.Contains(generator, StringComparison.Ordinal))
        select file.Path);

    [Fact]
    public void Files_and_members_are_short_or_say_why_not()
    {
        var found = LongFiles().Concat(LongMembers()).ToList();
        SourceTree.AssertNone(
            from item in found
            where !LongOnPurpose.ContainsKey(item.Key)
            select $"{item.Key}: {item.Lines} lines");
        SourceTree.AssertNone(
            from key in LongOnPurpose.Keys
            where found.All(item => item.Key != key)
            select $"{key} is no longer long: remove it from the list.");
    }

    [Fact]
    public void Every_reason_for_length_says_something() => Assert.All(LongOnPurpose.Values, reason => Assert.True(reason.Length > 20, reason));

    private static IEnumerable<(string Key, int Lines)> LongFiles() =>
        from file in SourceTree.Files
        where file.IsCSharp || file.Extension is ".ts" or ".tsx" or ".js"
        let lines = file.Text.AsSpan().Count('\n')
        where lines > MaxFileLines
        select (file.Path, lines);

    /// <summary>Tests may tell a long story in one method.</summary>
    private static IEnumerable<(string Key, int Lines)> LongMembers() =>
        from file in SourceTree.CSharp
        where !file.IsIn("tests")
        from member in CSharpText.Members(file.Text)
        where member.Lines > MaxMemberLines
        select ($"{file.Path}: {member.Name}", member.Lines);

    [GeneratedRegex(@"\A(\uFEFF)?(#!.*\n# \w|// ?\S|/\* ?\S|# \S)", RegexOptions.ExplicitCapture)]
    private static partial Regex FirstComment();

    [GeneratedRegex(@"\bpartial (class|struct|record|interface)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex PartialType();
}
