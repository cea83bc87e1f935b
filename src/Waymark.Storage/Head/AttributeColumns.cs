// The attribute columns of a head: one per (scope, key, type), made when the key is first seen, no schema declared by anyone.
using Waymark.Model.Spans;

namespace Waymark.Storage.Head;

/// <summary>One attribute column. Text-like types keep codes into <see cref="Texts"/>.</summary>
internal sealed class AttributeColumn(int id, AttributeScope scope, AttributeType type, byte[] key, bool isOverflow)
{
    public int Id { get; } = id;
    public AttributeScope Scope { get; } = scope;
    public AttributeType Type { get; } = type;
    public byte[] Key { get; } = key;

    /// <summary>Holds (key, type, value) triples of keys beyond the column limit, and of keys repeated within one element: see <see cref="OverflowValue"/>. May occur many times in one shape.</summary>
    public bool IsOverflow { get; } = isOverflow;

    /// <summary>32-bit slots one value takes in a row.</summary>
    public int Width { get; } = isOverflow ? 1 : WidthOf(type);

    public TextDictionary? Texts { get; } = isOverflow || HasContent(type) ? new TextDictionary() : null;

    /// <summary>The id of the column that followed this one last time, the first guess for the next attribute; −1 before.</summary>
    public int Next { get; set; } = -1;

    /// <summary>Values taken, those of rolled-back and repeated spans included: a measure, not a count of what is stored.</summary>
    public long Values { get; set; }

    /// <summary>The bytes that the last value came as, and the slots it got: the same bytes get them again.</summary>
    public AttributeBytes Last;

    public int LastSlots { get; set; }

    public int LastSecondSlot { get; set; }

    /// <summary>The last element that had a value here.</summary>
    public int Stamp { get; set; }

    public static bool HasContent(AttributeType type) => type is AttributeType.Text or AttributeType.Bytes or AttributeType.Array or AttributeType.KeyValues;

    private static int WidthOf(AttributeType type) => type switch
    {
        AttributeType.Empty => 0,
        AttributeType.Int or AttributeType.Double => 2,
        _ => 1,
    };
}

/// <summary>The columns of a head, by id and by name. One writer; readers may use every id that occurs in a shape they were shown.</summary>
internal sealed class AttributeColumns : IDisposable
{
    /// <summary>Beyond this many columns, values of new keys go to one overflow column per scope: a client that invents keys can't exhaust memory.</summary>
    internal const int MaxColumns = 4096;

    private readonly Dictionary<ulong, List<AttributeColumn>> byHash = [];
    private readonly AttributeColumn?[] overflow = new AttributeColumn?[5];
    private AttributeColumn[] columns = new AttributeColumn[64];
    private int count;

    /// <summary>Columns made so far. Ids below it are readable.</summary>
    public int Count => Volatile.Read(ref count);

    public AttributeColumn this[int id] => Volatile.Read(ref columns)[id];

    /// <summary>The column for a key, made if there is room; null when the value must go to <see cref="Overflow"/>.</summary>
    public AttributeColumn? Find(AttributeScope scope, AttributeType type, ReadOnlySpan<byte> key)
    {
        var hash = TextHash.Of(key, ProcessSeed.Value ^ (((long)scope << 8) | (long)type));
        if (!byHash.TryGetValue(hash, out var candidates)) byHash[hash] = candidates = [];
        foreach (var column in candidates)
        {
            if (Is(column, scope, type, key)) return column;
        }
        if (count >= MaxColumns) return null;
        var made = Add(scope, type, key.ToArray(), isOverflow: false);
        candidates.Add(made);
        return made;
    }

    public static bool Is(AttributeColumn column, AttributeScope scope, AttributeType type, ReadOnlySpan<byte> key) =>
        column.Scope == scope && column.Type == type && !column.IsOverflow && key.SequenceEqual(column.Key);

    public AttributeColumn Overflow(AttributeScope scope) => overflow[(int)scope] ??= Add(scope, AttributeType.Bytes, [], isOverflow: true);

    public long Bytes
    {
        get
        {
            // Any thread, while the writer adds: the count first, then an array that holds as many.
            long total = 0;
            var made = Count;
            for (var id = 0; id < made; id++) total += 256 + (this[id].Texts?.Bytes ?? 0);
            return total;
        }
    }

    public void Dispose()
    {
        for (var id = 0; id < count; id++) columns[id].Texts?.Dispose();
    }

    private AttributeColumn Add(AttributeScope scope, AttributeType type, byte[] key, bool isOverflow)
    {
        var column = new AttributeColumn(count, scope, type, key, isOverflow);
        if (count == columns.Length)
        {
            var larger = new AttributeColumn[columns.Length * 2];
            columns.CopyTo(larger, 0);
            larger[count] = column;
            Volatile.Write(ref columns, larger);
        }
        else
        {
            columns[count] = column;
        }
        Volatile.Write(ref count, count + 1);
        return column;
    }
}
