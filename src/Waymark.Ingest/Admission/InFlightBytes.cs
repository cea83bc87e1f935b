// Back-pressure at the door: the bytes of all bodies being received or written at once have one budget.
namespace Waymark.Ingest.Admission;

/// <summary>A shared budget of bytes, of which large bodies may take only a part, so that a few of them, slow or stalled, leave room for everyone else. Any number of threads.</summary>
/// <param name="capacity">Bytes in all; beyond it reservations fail and the sender is asked to come again.</param>
/// <param name="largeCapacity">Bytes that bodies above <see cref="LargeBody"/> may take together; null: all.</param>
public sealed class InFlightBytes(long capacity, long? largeCapacity = null)
{
    /// <summary>A body that holds more than this is large. Ordinary batches are well below: 512 spans are about 250 KB.</summary>
    public const long LargeBody = 1 << 20;

    private readonly long large = Math.Min(capacity, largeCapacity ?? capacity);
    private long used;
    private long usedByLarge;

    public long Capacity => capacity;

    /// <summary>Bytes reserved now.</summary>
    public long Used => Volatile.Read(ref used);

    /// <summary>Takes <paramref name="bytes"/> for a body that holds <paramref name="held"/> already, or nothing and false.</summary>
    public bool TryReserve(long bytes, long held)
    {
        // A body that becomes large brings what it holds into the large part.
        var intoLarge = held + bytes <= LargeBody ? 0 : held <= LargeBody ? held + bytes : bytes;
        if (intoLarge > 0 && Interlocked.Add(ref usedByLarge, intoLarge) > large)
        {
            Interlocked.Add(ref usedByLarge, -intoLarge);
            return false;
        }
        if (Interlocked.Add(ref used, bytes) <= capacity) return true;
        Interlocked.Add(ref used, -bytes);
        Interlocked.Add(ref usedByLarge, -intoLarge);
        return false;
    }

    /// <summary>Gives back all that a body holds.</summary>
    public void Release(long held)
    {
        Interlocked.Add(ref used, -held);
        if (held > LargeBody) Interlocked.Add(ref usedByLarge, -held);
    }
}
