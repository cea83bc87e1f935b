// One sorted dictionary out of the heads' dictionaries of a column.
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>The distinct texts of one column over all heads in ascending ordinal order, and where each head's codes went.</summary>
internal sealed class MergedTexts
{
    private MergedTexts(int[][] codes, byte[] heap, int[] ends)
    {
        Codes = codes;
        Heap = heap;
        Ends = ends;
    }

    /// <summary>[head][code in the head] → position in the merged order.</summary>
    public int[][] Codes { get; }

    public byte[] Heap { get; }
    public int[] Ends { get; }

    public static MergedTexts Merge(IReadOnlyList<TextDictionary?> heads)
    {
        var codes = new int[heads.Count][];
        var entries = new List<Entry>();
        for (var h = 0; h < heads.Count; h++)
        {
            var dictionary = heads[h];
            codes[h] = new int[dictionary?.Count ?? 0];
            for (var code = 0; code < codes[h].Length; code++) entries.Add(new Entry(Prefix(dictionary![code]), h, code));
        }
        entries.Sort((a, b) =>
        {
            var prefix = a.Prefix.CompareTo(b.Prefix);
            return prefix != 0 ? prefix : heads[a.Head]![a.Code].SequenceCompareTo(heads[b.Head]![b.Code]);
        });

        var heap = new List<byte>();
        var ends = new List<int>();
        for (var i = 0; i < entries.Count; i++)
        {
            var text = heads[entries[i].Head]![entries[i].Code];
            var isNew = i == 0 || entries[i].Prefix != entries[i - 1].Prefix || !text.SequenceEqual(heads[entries[i - 1].Head]![entries[i - 1].Code]);
            if (isNew)
            {
                heap.AddRange(text);
                ends.Add(heap.Count);
            }
            codes[entries[i].Head][entries[i].Code] = ends.Count - 1;
        }
        return new MergedTexts(codes, [.. heap], [.. ends]);
    }

    /// <summary>The first eight bytes, so that most comparisons are one of numbers.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> text)
    {
        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        text[..Math.Min(8, text.Length)].CopyTo(padded);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    private readonly record struct Entry(ulong Prefix, int Head, int Code);
}
