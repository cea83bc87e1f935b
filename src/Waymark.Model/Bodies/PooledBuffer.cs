// A growable byte buffer on pooled arrays: request bodies, decompressed bodies, encoded answers.
using System.Buffers;

namespace Waymark.Model.Bodies;

/// <summary>A writer over one contiguous pooled array. Not thread-safe. Dispose returns the array; spans and memories taken before are then dead.</summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private readonly ArrayPool<byte> pool;
    private byte[] array;

    /// <param name="pool">Where arrays come from; null: the shared pool.</param>
    public PooledBuffer(int capacity = 4096, ArrayPool<byte>? pool = null)
    {
        this.pool = pool ?? ArrayPool<byte>.Shared;
        array = this.pool.Rent(capacity);
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => array.AsSpan(0, Length);
    public ReadOnlyMemory<byte> WrittenMemory => array.AsMemory(0, Length);

    /// <summary>The bytes written, writable: for lengths filled in afterwards.</summary>
    public Span<byte> Written => array.AsSpan(0, Length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, array.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return array.AsSpan(Length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Drops everything after <paramref name="length"/>.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        if (array.Length == 0) return;
        pool.Return(array);
        array = [];
        Length = 0;
    }

    private void Reserve(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (array.Length - Length >= needed) return;
        var larger = pool.Rent((int)Math.Min(Array.MaxLength, Math.Max((long)array.Length * 2, (long)Length + needed)));
        array.AsSpan(0, Length).CopyTo(larger);
        if (array.Length > 0) pool.Return(array);
        array = larger;
    }
}
