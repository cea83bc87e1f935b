// The picture of when something ran, in block characters.
using System.Numerics;
using Waymark.Model.Spans;

namespace Waymark.Server.Terminal;

/// <summary>Paints time intervals onto a row of cells that stands for the whole trace, to an eighth of a cell.</summary>
/// <param name="start">The trace's first instant.</param>
/// <param name="length">The trace's length; 0 puts everything at the left edge.</param>
/// <param name="cells">Width of the picture.</param>
internal sealed class Bar(UnixNanos start, DurationNanos length, int cells)
{
    private const string FromLeft = "▏▎▍▌▋▊▉█";

    public int Cells => cells;

    /// <summary>
    /// Several intervals as one picture, <see cref="Cells"/> long: shaded, but full blocks for those parts that are <paramref name="solid"/>. What is shorter than an eighth of a
    /// cell is drawn as one, so that nothing is invisible.
    /// </summary>
    public string Paint(IEnumerable<SpanModel> spans, IEnumerable<(UnixNanos From, UnixNanos To)> solid)
    {
        // One byte per cell: bit n is its n-th eighth from the left.
        var covered = new byte[cells];
        foreach (var span in spans)
        {
            var from = Math.Min(Eighth(span.Start, roundUp: false), cells * 8 - 1);
            Cover(covered, from, Math.Clamp(Eighth(span.End, roundUp: true), from + 1, cells * 8));
        }
        return string.Create(cells, (Covered: covered, Solid: Solid(solid)), static (picture, state) =>
        {
            for (var cell = 0; cell < picture.Length; cell++) picture[cell] = Glyph(state.Covered, state.Solid, cell);
        });
    }

    /// <summary>Cells of which half or more is solid, added up exactly: many short stretches don't make more of themselves.</summary>
    private bool[] Solid(IEnumerable<(UnixNanos From, UnixNanos To)> intervals)
    {
        var parts = new double[cells];
        var perCell = (double)length.Value / cells;
        foreach (var (from, to) in intervals)
        {
            if (length.Value == 0) break;
            var (left, right) = ((from - start).Value / perCell, (to - start).Value / perCell);
            for (var cell = (int)left; cell < Math.Min(cells, right); cell++) parts[cell] += Math.Min(right, cell + 1) - Math.Max(left, cell);
        }
        return Array.ConvertAll(parts, part => part >= 0.5);
    }

    private static void Cover(byte[] covered, int from, int to)
    {
        for (var cell = from / 8; cell <= (to - 1) / 8; cell++)
        {
            var first = Math.Max(from - cell * 8, 0);
            var end = Math.Min(to - cell * 8, 8);
            covered[cell] |= (byte)((1 << end) - (1 << first));
        }
    }

    private static char Glyph(byte[] covered, bool[] solid, int cell)
    {
        var bits = covered[cell];
        var eighths = BitOperations.PopCount(bits);
        if (eighths == 0) return ' ';
        if (!solid[cell])
        {
            if (IsShaded(cell)) return '▒';
            // The frayed end of a shaded bar is left out: there is no thinner shade to draw it with.
            if (IsShaded(cell - 1) || IsShaded(cell + 1)) return ' ';
        }
        if (eighths >= 7) return '█';
        // There are glyphs of every width at the left edge of a cell, but only two at the right one.
        var isAtRight = BitOperations.LeadingZeroCount(bits) - 24 < BitOperations.TrailingZeroCount(bits);
        if (!isAtRight) return FromLeft[eighths - 1];
        return eighths >= 3 ? '▐' : '▕';

        bool IsShaded(int at) => at >= 0 && at < covered.Length && BitOperations.PopCount(covered[at]) >= 4 && !solid[at];
    }

    private int Eighth(UnixNanos time, bool roundUp)
    {
        if (length.Value == 0) return 0;
        var scaled = (Int128)(time - start).Value * cells * 8;
        var whole = scaled / length.Value;
        return (int)(roundUp && scaled % length.Value != 0 ? whole + 1 : whole);
    }
}
