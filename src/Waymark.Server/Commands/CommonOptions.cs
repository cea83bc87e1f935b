// The command-line form of the option catalogue: a flag for the options used most, --set for every other.
using System.CommandLine;
using Waymark.Server.Options;

namespace Waymark.Server.Commands;

/// <summary>The flags that <c>serve</c> and <c>config</c> share.</summary>
internal sealed class CommonOptions
{
    private readonly List<(OptionSpec Spec, Option Flag)> flags = [];

    private readonly Option<string> config = new("--config")
    {
        HelpName = "FILE",
        Description = $"Read options from this YAML file (also WAYMARK_CONFIG). Default: {OptionSources.FileName} in the working directory, if there is one.",
    };

    private readonly Option<string[]> set = new("--set")
    {
        HelpName = "KEY=VALUE",
        Description = "Set any option by its key, e.g. --set store.seal_age=2m. May be given several times; `waymark config` lists the keys.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Adds the flags to a command.</summary>
    public CommonOptions(Command command)
    {
        foreach (var spec in OptionCatalog.All)
        {
            if (spec.Flag is null) continue;
            var flag = CreateFlag(spec);
            flags.Add((spec, flag));
            command.Options.Add(flag);
        }

        command.Options.Add(config);
        command.Options.Add(set);
    }

    /// <summary>All values. Throws <see cref="OptionException"/>.</summary>
    public OptionValues Load(ParseResult parsed, CommandContext context) =>
        OptionValues.Load(OnCommandLine(parsed), context.Environment, parsed.GetValue(config), context.Directory);

    private IEnumerable<(string Key, string Value, string Flag)> OnCommandLine(ParseResult parsed)
    {
        foreach (var pair in parsed.GetValue(set) ?? [])
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new OptionException($"--set takes KEY=VALUE, not \"{pair}\".");
            yield return (pair[..equals].Trim(), pair[(equals + 1)..].Trim(), "--set");
        }

        foreach (var (spec, flag) in flags)
        {
            if (parsed.GetResult(flag) is not { Implicit: false }) continue;
            var text = flag is Option<bool> yes ? parsed.GetValue(yes) ? "true" : "false" : parsed.GetValue((Option<string>)flag)!;
            yield return (spec.Key, text, spec.Flag!);
        }
    }

    private static Option CreateFlag(OptionSpec spec)
    {
        var description = spec.Description;
        if (spec.Kind is SwitchKind) return new Option<bool>(spec.Flag!) { Description = description };
        var name = spec.Kind switch
        {
            AddressKind => "ADDR",
            ChoiceKind<Storage.Durability> => "MODE",
            _ => "DIR",
        };
        return new Option<string>(spec.Flag!) { HelpName = name, Description = $"{description} Default: {spec.DefaultText}" };
    }
}
