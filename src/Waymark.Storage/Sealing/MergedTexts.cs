// One sorted dictionary out of the heads' dictionaries of a column.
using System.Buffers;
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
        var skip = CommonPrefix(heads);
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
                entries[at++] = new Entry(Prefix(text[skip..]), h, code);
            }
        }
        entries.Sort((a, b) =>
        {
            var prefix = a.Prefix.CompareTo(b.Prefix);
            return prefix != 0 ? prefix : heads[a.Head]![a.Code].SequenceCompareTo(heads[b.Head]![b.Code]);
        });

        var texts = new PooledBuffer((int)Math.Min(bytes + 1, Array.MaxLength));
        var textEnds = ArrayPool<int>.Shared.Rent(total);
        var distinct = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var text = heads[entries[i].Head]![entries[i].Code];
            var isNew = i == 0 || entries[i].Prefix != entries[i - 1].Prefix || !text.SequenceEqual(heads[entries[i - 1].Head]![entries[i - 1].Code]);
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

    /// <summary>Bytes that all texts begin with: in a column of paths or URLs the first eight would tell nothing apart.</summary>
    private static int CommonPrefix(TextDictionary?[] heads)
    {
        ReadOnlySpan<byte> common = default;
        var isFirst = true;
        foreach (var dictionary in heads)
        {
            for (var code = 0; code < (dictionary?.Count ?? 0); code++)
            {
                var text = dictionary![code];
                common = isFirst ? text : common[..common.CommonPrefixLength(text)];
                isFirst = false;
                if (common.IsEmpty) return 0;
            }
        }
        return common.Length;
    }

    /// <summary>The first eight bytes after the common prefix, so that most comparisons are one of numbers.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> text)
    {
        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        text[..Math.Min(8, text.Length)].CopyTo(padded);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    private readonly record struct Entry(ulong Prefix, int Head, int Code);
}
