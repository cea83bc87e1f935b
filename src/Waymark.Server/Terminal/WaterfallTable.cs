// The table of a waterfall: tree and name, service, offset, duration, bar.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Server.Terminal;

/// <summary>
/// Lays out and draws the rows. The offset column is left out below <see cref="OffsetFrom"/> cells, the service column below <see cref="ServiceFrom"/>;
/// the bar gets three tenths of the width, and what short names leave over.
/// </summary>
internal sealed class WaterfallTable
{
    /// <summary>Marks for which a row carries a "!". Orphans are not among them: they stand below the line of their missing parent.</summary>
    public const SpanMarks NotedMarks = SpanMarks.CycleCut | SpanMarks.SharedId | SpanMarks.EndsBeforeStart;

    private const int OffsetFrom = 100;
    private const int ServiceFrom = 60;

    /// <summary>"+12.3 ms", "Σ59.9 s": no duration is longer in practice, and longer ones only push their row.</summary>
    private const int TimeCells = 8;

    private const int Gap = 2;

    private readonly SpanForest forest;
    private readonly WaterfallPlan plan;
    private readonly WaterfallStyle style;
    private readonly int width;
    private readonly Bar bar;
    private readonly int nameCells;
    private readonly int serviceCells;
    private readonly bool hasOffset;
    private readonly Dictionary<string, Tone> serviceTones = new(StringComparer.Ordinal);

    public WaterfallTable(SpanForest forest, WaterfallPlan plan, int width, WaterfallStyle style)
    {
        this.forest = forest;
        this.plan = plan;
        this.width = width;
        this.style = style;
        Start = forest.Spans.Min(span => span.Start);
        Length = forest.Spans.Max(span => span.End) - Start;
        foreach (var index in forest.PreOrder) serviceTones.TryAdd(forest.Spans[index].Service, Ink.ServiceTone(serviceTones.Count));

        hasOffset = width >= OffsetFrom;
        var services = plan.Rows.Where(row => row.Span >= 0).Select(row => Cells.Width(Service(row))).DefaultIfEmpty().Max();
        serviceCells = width < ServiceFrom ? 0 : Math.Clamp(services, 7, width >= OffsetFrom ? 20 : 14);
        var fixedCells = TimeCells + Gap + (serviceCells > 0 ? serviceCells + Gap : 0) + (hasOffset ? TimeCells + Gap : 0) + Gap;
        var most = width - fixedCells - width * 3 / 10;
        // Room for the longest name without its guides cut, but no more than there is.
        nameCells = Math.Clamp(plan.Rows.Max(row => Math.Min(row.Depth * Guides.Step, most) + Cells.Width(Name(row)) + Cells.Width(Suffix(row))), 12, most);
        bar = new Bar(Start, Length, width - fixedCells - nameCells);
    }

    /// <summary>The first instant of the trace.</summary>
    public UnixNanos Start { get; }

    /// <summary>From the first start to the last end.</summary>
    public DurationNanos Length { get; }

    public void Draw(List<string> lines)
    {
        lines.Add(Axis());
        foreach (var row in plan.Rows)
        {
            lines.Add(row.Span < 0 ? MissingParent(row) : Line(row));
            if (style.Attributes && row.Span >= 0) Details(lines, row);
        }
        var hiddenTops = plan.Tops.Where(top => !top.IsShown).Sum(top => top.Stands);
        if (hiddenTops > 0) lines.Add(style.Ink.Paint(string.Create(CultureInfo.InvariantCulture, $"(+{hiddenTops:N0} more without a parent)"), Tone.Dim));
    }

    private string Axis()
    {
        var axis = new StringBuilder();
        axis.Append("span").Append(' ', nameCells - 4);
        if (serviceCells > 0) axis.Append(' ', Gap).Append("service").Append(' ', serviceCells - 7);
        if (hasOffset) axis.Append(' ', Gap).Append("start".PadLeft(TimeCells));
        axis.Append(' ', Gap).Append("time".PadLeft(TimeCells)).Append(' ', Gap);
        var end = DurationText.Format(Length);
        axis.Append('0').Append('╶').Append('─', Math.Max(0, bar.Cells - 3 - end.Length)).Append('╴').Append(end);
        return style.Ink.Paint(Cells.Cut(axis.ToString(), width), Tone.Dim);
    }

    private string Line(WaterfallRow row)
    {
        var span = forest.Spans[row.Span];
        var ink = style.Ink;
        var tone = serviceTones[span.Service];
        var line = new StringBuilder();
        var guides = Guides.Of(row, GuideCells);
        ink.Write(line, guides, row.OnPath ? Tone.Strong : Tone.Dim);
        WriteName(line, row, span, nameCells - Cells.Width(guides));
        if (serviceCells > 0)
        {
            var service = Cells.Cut(Service(row), serviceCells);
            line.Append(' ', Gap);
            ink.Write(line, service, tone);
            line.Append(Cells.Padding(service, serviceCells));
        }
        if (hasOffset) ink.Write(line.Append(' ', Gap), DurationText.FormatOffset(span.Start - Start).PadLeft(TimeCells), Tone.Dim);
        ink.Write(line.Append(' ', Gap), Time(row).PadLeft(TimeCells), row.OnPath ? Tone.Strong : Tone.Plain);
        line.Append(' ', Gap);
        var spans = row.Folded is null ? [span] : row.Folded.Select(index => forest.Spans[index]);
        ink.Write(line, bar.Paint(spans, (row.Folded ?? [row.Span]).SelectMany(index => forest.Critical[index] ?? [])).TrimEnd(), span.IsError ? Tone.Error : tone);
        return line.ToString();
    }

    private void WriteName(StringBuilder line, WaterfallRow row, SpanModel span, int cells)
    {
        var ink = style.Ink;
        var suffix = Suffix(row);
        if (span.IsError)
        {
            ink.Write(line, "✗ ", Tone.Error);
            cells -= 2;
        }
        var name = Cells.Clean(span.Name);
        // The suffix is cut before the name loses its last few letters.
        suffix = Cells.Cut(suffix, Math.Max(0, cells - Math.Min(Math.Min(8, cells / 2), Cells.Width(name))));
        name = Cells.Cut(name, Math.Max(1, cells - Cells.Width(suffix)));
        ink.Write(line, name, span.IsError ? Tone.Error : row.OnPath ? Tone.Strong : Tone.Plain);
        ink.Write(line, suffix, Tone.Dim);
        line.Append(' ', Math.Max(0, cells - Cells.Width(name) - Cells.Width(suffix)));
    }

    /// <summary>Cells that guides may take: the name keeps at least 16, or half of the column.</summary>
    private int GuideCells => Math.Max(nameCells - 16, nameCells / 2);

    /// <summary>True when the row shows its depth as a number instead of all its guides.</summary>
    public bool IsIndentCut(WaterfallRow row) => Guides.IsCut(row, GuideCells);

    private string Name(WaterfallRow row)
    {
        if (row.Span < 0) return MissingParentText(row);
        var span = forest.Spans[row.Span];
        return (span.IsError ? "✗ " : "") + Cells.Clean(span.Name);
    }

    private string Suffix(WaterfallRow row)
    {
        if (row.Span < 0) return "";
        var suffix = "";
        if (row.Folded is { } folded) suffix += string.Create(CultureInfo.InvariantCulture, $" × {folded.Count:N0}");
        if (row.Folded is not null && row.Stands > row.Folded.Count) suffix += string.Create(CultureInfo.InvariantCulture, $" ({row.Stands:N0} spans)");
        if (row.Hidden > 0) suffix += string.Create(CultureInfo.InvariantCulture, $" (+{row.Hidden:N0})");
        if ((forest.Spans[row.Span].Marks & NotedMarks) != 0) suffix += " !";
        return suffix;
    }

    private string Service(WaterfallRow row) => forest.Spans[row.Span].Service is { Length: > 0 } service ? Cells.Clean(service) : "–";

    private string Time(WaterfallRow row)
    {
        if (row.Folded is null) return DurationText.Format(forest.Spans[row.Span].Duration);
        var sum = row.Folded.Aggregate((Int128)0, (total, index) => total + forest.Spans[index].Duration.Value);
        return "Σ" + DurationText.Format(new DurationNanos((long)Int128.Min(sum, long.MaxValue)));
    }

    private static string MissingParentText(WaterfallRow row) => "missing parent " + Cells.Clean(row.MissingParent);

    private string MissingParent(WaterfallRow row) => style.Ink.Paint(Cells.Cut(MissingParentText(row), width), Tone.Warning);

    private void Details(List<string> lines, WaterfallRow row)
    {
        var guides = Guides.Below(row, GuideCells);
        var span = forest.Spans[row.Span];
        if (row.Folded is not null) Detail(lines, guides, FormattableString.Invariant($"(of the first of {row.Folded.Count})"));
        if (span.StatusMessage.Length > 0) Detail(lines, guides, "status: " + span.StatusMessage);
        foreach (var (key, value) in span.Attributes) Detail(lines, guides, FormattableString.Invariant($"{key} = {value}"));
        foreach (var occurrence in span.Events)
        {
            Detail(lines, guides, FormattableString.Invariant($"◆ {occurrence.Name}  {DurationText.FormatOffset(occurrence.Time - Start)}"));
            foreach (var (key, value) in occurrence.Attributes) Detail(lines, guides, FormattableString.Invariant($"  {key} = {value}"));
        }
    }

    private void Detail(List<string> lines, string guides, string text)
    {
        var line = new StringBuilder();
        style.Ink.Write(line, guides, Tone.Dim);
        style.Ink.Write(line, Cells.Cut(Cells.Clean(text), width - Cells.Width(guides)), Tone.Dim);
        lines.Add(line.ToString());
    }
}
