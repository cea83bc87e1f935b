// Which of many texts contain another: one search over all of them together.

namespace Waymark.Storage.Columns;

/// <summary>Over texts that lie one after the other.</summary>
internal static class TextSearch
{
    /// <summary>
    /// Sets the bits of the texts that contain <paramref name="wanted"/>; the others are left as they are. The heap is searched as one: most of it in the steps of the widest registers, whatever the
    /// texts' lengths.
    /// </summary>
    public static void FindContaining(in ByteStrings texts, ReadOnlySpan<byte> wanted, Span<ulong> found)
    {
        var ends = texts.Ends.AsSpan();
        if (ends.IsEmpty) return;
        if (wanted.IsEmpty)
        {
            for (var i = 0; i < ends.Length; i++) found[i / 64] |= 1UL << (i % 64);
            return;
        }
        var heap = texts.Heap.AsSpan(texts.Offset, ends[^1]);
        var value = 0;
        for (var at = 0; at < heap.Length;)
        {
            var next = heap[at..].IndexOf(wanted);
            if (next < 0) return;
            at += next;
            // The text that the hit begins in; one that reaches into the next is none.
            value += FirstEndAfter(ends[value..], at);
            if (at + wanted.Length > ends[value])
            {
                at++;
                continue;
            }
            found[value / 64] |= 1UL << (value % 64);
            at = ends[value];
        }
    }

    /// <summary>The first index whose end lies beyond a position. Hits are often close together, so the search gallops before it halves.</summary>
    private static int FirstEndAfter(ReadOnlySpan<int> ends, int position)
    {
        var (low, step) = (0, 1);
        while (low + step < ends.Length && ends[low + step] <= position)
        {
            low += step;
            step *= 2;
        }
        var high = Math.Min(low + step, ends.Length - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ends[middle] > position) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
