// The numbers by which encodings and codecs are known on disk (docs/formats/segment.md). Never renumber.
namespace Waymark.Storage.Columns;

/// <summary>How the values of a page, or the entries of a dictionary block, are laid out.</summary>
internal enum PageEncoding : byte
{
    Constant = 0,
    Raw = 1,
    Interleaved = 2,
    Sequential = 3,
    Bytes = 4,
    RunLength = 5,
    PageDictionary = 6,
    Patched = 7,
    Durations = 8,
    Starts = 9,
    Strings = 10,
    FrontCoded = 11,
    Scaled = 12,
    Decimals = 13,
}

/// <summary>How the laid-out bytes are compressed. 3 is reserved for Zstandard.</summary>
internal enum PageCodec : byte
{
    None = 0,
    Lz4 = 1,
    Zlib = 2,
}

/// <summary>Byte strings in one heap: value i is <c>Heap[Ends[i-1]..Ends[i]]</c>, counted from <see cref="Offset"/>.</summary>
internal readonly record struct ByteStrings(byte[] Heap, int[] Ends)
{
    public static readonly ByteStrings None = new([], []);

    /// <summary>Where in <see cref="Heap"/> the first value begins.</summary>
    public int Offset { get; init; }

    public int Count => Ends.Length;

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : Ends[index - 1];
            return Heap.AsSpan(Offset + start, Ends[index] - start);
        }
    }
}
