// Interned resources or scopes of a head.
using System.IO.Hashing;

namespace Waymark.Storage.Head;

/// <summary>One resource or scope as a blob (<see cref="ElementBlob"/>); for resources also the service name.</summary>
internal sealed record HeadElement(byte[] Blob, byte[]? ServiceName);

/// <summary>Distinct elements by content, and by the bytes they arrived as. One writer; readers may use every id they were shown.</summary>
internal sealed class ElementTable
{
    private readonly Dictionary<UInt128, int> byIdentity = [];
    private readonly Dictionary<UInt128, int> byContent = [];
    private HeadElement[] elements = new HeadElement[16];
    private int count;

    public int Count => Volatile.Read(ref count);

    public HeadElement this[int id] => Volatile.Read(ref elements)[id];

    public long Bytes { get; private set; }

    public bool TryFind(UInt128 identity, out int id) => byIdentity.TryGetValue(identity, out id);

    /// <summary>The id of an element with this content, new or known; remembered under <paramref name="identity"/> when one is given.</summary>
    public int Intern(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> serviceName, bool hasServiceName, UInt128? identity)
    {
        var content = XxHash128.HashToUInt128(blob, ProcessSeed.Value);
        if (!byContent.TryGetValue(content, out var id))
        {
            byContent[content] = id = Add(new HeadElement(blob.ToArray(), hasServiceName ? serviceName.ToArray() : null));
            Bytes += blob.Length + serviceName.Length + 160;
        }
        if (identity is { } known)
        {
            byIdentity[known] = id;
            Bytes += 64;
        }
        return id;
    }

    private int Add(HeadElement element)
    {
        if (count == elements.Length)
        {
            var larger = new HeadElement[elements.Length * 2];
            elements.CopyTo(larger, 0);
            larger[count] = element;
            Volatile.Write(ref elements, larger);
        }
        else
        {
            elements[count] = element;
        }
        Volatile.Write(ref count, count + 1);
        return count - 1;
    }
}
