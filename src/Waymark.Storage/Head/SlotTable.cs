// A native open-addressing table: the hash side of dictionaries and the trace map.
using System.Runtime.Intrinsics.X86;

namespace Waymark.Storage.Head;

/// <summary>A zeroed native array of a power-of-two length. Not thread-safe by itself; unsafe for the reasons given at <see cref="ChunkedColumn{T}"/>.</summary>
internal sealed unsafe class SlotTable<T> : IDisposable
    where T : unmanaged
{
    private readonly T* slots;
    private bool freed;

    public SlotTable(int length)
    {
        Length = length;
        slots = (T*)NativeChunks.Rent((nuint)length * (nuint)sizeof(T));
        new Span<T>(slots, length).Clear();
    }

    public int Length { get; }

    public long Bytes => (long)Length * sizeof(T);

    public ref T this[int index] => ref slots[index];

    /// <summary>Asks for a slot's memory ahead of its use; for the caller to check: SSE.</summary>
    public void Prefetch(int index) => Sse.Prefetch0(slots + index);

    public void Dispose()
    {
        if (freed) return;
        freed = true;
        NativeChunks.Return(slots, (nuint)Length * (nuint)sizeof(T));
    }
}
