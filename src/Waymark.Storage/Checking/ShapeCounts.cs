// Shapes against the attribute columns: a dense column has exactly the values that the shapes of its rows promise, page by page.
using System.Buffers.Binary;
using Waymark.Storage.Head;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Counts, per page, how often each column is promised.</summary>
internal sealed class ShapeCounts(OpenSegment segment, SegmentCursor cursor, Action<string> onBroken)
{
    private readonly SegmentReader reader = segment.Reader;
    private readonly int[] rowsOfShape = new int[segment.Shapes.Length];

    /// <summary>Rows that promise a column, and, for overflow columns, attributes in it.</summary>
    private readonly int[] rows = new int[segment.Reader.Columns.Count];
    private readonly int[] attributes = new int[segment.Reader.Columns.Count];

    /// <summary>Every shape names attribute columns of this segment, all of one row space. False: nothing can be counted by them.</summary>
    public bool CheckShapes()
    {
        for (var s = 0; s < segment.Shapes.Length; s++)
        {
            foreach (var column in segment.Shapes[s])
            {
                if (column >= 0 && column < reader.Columns.Count && reader.Columns[column].Key.Field >= SegmentColumns.Attribute && reader.Columns[column].Key.Space == reader.Columns[segment.Shapes[s][0]].Key.Space) continue;
                onBroken($"shape {s} names column {column}, which is not one of {reader.Columns.Count} columns, no attribute, or another row space's");
                return false;
            }
        }
        return true;
    }

    public void CheckPage(RowSpace space, int page, ReadOnlySpan<long> shapes)
    {
        Array.Clear(rowsOfShape);
        Array.Clear(rows);
        Array.Clear(attributes);
        foreach (var shape in shapes) rowsOfShape[shape]++;
        for (var s = 0; s < rowsOfShape.Length; s++)
        {
            if (rowsOfShape[s] == 0) continue;
            var inOverflow = false;
            foreach (var column in segment.Shapes[s])
            {
                attributes[column] += rowsOfShape[s];
                var isOverflow = reader.Columns[column].Key.Field == SegmentColumns.OverflowAttribute;
                if (!isOverflow || !inOverflow) rows[column] += rowsOfShape[s];
                inOverflow |= isOverflow;
                if (reader.Columns[column].Key.Space == space) continue;
                onBroken($"a row of {space.ToString().ToLowerInvariant()} has shape {s}, which is another row space's");
                return;
            }
        }
        foreach (var column in segment.AttributeColumns)
        {
            if (column.Key.Space != space) continue;
            var stored = page < column.PageCount ? reader.Page(column.Index, page).Count : 0;
            if (stored != rows[column.Index]) onBroken($"page {page} of {SegmentParts.Name(column.Key)} has {stored} values, the shapes of its rows promise {rows[column.Index]}");
            else if (column.Key.Field == SegmentColumns.OverflowAttribute && stored > 0) CheckOverflow(column, page, attributes[column.Index]);
        }
    }

    private void CheckOverflow(ColumnInfo column, int page, int promised)
    {
        var found = 0;
        var values = cursor.Info(column.Index, page).Count;
        for (var i = 0; i < values; i++) found += CountOverflow(cursor.Text(column.Index, page, i));
        if (found != promised) onBroken($"page {page} of {SegmentParts.Name(column.Key)} holds {found} attributes, the shapes of its rows promise {promised}");
    }

    private static int CountOverflow(ReadOnlySpan<byte> rest)
    {
        var count = 0;
        for (; !rest.IsEmpty; count++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            OverflowValue.Read(rest.Slice(4, length), out _, out _, out _, out _);
            rest = rest[(4 + length)..];
        }
        return count;
    }
}
