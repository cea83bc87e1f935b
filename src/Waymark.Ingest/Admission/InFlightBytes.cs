// Back-pressure at the door: the bytes of all bodies being received or written at once have one budget.
namespace Waymark.Ingest.Admission;

/// <summary>A shared budget of bytes. Any number of threads.</summary>
/// <param name="capacity">Bytes in all; beyond it reservations fail and the sender is asked to come again.</param>
public sealed class InFlightBytes(long capacity)
{
    private long used;

    public long Capacity => capacity;

    /// <summary>Bytes reserved now.</summary>
    public long Used => Volatile.Read(ref used);

    /// <summary>Takes <paramref name="bytes"/> of the budget, or nothing and false.</summary>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref used, bytes) <= capacity) return true;
        Interlocked.Add(ref used, -bytes);
        return false;
    }

    public void Release(long bytes) => Interlocked.Add(ref used, -bytes);
}
