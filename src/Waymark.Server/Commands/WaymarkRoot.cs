// The command line's root: which verbs there are, and how mistakes are told.
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Waymark.Server.Hosting;
using Waymark.Server.Options;

namespace Waymark.Server.Commands;

/// <summary>Builds and runs the <c>waymark</c> command line.</summary>
internal static class WaymarkRoot
{
    /// <summary>The server can't start or broke down.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Misused = 2;

    private const string Examples =
        """
        Examples:
          waymark serve                                   API on http://127.0.0.1:7070, OTLP on 4317 and 4318
          waymark serve --data /var/lib/waymark           store elsewhere
          waymark serve --http 8080 --otlp-http 0         other ports; 0 takes any free one
          waymark serve --set retention.age=3d            any option by its key
          WAYMARK_RETENTION_AGE=3d waymark serve          the same, from the environment
          waymark config                                  every option: value, origin, default, bounds
          waymark verify /var/lib/waymark                 check every file of a store

        Send traces from any OpenTelemetry SDK: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
        """;

    /// <summary>The whole command tree.</summary>
    public static RootCommand Create(CommandContext context)
    {
        var root = new RootCommand("Waymark: distributed tracing in one process. Receives, keeps and finds traces.");
        root.Subcommands.Add(ServeCommand.Create(context));
        root.Subcommands.Add(ConfigCommand.Create(context));
        root.Subcommands.Add(TracesCommand.Create());
        root.Subcommands.Add(TraceCommand.Create());
        root.Subcommands.Add(VerifyCommand.Create());
        root.Subcommands.Add(InspectCommand.Create());
        foreach (var option in root.Options)
        {
            if (option is VersionOption) option.Action = new VersionAction(context.Out);
            if (option is not HelpOption help) continue;
            var action = new HelpWithNotes((HelpAction)help.Action!);
            help.Action = action;
            // Without a verb.
            root.SetAction(action.Invoke);
        }

        return root;
    }

    /// <summary>Runs one command line and returns the exit code: 0 done, <see cref="Failed"/>, or <see cref="Misused"/>.</summary>
    public static async Task<int> RunAsync(string[] args, CommandContext context)
    {
        // No "@file" arguments: a value may begin with @.
        var parsed = Create(context).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Signals are handled by the commands that run long.
        var invocation = new InvocationConfiguration { Output = context.Out, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            if (parsed.Action is not ParseErrorAction) return await parsed.InvokeAsync(invocation);
            await TellMistakesAsync(parsed, context.Error);
            return Misused;
        }
        catch (OptionException exception)
        {
            await context.Error.WriteLineAsync("waymark: " + exception.Message);
            return Misused;
        }
        catch (StartException exception)
        {
            await context.Error.WriteLineAsync("waymark: " + exception.Message);
            return Failed;
        }
    }

    private static async Task TellMistakesAsync(ParseResult parsed, TextWriter error)
    {
        var command = parsed.CommandResult.Command;
        // Of an unknown word, the name of a verb or an option may be guessed; a word of a letter or two is like too many.
        string[] names = [.. command.Options.Concat(command.Parents.SelectMany(static p => ((Command)p).Options.Where(static o => o.Recursive))).Select(static o => o.Name), .. command.Subcommands.Select(static c => c.Name)];
        foreach (var mistake in parsed.Errors)
        {
            var unknown = parsed.UnmatchedTokens.FirstOrDefault(token => token.Length > 2 && mistake.Message.Contains($"'{token}'", StringComparison.Ordinal));
            await error.WriteLineAsync(mistake.Message + (unknown is null ? "" : OptionSources.Suggest(unknown, names)));
        }

        var path = command is RootCommand ? "waymark" : $"waymark {command.Name}";
        await error.WriteLineAsync($"`{path} --help` shows how it is used.");
    }

    private sealed class VersionAction(TextWriter output) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            output.WriteLine("waymark " + ProductVersion.Text);
            return 0;
        }
    }

    /// <summary>The generated help, followed by what a list of options can't say.</summary>
    private sealed class HelpWithNotes(HelpAction generated) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = generated.Invoke(parseResult);
            var notes = parseResult.CommandResult.Command switch
            {
                RootCommand => Examples,
                { Name: ServeCommand.Name } => ServeCommand.Notes,
                _ => null,
            };
            if (notes is not null) parseResult.InvocationConfiguration.Output.WriteLine(notes);
            return code;
        }
    }
}
