// Which of the open brackets are braces: how a JSON value of any depth is passed over without recursion.
using System.Buffers;

namespace Waymark.Protocols.Otlp;

/// <summary>A stack of bits. It begins in the caller's memory and goes on in pooled memory: a body of n bytes takes n / 8 at most, and has to be nothing but brackets for that.</summary>
internal ref struct JsonBitStack(Span<ulong> words)
{
    private const int WordBits = 64;

    private Span<ulong> words = words;
    private ulong[]? rented;
    private int count;

    public readonly bool IsEmpty => count == 0;

    public readonly bool Top => (words[(count - 1) / WordBits] >> (count - 1) % WordBits & 1) != 0;

    public void Push(bool bit)
    {
        if (count == words.Length * WordBits) Grow();
        var mask = 1UL << count % WordBits;
        ref var word = ref words[count / WordBits];
        word = bit ? word | mask : word & ~mask;
        count++;
    }

    public void Pop() => count--;

    public void Dispose()
    {
        if (rented is not null) ArrayPool<ulong>.Shared.Return(rented);
        rented = null;
    }

    private void Grow()
    {
        var larger = ArrayPool<ulong>.Shared.Rent(words.Length * 2);
        words.CopyTo(larger);
        Dispose();
        rented = larger;
        words = larger;
    }
}
