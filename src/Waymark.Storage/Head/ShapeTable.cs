// Which attributes an element has, and in what order: one number instead of a list per row.

namespace Waymark.Storage.Head;

/// <summary>An ordered list of attribute columns (repeats allowed) with the slot offset of each.</summary>
internal sealed record Shape(int Id, int[] Columns, int[] Offsets, int Slots);

/// <summary>The distinct shapes of a head. One writer; readers may use every id they were shown.</summary>
internal sealed class ShapeTable
{
    private const int RecentShapes = 64;

    private readonly int[] recents = new int[RecentShapes];
    private readonly Dictionary<ulong, int> ids = [];
    private readonly AttributeColumns columns;
    private Shape[] shapes = new Shape[64];
    private int count;

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
        // A few operations take turns: what tells their shapes apart cheaply is enough for a guess.
        ref var recent = ref recents[(uint)(list[0] * 31 + list[^1] * 7 + list[list.Length / 2] * 3 + list.Length) % RecentShapes];
        if (list.SequenceEqual(shapes[recent].Columns)) return recent;
        return recent = Find(list);
    }

    private int Find(ReadOnlySpan<int> list)
    {
        for (var hash = Hash(list); ; hash++)
        {
            if (!ids.TryGetValue(hash, out var id)) return ids[hash] = Add(list);
            if (list.SequenceEqual(shapes[id].Columns)) return id;
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
