// Which attributes an element has, and in what order: one number instead of a list per row.

namespace Waymark.Storage.Head;

/// <summary>An ordered list of attribute columns (repeats allowed) with the slot offset of each.</summary>
internal sealed record Shape(int Id, int[] Columns, int[] Offsets, int Slots);

/// <summary>The distinct shapes of a head. One writer; readers may use every id they were shown.</summary>
internal sealed class ShapeTable
{
    private readonly Dictionary<ulong, int> ids = [];
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
        for (var hash = Hash(list); ; hash++)
        {
            if (!ids.TryGetValue(hash, out var id)) return last = ids[hash] = Add(list);
            if (list.SequenceEqual(shapes[id].Columns)) return last = id;
        }
    }

    private static ulong Hash(ReadOnlySpan<int> list)
    {
        var hash = (ulong)ProcessSeed.Value;
        foreach (var column in list) hash = (hash ^ (uint)column) * 0x9E37_79B9_7F4A_7C15;
        return hash ^ (hash >> 32);
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
