// Native memory of heads, kept from one head to the next: fresh pages cost a fault and a clearing each, at every head anew.
using System.Runtime.InteropServices;

namespace Waymark.Storage.Head;

/// <summary>
/// Blocks of native memory by size. Returned blocks are kept for the next head, up to <see cref="MaxKeptBytes"/>; their content is whatever the last user left. Any number of threads.
/// </summary>
internal static unsafe class NativeChunks
{
    /// <summary>About what one generation of heads takes; beyond it returned memory goes back to the system.</summary>
    private const long MaxKeptBytes = 96L << 20;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<nuint, Stack<nint>> Kept = [];
    private static long keptBytes;

    public static void* Rent(nuint bytes)
    {
        lock (Gate)
        {
            if (Kept.TryGetValue(bytes, out var blocks) && blocks.TryPop(out var block))
            {
                keptBytes -= (long)bytes;
                return (void*)block;
            }
        }
        return NativeMemory.Alloc(bytes);
    }

    public static void Return(void* block, nuint bytes)
    {
        lock (Gate)
        {
            if (keptBytes + (long)bytes <= MaxKeptBytes)
            {
                if (!Kept.TryGetValue(bytes, out var blocks)) Kept[bytes] = blocks = new Stack<nint>();
                blocks.Push((nint)block);
                keptBytes += (long)bytes;
                return;
            }
        }
        NativeMemory.Free(block);
    }
}
