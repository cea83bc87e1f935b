// A page of one column while its rows are being walked.
using System.Buffers;
using System.Runtime.CompilerServices;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>Up to 8,192 values of a column, then a page of the segment.</summary>
internal abstract class PageBuffer(SegmentWriter writer, int column) : IDisposable
{
    protected SegmentWriter Writer { get; } = writer;
    protected int Column { get; } = column;

    protected const int FirstValues = 64;

    /// <summary>Writes the values gathered since the last flush as one page, which may be empty.</summary>
    public abstract void Flush();

    /// <summary>Gives pooled memory back.</summary>
    public abstract void Dispose();

    /// <summary>The values in an array twice as long.</summary>
    protected static T[] Grown<T>(ArrayPool<T> pool, T[] values)
    {
        var larger = pool.Rent(values.Length * 2);
        values.CopyTo(larger, 0);
        pool.Return(values);
        return larger;
    }
}

internal sealed class NumberPageBuffer(SegmentWriter writer, int column) : PageBuffer(writer, column)
{
    // One page per column is open at the same time: more arrays of one size than the shared pool keeps. They start small: of thousands of columns most have few values.
    private static readonly ArrayPool<long> Pool = ArrayPool<long>.Create(SegmentFormat.PageRows, 256);

    private long[] values = Pool.Rent(FirstValues);
    private int count;

    /// <summary>Room for a whole page, for who fills one of his own.</summary>
    public static long[] RentPage() => Pool.Rent(SegmentFormat.PageRows);

    public static void Return(long[] page) => Pool.Return(page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long value)
    {
        var into = values;
        if ((uint)count >= (uint)into.Length) into = values = Grown(Pool, into);
        into[count++] = value;
    }

    public override void Flush()
    {
        Writer.AddPage(Column, values.AsSpan(0, count));
        count = 0;
    }

    /// <summary>Writes the values as times that ascend, or nearly so, each counted in its row's unit.</summary>
    public void FlushStarts(ReadOnlySpan<byte> units)
    {
        Writer.AddTimesPage(Column, values.AsSpan(0, count), units[..count], PageEncoding.Starts);
        count = 0;
    }

    public override void Dispose() => Pool.Return(values);
}

internal sealed class BytesPageBuffer(SegmentWriter writer, int column) : PageBuffer(writer, column)
{
    private readonly PooledBuffer heap = new(1024);
    private int[] ends = ArrayPool<int>.Shared.Rent(FirstValues);
    private int count;

    /// <summary>Adds bytes to the value being built.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => heap.Write(bytes);

    /// <summary>Adds a length, four bytes, to the value being built.</summary>
    public void AppendLength(int length)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(heap.GetSpan(4), length);
        heap.Advance(4);
    }

    /// <summary>Ends the value being built.</summary>
    public void End()
    {
        if (count == ends.Length) ends = Grown(ArrayPool<int>.Shared, ends);
        ends[count++] = heap.Length;
    }

    public override void Flush()
    {
        Writer.AddPage(Column, heap.WrittenSpan, ends.AsSpan(0, count));
        heap.Clear();
        count = 0;
    }

    public override void Dispose()
    {
        heap.Dispose();
        ArrayPool<int>.Shared.Return(ends);
    }
}
