// Where code lives: namespaces follow folders, and arrows between projects go one way only.
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Waymark.Tidy.Tests;

public sealed partial class LayoutTests
{
    /// <summary>Which project may know which. A project that is not listed may not exist under src.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Waymark.Model"] = [],
        ["Waymark.Protocols"] = ["Waymark.Model"],
        ["Waymark.Query"] = ["Waymark.Model"],
        ["Waymark.Storage"] = ["Waymark.Model"],
        ["Waymark.ClickHouse"] = ["Waymark.Model"],
        ["Waymark.Ingest"] = ["Waymark.Model", "Waymark.Protocols", "Waymark.Query"],
        ["Waymark.Server"] = ["Waymark.Model", "Waymark.Protocols", "Waymark.Query", "Waymark.Storage", "Waymark.ClickHouse", "Waymark.Ingest"],
    };

    [Fact]
    public void Namespaces_are_folders() => SourceTree.AssertNone(
        from file in SourceTree.CSharp
        where file.IsIn("src") || file.IsIn("tests") || file.IsIn("bench") || file.IsIn("samples")
        let found = NamespaceLine().Match(file.Text)
        where found.Success
        let expected = string.Join('.', file.Path.Split('/')[(file.IsIn("samples") ? 2 : 1)..^1])
        where found.Groups["name"].Value != expected
        select $"{file.Path}: namespace {found.Groups["name"].Value}, not {expected}");

    [Fact]
    public void Every_file_that_declares_a_type_has_one_file_scoped_namespace() => SourceTree.AssertNone(
        from file in SourceTree.CSharp
        let namespaces = NamespaceLine().Count(file.Text)
        where namespaces > 1 || (namespaces == 0 && TypeAtLineStart().IsMatch(CSharpText.Blank(file.Text)))
        select $"{file.Path}: {namespaces} namespaces");

    [Fact]
    public void Project_references_follow_the_arrows() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where file.Extension == ".csproj" && file.IsIn("src")
        let project = Path.GetFileNameWithoutExtension(file.Path)
        from reference in XDocument.Parse(file.Text).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
        where !MayKnow(project, reference)
        select $"{project} references {reference}");

    [Fact]
    public void Samples_know_nothing_of_the_product_but_its_client_packages() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where file.IsIn("samples")
        let text = file.IsCSharp ? CSharpText.Blank(file.Text) : file.Extension == ".csproj" ? file.Text : ""
        from mention in Mention().Matches(text).Select(match => match.Value).Distinct()
        where !mention.StartsWith("Waymark.Client", StringComparison.Ordinal)
        select $"{file.Path}: {mention}");

    [Fact]
    public void Usings_follow_the_arrows() => SourceTree.AssertNone(
        from file in SourceTree.CSharp
        where file.IsIn("src")
        let project = file.Path.Split('/')[1]
        from mention in Mention().Matches(CSharpText.Blank(file.Text)).Select(match => match.Value).Distinct()
        where mention != project && !MayKnow(project, mention)
        select $"{file.Path}: {mention}");

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(SourceTree.Root, "Waymark.slnx"));
        SourceTree.AssertNone(
            from file in SourceTree.Files
            where file.Extension == ".csproj" && !solution.Contains($"\"{file.Path}\"", StringComparison.Ordinal)
            select file.Path);
    }

    [Fact]
    public void Every_project_of_src_has_its_arrows_listed() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where file.Extension == ".csproj" && file.IsIn("src")
        let project = Path.GetFileNameWithoutExtension(file.Path)
        where !Arrows.ContainsKey(project) && !project.StartsWith("Waymark.Client", StringComparison.Ordinal)
        select project);

    /// <summary>Client packages know each other and nothing of the server.</summary>
    private static bool MayKnow(string project, string other) =>
        Arrows.TryGetValue(project, out var allowed) ? allowed.Contains(other, StringComparer.Ordinal) : other.StartsWith("Waymark.Client", StringComparison.Ordinal);

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(public |internal )?(sealed |static |abstract |readonly |ref |partial )*(class|struct|record|interface|enum) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TypeAtLineStart();

    [GeneratedRegex(@"(?<![\w.])Waymark\.(Model|Protocols|Query|Storage|ClickHouse|Ingest|Server|Client\w*)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Mention();
}
