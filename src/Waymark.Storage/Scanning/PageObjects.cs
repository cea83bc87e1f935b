// What is worked out from pages of a segment and asked for again by the next query: kept beside the pages, under the same limit.
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>At most one object per column and page, each of which can be made again. Any number of threads; who has an object may go on using it whatever the cache does.</summary>
internal sealed class PageObjects<T>(SegmentReader reader, PageCache cache) : IDisposable
    where T : class
{
    /// <summary>By column, made when its first page is asked for.</summary>
    private readonly Place[]?[] places = new Place[]?[reader.Columns.Count];

    /// <summary>The object of a page, if it is kept.</summary>
    public bool TryGet(int column, int page, [NotNullWhen(true)] out T? value)
    {
        value = Volatile.Read(ref OfColumn(column)[page].Kept)?.Value;
        return value is not null;
    }

    /// <summary>
    /// True the second time it is asked of a page, the fourth, the eighth and so on: for objects that take much longer to make than one answer without them, or many times the room of their page. One pass over
    /// a large store must not push out what is used all the time, and where they don't stay they must not be made each time.
    /// </summary>
    public bool IsWorthMaking(int column, int page)
    {
        ref var asked = ref OfColumn(column)[page].Asked;
        // Two threads may count as one: it is no matter.
        var times = Volatile.Read(ref asked) + 1;
        Volatile.Write(ref asked, times);
        return times > 1 && BitOperations.IsPow2(times);
    }

    /// <summary>Offers an object to the cache.</summary>
    public T Keep(int column, int page, T value, long bytes)
    {
        ref var place = ref OfColumn(column)[page].Kept;
        var kept = Volatile.Read(ref place);
        if (kept is null)
        {
            var made = new CachedObject<T>(cache);
            kept = Interlocked.CompareExchange(ref place, made, null) ?? made;
        }
        return kept.Keep(value, bytes);
    }

    public void Dispose()
    {
        foreach (var ofColumn in places)
        {
            foreach (ref var place in ofColumn.AsSpan()) place.Kept?.Dispose();
        }
    }

    private Place[] OfColumn(int column) =>
        Volatile.Read(ref places[column]) ?? Interlocked.CompareExchange(ref places[column], new Place[reader.Columns[column].PageCount], null) ?? places[column]!;

    private struct Place
    {
        public CachedObject<T>? Kept;
        public int Asked;
    }
}
