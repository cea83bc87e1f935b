// Where in the dense attribute columns the values of a row begin.
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// For one page of spans, events or links of a segment: how many values each attribute column has before a row. Moving to another row of the page counts only the rows in between, or those
/// before it when they are fewer. Not thread-safe.
/// </summary>
internal sealed class AttributeRanks(OpenSegment segment)
{
    private readonly int[] ranks = new int[segment.Reader.Columns.Count];
    private readonly int[] rowsOfShape = new int[segment.Shapes.Length];
    private readonly List<int> met = [];
    private int page = -1;
    private int row;

    /// <summary>Goes to a row of a page.</summary>
    /// <param name="shapes">The page's shapes, a row each.</param>
    public void MoveTo(int toPage, int toRow, ReadOnlySpan<long> shapes)
    {
        if (toPage != page || toRow < Math.Abs(toRow - row))
        {
            Array.Clear(ranks);
            (page, row) = (toPage, 0);
        }
        if (toRow > row) Count(shapes[row..toRow], 1);
        else if (toRow < row) Count(shapes[toRow..row], -1);
        row = toRow;
    }

    /// <summary>The position of the current row's next value in a column.</summary>
    public int Next(int column) => ranks[column]++;

    /// <summary>To be called when <see cref="Next"/> has been for all columns of the current row.</summary>
    public void EndRow() => row++;

    /// <summary>Starts over: a row was left half read.</summary>
    public void Forget() => page = -1;

    private void Count(ReadOnlySpan<long> shapes, int sign)
    {
        foreach (var shape in shapes)
        {
            if (rowsOfShape[shape]++ == 0) met.Add((int)shape);
        }
        foreach (var shape in met)
        {
            var rows = sign * rowsOfShape[shape];
            rowsOfShape[shape] = 0;
            var overflow = -1;
            foreach (var column in segment.Shapes[shape])
            {
                // An overflow column has one value per row, however many attributes it holds.
                if (column == overflow) continue;
                if (segment.Reader.Columns[column].Key.Field == SegmentColumns.OverflowAttribute) overflow = column;
                ranks[column] += rows;
            }
        }
        met.Clear();
    }
}
