// Where each number of a page made of several streams stands: what reading a few numbers of a page takes, worked out once and kept while the page is asked for.
using System.Buffers;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Columns;

/// <summary>
/// One number of a page in encodings 5, 6, 7 or 12 without decoding others. The numbers themselves stay in the page's bytes. Immutable. Every read is given the bytes it was made from.
/// </summary>
internal sealed class NumberPageIndex
{
    private readonly int count;
    private RunStarts? runs;

    /// <summary>By code, in pages with a dictionary.</summary>
    private long[]? values;
    private WordStream stream = null!;
    private ulong divisor = 1;
    private long min;

    private NumberPageIndex(int count) => this.count = count;

    /// <summary>What it takes in memory.</summary>
    public long Bytes => 64 + (runs?.Bytes ?? 0) + ((values?.Length ?? 0) * 8L) + stream.Bytes;

    public static bool CanIndex(PageEncoding encoding) => CompositeKernels.IsComposite(encoding);

    /// <summary>Reads how a page is laid out. False: it contradicts itself.</summary>
    public static bool TryBuild(ReadOnlySpan<byte> stored, in PageInfo page, out NumberPageIndex index)
    {
        index = new NumberPageIndex(page.Count);
        return page.Encoding switch
        {
            PageEncoding.RunLength => index.TryReadRuns(stored),
            PageEncoding.PageDictionary => index.TryReadDictionary(stored, page.Min),
            PageEncoding.Patched => WordStream.TryOpenPatched(stored, stored, page.Count, out index.stream),
            PageEncoding.Scaled => index.TryReadScaled(stored, page.Min),
            _ => false,
        };
    }

    /// <summary>A number of the page; false: the page contradicts itself.</summary>
    public bool TryRead(ReadOnlySpan<byte> stored, int row, out long number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)count, nameof(row));
        number = stream.At(stored, runs is null ? row : runs.RunOf(row));
        if (values is not null)
        {
            if ((ulong)number >= (ulong)values.Length) return false;
            number = values[number];
        }
        else if (divisor != 1)
        {
            number = unchecked((long)((ulong)min + ((ulong)number * divisor)));
        }
        return true;
    }

    private bool TryReadRuns(ReadOnlySpan<byte> stored)
    {
        if (!RunLength.TryOpen(stored, count, out var ofRuns, out var lengths)) return false;
        var rented = ArrayPool<int>.Shared.Rent(lengths.Count);
        var read = rented.AsSpan(0, lengths.Count);
        var isRead = NumberPage.TryDecode(lengths.Stored, lengths.Encoding, lengths.Min, lengths.Max, read, BitPacking.Best) && RunStarts.TryBuild(read, count, out runs);
        ArrayPool<int>.Shared.Return(rented);
        return isRead && WordStream.TryOpen(stored, ofRuns, out stream);
    }

    private bool TryReadDictionary(ReadOnlySpan<byte> stored, long least)
    {
        if (!PageDictionary.TryOpen(stored, count, out var steps, out var codes)) return false;
        values = new long[steps.Count + 1];
        return PageDictionary.TryReadValues(steps, least, values, BitPacking.Best) && WordStream.TryOpen(stored, codes, out stream);
    }

    private bool TryReadScaled(ReadOnlySpan<byte> stored, long least)
    {
        min = least;
        return Scaled.TryOpen(stored, count, out divisor, out var quotients) && WordStream.TryOpen(stored, quotients, out stream);
    }
}
