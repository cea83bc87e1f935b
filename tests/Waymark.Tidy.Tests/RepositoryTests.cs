// What must hold of the repository as a whole: links, versions, and nothing of the machine it was written on.
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Waymark.Tidy.Tests;

public sealed partial class RepositoryTests
{
    /// <summary>Where packages come from is each machine's own affair. (In pieces, so that this file does not find itself.)</summary>
    private static readonly string[] RegistryHosts = ["registry" + ".npmjs.org", "registry" + ".yarnpkg.com", "api" + ".nuget.org", "files" + ".pythonhosted.org", "static" + ".crates.io", "proxy" + ".golang.org"];

    [Fact]
    public void Every_relative_link_in_the_documentation_leads_somewhere() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where file.Extension == ".md"
        from link in Link().Matches(WithoutCode(file.Text)).Select(match => match.Groups["target"].Value)
        where !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith('#') && !link.StartsWith("mailto:", StringComparison.Ordinal)
        let target = Path.Combine(SourceTree.Root, Path.GetDirectoryName(file.Path)!, Uri.UnescapeDataString(link.Split('#')[0]))
        where !File.Exists(target) && !Directory.Exists(target)
        select $"{file.Path}: {link}");

    [Fact]
    public void No_file_names_a_path_of_somebodys_machine() => SourceTree.AssertNone(
        from file in SourceTree.Files
        from line in file.Text.Split('\n').Index()
        where MachinePath().IsMatch(line.Item)
        select $"{file.Path}:{line.Index + 1}: {line.Item.Trim()}");

    [Fact]
    public void No_file_names_a_package_registry() => SourceTree.AssertNone(
        from file in SourceTree.Files
        from host in RegistryHosts
        where file.Text.Contains(host, StringComparison.OrdinalIgnoreCase)
        select $"{file.Path}: {host}");

    [Fact]
    public void Lock_files_hold_no_download_address() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where file.Path.EndsWith("package-lock.json", StringComparison.Ordinal) && file.Text.Contains("\"resolved\"", StringComparison.Ordinal)
        select file.Path);

    [Fact]
    public void NuGet_packages_have_exact_versions_in_one_place() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where file.Extension is ".csproj" or ".props" or ".targets"
        from element in XDocument.Parse(file.Text).Descendants().Where(element => element.Name.LocalName is "PackageVersion" or "PackageReference")
        let version = (string?)element.Attribute("Version") ?? (string?)element.Attribute("VersionOverride")
        let isCentral = element.Name.LocalName == "PackageVersion"
        where isCentral ? version is null || !ExactVersion().IsMatch(version) : version is not null
        select $"{file.Path}: {(string?)element.Attribute("Include")} {version}");

    [Fact]
    public void Npm_packages_have_exact_versions() => SourceTree.AssertNone(
        from file in SourceTree.Files
        where Path.GetFileName(file.Path) == "package.json"
        from section in JsonDocument.Parse(file.Text).RootElement.EnumerateObject()
        where section.Name is "dependencies" or "devDependencies" or "optionalDependencies"
        from package in section.Value.EnumerateObject()
        where !ExactVersion().IsMatch(package.Value.GetString()!)
        select $"{file.Path}: {package.Name} {package.Value}");

    [Fact]
    public void Every_option_the_documentation_names_exists()
    {
        var catalogue = SourceTree.Files.Single(file => file.Path == "src/Waymark.Server/Options/OptionCatalog.cs").Text;
        var keys = OptionKey().Matches(catalogue).Select(match => match.Groups["key"].Value).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("store.seal_age", keys);
        var groups = keys.Select(key => key.Split('.')[0]).ToHashSet(StringComparer.Ordinal);
        SourceTree.AssertNone(
            from file in SourceTree.Files
            where file.Path == "README.md" || (file.IsIn("docs") && file.Extension == ".md")
            from name in DottedName().Matches(file.Text).Select(match => match.Value)
            where groups.Contains(name.Split('.')[0]) && !keys.Contains(name)
            select $"{file.Path}: {name}");
    }

    [Fact]
    public void One_version_of_Node_is_asked_for_everywhere()
    {
        var asked = (from file in SourceTree.Files
                     where file.Extension == ".md" || file.Path.EndsWith("/package.json", StringComparison.Ordinal)
                     from match in NodeVersion().Matches(file.Text)
                     select $"{match.Groups["major"].Value}.{match.Groups["minor"].Value}").ToHashSet(StringComparer.Ordinal);
        Assert.Equal("20.19", Assert.Single(asked));
    }

    /// <summary>Links inside code are examples.</summary>
    private static string WithoutCode(string markdown) => CodeBlock().Replace(markdown, "");

    [GeneratedRegex(@"(?<!\\)\]\((?<target>[^()\s]+)(\s+""[^""]*"")?\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"""(?<key>[a-z]+\.[a-z_]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex OptionKey();

    [GeneratedRegex(@"(?<![\w./-])[a-z]+\.[a-z_]+(?![\w./(-])")]
    private static partial Regex DottedName();

    [GeneratedRegex(@"(Node |""node"": "">=)(?<major>\d+)\.(?<minor>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex NodeVersion();

    [GeneratedRegex(@"(?<![\w.~:}/*-])/(work|root|home|tmp/wt)(?=[/\s""'`),;]|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?(-[\w.]+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex ExactVersion();
}
