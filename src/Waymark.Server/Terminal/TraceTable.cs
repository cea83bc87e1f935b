// Draws a list of traces as text, newest first as the server gives it. Pure: a model in, lines out.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Query.Analysis;

namespace Waymark.Server.Terminal;

/// <summary>One line of a list of traces. Texts are as the sender wrote them.</summary>
internal sealed record TraceListItem(
    string TraceId, UnixNanos Start, DurationNanos Duration, string Service, string Operation, int Spans, int Errors, bool IsRootless = false, TraceListTop? Top = null);

/// <summary>The operation a trace waited for most.</summary>
/// <param name="Share">Of its critical path, up to 1.</param>
internal sealed record TraceListTop(string Service, string Operation, double Share);

/// <summary>
/// A table with one line per trace from <see cref="OneLineFrom"/> cells on; in narrower terminals two, so that neither the operation nor the id — which
/// <c>waymark trace</c> needs whole — is cut to nothing. Where there is room, what a trace waited for most stands beside its root.
/// </summary>
internal static class TraceTable
{
    public const int OneLineFrom = 110;

    private const int IdCells = 32;
    private const int DurationCells = 8;
    private const int CountCells = 7;
    private const int ErrorCells = 7;

    /// <summary>Cells beside figures and id from which on they are shared between root and what was waited for.</summary>
    private const int ShareFrom = 60;
    private const string TopHead = "waited for";
    private const string Gap = "  ";

    public static IReadOnlyList<string> Render(IReadOnlyList<TraceListItem> traces, int width, Ink ink)
    {
        width = Math.Max(Waterfall.MinWidth, width);
        var lines = new List<string>(traces.Count * 2 + 1);
        if (traces.Count == 0) return lines;
        var isOneLine = width >= OneLineFrom;
        // Two-line entries leave out the year and the milliseconds: then figures and id make 76 cells.
        var timeFormat = isOneLine ? "yyyy-MM-dd HH:mm:ss.fff" : "MM-dd HH:mm:ss";
        var fixedCells = timeFormat.Length + DurationCells + CountCells + ErrorCells + 4 * Gap.Length + (isOneLine ? IdCells + Gap.Length : 0);
        var room = width - fixedCells;
        var topCells = isOneLine && room >= ShareFrom && traces.Any(trace => trace.Top is not null) ? Math.Min(room * 2 / 5, Math.Max(TopHead.Length, traces.Max(trace => Cells.Width(Top(trace))))) : 0;
        if (topCells > 0) room -= topCells + Gap.Length;
        var nameCells = Math.Max(8, isOneLine ? Math.Min(room, traces.Max(trace => Cells.Width(Name(trace)))) : width - Gap.Length);
        var head = "started (UTC)".PadRight(timeFormat.Length) + Gap + "duration".PadLeft(DurationCells) + Gap + "spans".PadLeft(CountCells) + Gap + "errors".PadLeft(ErrorCells) + Gap;
        head += isOneLine ? "root".PadRight(nameCells) + Gap + (topCells > 0 ? TopHead.PadRight(topCells) + Gap : "") + "trace" : "trace";
        lines.Add(ink.Paint(Cells.Cut(head, width), Tone.Dim));
        foreach (var trace in traces)
        {
            var line = Figures(trace, timeFormat, ink);
            if (isOneLine)
            {
                var cut = WriteName(line, trace, nameCells, ink);
                line.Append(Cells.Padding(cut, nameCells)).Append(Gap);
                if (topCells > 0)
                {
                    var top = Cells.Cut(Top(trace), topCells);
                    line.Append(top).Append(Cells.Padding(top, topCells)).Append(Gap);
                }
                ink.Write(line, Cells.Clean(trace.TraceId), Tone.Dim);
                lines.Add(line.ToString());
                continue;
            }
            // What is left of the first line holds the id only where it fits.
            var idFits = width - fixedCells >= IdCells;
            if (idFits) ink.Write(line, Cells.Clean(trace.TraceId), Tone.Dim);
            lines.Add(line.ToString().TrimEnd());
            if (!idFits) lines.Add(Gap + ink.Paint(Cells.Clean(trace.TraceId), Tone.Dim));
            line.Clear().Append(Gap);
            WriteName(line, trace, nameCells, ink);
            lines.Add(line.ToString());
        }
        return lines;
    }

    private static StringBuilder Figures(TraceListItem trace, string timeFormat, Ink ink)
    {
        var line = new StringBuilder();
        line.Append(trace.Start.ToDateTimeOffset().ToString(timeFormat, CultureInfo.InvariantCulture)).Append(Gap);
        ink.Write(line, DurationText.Format(trace.Duration).PadLeft(DurationCells), Tone.Strong);
        line.Append(Gap).Append(trace.Spans.ToString("N0", CultureInfo.InvariantCulture).PadLeft(CountCells)).Append(Gap);
        var errors = trace.Errors == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"✗ {trace.Errors:N0}");
        ink.Write(line, errors.PadLeft(ErrorCells), trace.Errors == 0 ? Tone.Dim : Tone.Error);
        return line.Append(Gap);
    }

    private static string Name(TraceListItem trace) => Service(trace.Service) + " · " + Operation(trace);

    private static string Top(TraceListItem trace) =>
        trace.Top is { } top ? string.Create(CultureInfo.InvariantCulture, $"{top.Share * 100:0}% ") + Service(top.Service) + " · " + Cells.Clean(top.Operation) : "";

    private static string Service(string service) => service.Length == 0 ? "–" : Cells.Clean(service);

    private static string Operation(TraceListItem trace) => Cells.Clean(trace.Operation) + (trace.IsRootless ? " (root missing)" : "");

    private static string WriteName(StringBuilder line, TraceListItem trace, int cells, Ink ink)
    {
        var service = Cells.Cut(Service(trace.Service), cells);
        var rest = Cells.Cut(" · " + Operation(trace), cells - Cells.Width(service));
        ink.Write(line, service, Tone.Service);
        ink.Write(line, rest);
        return service + rest;
    }
}
