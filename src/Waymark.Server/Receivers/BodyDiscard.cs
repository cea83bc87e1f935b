// Reads a body nobody wants, so that the connection can go on: logs and metrics are answered, not kept.
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Waymark.Server.Receivers;

/// <summary>Discards request bodies within a limit.</summary>
internal static class BodyDiscard
{
    /// <summary>Reads to the end in constant memory; false when the body is longer than <paramref name="maxBytes"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> ReadAsync(PipeReader reader, long? announced, int maxBytes)
    {
        if (announced > maxBytes) return false;
        long total = 0;
        while (true)
        {
            var read = await reader.ReadAsync();
            total += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (total > maxBytes) return false;
            if (read.IsCompleted) return true;
        }
    }
}
