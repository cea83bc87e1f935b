// One sorted dictionary out of the heads' dictionaries of a column.
using System.Buffers;
using System.Buffers.Binary;
using Waymark.Model.Bodies;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>The distinct texts of one column over all heads in ascending ordinal order, and where each head's codes went. Pooled: dispose when the segment is written.</summary>
internal sealed class MergedTexts : IDisposable
{
    private readonly PooledBuffer heap;
    private readonly int[] ends;
    private readonly int count;

    private MergedTexts(int[][] codes, PooledBuffer heap, int[] ends, int count)
    {
        Codes = codes;
        this.heap = heap;
        this.ends = ends;
        this.count = count;
    }

    /// <summary>[head][code in the head] → position in the merged order. Longer than the head's dictionary.</summary>
    public int[][] Codes { get; }

    public ReadOnlySpan<byte> Heap => heap.WrittenSpan;
    public ReadOnlySpan<int> Ends => ends.AsSpan(0, count);

    public ReadOnlySpan<byte> this[int position] => Heap[(position == 0 ? 0 : ends[position - 1])..ends[position]];

    public void Dispose()
    {
        heap.Dispose();
        ArrayPool<int>.Shared.Return(ends);
        foreach (var codes in Codes) ArrayPool<int>.Shared.Return(codes);
    }

    public static MergedTexts Merge(TextDictionary?[] heads)
    {
        var codes = new int[heads.Length][];
        var total = 0;
        foreach (var dictionary in heads) total += dictionary?.Count ?? 0;
        var rented = ArrayPool<Entry>.Shared.Rent(total);
        var entries = rented.AsSpan(0, total);
        var at = 0;
        long bytes = 0;
        for (var h = 0; h < heads.Length; h++)
        {
            var dictionary = heads[h];
            var own = dictionary?.Count ?? 0;
            codes[h] = ArrayPool<int>.Shared.Rent(own);
            for (var code = 0; code < own; code++)
            {
                var text = dictionary![code];
                bytes += text.Length;
                entries[at++] = new Entry(h, code);
            }
        }
        var prefixes = ArrayPool<ulong>.Shared.Rent(total);
        if (total > 1) SortRun(entries, prefixes, 0, new ByText(heads), heads);
        ArrayPool<ulong>.Shared.Return(prefixes);

        var texts = new PooledBuffer((int)Math.Min(bytes + 1, Array.MaxLength));
        var textEnds = ArrayPool<int>.Shared.Rent(total);
        var distinct = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var text = TextOf(entries[i], heads);
            var isNew = i == 0 || !text.SequenceEqual(TextOf(entries[i - 1], heads));
            if (isNew)
            {
                texts.Write(text);
                textEnds[distinct++] = texts.Length;
            }
            codes[entries[i].Head][entries[i].Code] = distinct - 1;
        }
        ArrayPool<Entry>.Shared.Return(rented);
        return new MergedTexts(codes, texts, textEnds, distinct);
    }

    /// <summary>
    /// Eight bytes at a time as one number, which the run-time sorts without calling back: first those after <paramref name="depth"/>, then, within each run that agrees in them, those after
    /// what its texts have in common.
    /// </summary>
    private static void Sort(Span<Entry> entries, Span<ulong> prefixes, int depth, IComparer<Entry> byText, TextDictionary?[] heads)
    {
        for (var i = 0; i < entries.Length; i++) prefixes[i] = Prefix(TextOf(entries[i], heads), depth);
        prefixes[..entries.Length].Sort(entries);
        for (var start = 0; start < entries.Length;)
        {
            var end = start + 1;
            while (end < entries.Length && prefixes[end] == prefixes[start]) end++;
            var run = entries[start..end];
            // Few, or alike to the end: padding does not tell a short text from one that goes on with zeros.
            if (run.Length is > 1 and < 16) run.Sort(byText);
            else if (run.Length >= 16) SortRun(run, prefixes[start..end], depth + 8, byText, heads);
            start = end;
        }
    }

    private static void SortRun(Span<Entry> run, Span<ulong> prefixes, int depth, IComparer<Entry> byText, TextDictionary?[] heads)
    {
        var first = TextOf(run[0], heads);
        var common = first.Length;
        var longest = 0;
        foreach (var entry in run)
        {
            var text = TextOf(entry, heads);
            common = Math.Min(common, first.CommonPrefixLength(text));
            longest = Math.Max(longest, text.Length);
        }
        if (longest <= Math.Max(depth, common)) run.Sort(byText);
        else Sort(run, prefixes, Math.Max(depth, common), byText, heads);
    }

    private static ReadOnlySpan<byte> TextOf(in Entry entry, TextDictionary?[] heads) => heads[entry.Head]![entry.Code];

    /// <summary>Eight bytes from a place on, padded with zeros, so that most comparisons are one of numbers.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> text, int from)
    {
        if (text.Length >= from + 8) return BinaryPrimitives.ReadUInt64BigEndian(text[from..]);
        ulong prefix = 0;
        for (var i = from; i < text.Length; i++) prefix |= (ulong)text[i] << (56 - (8 * (i - from)));
        return prefix;
    }

    private readonly record struct Entry(int Head, int Code);

    private sealed class ByText(TextDictionary?[] heads) : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y) => TextOf(x, heads).SequenceCompareTo(TextOf(y, heads));
    }
}
