// Where in the dense attribute columns the values of a row begin.
namespace Waymark.Storage.Scanning;

/// <summary>
/// For one row of spans, events or links of a segment: how many values each attribute column has before it in its page. Moving to a near row counts the rows in between; to a far one, those
/// since the last count that the segment keeps. Not thread-safe.
/// </summary>
internal sealed class AttributeRanks(SegmentCursor cursor, int shapeColumn)
{
    private readonly AttributeCounter counter = new(cursor.Segment);
    private readonly long[] between = new long[ShapeCounts.Step];
    private int page = -1;
    private int row;

    /// <summary>Goes to a row of a page.</summary>
    public void MoveTo(int toPage, int toRow)
    {
        var sinceCount = toRow % ShapeCounts.Step;
        if (toPage != page || Math.Abs(toRow - row) > sinceCount)
        {
            Array.Clear(counter.Counts);
            cursor.Segment.CountsOf(cursor, shapeColumn, toPage).CopyTo(toRow / ShapeCounts.Step, counter.Counts);
            (page, row) = (toPage, toRow - sinceCount);
        }
        if (toRow > row) Add(row, toRow - row, 1);
        else if (toRow < row) Add(toRow, row - toRow, -1);
        row = toRow;
    }

    /// <summary>The position of the current row's next value in a column.</summary>
    public int Next(int column) => counter.Counts[column]++;

    /// <summary>To be called when <see cref="Next"/> has been for all columns of the current row.</summary>
    public void EndRow() => row++;

    /// <summary>Starts over: a row was left half read.</summary>
    public void Forget() => page = -1;

    private void Add(int first, int count, int sign)
    {
        var shapes = between.AsSpan(0, count);
        cursor.Numbers(shapeColumn, page, first, shapes);
        counter.Add(shapes, sign);
    }
}
