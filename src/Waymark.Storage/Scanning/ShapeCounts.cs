// How many values each attribute column has before certain rows of a page: what finds a row's values without counting from the page's start.
using System.Buffers;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Of one page of spans, events or links: per attribute column that has values there, how many lie before each row that is a multiple of <see cref="Step"/>. Immutable.</summary>
internal sealed class ShapeCounts
{
    /// <summary>Rows between counts: up to so many are counted by whoever asks.</summary>
    public const int Step = 256;

    private readonly int[] columns;

    /// <summary>A row of counts per step, a count per column. A page has at most 8,192 rows.</summary>
    private readonly ushort[] before;

    private ShapeCounts(int[] columns, ushort[] before)
    {
        this.columns = columns;
        this.before = before;
    }

    /// <summary>What it takes in memory.</summary>
    public long Bytes => 64 + (columns.Length * 4L) + (before.Length * 2L);

    /// <summary>Counts a page.</summary>
    /// <param name="shapeColumn">The column that says which shape a row has.</param>
    public static ShapeCounts Of(SegmentCursor cursor, int shapeColumn, int page)
    {
        var segment = cursor.Segment;
        var rows = cursor.Info(shapeColumn, page).Count;
        var steps = (rows + Step - 1) / Step;
        var ranks = new AttributeCounter(segment);
        var present = PresentColumns(segment, page, segment.ColumnInfos[shapeColumn].Key.Space);
        var counts = new ushort[steps * present.Length];
        var shapes = ArrayPool<long>.Shared.Rent(Step);
        try
        {
            for (var step = 0; step < steps; step++)
            {
                for (var c = 0; c < present.Length; c++) counts[(step * present.Length) + c] = (ushort)ranks.Counts[present[c]];
                var part = shapes.AsSpan(0, Math.Min(Step, rows - (step * Step)));
                cursor.Numbers(shapeColumn, page, step * Step, part);
                ranks.Add(part, 1);
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(shapes);
        }
        return new ShapeCounts(present, counts);
    }

    /// <summary>Writes the counts before row <c>step · Step</c> into a table with a place for every column; others are left as they are.</summary>
    public void CopyTo(int step, Span<int> counts)
    {
        var from = before.AsSpan(step * columns.Length, columns.Length);
        for (var c = 0; c < columns.Length; c++) counts[columns[c]] = from[c];
    }

    private static int[] PresentColumns(OpenSegment segment, int page, RowSpace space)
    {
        var present = new List<int>();
        foreach (var column in segment.AttributeColumns)
        {
            if (column.Key.Space == space && segment.Reader.Page(column.Index, page).Count > 0) present.Add(column.Index);
        }
        return [.. present];
    }
}

/// <summary>Counts the values of rows by their shapes. Not thread-safe.</summary>
internal sealed class AttributeCounter(OpenSegment segment)
{
    private readonly int[] rowsOfShape = new int[segment.Shapes.Length];
    private readonly List<int> met = [];

    /// <summary>Values per column.</summary>
    public int[] Counts { get; } = new int[segment.ColumnInfos.Length];

    /// <param name="sign">1 to add the rows' values, −1 to take them off.</param>
    public void Add(ReadOnlySpan<long> shapes, int sign)
    {
        foreach (var shape in shapes)
        {
            if ((ulong)shape >= (ulong)rowsOfShape.Length) throw Refuse(shape);
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
                if (segment.ColumnInfos[column].Key.Field == SegmentColumns.OverflowAttribute) overflow = column;
                Counts[column] += rows;
            }
        }
        met.Clear();
    }

    /// <summary>Whoever goes on counting begins at none.</summary>
    private CorruptFileException Refuse(long shape)
    {
        foreach (var counted in met) rowsOfShape[counted] = 0;
        met.Clear();
        return segment.NoShape(shape);
    }
}
