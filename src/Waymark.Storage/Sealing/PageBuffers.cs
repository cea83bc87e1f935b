// A page of one column while its rows are being walked.
using Waymark.Model.Bodies;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>Up to 8,192 values of a column, then a page of the segment.</summary>
internal abstract class PageBuffer(SegmentWriter writer, int column)
{
    protected SegmentWriter Writer { get; } = writer;
    protected int Column { get; } = column;

    /// <summary>Writes the values gathered since the last flush as one page, which may be empty.</summary>
    public abstract void Flush();
}

internal sealed class NumberPageBuffer(SegmentWriter writer, int column) : PageBuffer(writer, column)
{
    private long[] values = new long[64];
    private int count;

    public void Add(long value)
    {
        if (count == values.Length) Array.Resize(ref values, values.Length * 2);
        values[count++] = value;
    }

    public override void Flush()
    {
        Writer.AddPage(Column, values.AsSpan(0, count));
        count = 0;
    }
}

internal sealed class BytesPageBuffer(SegmentWriter writer, int column) : PageBuffer(writer, column), IDisposable
{
    private readonly PooledBuffer heap = new(4096);
    private int[] ends = new int[64];
    private int count;

    /// <summary>Adds bytes to the value being built.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => heap.Write(bytes);

    /// <summary>Ends the value being built.</summary>
    public void End()
    {
        if (count == ends.Length) Array.Resize(ref ends, ends.Length * 2);
        ends[count++] = heap.Length;
    }

    public override void Flush()
    {
        Writer.AddPage(Column, heap.WrittenSpan, ends.AsSpan(0, count));
        heap.Clear();
        count = 0;
    }

    public void Dispose() => heap.Dispose();
}
