// Lays out an inspected file as text. Pure: a description in, lines out.
using System.Globalization;
using System.Text;
using Waymark.Storage.Checking;

namespace Waymark.Server.Terminal;

/// <summary>
/// Facts as a list, then each table with a line per row. Where a table is wider than the screen, its details go to a second line below each row; where it is still too wide, its texts are cut.
/// </summary>
internal static class InspectedText
{
    private const string Gap = "  ";
    private const string Indent = "    ";
    private const int MinTextCells = 12;

    /// <param name="width">Cells of a line; <see cref="int.MaxValue"/> for a pipe: one line per row, nothing cut.</param>
    public static IReadOnlyList<string> Render(InspectedFile file, int width, Ink ink)
    {
        var lines = new List<string> { ink.Paint($"{Cells.Clean(file.Path)}: {file.Kind}, {Number(file.Bytes)} bytes", Tone.Strong) };
        var titles = file.Facts.Count == 0 ? 0 : file.Facts.Max(f => f.Title.Length);
        foreach (var fact in file.Facts) lines.Add(Cells.Cut($"  {fact.Title.PadRight(titles)}  {Text(fact.Kind, fact.Value)}", width));
        foreach (var table in file.Tables)
        {
            lines.Add("");
            lines.Add(ink.Paint(Cells.Clean(table.Title), Tone.Strong));
            Render(table, width, ink, lines);
        }
        if (file.Findings.Count > 0)
        {
            lines.Add("");
            FindingLines.Add(lines, file.Findings, width, ink, isOneFile: true);
        }
        return lines;
    }

    private static void Render(InspectedTable table, int width, Ink ink, List<string> lines)
    {
        var rows = table.Rows.Select(row => row.Select((value, k) => Text(table.Fields[k].Kind, value)).ToArray()).ToList();
        var widths = table.Fields.Select((field, k) => Math.Max(field.Title.Length, rows.Max(row => Cells.Width(row[k])))).ToArray();
        List<int> main = [.. Enumerable.Range(0, widths.Length)], details = [];
        if (Total(main, widths) > width)
        {
            details = main.FindAll(k => table.Fields[k].IsDetail);
            main = main.FindAll(k => !table.Fields[k].IsDetail);
        }
        Shrink(table, main, widths, width);
        lines.Add(ink.Paint(Line(table, main, widths, [.. table.Fields.Select(f => f.Title)]), Tone.Dim));
        foreach (var row in rows)
        {
            lines.Add(Line(table, main, widths, row));
            var told = details.Where(k => row[k].Length > 0).Select(k => $"{table.Fields[k].Title} {row[k]}").ToList();
            if (told.Count > 0) lines.Add(ink.Paint(Cells.Cut(Indent + string.Join(" · ", told), width), Tone.Dim));
        }
    }

    private static long Total(List<int> fields, int[] widths) => fields.Sum(k => (long)widths[k]) + (Gap.Length * (fields.Count - 1));

    /// <summary>Takes cells from the widest texts until the line fits, or no text has more than it needs to be told by.</summary>
    private static void Shrink(InspectedTable table, List<int> fields, int[] widths, int width)
    {
        var texts = fields.FindAll(k => table.Fields[k].Kind == InspectedKind.Text);
        while (Total(fields, widths) > width && texts.Count > 0)
        {
            var widest = texts.MaxBy(k => widths[k]);
            if (widths[widest] <= MinTextCells) return;
            widths[widest]--;
        }
    }

    private static string Line(InspectedTable table, List<int> fields, int[] widths, string[] cells)
    {
        var line = new StringBuilder();
        foreach (var k in fields)
        {
            var text = Cells.Cut(cells[k], widths[k]);
            var padding = Cells.Padding(text, widths[k]);
            if (line.Length > 0) line.Append(Gap);
            if (table.Fields[k].Kind == InspectedKind.Text) line.Append(text).Append(padding);
            else line.Append(padding).Append(text);
        }
        return line.ToString().TrimEnd();
    }

    private static string Text(InspectedKind kind, InspectedValue value) => value.Text is { } text ? Cells.Clean(text) : kind == InspectedKind.Ratio ? value.Number.ToString("0.00", CultureInfo.InvariantCulture) : Number(value.Number);

    internal static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
