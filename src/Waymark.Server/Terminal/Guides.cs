// The lines that tie a row to the rows above it.
using System.Text;

namespace Waymark.Server.Terminal;

/// <summary>Draws tree guides: thin ones, and thick ones along the critical path.</summary>
internal static class Guides
{
    /// <summary>Cells per level.</summary>
    public const int Step = 3;

    /// <summary>
    /// The guides in front of a row, at most <paramref name="mostCells"/> wide: of a row deeper than that, the depth as a number ("⋯14") and the nearest levels.
    /// </summary>
    public static string Of(WaterfallRow row, int mostCells)
    {
        if (row.Depth == 0) return "";
        var label = "";
        var levels = row.Depth;
        if (IsCut(row, mostCells))
        {
            label = DepthLabel(row);
            levels = Math.Max(1, (mostCells - label.Length) / Step);
        }
        var pieces = new string[levels];
        var at = row;
        for (var level = levels - 1; level >= 0; level--, at = at.Parent!) pieces[level] = level == levels - 1 ? Connector(at) : Passing(at);
        return label + string.Concat(pieces);
    }

    /// <summary>True when the guides of all levels are wider than <paramref name="mostCells"/>.</summary>
    public static bool IsCut(WaterfallRow row, int mostCells) => row.Depth * Step > mostCells;

    /// <summary>The guides below a row, in front of what is said about it (attributes).</summary>
    public static string Below(WaterfallRow row, int mostCells)
    {
        var guides = new StringBuilder();
        var indent = IsCut(row, mostCells) ? DepthLabel(row).Length : 0;
        var levels = indent > 0 ? Math.Max(1, (mostCells - indent) / Step) : row.Depth;
        var at = row;
        for (var level = 0; level < levels; level++, at = at.Parent!) guides.Insert(0, Passing(at));
        guides.Insert(0, " ", indent);
        guides.Append(row.Children.Count == 0 ? "   " : row.PathChild is not null ? "┃  " : "│  ");
        return guides.ToString();
    }

    /// <summary>As wide as some levels are, so that rows stay aligned.</summary>
    private static string DepthLabel(WaterfallRow row)
    {
        var label = FormattableString.Invariant($"⋯{row.Depth} ");
        return label.PadRight(label.Length > 2 * Step ? 3 * Step : 2 * Step);
    }

    private static string Connector(WaterfallRow row)
    {
        var isLast = row.Position == row.Parent!.Children.Count - 1;
        if (PathFollows(row)) return row.OnPath ? "┣━ " : "┠─ ";
        if (row.OnPath) return isLast ? "┗━ " : "┡━ ";
        return isLast ? "└─ " : "├─ ";
    }

    /// <summary>The line that passes by on its way from the row's parent to a later sibling.</summary>
    private static string Passing(WaterfallRow row)
    {
        if (row.Position == row.Parent!.Children.Count - 1) return "   ";
        return PathFollows(row) ? "┃  " : "│  ";
    }

    /// <summary>A later sibling lies on the critical path.</summary>
    private static bool PathFollows(WaterfallRow row)
    {
        return row.Parent!.PathChild is { } child && child.Position > row.Position;
    }
}
