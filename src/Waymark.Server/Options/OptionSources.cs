// Reads options from the environment and from waymark.yaml. Nothing unknown is passed over: a misspelt option must not silently mean its default.
using System.Collections;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Waymark.Server.Options;

/// <summary>The places options are read from.</summary>
internal static class OptionSources
{
    /// <summary>Looked for in the working directory when no file is named.</summary>
    public const string FileName = "waymark.yaml";

    private const string Prefix = "WAYMARK_";

    /// <summary>Names the configuration file, as --config does.</summary>
    private const string FileVariable = "WAYMARK_CONFIG";

    // Waymark's own tests pass these to the programs they start.
    private const string TestPrefix = "WAYMARK_TEST_";

    /// <summary>The options among the environment's variables.</summary>
    public static List<(OptionSpec Spec, OptionValue Value)> FromEnvironment(IDictionary environment, out string? configFile)
    {
        configFile = null;
        var found = new List<(OptionSpec, OptionValue)>();
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.StartsWith(TestPrefix, StringComparison.Ordinal)) continue;
            var text = (string?)entry.Value ?? "";
            if (name == FileVariable)
            {
                if (text.Length > 0) configFile = text;
                continue;
            }

            var spec = OptionCatalog.All.FirstOrDefault(s => s.Variable == name)
                ?? throw new OptionException($"The environment variable {name} is not an option of Waymark.{Suggest(name, OptionCatalog.All.Select(static s => s.Variable))} `waymark config` lists them all.");
            found.Add((spec, Check(spec, new(text, OptionOrigin.Environment, name))));
        }

        return found;
    }

    /// <summary>The options in the configuration file; none when it was not asked for and is not there.</summary>
    public static List<(OptionSpec Spec, OptionValue Value)> FromFile(string? file, string directory)
    {
        var path = Path.Combine(directory, file ?? FileName);
        if (!File.Exists(path))
        {
            if (file is null) return [];
            throw new OptionException($"The configuration file {file} does not exist.");
        }

        var found = new List<(OptionSpec, OptionValue)>();
        var name = file ?? FileName;
        try
        {
            using var reader = File.OpenText(path);
            var stream = new YamlStream();
            stream.Load(reader);
            if (stream.Documents.Count > 0) Walk(stream.Documents[0].RootNode, "", name, found);
        }
        catch (YamlException exception)
        {
            throw new OptionException(string.Create(CultureInfo.InvariantCulture, $"{name} line {exception.Start.Line} is not valid YAML: {exception.Message}"), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Hosting.StartException($"The configuration file {name} could not be read: {exception.Message}", exception);
        }

        return found;
    }

    /// <summary>Returns the value, or throws with what would have been allowed.</summary>
    public static OptionValue Check(OptionSpec spec, OptionValue value)
    {
        if (spec.IsAllowed(value.Text)) return value;
        var normally = spec.DefaultText.Length == 0 ? "It is empty by default." : $"The default is {spec.DefaultText}.";
        throw new OptionException($"\"{value.Text}\" is not a value for {spec.Key} ({value.Source}): it takes {spec.Kind.Expected}. {normally}");
    }

    public static OptionException UnknownKey(string key, string source) =>
        new($"There is no option \"{key}\" ({source}).{Suggest(key, OptionCatalog.All.Select(static s => s.Key))} `waymark config` lists them all.");

    private static void Walk(YamlNode node, string prefix, string file, List<(OptionSpec Spec, OptionValue Value)> found)
    {
        if (node is YamlScalarNode { Value: null or "" } && prefix.Length == 0) return;
        if (node is not YamlMappingNode mapping)
        {
            Add(node, prefix, file, found);
            return;
        }

        if (OptionCatalog.Find(prefix) is not null) Add(node, prefix, file, found);
        foreach (var (key, value) in mapping.Children)
        {
            var name = key is YamlScalarNode scalar ? scalar.Value : null;
            if (string.IsNullOrEmpty(name)) throw new OptionException($"{Place(key, file)}: keys must be plain words.");
            Walk(value, prefix.Length == 0 ? name : $"{prefix}.{name}", file, found);
        }

        // A group whose entries are all commented out is a null scalar, not an empty mapping; an empty mapping still has to be a known group.
        if (mapping.Children.Count == 0 && prefix.Length > 0 && !IsGroup(prefix)) throw UnknownKey(prefix, Place(node, file));
    }

    private static void Add(YamlNode node, string key, string file, List<(OptionSpec Spec, OptionValue Value)> found)
    {
        var place = Place(node, file);
        var spec = OptionCatalog.Find(key);
        if (spec is null)
        {
            if (IsGroup(key) && node is YamlScalarNode { Value: null or "" }) return;
            throw key.Length == 0 ? new OptionException($"{file} must hold options as keys and values, like \"otlp.http: 127.0.0.1:4318\".") : UnknownKey(key, place);
        }

        var text = node switch
        {
            YamlScalarNode scalar => scalar.Value ?? "",
            YamlSequenceNode list when spec is OptionSpec<IReadOnlyList<string>> && list.Children.All(static child => child is YamlScalarNode) =>
                string.Join(",", list.Children.Select(static child => ((YamlScalarNode)child).Value)),
            _ => throw new OptionException($"{key} ({place}) takes a single value: {spec.Kind.Expected}."),
        };
        if (found.Exists(f => f.Spec == spec)) throw new OptionException($"{key} stands twice in {file}, the second time on line {node.Start.Line}.");
        found.Add((spec, Check(spec, new(text, OptionOrigin.File, place))));
    }

    private static bool IsGroup(string key) => OptionCatalog.All.Any(spec => spec.Group == key);

    private static string Place(YamlNode node, string file) => string.Create(CultureInfo.InvariantCulture, $"{file} line {node.Start.Line}");

    /// <summary>" Did you mean X?" for the closest name, when it is close.</summary>
    internal static string Suggest(string wrong, IEnumerable<string> names)
    {
        var best = names.Select(name => (Name: name, Distance: Distance(wrong, name))).MinBy(static c => c.Distance);
        return best.Distance <= Math.Max(2, wrong.Length / 3) ? $" Did you mean {best.Name}?" : "";
    }

    /// <summary>Levenshtein distance, ignoring case; a whole-word suffix counts as near ("http" for "otlp.http").</summary>
    private static int Distance(string a, string b)
    {
        a = a.ToLowerInvariant();
        b = b.ToLowerInvariant();
        if (b.EndsWith('.' + a, StringComparison.Ordinal) || b.EndsWith('_' + a, StringComparison.Ordinal)) return 1;
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
