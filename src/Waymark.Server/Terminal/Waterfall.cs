// Draws one trace as text: a header, a tree with bars, and what to know about them. Pure: a model in, lines out.
using System.Globalization;
using System.Text;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;

namespace Waymark.Server.Terminal;

/// <summary>How a waterfall is drawn.</summary>
/// <param name="All">Neither fold what repeats nor leave out rows.</param>
/// <param name="Attributes">Show attributes and events below each span.</param>
internal sealed record WaterfallStyle(Ink Ink, bool All = false, bool Attributes = false)
{
    public static readonly WaterfallStyle Plain = new(Ink.None);
}

/// <summary>Renders <see cref="TraceModel"/>s.</summary>
internal static class Waterfall
{
    /// <summary>Narrower than this, lines are drawn for this width all the same.</summary>
    public const int MinWidth = 40;

    /// <summary>Errors that are listed with their messages below the tree.</summary>
    private const int MaxListedErrors = 5;

    private const string Dot = " · ";

    /// <summary>The lines of a trace, none wider than <paramref name="width"/> cells (or <see cref="MinWidth"/>).</summary>
    public static IReadOnlyList<string> Render(TraceModel trace, int width, WaterfallStyle style)
    {
        width = Math.Max(MinWidth, width);
        if (trace.Spans.Count == 0) return [style.Ink.Paint(Cells.Cut(FormattableString.Invariant($"trace {Cells.Clean(trace.TraceId)}: no spans"), width), Tone.Dim)];
        var forest = new SpanForest(trace);
        var plan = new WaterfallPlan(forest, style.All);
        var table = new WaterfallTable(forest, plan, width, style);
        var lines = new List<string>();
        Header(lines, trace, forest, table, width, style.Ink);
        lines.Add("");
        table.Draw(lines);
        lines.Add("");
        Errors(lines, forest, table, width, style.Ink);
        Notes(lines, trace, forest, plan, table, width, style);
        return lines;
    }

    private static void Header(List<string> lines, TraceModel trace, SpanForest forest, WaterfallTable table, int width, Ink ink)
    {
        var spans = trace.Spans;
        var root = spans[forest.Root];
        var errors = spans.Count(span => span.IsError);
        var title = Cells.Clean(root.Service.Length > 0 ? root.Service + Dot + root.Name : root.Name);
        lines.Add(ink.Paint(Cells.Cut(title, width), Tone.Strong));
        var facts = new List<(string, Tone)>
        {
            (DurationText.Format(table.Length), Tone.Strong),
            (table.Start.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss.fff' UTC'", CultureInfo.InvariantCulture), Tone.Plain),
            (Count(spans.Count, "span"), Tone.Plain),
            (Count(spans.Select(span => span.Service).Distinct(StringComparer.Ordinal).Count(), "service"), Tone.Plain),
            errors == 0 ? ("no errors", Tone.Plain) : ("✗ " + Count(errors, "error"), Tone.Error),
            ("trace " + Cells.Clean(trace.TraceId), Tone.Dim),
        };
        Flow(lines, facts, width, ink);
        VerdictLines.Add(lines, trace.Verdict, width, ink);
        if (trace.IsPartial) lines.Add(ink.Paint(Cells.Cut("! Part of this trace could not be read by the server: some of its spans are missing here.", width), Tone.Warning));
    }

    /// <summary>Puts pieces side by side, and those that don't fit onto the next line.</summary>
    private static void Flow(List<string> lines, IReadOnlyList<(string Text, Tone Tone)> pieces, int width, Ink ink)
    {
        var line = new StringBuilder();
        var used = 0;
        foreach (var (text, tone) in pieces)
        {
            var cut = Cells.Cut(text, width);
            var cells = Cells.Width(cut);
            if (used > 0 && used + Dot.Length + cells > width)
            {
                lines.Add(line.ToString());
                line.Clear();
                used = 0;
            }
            if (used > 0) ink.Write(line, Dot, Tone.Dim);
            ink.Write(line, cut, tone);
            used += cells + (used > 0 ? Dot.Length : 0);
        }
        if (used > 0) lines.Add(line.ToString());
    }

    private static void Errors(List<string> lines, SpanForest forest, WaterfallTable table, int width, Ink ink)
    {
        var listed = 0;
        var before = lines.Count;
        foreach (var index in forest.PreOrder)
        {
            var span = forest.Spans[index];
            if (!span.IsError || ErrorMessage(span) is not { Length: > 0 } message) continue;
            if (listed++ == MaxListedErrors) break;
            var where = Cells.Clean(FormattableString.Invariant($"{span.Service}{Dot}{span.Name}  {DurationText.FormatOffset(span.Start - table.Start)}"));
            var line = new StringBuilder();
            ink.Write(line, "✗ ", Tone.Error);
            where = Cells.Cut(where, Math.Max(16, width / 2));
            ink.Write(line, where);
            ink.Write(line, "  " + Cells.Cut(Cells.Clean(message), Math.Max(0, width - 4 - Cells.Width(where))), Tone.Error);
            lines.Add(line.ToString());
        }
        if (lines.Count > before) lines.Add("");
    }

    /// <summary>The status message, or else the message of the recorded exception.</summary>
    private static string ErrorMessage(SpanModel span)
    {
        if (span.StatusMessage.Length > 0) return span.StatusMessage;
        foreach (var occurrence in span.Events)
        {
            foreach (var (key, value) in occurrence.Attributes)
            {
                if (key == "exception.message") return value;
            }
        }
        return "";
    }

    private static void Notes(List<string> lines, TraceModel trace, SpanForest forest, WaterfallPlan plan, WaterfallTable table, int width, WaterfallStyle style)
    {
        var notes = new List<string>();
        if (plan.ShownSpans < forest.Spans.Count)
        {
            notes.Add(FormattableString.Invariant($"showing {Number(plan.ShownSpans)} of {Number(forest.Spans.Count)} spans (use --all)"));
        }
        if (trace.Path.Count > 0 && plan.Rows.Exists(row => row.Depth > 0)) notes.Add("━ █ critical path: what the trace waited for, ▒ the rest of a span");
        if (plan.Rows.Exists(table.IsIndentCut)) notes.Add("⋯n n levels below the root: too deep to indent in full");
        if (plan.HasFolds) notes.Add("× n spans alike in one row, Σ their durations added up (--all shows each)");
        if (plan.Rows.Exists(row => row.Hidden > 0)) notes.Add("(+n) n more spans below this one are not shown");
        if (trace.SkewedSpans > 0) notes.Add(FormattableString.Invariant($"! clock corrected ({Count(trace.SkewedSpans, "span")}): shown where they can have been called from"));
        var marks = forest.Spans.Where(span => (span.Marks & WaterfallTable.NotedMarks) != 0).ToList();
        AddMark(SpanMarks.EndsBeforeStart, "ends before it starts: counts as 0");
        AddMark(SpanMarks.CycleCut, "was its own ancestor: cut loose");
        AddMark(SpanMarks.SharedId, "shares its id with another span");
        foreach (var note in notes) lines.Add(style.Ink.Paint(Cells.Cut(note, width), Tone.Dim));
        if (lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);

        void AddMark(SpanMarks mark, string what)
        {
            var count = marks.Count(span => (span.Marks & mark) != 0);
            if (count > 0) notes.Add(FormattableString.Invariant($"! {what} ({Count(count, "span")})"));
        }
    }

    private static string Count(int count, string noun) => FormattableString.Invariant($"{Number(count)} {noun}{(count == 1 ? "" : "s")}");

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
