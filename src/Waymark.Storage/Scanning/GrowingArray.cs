// An array in the making, given away without a copy when its length was known beforehand: the columns of a block.
namespace Waymark.Storage.Scanning;

/// <summary>A list whose array becomes the result. Not thread-safe.</summary>
internal sealed class GrowingArray<T>
{
    private T[] items = [];

    public int Count { get; private set; }

    /// <summary>Bytes of memory that it takes.</summary>
    public long Bytes => QueryMemory.Of<T>(items.Length);

    public void Add(T item)
    {
        if (Count == items.Length) Grow(1);
        items[Count++] = item;
    }

    public void AddRange(ReadOnlySpan<T> more)
    {
        Reserve(more.Length);
        more.CopyTo(items.AsSpan(Count));
        Count += more.Length;
    }

    /// <summary>Makes room: exactly, the first time; later at least twice what there was, so that many small additions cost what few large ones do.</summary>
    public void Reserve(int more)
    {
        if (items.Length - Count < more) Grow(more);
    }

    /// <summary>The finished array. Nothing may be added afterwards.</summary>
    public T[] Take() => Count == items.Length ? items : items.AsSpan(0, Count).ToArray();

    private void Grow(int more) => Array.Resize(ref items, (int)Math.Min(Array.MaxLength, Math.Max((long)Count + more, items.Length * 2L)));
}
