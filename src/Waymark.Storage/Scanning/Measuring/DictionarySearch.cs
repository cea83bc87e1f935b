// Evaluates a predicate about text once per entry of a dictionary, or once per value of a page of texts, rather than once per row.
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Texts that equal or contain another.</summary>
internal static class DictionarySearch
{
    /// <summary>The codes of a column's dictionary whose text satisfies the predicate.</summary>
    public static NumberTest Find(SegmentReader reader, int column, PreparedPredicate predicate)
    {
        var dictionary = reader.Dictionary(reader.Columns[column].Dictionary);
        if (!predicate.IsContains) return dictionary.Find(predicate.Text.Utf8) is >= 0 and var code ? NumberTest.Equal(code) : NumberTest.None;
        var found = new bool[dictionary.Count];
        for (var b = 0; b < dictionary.BlockCount; b++)
        {
            var (first, strings) = dictionary.Block(b);
            FindContaining(strings, predicate.Text.Utf8, found.AsSpan(first, strings.Count));
        }
        return NumberTest.In(found);
    }

    /// <summary>Sets the entries of texts that contain <paramref name="wanted"/>. The heap is searched as one: most of it in the steps of the widest registers, whatever the texts' lengths.</summary>
    public static void FindContaining(ByteStrings strings, ReadOnlySpan<byte> wanted, Span<bool> found)
    {
        if (strings.Count == 0) return;
        if (wanted.IsEmpty)
        {
            found.Fill(true);
            return;
        }
        var heap = strings.Heap.AsSpan(strings.Offset, strings.Ends[^1]);
        var value = 0;
        for (var at = 0; at < heap.Length;)
        {
            var next = heap[at..].IndexOf(wanted);
            if (next < 0) return;
            at += next;
            // The text that the hit begins in; one that reaches into the next is none.
            value += FirstEndAfter(strings.Ends.AsSpan(value), at);
            if (at + wanted.Length > strings.Ends[value])
            {
                at++;
                continue;
            }
            found[value] = true;
            at = strings.Ends[value];
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
