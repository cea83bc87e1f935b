// Lays out what a check found as text. Pure: a report in, lines out.
using System.Globalization;
using Waymark.Server.Commands;
using Waymark.Storage.Checking;

namespace Waymark.Server.Terminal;

/// <summary>Findings file by file, each with its place; ways out once per file.</summary>
internal static class FindingLines
{
    private const string Indent = "    ";

    public static IReadOnlyList<string> Render(CheckReport report, TimeSpan took, int width, Ink ink)
    {
        var lines = new List<string>();
        if (report.UsedBy is { } process)
        {
            lines.AddRange(ConfigCommand.Wrap($"Process {Cells.Clean(process)} has the store open: only files that don't change any more are checked. Stop it to have all of them checked.", width).Select(l => ink.Paint(l, Tone.Warning)));
            lines.Add("");
        }
        Add(lines, report.Findings, width, ink, isOneFile: false, report.Directory);
        if (report.Findings.Count > 0) lines.Add("");
        var amounts = report.Checked;
        var log = amounts.LogRecords == 0 ? "" : $"; {Count(amounts.LogRecords, "log record")} with {Count(amounts.LogSpans, "span")} that no segment holds yet";
        lines.AddRange(ConfigCommand.Wrap(
            string.Create(CultureInfo.InvariantCulture, $"Checked {Count(amounts.Files, "file")}, {InspectedText.Number(amounts.Bytes)} bytes, in {took.TotalSeconds:0.0} s: {Count(amounts.Segments, "segment")}, {Count(amounts.Spans, "span")}, {Count(amounts.Traces, "trace")}, {Count(amounts.Pages, "page")}{log}."), width));
        lines.Add(Verdict(report, ink));
        return lines;
    }

    public static void Add(List<string> lines, IReadOnlyList<CheckFinding> findings, int width, Ink ink, bool isOneFile, string root = "")
    {
        foreach (var file in findings.GroupBy(f => f.File))
        {
            if (!isOneFile) lines.Add(ink.Paint(Cells.Clean(Relative(file.Key, root)), Tone.Strong));
            foreach (var finding in file)
            {
                var (sign, tone) = finding.Severity switch
                {
                    CheckSeverity.Damage => ("broken", Tone.Error),
                    CheckSeverity.Newer => ("newer", Tone.Warning),
                    _ => ("note", Tone.Dim),
                };
                var place = finding.Offset is { } offset ? string.Create(CultureInfo.InvariantCulture, $"at byte {offset}: ") : "";
                var what = finding.Severity == CheckSeverity.Newer ? $"written by a newer version: {finding.What}" : finding.What;
                AddWrapped(lines, $"  {sign} ", place + Cells.Clean(what), tone, width, ink);
            }
            foreach (var remedy in file.Select(f => f.Remedy).Where(r => r.Length > 0).Distinct()) AddWrapped(lines, Indent, remedy, Tone.Dim, width, ink);
        }
    }

    private static void AddWrapped(List<string> lines, string start, string text, Tone tone, int width, Ink ink)
    {
        var isFirst = true;
        foreach (var line in ConfigCommand.Wrap(text, width - Math.Max(start.Length, Indent.Length)))
        {
            lines.Add(isFirst ? ink.Paint(start, tone) + (tone == Tone.Dim ? ink.Paint(line, tone) : line) : Indent + (tone == Tone.Dim ? ink.Paint(line, tone) : line));
            isFirst = false;
        }
    }

    private static string Verdict(CheckReport report, Ink ink)
    {
        var problems = report.Findings.Count(f => f.Severity != CheckSeverity.Notice);
        var notices = report.Findings.Count - problems;
        var noted = notices == 0 ? "" : $", {Count(notices, "note")}";
        var withheld = report.Withheld == 0 ? "" : $"; {report.Withheld} more not listed";
        return problems == 0
            ? ink.Paint($"Sound{(report.UsedBy is null ? "" : " as far as it was checked")}{noted}{withheld}.", Tone.Strong)
            : ink.Paint($"{Count(problems, "problem")} in {Count(report.Findings.Where(f => f.Severity != CheckSeverity.Notice).DistinctBy(f => f.File).Count(), "file")}{noted}{withheld}.", Tone.Error);
    }

    private static string Relative(string path, string root) => root.Length > 0 && path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path[(root.Length + 1)..] : path;

    private static string Count(long count, string what) => $"{InspectedText.Number(count)} {what}{(count == 1 ? "" : "s")}";
}
