// What kinds and resources say about a parent and its child: across which process, and does the parent wait?
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>Relations between a span and its child, by rows of the block.</summary>
internal static class Calls
{
    /// <summary>The child is the far end of the parent's call or message: the one place where two clocks may meet.</summary>
    public static bool IsFarEnd(SpanBlock block, int parent, int child) =>
        block.Kind[child] is SpanKind.Server or SpanKind.Consumer && block.Kind[parent] is SpanKind.Client or SpanKind.Producer;

    /// <summary>The child took a message that the parent sent: it may start long after the parent ended, and nobody waits for it.</summary>
    public static bool IsMessage(SpanBlock block, int parent, int child)
    {
        var (sends, takes) = (block.Kind[parent] == SpanKind.Producer, block.Kind[child] == SpanKind.Consumer);
        return (sends && takes) || ((sends || takes) && block.Resource[parent] != block.Resource[child]);
    }

    /// <summary>The child is the server's side of the request that the parent made.</summary>
    public static bool IsRequest(SpanBlock block, int parent, int child) =>
        block.Kind[parent] == SpanKind.Client && block.Kind[child] == SpanKind.Server;

    /// <summary>The two spans come from processes whose clocks may differ: other resources, with another service or another host.</summary>
    public static bool MayDifferInClock(SpanBlock block, int a, int b)
    {
        if (block.Resource[a] == block.Resource[b]) return false;
        return !IsSameText(block, block.Service(a), block.Service(b))
            || !Host(block, a, "host.id"u8).SequenceEqual(Host(block, b, "host.id"u8))
            || !Host(block, a, "host.name"u8).SequenceEqual(Host(block, b, "host.name"u8));
    }

    public static bool IsSameService(SpanBlock block, int a, int b) =>
        block.Resource[a] == block.Resource[b] || IsSameText(block, block.Service(a), block.Service(b));

    /// <summary>Equal texts may have two codes.</summary>
    public static bool IsSameText(SpanBlock block, int a, int b) => a == b || block.Texts.Utf8(a).SequenceEqual(block.Texts.Utf8(b));

    private static ReadOnlySpan<byte> Host(SpanBlock block, int row, ReadOnlySpan<byte> key)
    {
        foreach (var entry in block.Resources[block.Resource[row]].Attributes)
        {
            if (entry.Type == AttributeType.Text && block.Texts.Utf8(entry.Key).SequenceEqual(key)) return block.Texts.Utf8(entry.Content);
        }
        return default;
    }
}
