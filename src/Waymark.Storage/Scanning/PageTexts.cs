// A page of texts in encoding 10, put together once for all who search it: every distinct text, one after the other, and which of them each row has.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Scanning;

/// <summary>Immutable.</summary>
internal sealed class PageTexts
{
    /// <summary>Beyond this a page is searched as it is stored: it would take the place of too many others.</summary>
    private const int MaxBytes = 1 << 20;

    private readonly ByteStrings distinct;

    /// <summary>Per row its text's position; empty where no text repeats.</summary>
    private readonly ushort[] places;

    private PageTexts(ByteStrings distinct, ushort[] places)
    {
        this.distinct = distinct;
        this.places = places;
    }

    /// <summary>What it takes in memory.</summary>
    public long Bytes => 96L + distinct.Heap.Length + (distinct.Ends.Length * sizeof(int)) + (places.Length * sizeof(ushort));

    /// <summary>Whether a page's texts are few enough to be kept. False also where its bytes contradict themselves, which whoever searches them finds out.</summary>
    public static bool AreWorthKeeping(ReadOnlySpan<byte> stored, int count) =>
        StringsPageParts.TryRead(stored, count, out var parts) && parts.PlainBytes <= MaxBytes && count <= ushort.MaxValue;

    /// <summary>Null: the page contradicts itself.</summary>
    public static PageTexts? Of(ReadOnlySpan<byte> stored, int count)
    {
        var rows = new int[count];
        if (!StringsPage.TryDecodeDistinct(stored, rows, pooled: false, out var distinct)) return null;
        return new PageTexts(distinct, distinct.Count == count ? [] : Array.ConvertAll(rows, place => (ushort)place));
    }

    /// <summary>Sets the bits of the rows whose text contains another; the others are left as they are.</summary>
    public void FindContaining(ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        Span<ulong> found = stackalloc ulong[(distinct.Count + 63) / 64];
        found.Clear();
        TextSearch.FindContaining(distinct, text, found);
        if (!found.ContainsAnyExcept(0UL)) return;
        if (places.Length == 0)
        {
            for (var w = 0; w < found.Length; w++) bits[w] |= found[w];
            return;
        }
        for (var first = 0; first < places.Length; first += 64)
        {
            ulong word = 0;
            var some = places.AsSpan(first, Math.Min(64, places.Length - first));
            for (var r = 0; r < some.Length; r++) word |= (found[some[r] >> 6] >> some[r] & 1) << r;
            bits[first / 64] |= word;
        }
    }
}
