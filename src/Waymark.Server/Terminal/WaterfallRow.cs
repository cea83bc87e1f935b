// One line to be of a waterfall: a span, several alike, or the place where a parent should be.
namespace Waymark.Server.Terminal;

/// <summary>A node of the tree that is drawn, which is the trace's tree after folding and choosing.</summary>
/// <param name="span">The span shown; for folded ones the first of them; −1 for the line of a missing parent.</param>
internal sealed class WaterfallRow(int span)
{
    public int Span { get; } = span;

    /// <summary>Spans that are alike and stand here together, <see cref="Span"/> included; null for a single one.</summary>
    public List<int>? Folded { get; set; }

    /// <summary>Id of the span that should be the parent of the rows below this one.</summary>
    public string MissingParent { get; init; } = "";

    public WaterfallRow? Parent { get; set; }

    /// <summary>0 for a row at the left edge.</summary>
    public int Depth { get; set; }

    public List<WaterfallRow> Children { get; } = [];

    /// <summary>Position among the shown siblings.</summary>
    public int Position { get; set; }

    /// <summary>It, or something below it, has time on the critical path.</summary>
    public bool OnPath { get; set; }

    /// <summary>The last of the shown children on the critical path.</summary>
    public WaterfallRow? PathChild { get; set; }

    /// <summary>Spans of the trace that this row stands for: 1, or with those below them when folded.</summary>
    public int Stands { get; set; } = 1;

    /// <summary>Chosen to be drawn. A row is shown only below a shown one.</summary>
    public bool IsShown { get; set; }

    /// <summary>Of a row that is not shown: the nearest one above it that is; null without one.</summary>
    public WaterfallRow? Hider { get; set; }

    /// <summary>Spans below this row that are not drawn, and whose nearest drawn ancestor it is.</summary>
    public int Hidden { get; set; }
}
