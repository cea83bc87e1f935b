// What one query holds in memory, counted as it grows, so that a question too large ends as an answer and not as the process.
using System.Runtime.CompilerServices;
using Waymark.Model.Stores;

namespace Waymark.Storage.Scanning;

/// <summary>
/// Bytes that a query's cursors, blocks and tables hold, up to a limit. Counted page by page, trace by trace and table by table, never row by row; small things of fixed size are not. Any number of
/// threads.
/// </summary>
internal sealed class QueryMemory(long limit = long.MaxValue)
{
    /// <summary>As the server names <see cref="StoreOptions.QueryMemoryBytes"/>.</summary>
    public const string Option = "store.query_memory_bytes";

    private long held;

    /// <summary>Bytes held at present.</summary>
    public long Held => Interlocked.Read(ref held);

    /// <summary>Bytes that may be held.</summary>
    public long Limit => limit;

    /// <summary>Counts bytes that are held from now on, or, below zero, no longer. Beyond the limit it throws <see cref="QueryTooLargeException"/>, and the bytes stay counted: the query is at its end, whichever of its threads asks next.</summary>
    public void Take(long bytes)
    {
        if (bytes != 0 && Interlocked.Add(ref held, bytes) > limit && bytes > 0) throw new QueryTooLargeException(Option, limit);
    }

    /// <summary>Counts a structure that has grown or shrunk since it was last counted.</summary>
    public void Update(ref long counted, long now)
    {
        var change = now - counted;
        counted = now;
        Take(change);
    }

    /// <summary>Bytes of as many items.</summary>
    public static long Of<T>(long items) => items * Unsafe.SizeOf<T>();
}
