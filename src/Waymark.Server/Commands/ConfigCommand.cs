// `waymark config`: every option with its value, where that came from, default, unit and bounds.
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Waymark.Server.Options;
using Waymark.Server.Terminal;

namespace Waymark.Server.Commands;

/// <summary>Shows the configuration as <c>serve</c> would take it, and so checks it too.</summary>
internal static class ConfigCommand
{
    private const string Indent = "    ";
    private static readonly string[] Columns = ["OPTION", "VALUE", "FROM", "DEFAULT", "UNIT", "BOUNDS"];

    public static Command Create(CommandContext context)
    {
        var command = new Command("config", "List every option: value, where it comes from, default, unit and bounds; on a terminal and with --json also what it is for. Takes the same options as serve, and checks them.");
        var json = new Option<bool>("--json") { Description = "As JSON." };
        command.Options.Add(json);
        var options = new CommonOptions(command);
        command.SetAction(parsed =>
        {
            var values = options.Load(parsed, context);
            if (parsed.GetValue(json)) WriteJson(values, context.Out);
            else if (context.IsTerminal) WriteList(values, context);
            else WritePlain(values, context.Out);
            return 0;
        });
        return command;
    }

    private static string[] Row(OptionValues values, OptionSpec spec)
    {
        var shown = values.Shown(spec);
        return [spec.Key, Dash(shown.Text), shown.Source, Dash(spec.DefaultText), Dash(spec.Kind.Unit), spec.Kind.Bounds];
    }

    private static string Dash(string text) => text.Length == 0 ? "-" : text;

    /// <summary>Aligned columns, one option a line.</summary>
    private static void WritePlain(OptionValues values, TextWriter output)
    {
        List<string[]> rows = [Columns, .. OptionCatalog.All.Select(spec => Row(values, spec))];
        var widths = Enumerable.Range(0, Columns.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column == row.Length - 1 ? cell : cell.PadRight(widths[column]))));
        }
    }

    /// <summary>For reading: what is set stands out, and lines end between words.</summary>
    private static void WriteList(OptionValues values, CommandContext context)
    {
        var ink = Ink.For(context.IsTerminal, context.Environment["NO_COLOR"] as string, context.Environment["TERM"] as string);
        var width = ReferenceEquals(context.Out, Console.Out) && Console.WindowWidth > Waterfall.MinWidth ? Console.WindowWidth : 80;
        foreach (var spec in OptionCatalog.All)
        {
            var row = Row(values, spec);
            var isSet = values.Shown(spec).Origin != OptionOrigin.Default;
            context.Out.WriteLine($"{ink.Paint(row[0], Tone.Strong)} = {ink.Paint(row[1], isSet ? Tone.Warning : Tone.Plain)}");
            if (isSet) Write($"from {row[2]}; default {row[3]}", Tone.Dim);
            Write(spec.Description, Tone.Plain);
            Write(spec.Kind.Expected, Tone.Dim);
        }
        context.Out.WriteLine();
        foreach (var line in Wrap($"Set them with --set KEY=VALUE, as WAYMARK_KEY in the environment ({OptionCatalog.RetentionAge.Variable}=3d), or in {OptionSources.FileName}.", width)) context.Out.WriteLine(line);

        void Write(string text, Tone tone)
        {
            foreach (var line in Wrap(text, width - Indent.Length)) context.Out.WriteLine(Indent + ink.Paint(line, tone));
        }
    }

    /// <summary>Lines of at most <paramref name="width"/> characters, broken at spaces; a longer word has a line of its own.</summary>
    internal static IEnumerable<string> Wrap(string text, int width)
    {
        var rest = text;
        while (rest.Length > width)
        {
            var end = rest.LastIndexOf(' ', width);
            if (end < 0) end = rest.IndexOf(' ', StringComparison.Ordinal);
            if (end < 0) break;
            yield return rest[..end];
            rest = rest[(end + 1)..];
        }

        yield return rest;
    }

    private static void WriteJson(OptionValues values, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var spec in OptionCatalog.All)
            {
                var shown = values.Shown(spec);
                json.WriteStartObject();
                json.WriteString("key"u8, spec.Key);
                json.WriteString("value"u8, shown.Text);
                json.WriteString("origin"u8, JsonNamingPolicy.CamelCase.ConvertName(shown.Origin.ToString()));
                json.WriteString("source"u8, shown.Source);
                json.WriteString("default"u8, spec.DefaultText);
                json.WriteString("kind"u8, spec.Kind.Name);
                json.WriteString("unit"u8, spec.Kind.Unit);
                json.WriteString("bounds"u8, spec.Kind.Bounds);
                json.WriteString("variable"u8, spec.Variable);
                if (spec.Flag is { } flag) json.WriteString("flag"u8, flag);
                json.WriteString("description"u8, spec.Description);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
