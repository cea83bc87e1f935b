// Services as numbers, for what compares spans by service at seal.
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>A number per service over all heads, in the order of the names; an empty name is none.</summary>
internal sealed class SealServices
{
    private readonly int[][] ofContext;

    public SealServices(SpanHead[] heads)
    {
        var names = new List<byte[]>();
        foreach (var head in heads)
        {
            for (var context = 0; context < head.Contexts.Count; context++) names.Add(NameOf(head, context));
        }
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        ofContext = new int[heads.Length][];
        for (var h = 0; h < heads.Length; h++)
        {
            ofContext[h] = new int[heads[h].Contexts.Count];
            for (var context = 0; context < ofContext[h].Length; context++) ofContext[h][context] = FirstOf(names, NameOf(heads[h], context));
        }
    }

    public int Of(int head, int context) => ofContext[head][context];

    private static byte[] NameOf(SpanHead head, int context) => head.Resources[head.Contexts[context].Resource].ServiceName ?? [];

    /// <summary>Where the first of equal names stands.</summary>
    private static int FirstOf(List<byte[]> names, byte[] name)
    {
        int low = 0, high = names.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (names[middle].AsSpan().SequenceCompareTo(name) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
