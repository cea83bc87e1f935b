// Where Kestrel gets the buffers it reads sockets into. Its own blocks are 4 KiB, which makes a 200 KB batch of spans some fifty system calls; these make it four.
using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Waymark.Server.Hosting;

/// <summary>Makes the pools of a server's transport. Kestrel asks once per listener.</summary>
internal sealed class LargeBlockPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlockPool();
}

/// <summary>
/// Blocks of <see cref="BlockBytes"/>, pinned because the kernel writes into them, at most <see cref="MaxKept"/> kept for reuse. Idle connections hold none: Kestrel
/// waits for data before it takes a buffer. Any number of threads.
/// </summary>
internal sealed class LargeBlockPool : MemoryPool<byte>
{
    internal const int BlockBytes = 64 * 1024;

    // 8 MiB: enough for the requests that two or four cores can have in hand; beyond that blocks are collected as garbage.
    internal const int MaxKept = 128;

    private readonly ConcurrentBag<Block> kept = [];
    private int count;
    private volatile bool disposed;

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!kept.TryTake(out var block)) return new Block(this);
        Interlocked.Decrement(ref count);
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        disposed = true;
        kept.Clear();
    }

    private void Return(Block block)
    {
        if (disposed || Volatile.Read(ref count) >= MaxKept) return;
        Interlocked.Increment(ref count);
        kept.Add(block);
    }

    private sealed class Block(LargeBlockPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public void Dispose() => pool.Return(this);
    }
}
