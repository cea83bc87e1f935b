// The head's memory: append-only native columns that never move, so that readers may look at what is published while the writer appends.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Waymark.Storage.Head;

/// <summary>
/// An append-only column of unmanaged values in native chunks of doubling size. One writer; any number of readers of entries that were published to them through some barrier
/// (a watermark, a volatile count). Entries never move and are freed only by Dispose, which must come after the last reader.
/// <para>Native, because at a million spans a second even short-lived managed arrays of this size would drive the collector; unsafe is confined to this file.</para>
/// </summary>
internal sealed unsafe class ChunkedColumn<T> : IDisposable
    where T : unmanaged
{
    private const int MaxChunks = 32;
    private readonly T*[] chunks = new T*[MaxChunks];
    private readonly int baseShift;

    /// <param name="firstChunk">Values in the first chunk, a power of two; chunk k holds firstChunk · 2^k.</param>
    public ChunkedColumn(int firstChunk)
    {
        if (!BitOperations.IsPow2(firstChunk)) throw new ArgumentOutOfRangeException(nameof(firstChunk));
        baseShift = BitOperations.Log2((uint)firstChunk);
    }

    /// <summary>Values appended, published or not.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in use: what counts against the memory budget (untouched pages of the last chunk are not resident).</summary>
    public long Bytes => (long)Count * sizeof(T);

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var shifted = (uint)index + (1u << baseShift);
            var top = BitOperations.Log2(shifted);
            return ref chunks[top - baseShift][shifted - (1u << top)];
        }
    }

    /// <summary>Appends a value and returns its index.</summary>
    public int Add(in T value)
    {
        var index = Count;
        EnsureChunk(index);
        this[index] = value;
        Count = index + 1;
        return index;
    }

    /// <summary>Appends a value that the caller writes in place, every field of it: until then it is whatever the last user of the memory left.</summary>
    public ref T Add()
    {
        var index = Count;
        EnsureChunk(index);
        Count = index + 1;
        return ref this[index];
    }

    /// <summary>Appends values side by side in memory, skipping to the next chunk when the rest of the current one is too small; returns the index of the first.</summary>
    public int AddRun(ReadOnlySpan<T> values)
    {
        if (values.IsEmpty) return Count;
        var index = AddRoom(values.Length);
        values.CopyTo(new Span<T>(Unsafe.AsPointer(ref this[index]), values.Length));
        return index;
    }

    /// <summary>As <see cref="AddRun"/>, for <paramref name="length"/> values that the caller writes at once; until then they are whatever the last user of the memory left.</summary>
    public int AddRoom(int length)
    {
        var index = Count;
        while (true)
        {
            var room = RoomInChunk(index);
            if (room >= length) break;
            index = checked(index + (int)room);
        }
        EnsureChunk(index);
        Count = checked(index + length);
        return index;
    }

    /// <summary>Values that were appended by one <see cref="AddRun"/>.</summary>
    public ReadOnlySpan<T> Run(int index, int length) => length == 0 ? default : new ReadOnlySpan<T>(Unsafe.AsPointer(ref this[index]), length);

    /// <summary>Where a value lies: it stays there until Dispose.</summary>
    public nint Address(int index) => (nint)Unsafe.AsPointer(ref this[index]);

    /// <summary>Asks for a value's memory ahead of its use; for the caller to check: SSE.</summary>
    public void Prefetch(int index) => Sse.Prefetch0(Unsafe.AsPointer(ref this[index]));

    /// <summary>As <see cref="Prefetch"/>, for values longer than a cache line.</summary>
    public void PrefetchWhole(int index)
    {
        var value = (byte*)Unsafe.AsPointer(ref this[index]);
        for (var line = 0; line < sizeof(T); line += 64) Sse.Prefetch0(value + line);
        Sse.Prefetch0(value + sizeof(T) - 1);
    }

    /// <summary>Drops everything from <paramref name="count"/> on. Only for entries that no reader has been shown.</summary>
    public void Truncate(int count) => Count = count;

    public void Dispose()
    {
        for (var k = 0; k < chunks.Length; k++)
        {
            if (chunks[k] is null) continue;
            NativeChunks.Return(chunks[k], ChunkBytes(k));
            chunks[k] = null;
        }
        Count = 0;
    }

    private long RoomInChunk(int index)
    {
        var shifted = (uint)index + (1u << baseShift);
        return (1L << (BitOperations.Log2(shifted) + 1)) - shifted;
    }

    private void EnsureChunk(int index)
    {
        var shifted = (uint)index + (1u << baseShift);
        var chunk = BitOperations.Log2(shifted) - baseShift;
        if (chunks[chunk] is null) chunks[chunk] = (T*)NativeChunks.Rent(ChunkBytes(chunk));
    }

    private nuint ChunkBytes(int chunk) => ((nuint)1 << (chunk + baseShift)) * (nuint)sizeof(T);
}
