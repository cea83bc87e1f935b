// Which attributes an element has, and in what order: one number instead of a list per row.
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Waymark.Storage.Head;

/// <summary>An ordered list of attribute columns (repeats allowed) with the slot offset of each.</summary>
internal sealed record Shape(int Id, int[] Columns, int[] Offsets, int Slots);

/// <summary>The distinct shapes of a head. One writer; readers may use every id they were shown.</summary>
internal sealed class ShapeTable
{
    private readonly Dictionary<UInt128, int> ids = [];
    private readonly AttributeColumns columns;
    private Shape[] shapes = new Shape[64];
    private int count;
    private int last;

    public ShapeTable(AttributeColumns columns)
    {
        this.columns = columns;
        Add([]);
    }

    public int Count => Volatile.Read(ref count);

    public Shape this[int id] => Volatile.Read(ref shapes)[id];

    /// <summary>Bytes in use, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>The shape of an element with these columns in this order.</summary>
    public int Intern(ReadOnlySpan<int> list)
    {
        if (list.IsEmpty) return 0;
        if (list.SequenceEqual(shapes[last].Columns)) return last;
        // 128 bits of a hash stand for the list: a false match is as likely as a corrupted memory cell.
        var hash = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(list), ProcessSeed.Value);
        if (!ids.TryGetValue(hash, out var id)) ids[hash] = id = Add(list);
        return last = id;
    }

    private int Add(ReadOnlySpan<int> list)
    {
        var offsets = new int[list.Length];
        var slots = 0;
        for (var k = 0; k < list.Length; k++)
        {
            offsets[k] = slots;
            slots += columns[list[k]].Width;
        }
        var shape = new Shape(count, list.ToArray(), offsets, slots);
        if (count == shapes.Length)
        {
            var larger = new Shape[shapes.Length * 2];
            shapes.CopyTo(larger, 0);
            larger[count] = shape;
            Volatile.Write(ref shapes, larger);
        }
        else
        {
            shapes[count] = shape;
        }
        Bytes += 128 + list.Length * 8L;
        Volatile.Write(ref count, count + 1);
        return count - 1;
    }
}
