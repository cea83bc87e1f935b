// Encoding 11: sorted byte strings, each without what it shares with the one before. Layout: docs/formats/segment.md.
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// <c>stream of shared prefix lengths | stream of the lengths of what remains | what remains</c>. Every sixteenth value is whole: a reader may search among those and expand sixteen
/// entries at most. Reading trusts nothing.
/// </summary>
internal static class FrontCoded
{
    /// <summary>Values from one whole one to the next.</summary>
    public const int Restart = 16;

    private const int MaxCount = 1 << 20;

    /// <summary>Appends at least one value; value i is <c>heap[ends[i-1]..ends[i]]</c>, the first beginning at <paramref name="from"/>. <paramref name="numbers"/> is scratch for as many numbers.</summary>
    public static void Write(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends, int from, Span<long> numbers, PooledBuffer into)
    {
        var texts = new HeapTexts(heap, ends, from);
        numbers = numbers[..ends.Length];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = Shared(texts, i);
        NumberStream.Write(numbers, into);
        for (var i = 0; i < numbers.Length; i++) numbers[i] = texts[i].Length - numbers[i];
        NumberStream.Write(numbers, into);
        for (var i = 0; i < numbers.Length; i++) into.Write(texts[i][^(int)numbers[i]..]);
    }

    /// <summary>The values, in a heap of exactly their bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> stored, int count, out ByteStrings values)
    {
        values = ByteStrings.None;
        // Lengths take no byte where they are all equal, so the count is bounded by what a block may have.
        if (count is <= 0 or > MaxCount) return false;
        var lengths = new long[count * 2];
        var shared = lengths.AsSpan(0, count);
        var own = lengths.AsSpan(count);
        if (!NumberStream.TryRead(ref stored, shared) || !NumberStream.TryRead(ref stored, own)) return false;
        long bytes = 0, left = stored.Length, before = 0;
        for (var i = 0; i < count; i++)
        {
            if ((ulong)own[i] > (ulong)left || (ulong)shared[i] > (ulong)(i % Restart == 0 ? 0 : before)) return false;
            left -= own[i];
            before = shared[i] + own[i];
            bytes += before;
            if (bytes > PageCodecs.MaxPlainBytes) return false;
        }
        if (left != 0) return false;
        var heap = GC.AllocateUninitializedArray<byte>((int)bytes);
        var ends = new int[count];
        int start = 0, end = 0;
        for (var i = 0; i < count; i++)
        {
            heap.AsSpan(start, (int)shared[i]).CopyTo(heap.AsSpan(end));
            start = end;
            end += (int)shared[i];
            stored[..(int)own[i]].CopyTo(heap.AsSpan(end));
            stored = stored[(int)own[i]..];
            ends[i] = end += (int)own[i];
        }
        values = new ByteStrings(heap, ends);
        return true;
    }

    private static int Shared(HeapTexts texts, int index) => index % Restart == 0 ? 0 : texts[index - 1].CommonPrefixLength(texts[index]);
}
