// Which rows a waterfall has: folds what repeats, groups orphans, and chooses what fits on a screen.

namespace Waymark.Server.Terminal;

/// <summary>
/// The rows of a waterfall, in order. Unless everything is asked for, siblings that are alike (<see cref="SpanForest.Likeness"/>) fold into one row from <see cref="FoldFrom"/> on,
/// and at most <see cref="MaxRows"/> rows are shown: those with the most time on the critical path first, then errors (a third of the room at most), then the longest spans, each with the rows
/// above it. The span on the critical path that goes on with the most time is never folded away when it has children, so that the path can be followed.
/// </summary>
internal sealed class WaterfallPlan
{
    /// <summary>Siblings alike from this number on fold into one row.</summary>
    public const int FoldFrom = 5;

    /// <summary>Rows of a waterfall that was not asked to show everything: a few screenfuls.</summary>
    public const int MaxRows = 200;

    private readonly SpanForest forest;
    private readonly int[]? likeness;
    private readonly List<WaterfallRow> all = [];

    public WaterfallPlan(SpanForest forest, bool all)
    {
        this.forest = forest;
        likeness = all ? null : forest.Likeness();
        Build();
        if (all || this.all.Count <= MaxRows) this.all.ForEach(row => row.IsShown = true);
        else Choose();
        Rows = Arrange();
    }

    /// <summary>The rows to draw, from top to bottom.</summary>
    public List<WaterfallRow> Rows { get; }

    /// <summary>Rows at the left edge, drawn or not.</summary>
    public List<WaterfallRow> Tops { get; } = [];

    /// <summary>Spans that the drawn rows stand for.</summary>
    public int ShownSpans { get; private set; }

    /// <summary>True when some row stands for several spans.</summary>
    public bool HasFolds { get; private set; }

    private void Build()
    {
        var open = new Stack<WaterfallRow>();
        foreach (var row in Group(forest.Tops, parent: null, isTop: true)) Tops.Add(row);
        for (var at = Tops.Count - 1; at >= 0; at--) open.Push(Tops[at]);
        while (open.TryPop(out var row))
        {
            all.Add(row);
            if (row.Span >= 0 && row.Folded is null) row.Children.AddRange(Group(forest.Children(row.Span), row, isTop: false));
            else row.OnPath |= row.Children.Exists(child => child.OnPath);
            for (var at = row.Children.Count - 1; at >= 0; at--) open.Push(row.Children[at]);
        }
    }

    /// <summary>The rows of some siblings, in order of their first span; at the top, orphans stand below the parent they miss.</summary>
    private List<WaterfallRow> Group(IReadOnlyList<int> siblings, WaterfallRow? parent, bool isTop)
    {
        var rows = new List<WaterfallRow>(siblings.Count);
        var foldable = Foldable(siblings);
        var folds = new Dictionary<(string Parent, int Likeness), WaterfallRow>();
        var missing = new Dictionary<string, WaterfallRow>(StringComparer.Ordinal);
        foreach (var span in siblings)
        {
            var under = isTop && forest.IsOrphan(span) ? forest.Spans[span].ParentSpanId : "";
            var above = parent;
            if (under.Length > 0 && !missing.TryGetValue(under, out above))
            {
                missing[under] = above = new WaterfallRow(-1) { MissingParent = under, Stands = 0 };
                rows.Add(above);
            }
            var key = likeness is null ? default : (under, likeness[span]);
            if (likeness is not null && foldable.GetValueOrDefault(key) >= FoldFrom && !MustStand(span))
            {
                if (folds.TryGetValue(key, out var fold))
                {
                    fold.Folded!.Add(span);
                    fold.Stands += forest.Sizes[span];
                    fold.OnPath |= forest.PathTime[span] > 0;
                    continue;
                }
                folds[key] = fold = new WaterfallRow(span) { Folded = [span], Stands = forest.Sizes[span], OnPath = forest.PathTime[span] > 0 };
                HasFolds = true;
                Place(fold, above, rows);
                continue;
            }
            Place(new WaterfallRow(span) { OnPath = forest.PathTime[span] > 0 }, above, rows);
        }
        return rows;
    }

    private static void Place(WaterfallRow row, WaterfallRow? above, List<WaterfallRow> rows)
    {
        row.Parent = above;
        row.Depth = above is null ? 0 : above.Depth + 1;
        if (above is { Span: < 0 }) above.Children.Add(row);
        else rows.Add(row);
    }

    private Dictionary<(string Parent, int Likeness), int> Foldable(IReadOnlyList<int> siblings)
    {
        var counts = new Dictionary<(string Parent, int Likeness), int>();
        if (likeness is null || siblings.Count < FoldFrom) return counts;
        foreach (var span in siblings)
        {
            if (MustStand(span)) continue;
            var key = (forest.IsOrphan(span) ? forest.Spans[span].ParentSpanId : "", likeness[span]);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        return counts;
    }

    private bool MustStand(int span) => forest.IsMainPath[span] && forest.Children(span).Count > 0;

    private void Choose()
    {
        var room = MaxRows;
        var path = all.Where(row => row.OnPath).OrderByDescending(PathTime).ThenBy(row => row.Depth);
        var errors = all.Where(row => row.Span >= 0 && forest.Spans[row.Span].IsError).OrderByDescending(Length).ThenBy(row => row.Depth);
        var longest = all.Where(row => row.Span >= 0).OrderByDescending(Length).ThenBy(row => row.Depth);
        Show(path, ref room, MaxRows * 2 / 3);
        Show(errors, ref room, MaxRows / 3);
        Show(longest, ref room, MaxRows);
    }

    /// <summary>Shows rows, each with those above it, as long as there is room and fewer than <paramref name="most"/> were shown by this call.</summary>
    private static void Show(IEnumerable<WaterfallRow> rows, ref int room, int most)
    {
        var left = Math.Min(room, most);
        room -= left;
        foreach (var row in rows)
        {
            if (left == 0) break;
            var needed = 0;
            for (var at = row; at is { IsShown: false } && needed <= left; at = at.Parent) needed++;
            if (needed > left) continue;
            left -= needed;
            for (var at = row; at is { IsShown: false }; at = at.Parent) at.IsShown = true;
        }
        room += left;
    }

    private long PathTime(WaterfallRow row) =>
        row.Span < 0 ? 0 : row.Folded is null ? forest.PathTime[row.Span] : row.Folded.Sum(span => forest.PathTime[span]);

    private long Length(WaterfallRow row) =>
        row.Folded is null ? forest.Spans[row.Span].Duration.Value : row.Folded.Max(span => forest.Spans[span].Duration.Value);

    /// <summary>The shown rows in order, knowing their place among siblings and how much is hidden below them.</summary>
    private List<WaterfallRow> Arrange()
    {
        var shown = new List<WaterfallRow>(all.Count);
        foreach (var row in all)
        {
            if (!row.IsShown)
            {
                // A hidden row counts at the nearest row above it that is shown; the parent, which came before, knows it already.
                row.Hider = row.Parent is { IsShown: false } ? row.Parent.Hider : row.Parent;
                if (row.Hider is not null) row.Hider.Hidden += row.Stands;
                continue;
            }
            shown.Add(row);
            ShownSpans += row.Stands;
        }
        foreach (var row in shown)
        {
            row.Children.RemoveAll(child => !child.IsShown);
            for (var at = 0; at < row.Children.Count; at++) row.Children[at].Position = at;
            row.PathChild = row.Children.FindLast(child => child.OnPath);
        }
        return shown;
    }
}
