// How many hold something whose memory or file goes when nobody does: heads and segments, which queries read while the store replaces them.
namespace Waymark.Storage;

/// <summary>Counts holders, the maker being the first. Any number of threads. A field, never copied.</summary>
internal struct References
{
    /// <summary>Holders less the maker's one; −1 when all are gone, for good.</summary>
    private int others;

    /// <summary>One holder more; false when all are gone already.</summary>
    public bool TryAcquire()
    {
        while (true)
        {
            var held = Volatile.Read(ref others);
            if (held < 0) return false;
            if (Interlocked.CompareExchange(ref others, held + 1, held) == held) return true;
        }
    }

    /// <summary>One holder less; true for the last, who frees what was held.</summary>
    public bool Release() => Interlocked.Decrement(ref others) < 0;
}
