// Codes of a column as a byte per row, kept for groupings and filters that ask for them again: a page of runs or of patched numbers takes longer to unpack than to count.
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>For columns of at most 256 different codes. Any number of threads.</summary>
internal sealed class PageCodes(SegmentReader reader, PageCache cache) : IDisposable
{
    /// <summary>A byte each.</summary>
    public const int MaxCodes = 256;

    private readonly PageObjects<byte[]> pages = new(reader, cache);

    /// <summary>The codes of every row of a page, if they are kept or worth keeping by now. Empty: read the page.</summary>
    /// <param name="codes">How many there are at most.</param>
    /// <param name="numberOf">What stands for a code, if not itself; always the same for a column.</param>
    public ReadOnlySpan<byte> Find(SegmentCursor cursor, int column, int page, int codes, int[]? numberOf = null)
    {
        if (pages.TryGet(column, page, out var known)) return known;
        if (codes > MaxCodes || !pages.IsWorthMaking(column, page)) return default;
        var numbers = cursor.Numbers(column, page);
        var bytes = GC.AllocateUninitializedArray<byte>(numbers.Length);
        var limit = (ulong)(numberOf?.Length ?? codes);
        for (var r = 0; r < bytes.Length; r++)
        {
            // A page that contradicts itself: whoever reads the numbers says so.
            if ((ulong)numbers[r] >= limit) return default;
            bytes[r] = (byte)(numberOf is null ? numbers[r] : numberOf[numbers[r]]);
        }
        return pages.Keep(column, page, bytes, bytes.Length + 64);
    }

    public void Dispose() => pages.Dispose();
}
