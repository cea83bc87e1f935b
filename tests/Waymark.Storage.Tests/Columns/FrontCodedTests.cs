// Front coding: sorted entries come back, an example lies as the document says, damage is refused.
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class FrontCodedTests
{
    public static TheoryData<string> Kinds => [.. TextSamples.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Sorted_entries_come_back_and_damaged_blocks_are_read_or_refused(string kind)
    {
        var random = new Random(41);
        foreach (var count in new[] { 1, 2, 16, 17, 500 })
        {
            var entries = TextSamples.Sorted(kind, random, count);
            var stored = Encode(entries);
            Assert.True(FrontCoded.TryDecode(stored, entries.Length, out var back));
            Assert.Equal(entries.Length, back.Count);
            for (var i = 0; i < entries.Length; i++) Assert.True(back[i].SequenceEqual(entries[i]));
            Assert.Equal(entries.Sum(e => e.Length), back.Heap.Length);
            for (var round = 0; round < TestScale.Of(200); round++)
            {
                var wanted = random.Next(4) == 0 ? random.Next(-1, 9_000) : entries.Length;
                if (!FrontCoded.TryDecode(TextSamples.Damaged(stored, random), wanted, out back)) continue;
                Assert.Equal(wanted, back.Count);
                for (var i = 0; i < back.Count; i++) _ = back[i].Length;
            }
        }
    }

    [Fact]
    public void Entries_lie_as_the_document_says()
    {
        // Shared prefixes 0, 3, 1 (at most 2 bits each), remaining lengths 4, 1, 2, then what remains.
        var stored = Encode(["cart"u8.ToArray(), "cars"u8.ToArray(), "cut"u8.ToArray()]);
        Assert.Equal("cartsut", Encoding.ASCII.GetString(stored[^7..]));
    }

    [Fact]
    public void An_entry_that_begins_with_more_than_the_one_before_has_is_refused()
    {
        using var into = new PooledBuffer();
        NumberStream.Write([0, 2], into);
        NumberStream.Write([1, 1], into);
        into.Write("ab"u8);
        Assert.False(FrontCoded.TryDecode(into.WrittenSpan, 2, out _));
        into.Clear();
        NumberStream.Write([1, 0], into);
        NumberStream.Write([1, 1], into);
        into.Write("ab"u8);
        Assert.False(FrontCoded.TryDecode(into.WrittenSpan, 2, out _));
    }

    private static byte[] Encode(byte[][] entries)
    {
        using var into = new PooledBuffer();
        var (heap, ends) = TextSamples.Heap([[1, 2, 3], .. entries]);
        FrontCoded.Write(heap, ends.AsSpan(1), 3, new long[entries.Length], into);
        return into.WrittenSpan.ToArray();
    }
}
