// Blocks of dictionaries: the smallest encoding is taken, each comes back, damage is refused.
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Segments;

public sealed class DictionaryBlocksTests
{
    public static TheoryData<string> Kinds => [.. TextSamples.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Blocks_of_every_kind_come_back_and_damaged_ones_are_read_or_refused(string kind)
    {
        using var blocks = new DictionaryBlocks();
        var random = new Random(51);
        foreach (var count in new[] { 1, 3, 40, 900 })
        {
            var entries = TextSamples.Sorted(kind, random, count);
            var (stored, plan) = Encode(blocks, entries);
            Assert.True(plan.Bytes <= BytesPage.StoredBytes(entries.Length, entries.Sum(e => e.Length)));
            Assert.True(DictionaryBlocks.IsKnown(plan.Encoding, plan.Codec));
            Assert.True(DictionaryBlocks.TryDecode(stored, plan, entries.Length, out var back));
            Assert.Equal(entries.Length, back.Count);
            for (var i = 0; i < entries.Length; i++) Assert.True(back[i].SequenceEqual(entries[i]));
            for (var round = 0; round < TestScale.Of(200); round++)
            {
                var wanted = random.Next(4) == 0 ? random.Next(1, 5_000) : entries.Length;
                if (!DictionaryBlocks.TryDecode(TextSamples.Damaged(stored, random), plan, wanted, out back)) continue;
                Assert.Equal(wanted, back.Count);
                for (var i = 0; i < back.Count; i++) _ = back[i].Length;
            }
        }
    }

    [Fact]
    public void Ids_are_stored_as_variables_and_names_front_coded()
    {
        using var blocks = new DictionaryBlocks();
        Assert.Equal(PageEncoding.Strings, Encode(blocks, TextSamples.Sorted("order", new Random(1), 900)).Plan.Encoding);
        blocks.Begin();
        var names = Enumerable.Range(0, 900).Select(i => Encoding.ASCII.GetBytes($"com.example.shop.{(char)('a' + (i / 30))}service.{new string((char)('a' + (i % 30 / 2)), 3)}.{(i % 2 == 0 ? "find" : "store")}"))
            .OrderBy(Encoding.ASCII.GetString, StringComparer.Ordinal).ToArray();
        Assert.Equal(PageEncoding.FrontCoded, Encode(blocks, names).Plan.Encoding);
        blocks.Begin();
        Assert.Equal(PageEncoding.Bytes, Encode(blocks, ["GET"u8.ToArray(), "POST"u8.ToArray()]).Plan.Encoding);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_estimate_is_near_what_the_blocks_come_to(string kind)
    {
        using var blocks = new DictionaryBlocks();
        var random = new Random(52);
        foreach (var count in new[] { 1, 100, 20_000 })
        {
            var entries = TextSamples.Sorted(kind, random, count);
            var (heap, ends) = TextSamples.Heap(entries);
            long bytes = 0;
            using var into = new PooledBuffer();
            blocks.Begin();
            for (var first = 0; first < ends.Length; first += DictionaryBlocks.Count(ends, first))
            {
                bytes += blocks.Encode(heap, ends.AsSpan(first, DictionaryBlocks.Count(ends, first)), first == 0 ? 0 : ends[first - 1], into).Bytes;
            }
            random.Shuffle(entries);
            (heap, ends) = TextSamples.Heap(entries);
            var estimate = blocks.EstimateBytes(entries.Length, new HeapTexts(heap, ends, 0));
            Assert.InRange(estimate, (bytes * 3 / 4) - 64, (bytes * 3 / 2) + (2 * entries.Length) + 64);
        }
    }

    [Fact]
    public void Encodings_of_other_things_are_not_known()
    {
        Assert.False(DictionaryBlocks.IsKnown(PageEncoding.Raw, PageCodec.None));
        Assert.False(DictionaryBlocks.IsKnown(PageEncoding.Bytes, (PageCodec)3));
        Assert.False(DictionaryBlocks.TryDecode([1, 2, 3], new DictionaryBlockPlan(PageEncoding.Interleaved, PageCodec.None, 3), 1, out _));
        Assert.False(DictionaryBlocks.TryDecode([1, 2, 3], new DictionaryBlockPlan(PageEncoding.Bytes, (PageCodec)3, 3), 1, out _));
    }

    private static (byte[] Stored, DictionaryBlockPlan Plan) Encode(DictionaryBlocks blocks, byte[][] entries)
    {
        using var into = new PooledBuffer();
        var (heap, ends) = TextSamples.Heap([[1, 2, 3], .. entries]);
        var plan = blocks.Encode(heap, ends.AsSpan(1), 3, into);
        Assert.Equal(into.Length, plan.Bytes);
        return (into.WrittenSpan.ToArray(), plan);
    }
}
