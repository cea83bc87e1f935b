// Traces drawn as text, so that a test of what happened when can be read as a picture.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Testing;

/// <summary>
/// A trace parsed from a drawing, one line per span (or per run of like spans):
/// <code>
/// shop      server GET /checkout  |####------######|
///   shop    client POST           |    #-----      |  peer.service=payments
///     pay   server POST /charge   |     #####      |  error: card declined
/// </code>
/// Indentation (two blanks a level) makes the tree; then come service, kind (may be left out), and operation, then the bar, then notes, each two blanks apart. One cell is
/// <see cref="Cell"/>. In a bar <c>#</c> is time on the critical path, <c>-</c> time that is not, <c>=</c> time of which nothing is said; <c>[</c> starts another span of the line
/// and counts as <c>=</c>; a blank between two runs makes two spans, too; <c>!</c> is a span of no length.
/// Notes: <c>error</c> or <c>error: message</c>; <c>clock+n</c> (n may be negative): this span's process and all lines below it have a clock that is n cells ahead, so the times sent are not as drawn;
/// <c>orphan</c>: its parent is missing (<c>orphan=n</c>: the same missing parent for the same n); <c>host=name</c>; <c>exception=type</c>; <c>key=value</c>, an attribute.
/// </summary>
public sealed class DrawnTrace
{
    /// <summary>Where drawings begin.</summary>
    public static readonly UnixNanos Base = new(1_767_225_600_000_000_000);

    private const string BarCells = "#-=[!";
    private readonly List<Line> lines = [];
    private readonly List<NaiveSpan> spans = [];
    private readonly Dictionary<SpanId, int> lineOf = [];

    private DrawnTrace(string drawing, DurationNanos cell)
    {
        Cell = cell;
        foreach (var text in drawing.Split('\n'))
        {
            if (text.Contains('|', StringComparison.Ordinal)) lines.Add(Line.Parse(text));
        }
        var outdent = lines.Min(line => line.Indent);
        var open = new Stack<(int Depth, SpanId Last, long Clock, int Row)>();
        for (var at = 0; at < lines.Count; at++)
        {
            var depth = (lines[at].Indent - outdent) / 2;
            while (open.Count > 0 && open.Peek().Depth >= depth) open.Pop();
            var above = open.Count > 0 ? open.Peek() : default;
            var last = AddLine(at, above.Last, above.Clock + lines[at].Clock);
            open.Push((depth, last, above.Clock + lines[at].Clock, at));
        }
        Block = Blocks.From(spans);
    }

    /// <summary>Time of one character of a bar.</summary>
    public DurationNanos Cell { get; }

    public SpanBlock Block { get; }

    public TraceSlice Trace => Block.Traces[0];

    public static DrawnTrace Of(string drawing, long cellNanos = 100_000_000) => new(drawing, new DurationNanos(cellNanos));

    /// <summary>The row of the only span with this operation.</summary>
    public int Row(string operation) => Rows(operation).Single();

    /// <summary>The rows with this operation.</summary>
    public List<int> Rows(string operation) => [.. Enumerable.Range(0, Block.Count).Where(row => Block.Texts.String(Block.Name[row]) == operation)];

    /// <summary>Nanoseconds from the beginning of the drawing, in cells.</summary>
    public double CellOf(UnixNanos time) => (double)(time.Value - Base.Value) / Cell.Value;

    /// <summary>The bars as drawn, one a line.</summary>
    public string Bars => string.Join('\n', lines.Select(line => $"|{line.Bar}|"));

    /// <summary>The bars again, by what was computed: # where a row is on the path, - where it runs besides.</summary>
    /// <param name="intervals">Per row: corrected start and end.</param>
    /// <param name="path">Stretches of the path; rows below 0 are left out.</param>
    public string Draw(Func<int, (UnixNanos Start, UnixNanos End)> intervals, IEnumerable<(int Row, UnixNanos From, UnixNanos To)> path)
    {
        var bars = lines.Select(line => new StringBuilder(new string(' ', line.Bar.Length))).ToList();
        for (var row = 0; row < Block.Count; row++)
        {
            var (start, end) = intervals(row);
            Fill(bars[lineOf[Block.SpanIds[row]]], start, end, '-');
            if (end <= start) bars[lineOf[Block.SpanIds[row]]][(int)CellOf(start)] = '!';
        }
        foreach (var (row, from, to) in path)
        {
            if (row >= 0) Fill(bars[lineOf[Block.SpanIds[row]]], from, to, '#');
        }
        return string.Join('\n', bars.Select(bar => $"|{bar}|"));
    }

    private void Fill(StringBuilder bar, UnixNanos from, UnixNanos to, char with)
    {
        for (var cell = 0; cell < bar.Length; cell++)
        {
            // The middle of the cell decides.
            var middle = Base.Value + cell * Cell.Value + Cell.Value / 2;
            if (from.Value <= middle && middle < to.Value) bar[cell] = with;
        }
    }

    /// <summary>Adds the spans of a line and returns the id of the last.</summary>
    private SpanId AddLine(int at, SpanId parent, long clock)
    {
        var line = lines[at];
        var id = default(SpanId);
        foreach (var (from, to) in line.Runs)
        {
            id = new SpanId((ulong)spans.Count + 1);
            lineOf[id] = at;
            spans.Add(line.Template with
            {
                SpanId = id,
                ParentSpanId = line.MissingParent ?? parent,
                Start = new UnixNanos(Base.Value + (from + clock) * Cell.Value),
                End = new UnixNanos(Base.Value + (to + clock) * Cell.Value),
                Events = line.Exception is { } type ? [new NaiveEvent(new UnixNanos(Base.Value + (to + clock) * Cell.Value), "exception", [NaiveAttribute.Text("exception.type", type)])] : [],
            });
        }
        return id;
    }

    /// <summary>One line of the drawing.</summary>
    private sealed record Line(int Indent, string Bar, NaiveSpan Template, List<(int From, int To)> Runs, long Clock, SpanId? MissingParent, string? Exception)
    {
        private static readonly Dictionary<string, SpanKind> Kinds = Enum.GetValues<SpanKind>().ToDictionary(kind => kind.ToString(), StringComparer.OrdinalIgnoreCase);

        public static Line Parse(string text)
        {
            var (left, right) = (text.IndexOf('|', StringComparison.Ordinal), text.LastIndexOf('|'));
            var (head, bar, notes) = (text[..left], text[(left + 1)..right], text[(right + 1)..]);
            var words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
            var service = words[0];
            words.RemoveAt(0);
            var kind = SpanKind.Unspecified;
            if (words.Count > 1 && Kinds.TryGetValue(words[0], out kind)) words.RemoveAt(0);
            var span = new NaiveSpan { TraceId = new TraceId(0, 1), Name = string.Join(' ', words), Kind = kind, Resource = NaiveResource.Of(service) };
            var line = new Line(head.Length - head.TrimStart().Length, bar, span, FindRuns(bar), 0, null, null);
            foreach (var note in notes.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) line = line.With(note);
            return line;
        }

        private Line With(string note)
        {
            var (key, value) = note.Split('=', 2) is [var k, var v] ? (k, v) : (note, "");
            if (note.StartsWith("error", StringComparison.Ordinal) && !note.StartsWith("error.", StringComparison.Ordinal))
                return this with { Template = Template with { Status = StatusCode.Error, StatusMessage = note["error".Length..].TrimStart(':').Trim() } };
            if (note.StartsWith("clock", StringComparison.Ordinal)) return this with { Clock = long.Parse(note["clock".Length..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) };
            return key switch
            {
                "orphan" => this with { MissingParent = new SpanId(0xdead_0000 + (value.Length == 0 ? 0 : ulong.Parse(value, CultureInfo.InvariantCulture))) },
                "host" => this with { Template = Template with { Resource = NaiveResource.Of(Template.Service, NaiveAttribute.Text("host.name", value)) } },
                "exception" => this with { Exception = value },
                _ => this with { Template = Template with { Attributes = [.. Template.Attributes, NaiveAttribute.Text(key, value)] } },
            };
        }

        private static List<(int From, int To)> FindRuns(string bar)
        {
            var runs = new List<(int From, int To)>();
            for (var at = 0; at < bar.Length; at++)
            {
                var cell = bar[at];
                if (cell == ' ') continue;
                if (!BarCells.Contains(cell, StringComparison.Ordinal)) throw new FormatException($"'{cell}' in the bar |{bar}|");
                if (cell == '!') runs.Add((at, at));
                else if (at > 0 && cell != '[' && bar[at - 1] is '#' or '-' or '=' or '[') runs[^1] = (runs[^1].From, at + 1);
                else runs.Add((at, at + 1));
            }
            return runs;
        }
    }
}
