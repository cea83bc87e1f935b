// Which pages of a column of texts may hold a text: a small filter per page, made when a column is first searched for a whole text, since most pages don't have what most searches look for.
using System.Runtime.CompilerServices;
using Waymark.Storage.Head;

namespace Waymark.Storage.Columns;

/// <summary>
/// Per page a blocked Bloom filter: of each distinct text <see cref="Probes"/> bits within one cache line of 512. Never a wrong no; about one page in a hundred is a wrong yes. The filters of a column lie
/// back to back, so that asking all pages of a segment is a walk through memory without a branch to wait for. Immutable once built.
/// </summary>
internal sealed class TextFilter
{
    /// <summary>Bits per distinct text.</summary>
    private const int BitsPerText = 10;

    private const int BlockWords = 8;
    private const int BlockBits = BlockWords * 64;
    private const int Probes = 6;

    /// <summary>By page its first block and, behind the last, the end; a page that has no blocks is not known: it may hold anything.</summary>
    private readonly int[] firstBlocks;
    private readonly ulong[] cells;

    private TextFilter(int[] firstBlocks, ulong[] cells) => (this.firstBlocks, this.cells) = (firstBlocks, cells);

    /// <summary>What it takes in memory.</summary>
    public long Bytes => 96 + (firstBlocks.Length * 4L) + (cells.Length * 8L);

    /// <summary>The hash of a text: of its template and its variables, so that a page's texts need not be put together for theirs.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> text)
    {
        var template = System.Buffers.ArrayPool<byte>.Shared.Rent(Templates.MaxTemplateBytes(text.Length));
        Span<long> words = stackalloc long[Templates.MaxWords];
        var length = Templates.Split(text, template, words, out var count);
        var hash = OfTemplate(template.AsSpan(0, length));
        foreach (var word in words[..count]) hash = With(hash, word);
        System.Buffers.ArrayPool<byte>.Shared.Return(template);
        return hash;
    }

    /// <summary>Begins a hash; <see cref="With"/> is to follow for each variable.</summary>
    public static ulong OfTemplate(ReadOnlySpan<byte> template) => TextHash.Of(template, ProcessSeed.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong With(ulong hash, long word)
    {
        hash = (hash ^ (ulong)word) * 0x9FB2_1C65_1E98_DF25;
        return hash ^ (hash >> 29);
    }

    /// <summary>Sets a bit for each page that may hold a text with this hash.</summary>
    public void Find(ulong hash, Span<ulong> pages)
    {
        pages.Clear();
        var mixed = Mixed(hash);
        for (var p = 0; p < firstBlocks.Length - 1; p++)
        {
            var blocks = (uint)(firstBlocks[p + 1] - firstBlocks[p]);
            if (blocks == 0 || IsIn(Block(cells, firstBlocks[p], blocks, hash), mixed)) pages[p >> 6] |= 1UL << p;
        }
    }

    private static Span<ulong> Block(ulong[] cells, int first, uint blocks, ulong hash) =>
        cells.AsSpan((first + (int)(((hash >> 32) * blocks) >> 32)) * BlockWords, BlockWords);

    /// <summary>Nine bits per probe.</summary>
    private static ulong Mixed(ulong hash)
    {
        hash = (hash ^ (hash >> 31)) * 0xC2B2_AE3D_27D4_EB4F;
        return hash ^ (hash >> 33);
    }

    private static bool IsIn(ReadOnlySpan<ulong> block, ulong mixed)
    {
        for (var k = 0; k < Probes; k++, mixed >>= 9)
        {
            if ((block[(int)(mixed >> 6) & (BlockWords - 1)] >> (int)(mixed & 63) & 1) == 0) return false;
        }
        return true;
    }

    /// <summary>Builds the filter page by page.</summary>
    internal sealed class Builder(int pages)
    {
        private readonly int[] firstBlocks = new int[pages + 1];
        private ulong[] cells = [];
        private int page;

        /// <summary>The next page's distinct texts; none: the page is not known.</summary>
        public void Add(ReadOnlySpan<ulong> hashes)
        {
            var first = firstBlocks[page];
            var blocks = ((hashes.Length * BitsPerText) + BlockBits - 1) / BlockBits;
            // As many for each page to come: pages of a column are alike.
            if (cells.Length < (first + blocks) * BlockWords) Array.Resize(ref cells, (first + Math.Max(blocks * (pages - page), blocks)) * BlockWords);
            foreach (var hash in hashes)
            {
                var block = Block(cells, first, (uint)blocks, hash);
                var mixed = Mixed(hash);
                for (var k = 0; k < Probes; k++, mixed >>= 9) block[(int)(mixed >> 6) & (BlockWords - 1)] |= 1UL << (int)(mixed & 63);
            }
            firstBlocks[++page] = first + blocks;
        }

        public TextFilter Build()
        {
            Array.Resize(ref cells, firstBlocks[pages] * BlockWords);
            return new TextFilter(firstBlocks, cells);
        }
    }
}
