// One stream of numbers of a page that is made of several, as places in the page's bytes: a number is read where it lies.
using System.Buffers;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>The words of one variable of one template, by the order of the values that have it, or another stream of numbers. Immutable.</summary>
internal sealed class WordStream
{
    /// <summary>The stream as a page of its own; its offset is that in the page.</summary>
    private readonly PageInfo packed;

    /// <summary>Positions whose word is not the packed one, ascending, and their words.</summary>
    private readonly int[] positions;
    private readonly long[] words;

    /// <summary>All words, where none can be read by itself: differences of neighbours.</summary>
    private readonly long[]? all;

    private WordStream(PageInfo packed, int[] positions, long[] words, long[]? all) => (this.packed, this.positions, this.words, this.all) = (packed, positions, words, all);

    /// <summary>What it takes in memory.</summary>
    public long Bytes => 96 + (positions.Length * 12L) + ((all?.Length ?? 0) * 8L);

    /// <summary>Finds the next stream of a template and moves <paramref name="from"/>, which is a part of <paramref name="page"/>, behind it. False: it contradicts itself.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> page, scoped ref ReadOnlySpan<byte> from, int count, out WordStream stream)
    {
        stream = null!;
        if (from.IsEmpty) return false;
        if (from[0] != StringsPageTemplates.Plain)
        {
            var read = new long[count];
            stream = new WordStream(default, [], [], read);
            return StringsPageTemplates.TryReadStream(ref from, read);
        }
        from = from[1..];
        return NumberStream.TryOpen(ref from, count, out var view) && TryOpen(page, view, out stream);
    }

    /// <summary>A stream of <paramref name="page"/> that was found.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> page, in NumberView view, out WordStream stream)
    {
        if (view.Encoding == PageEncoding.Patched) return TryOpenPatched(page, view.Stored, view.Count, out stream);
        stream = new WordStream(Place(page, view), [], [], null);
        return true;
    }

    /// <summary>Encoding 7.</summary>
    /// <param name="stored">Part of <paramref name="page"/>, or all of it.</param>
    public static bool TryOpenPatched(ReadOnlySpan<byte> page, ReadOnlySpan<byte> stored, int count, out WordStream stream)
    {
        stream = null!;
        if (!Patched.TryOpen(stored, count, out var rows, out var at, out var values)) return false;
        var rented = ArrayPool<long>.Shared.Rent(2 * values.Count);
        var isRead = Patched.TryReadExceptions(at, values, count, rented, BitPacking.Best, out var places, out var numbers);
        if (isRead) stream = new WordStream(Place(page, rows), Array.ConvertAll(places.ToArray(), p => (int)p), numbers.ToArray(), null);
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }

    /// <summary>The word of a value.</summary>
    public long At(ReadOnlySpan<byte> page, int use)
    {
        if (all is not null) return all[use];
        if (positions.Length > 0)
        {
            var exception = Array.BinarySearch(positions, use);
            if (exception >= 0) return words[exception];
        }
        return PointKernels.At(page.Slice((int)packed.Offset, packed.Bytes), packed, use);
    }

    private static PageInfo Place(ReadOnlySpan<byte> page, in NumberView view)
    {
        // Nothing is stored of a constant.
        var offset = view.Stored.IsEmpty || !page.Overlaps(view.Stored, out var found) ? 0 : found;
        return CompositeKernels.InfoOf(view) with { Offset = offset };
    }
}
